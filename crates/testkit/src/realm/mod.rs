//! A Socket.IO server, its clients and what lies between them, on virtual time.
//!
//! All that happens is drawn from one seed: how long everything is under way, which connections break and who notices
//! when, when the server crashes, goes down in order and comes back, who sleeps, who leaves and returns, who is refused;
//! and what is spoken: Socket.IO 5, by some clients 4, or 5 in MessagePack.
//! Everything that is said is numbered, and compared to what has to come next:
//!
//! * what a server says to a socket arrives in order, once, and without a gap, for as long as the session lives: over any
//!   number of connections if it is recovered;
//! * what a client says arrives once, in order and without a gap on each connection; and at least once, in order, whatever
//!   happens, if it is sent until it is acknowledged;
//! * each acknowledgement is told of once, and is the answer to what was asked;
//! * who was connected is disconnected once, on both sides;
//! * when all have left nothing is left.

mod guest;
mod host;
mod network;
mod seat;
mod story;

use std::iter::Sum;

use sansocket_core::Instant;

use crate::Random;
use guest::Guest;
use host::Host;
use network::Network;
use story::Story;

/// More turns than any story takes: it would never end.
const TURNS: usize = 50_000;

/// A server, its clients and what lies between them.
#[derive(Debug)]
pub struct Realm {
    random: Random,
    now: Instant,
    host: Host,
    guests: Vec<Guest>,
    network: Network,
}

/// How a realm ended.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ending {
    /// Clients there were.
    pub guests: usize,
    /// Those among them that spoke as Socket.IO 2 does.
    pub old_guests: usize,
    /// Those that spoke MessagePack.
    pub packed_guests: usize,
    /// Connections that were made.
    pub connections: usize,
    /// Sessions that began.
    pub sessions: usize,
    /// Sessions that went on after their connection was lost.
    pub recoveries: usize,
    /// Events that arrived at a client.
    pub told: usize,
    /// Events that arrived at the server.
    pub said: usize,
    /// Acknowledgements that arrived, on either side.
    pub acknowledged: usize,
    /// Times that the server was started anew.
    pub restarts: usize,
}

impl Sum for Ending {
    fn sum<I: Iterator<Item = Ending>>(all: I) -> Ending {
        all.fold(Ending::default(), |sum, one| Ending {
            guests: sum.guests + one.guests,
            old_guests: sum.old_guests + one.old_guests,
            packed_guests: sum.packed_guests + one.packed_guests,
            connections: sum.connections + one.connections,
            sessions: sum.sessions + one.sessions,
            recoveries: sum.recoveries + one.recoveries,
            told: sum.told + one.told,
            said: sum.said + one.said,
            acknowledged: sum.acknowledged + one.acknowledged,
            restarts: sum.restarts + one.restarts,
        })
    }
}

impl Realm {
    /// The realm that `seed` stands for.
    pub fn new(seed: u64) -> Realm {
        let mut random = Random::new(seed);
        let now = Instant::from_micros(1_000_000);
        let story = Story::draw(&mut random, now);
        let guests = (0..story.guests.len()).map(|name| Guest::new(name, &story, &mut random, now)).collect();
        let network = Network::new(story.faults, story.delay);
        Realm { host: Host::new(&story, &mut random, now), random, now, guests, network }
    }

    /// Lets it happen until nothing more does.
    ///
    /// # Panics
    /// If anything arrives that should not, if something has no end or two, or if something is left.
    pub fn run(mut self) -> Ending {
        for _ in 0..TURNS {
            self.deliver();
            self.act();
            match self.next() {
                Some(next) => self.now = self.now.max(next),
                None => return self.ending(),
            }
        }
        panic!("it does not end: {self:?}");
    }

    fn deliver(&mut self) {
        while let Some(parcel) = self.network.arrived(self.now) {
            let (network, random, now) = (&mut self.network, &mut self.random, self.now);
            match parcel.guest_to() {
                Some(name) => self.guests[name].receive(parcel, now),
                None => self.host.receive(parcel, network, random, now),
            }
        }
    }

    /// Everybody does what there is to be done, in any order.
    fn act(&mut self) {
        let mut busy = true;
        while busy {
            busy = false;
            let first = self.random.below(self.guests.len() + 1);
            for turn in 0..=self.guests.len() {
                let who = (first + turn) % (self.guests.len() + 1);
                let (network, random, now) = (&mut self.network, &mut self.random, self.now);
                busy |= match self.guests.get_mut(who) {
                    Some(guest) => guest.act(network, random, now),
                    None => self.host.act(network, random, now),
                };
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let guests = self.guests.iter().filter_map(|guest| guest.next(self.now));
        guests.chain(self.network.next()).chain(self.host.next(self.now)).min()
    }

    fn ending(self) -> Ending {
        let Realm { host, guests, .. } = self;
        for guest in &guests {
            guest.check_end(&host);
        }
        host.check_end();
        let sum = |of: fn(&Guest) -> usize| guests.iter().map(of).sum::<usize>();
        Ending {
            guests: guests.len(),
            old_guests: sum(|guest| usize::from(guest.is_old())),
            packed_guests: sum(|guest| usize::from(guest.is_packed())),
            connections: sum(Guest::connections),
            sessions: sum(|guest| guest.counts.sessions),
            recoveries: sum(|guest| guest.counts.recoveries),
            told: sum(|guest| guest.counts.told),
            said: host.counts.said,
            acknowledged: sum(|guest| guest.counts.acknowledged) + host.counts.acknowledged,
            restarts: host.counts.restarts,
        }
    }
}
