//! What packets mean.

use core::time::Duration;

use sansocket_core::{Data, Deadlines, Instant, Reason};

use crate::client::fault::Fault;
use crate::outlet::Outlet;
use crate::{Open, Packet, Protocol};

/// What a session's packets act on, but for where they lie.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) protocol: Protocol,
    pub(crate) phase: Phase,
    pub(crate) deadlines: Deadlines<Why, 7>,
    pub(crate) outlet: Outlet,
    pub(crate) intake: Intake,
    rhythm: Rhythm,
}

/// Is taken what comes over a WebSocket?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Intake {
    Open,
    Held,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The server has not said hello.
    Opening,
    Open,
    /// We want to end it, when what waits has left.
    Closing,
    /// We have said goodbye.
    Leaving,
    Ended,
}

/// Why a deadline stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    Open,
    /// We have to ping (protocol 3).
    Ping,
    /// The server was not heard of for too long.
    Heartbeat,
    Upgrade,
    Get,
    Post,
    Close,
}

impl Reason for Why {
    const ALL: &'static [Why] =
        &[Why::Open, Why::Ping, Why::Heartbeat, Why::Upgrade, Why::Get, Why::Post, Why::Close];

    fn index(self) -> usize {
        self as usize
    }
}

/// How often the heart beats, and how late it may.
#[derive(Clone, Copy, Default, Debug)]
struct Rhythm {
    interval: Duration,
    timeout: Duration,
}

/// What a packet leads to.
pub(crate) enum Meaning<'p> {
    Nothing,
    Message(Data<'p>),
    Opened(Open),
    Closed,
    Fault(Fault),
}

impl Life {
    pub(crate) fn new(protocol: Protocol) -> Life {
        Life {
            protocol,
            phase: Phase::Opening,
            deadlines: Deadlines::default(),
            outlet: Outlet::default(),
            intake: Intake::Open,
            rhythm: Rhythm::default(),
        }
    }

    /// A packet came.
    pub(crate) fn hear<'p>(&mut self, packet: Packet<'p>, now: Instant) -> Meaning<'p> {
        match (self.phase, packet) {
            (Phase::Opening, Packet::Open(json)) => {
                return match Open::from_json(&json) {
                    Ok(open) => Meaning::Opened(open),
                    Err(error) => Meaning::Fault(error.into()),
                };
            }
            (Phase::Opening, _) => return Meaning::Fault(Fault::NotOpened),
            // What a server said before the end is handed out still.
            (Phase::Ended, Packet::Message(data)) => return Meaning::Message(data),
            (Phase::Ended, _) => return Meaning::Nothing,
            (Phase::Open | Phase::Closing | Phase::Leaving, _) => {}
        }
        if self.protocol == Protocol::V3 {
            self.expect_beat(now);
        }
        match (packet, self.protocol) {
            (Packet::Message(data), _) => return Meaning::Message(data),
            (Packet::Close, _) => return Meaning::Closed,
            (Packet::Ping(data), Protocol::V4) => {
                self.outlet.pong(&data);
                self.expect_beat(now);
            }
            (Packet::Pong(_), Protocol::V3) => self.deadlines.set(Why::Ping, now + self.rhythm.interval),
            // Nobody minds.
            (Packet::Open(_) | Packet::Ping(_) | Packet::Pong(_) | Packet::Upgrade | Packet::Noop, _) => {}
        }
        Meaning::Nothing
    }

    /// The session is open: the heart begins to beat.
    pub(crate) fn open(&mut self, open: &Open, now: Instant) {
        self.phase = Phase::Open;
        self.rhythm = Rhythm { interval: open.ping_interval, timeout: open.ping_timeout };
        self.deadlines.clear(Why::Open);
        self.expect_beat(now);
        if self.protocol == Protocol::V3 {
            self.deadlines.set(Why::Ping, now + self.rhythm.interval);
        }
    }

    /// Protocol 3: our turn to ask.
    pub(crate) fn ping(&mut self, now: Instant) {
        self.outlet.say(Packet::Ping("".into()));
        self.be_patient(now);
    }

    /// The server gets no more time than this.
    pub(crate) fn be_patient(&mut self, now: Instant) {
        self.deadlines.set(Why::Heartbeat, now + self.rhythm.timeout);
    }

    /// What waited is looked at now: the server gets no less time than this.
    pub(crate) fn catch_up(&mut self, now: Instant) {
        let least = now + self.rhythm.timeout;
        if self.deadlines.at(Why::Heartbeat).is_some_and(|at| at < least) {
            self.be_patient(now);
        }
    }

    fn expect_beat(&mut self, now: Instant) {
        self.deadlines.set(Why::Heartbeat, now + self.rhythm.interval + self.rhythm.timeout);
    }
}
