//! What lies between: parcels that take their time, and connections that break.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::time::Duration;

use sansocket_core::{Instant, Message, Request, Response};
use sansocket_engineio::Reason;
use sansocket_engineio::client::{ConnectionId, RequestId};
use sansocket_engineio::server::ExchangeId;

use super::{Faults, some_time};
use crate::Random;

/// A WebSocket: whose, and which of his.
pub(super) type Wire = (usize, ConnectionId);

/// What is under way.
#[derive(Debug)]
pub(super) enum Parcel {
    /// A request; if it has a time, its connection breaks so long after it arrived.
    Request(usize, RequestId, Request, Option<Duration>),
    Abort(ExchangeId),
    Dial(Wire, Request),
    Up(Wire, Message),
    UpEnd(Wire, Reason),

    Response(usize, RequestId, Response),
    Failure(usize, RequestId),
    Accepted(Wire),
    Down(Wire, Message),
    DownEnd(Wire, Reason),
}

impl Parcel {
    /// Which client it goes to; `None`: to the server.
    pub(super) fn guest_to(&self) -> Option<usize> {
        match self {
            Parcel::Response(guest, ..) | Parcel::Failure(guest, _) => Some(*guest),
            Parcel::Accepted((guest, _)) | Parcel::Down((guest, _), _) | Parcel::DownEnd((guest, _), _) => {
                Some(*guest)
            }
            _ => None,
        }
    }

    /// The WebSocket that it travels by, where nothing overtakes anything.
    fn wire(&self) -> Option<Wire> {
        match self {
            Parcel::Dial(wire, _) | Parcel::Up(wire, _) | Parcel::UpEnd(wire, _) => Some(*wire),
            Parcel::Accepted(wire) | Parcel::Down(wire, _) | Parcel::DownEnd(wire, _) => Some(*wire),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Network {
    faults: Faults,
    delay: Duration,
    /// When which parcel arrives; of several at a time the first one sent.
    arrivals: BinaryHeap<Reverse<(Instant, u64)>>,
    parcels: BTreeMap<u64, Parcel>,
    number: u64,
    /// When the last parcel on each WebSocket arrives, down and up.
    last: HashMap<(Wire, bool), Instant>,
    broken: BTreeSet<Wire>,
}

impl Network {
    pub(super) fn new(faults: Faults, delay: Duration) -> Network {
        Network {
            faults,
            delay,
            arrivals: BinaryHeap::new(),
            parcels: BTreeMap::new(),
            number: 0,
            last: HashMap::new(),
            broken: BTreeSet::new(),
        }
    }

    /// Is this the time for one of many misfortunes?
    pub(super) fn strikes(&self, random: &mut Random, one_in: usize) -> bool {
        self.faults == Faults::Many && random.below(one_in) == 0
    }

    /// A request: it may be lost on the way, or its connection may break later.
    pub(super) fn request(
        &mut self,
        guest: usize,
        id: RequestId,
        request: Request,
        random: &mut Random,
        now: Instant,
    ) {
        let breaks = self.strikes(random, 60).then(|| some_time(random, Duration::from_secs(1)));
        if breaks.is_some() && random.below(2) == 0 {
            return self.send(Parcel::Failure(guest, id), random, now);
        }
        self.send(Parcel::Request(guest, id, request, breaks), random, now);
    }

    /// Anything else. A WebSocket may break at each of its messages.
    pub(super) fn send(&mut self, parcel: Parcel, random: &mut Random, now: Instant) {
        let time = some_time(random, self.delay);
        let Some(wire) = parcel.wire() else { return self.put(now + time, parcel) };
        if self.broken.contains(&wire) {
            return;
        }
        if self.strikes(random, 100) {
            self.broken.insert(wire);
            // Of four times twice one end alone hears of it, and the other has its heartbeat.
            let deaf = random.below(4);
            if deaf != 0 {
                self.follow(wire, time, Parcel::UpEnd(wire, Reason::TransportError), now);
            }
            if deaf != 1 {
                self.follow(wire, time, Parcel::DownEnd(wire, Reason::TransportError), now);
            }
            return;
        }
        self.follow(wire, time, parcel, now);
    }

    /// At its own time.
    pub(super) fn send_later(&mut self, parcel: Parcel, time: Duration, now: Instant) {
        self.put(now + time, parcel);
    }

    /// Behind what is on this WebSocket already.
    fn follow(&mut self, wire: Wire, time: Duration, parcel: Parcel, now: Instant) {
        let last = self.last.entry((wire, parcel.guest_to().is_some())).or_insert(now);
        *last = (*last).max(now + time);
        let at = *last;
        self.put(at, parcel);
    }

    fn put(&mut self, at: Instant, parcel: Parcel) {
        self.number += 1;
        self.arrivals.push(Reverse((at, self.number)));
        self.parcels.insert(self.number, parcel);
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.arrivals.peek().map(|Reverse((at, _))| *at)
    }

    pub(super) fn arrived(&mut self, now: Instant) -> Option<Parcel> {
        self.next().filter(|at| *at <= now)?;
        let Reverse((_, number)) = self.arrivals.pop()?;
        self.parcels.remove(&number)
    }
}
