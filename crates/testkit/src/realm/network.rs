//! What lies between: parcels that take their time, and connections that break.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use sansocket_core::{Instant, Message};
use sansocket_socketio::client::Cause;

use crate::Random;
use crate::world::{Faults, some_time};

/// A connection: whose, and which of his.
pub(super) type Wire = (usize, u32);

/// What the layer below calls a connection: both ends know it.
pub(super) fn engine_id((guest, number): Wire) -> String {
    format!("engine-{guest}-{number}")
}

/// What is under way.
#[derive(Debug)]
pub(super) enum Parcel {
    Dial(Wire),
    Up(Wire, Message),
    UpEnd(Wire, Cause),

    Accepted(Wire),
    Down(Wire, Message),
    DownEnd(Wire, Cause),
}

impl Parcel {
    pub(super) fn wire(&self) -> Wire {
        match self {
            Parcel::Dial(wire) | Parcel::Up(wire, _) | Parcel::UpEnd(wire, _) => *wire,
            Parcel::Accepted(wire) | Parcel::Down(wire, _) | Parcel::DownEnd(wire, _) => *wire,
        }
    }

    /// Which client it goes to; `None`: to the server.
    pub(super) fn guest_to(&self) -> Option<usize> {
        match self {
            Parcel::Dial(_) | Parcel::Up(..) | Parcel::UpEnd(..) => None,
            Parcel::Accepted(wire) | Parcel::Down(wire, _) | Parcel::DownEnd(wire, _) => Some(wire.0),
        }
    }
}

#[derive(Debug)]
pub(super) struct Network {
    faults: Faults,
    delay: Duration,
    /// By when they arrive, and of several at a time the first one sent.
    parcels: BTreeMap<(Instant, u64), Parcel>,
    number: u64,
    /// When the last parcel on each wire arrives, down and up: nothing overtakes anything.
    last: HashMap<(Wire, bool), Instant>,
    broken: BTreeSet<Wire>,
}

impl Network {
    pub(super) fn new(faults: Faults, delay: Duration) -> Network {
        Network {
            faults,
            delay,
            parcels: BTreeMap::new(),
            number: 0,
            last: HashMap::new(),
            broken: BTreeSet::new(),
        }
    }

    /// Sends something, unless the wire breaks before.
    pub(super) fn send(&mut self, parcel: Parcel, random: &mut Random, now: Instant) {
        let wire = parcel.wire();
        if self.faults == Faults::Many && random.below(60) == 0 {
            self.cut(wire, random, now);
        }
        if !self.broken.contains(&wire) {
            let at = now + some_time(random, self.delay);
            self.put(parcel, at);
        }
    }

    /// A wire breaks: some of what is under way still arrives, and both ends notice sooner or later.
    pub(super) fn cut(&mut self, wire: Wire, random: &mut Random, now: Instant) {
        if !self.broken.insert(wire) {
            return;
        }
        for is_down in [false, true] {
            let on_it = |parcel: &Parcel| parcel.wire() == wire && parcel.guest_to().is_some() == is_down;
            let under_way: Vec<_> =
                self.parcels.iter().filter(|(_, parcel)| on_it(parcel)).map(|(at, _)| *at).collect();
            let arrive = random.below(under_way.len() + 1);
            for lost in &under_way[arrive..] {
                self.parcels.remove(lost);
            }
            let (cause, delay) = match random.below(3) {
                // The heartbeat notices.
                0 => (Cause::PingTimeout, Duration::from_secs(20 + random.below(25) as u64)),
                1 => (Cause::TransportError, some_time(random, self.delay)),
                _ => (Cause::TransportClose, some_time(random, self.delay)),
            };
            let end = if is_down { Parcel::DownEnd(wire, cause) } else { Parcel::UpEnd(wire, cause) };
            self.put(end, now + delay);
        }
    }

    /// Behind what is on this wire already.
    fn put(&mut self, parcel: Parcel, at: Instant) {
        let last = self.last.entry((parcel.wire(), parcel.guest_to().is_some())).or_insert(at);
        *last = (*last).max(at);
        self.number += 1;
        self.parcels.insert((*last, self.number), parcel);
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.parcels.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn arrived(&mut self, now: Instant) -> Option<Parcel> {
        let first = self.parcels.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
