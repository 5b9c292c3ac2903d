//! An Engine.IO server, its clients and what lies between them, on virtual time.
//!
//! All that happens is drawn from one seed: how long everything is under way, what breaks, who sleeps, who reads slowly,
//! and in which order calls are made. Both sides send each other numbered messages; what arrives is compared to what has
//! to come next, so nothing is lost, doubled or out of order without being noticed.

mod guest;
mod host;
mod network;
mod story;

use std::time::Duration;

use sansocket_core::Instant;

use crate::Random;
use guest::Guest;
use host::Host;
use network::Network;

pub use story::{Faults, Story};

/// More turns than any story takes: it would never end.
const TURNS: usize = 50_000;

/// A server, its clients and what lies between them.
#[derive(Debug)]
pub struct World {
    random: Random,
    now: Instant,
    host: Host,
    guests: Vec<Guest>,
    network: Network,
}

/// How a world ended.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ending {
    /// Clients there were.
    pub guests: usize,
    /// Sessions that opened.
    pub sessions: usize,
    /// Sessions that went on over a WebSocket.
    pub upgrades: usize,
    /// Messages that arrived.
    pub messages: usize,
    /// Sessions that ended before everything was said.
    pub broken: usize,
}

impl World {
    /// The world that `seed` stands for.
    pub fn new(seed: u64) -> World {
        let mut random = Random::new(seed);
        let now = Instant::from_micros(1_000_000);
        let story = Story::draw(&mut random);
        let guests = (0..story.guests).map(|name| Guest::new(name, &story, &mut random, now)).collect();
        let network = Network::new(story.faults, story.delay);
        World { host: Host::new(&story, &mut random, now), random, now, guests, network }
    }

    /// Lets it happen until nothing more does.
    ///
    /// # Panics
    /// If anything arrives that should not, if a session has no end or two, or if something is left.
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
            match parcel.guest_to() {
                Some(name) => {
                    self.guests[name].receive(parcel, &mut self.network, &mut self.random, self.now)
                }
                None => self.host.receive(parcel, &mut self.network, &mut self.random, self.now),
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
                busy |= match self.guests.get_mut(who) {
                    Some(guest) => guest.act(&mut self.network, &mut self.random, self.now),
                    None => self.host.act(&mut self.network, &mut self.random, self.now),
                };
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let guests = self.guests.iter().filter_map(|guest| guest.next(self.now));
        guests.chain(self.network.next()).chain(self.host.next(self.now)).min()
    }

    fn ending(self) -> Ending {
        let World { host, guests, .. } = self;
        for guest in &guests {
            guest.check_end();
        }
        host.check_end(&guests);
        Ending {
            guests: guests.len(),
            sessions: guests.iter().filter(|guest| guest.has_opened()).count(),
            upgrades: guests.iter().filter(|guest| guest.has_upgraded()).count(),
            messages: guests.iter().map(Guest::heard).sum::<usize>() + host.heard(),
            broken: guests.iter().filter(|guest| !guest.is_complete()).count(),
        }
    }
}

/// A time up to `most` from now on, often none at all.
pub(crate) fn some_time(random: &mut Random, most: Duration) -> Duration {
    match random.below(3) {
        0 => Duration::ZERO,
        _ => Duration::from_micros(random.number() % (most.as_micros() as u64 + 1)),
    }
}
