//! What packets mean, and the heartbeat.

use alloc::sync::Arc;
use core::time::Duration;

use sansocket_core::{Data, Instant};

use crate::outlet::Outlet;
use crate::server::options::ServerOptions;
use crate::server::session::Speech;
use crate::{Packet, Protocol, Reason};

/// The shortest time between two beats of the heart.
const LEAST_PATIENCE: Duration = Duration::from_millis(1);

/// What a session's packets act on, but for where they lie.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) speech: Speech,
    pub(super) phase: Phase,
    heart: Heart,
    /// What the body that is being read turned out to be worth. It is acted on at the next call, for what was lent may
    /// still be held.
    pub(super) verdict: Option<Reason>,
    /// When the heart beats next, and once we want to end it, when we do so in any case.
    pub(super) alarm: Option<Instant>,
    pub(super) outlet: Outlet,
    pub(super) options: Arc<ServerOptions>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Open,
    /// We want to end it, when what waits was taken.
    Closing,
    Ended,
}

/// Who has to speak next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heart {
    /// We, when the interval is over (protocol 4).
    Resting,
    /// The client: an answer to our ping (protocol 4), or a ping.
    Waiting,
    /// The same, and it has said something since, so it got more time. It gets that once.
    Extended,
}

/// What a packet leads to.
pub(super) enum Meaning<'p> {
    Message(Data<'p>),
    Nothing,
    End(Reason),
}

/// What the heart says when it is time.
pub(super) enum Beat {
    GoesOn,
    Stops,
}

/// Does something lie there that was not looked at?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    Something,
    Nothing,
}

impl Life {
    pub(super) fn new(speech: Speech, options: Arc<ServerOptions>, now: Instant) -> Life {
        let mut life = Life {
            speech,
            phase: Phase::Open,
            heart: Heart::Resting,
            verdict: None,
            alarm: None,
            outlet: Outlet::default(),
            options,
        };
        life.rest(now);
        life
    }

    /// A packet came.
    pub(super) fn hear<'p>(&mut self, packet: Packet<'p>, now: Instant) -> Meaning<'p> {
        match (self.phase, packet) {
            (Phase::Open, _) => self.extend(now),
            // What a client said before its session ended is handed out still.
            (Phase::Ended, Packet::Message(data)) => return Meaning::Message(data),
            (Phase::Closing | Phase::Ended, _) => return Meaning::Nothing,
        }
        match (packet, self.speech.protocol) {
            (Packet::Message(data), _) => return Meaning::Message(data),
            (Packet::Close, _) => return Meaning::End(Reason::TransportClose),
            (Packet::Pong(_), Protocol::V4) => self.rest(now),
            (Packet::Ping(data), Protocol::V3) => {
                self.outlet.pong(&data);
                self.rest(now);
            }
            // The heartbeat has a direction, and who turns it round is no client of this protocol.
            (Packet::Ping(_), Protocol::V4) | (Packet::Pong(_), Protocol::V3) => {
                return Meaning::End(Reason::TransportError);
            }
            (Packet::Open(_) | Packet::Upgrade | Packet::Noop, _) => {}
        }
        Meaning::Nothing
    }

    /// Is there room again, and does somebody wait for it?
    pub(super) fn is_relieved(&self) -> bool {
        self.outlet.is_relieved(self.options.high_water)
    }

    /// It is time for the heart to beat.
    pub(super) fn beat(&mut self, unread: Unread, now: Instant) -> Beat {
        match self.heart {
            Heart::Resting => self.ping(),
            // The answer may lie in what the user did not look at: that is not the client's fault. It waits for pings all
            // the same, and what cannot be written to a client that has vanished is how we learn of that.
            Heart::Waiting | Heart::Extended if unread == Unread::Something => {
                if self.speech.protocol == Protocol::V4 && self.outlet.is_empty() {
                    self.ping();
                }
            }
            Heart::Waiting | Heart::Extended => return Beat::Stops,
        }
        self.be_patient(now);
        Beat::GoesOn
    }

    fn ping(&mut self) {
        self.outlet.say(Packet::Ping("".into()));
        self.heart = Heart::Waiting;
    }

    /// What lay unread is read from here on: an answer may be in it, and has all its time again.
    pub(super) fn read_on(&mut self, now: Instant) {
        let patient = now + self.options.ping_timeout;
        if self.phase == Phase::Open && self.heart != Heart::Resting {
            self.alarm = self.alarm.max(Some(patient));
        }
    }

    /// The client has shown that it is there.
    fn rest(&mut self, now: Instant) {
        let ServerOptions { ping_interval, ping_timeout, .. } = *self.options;
        let (heart, after) = match self.speech.protocol {
            Protocol::V4 => (Heart::Resting, ping_interval),
            Protocol::V3 => (Heart::Waiting, ping_interval + ping_timeout),
        };
        self.heart = heart;
        self.alarm = Some(now + after);
    }

    /// Any packet gives who owes us a pong more time, once.
    fn extend(&mut self, now: Instant) {
        if self.speech.protocol == Protocol::V4 && self.heart == Heart::Waiting {
            self.heart = Heart::Extended;
            self.be_patient(now);
        }
    }

    fn be_patient(&mut self, now: Instant) {
        // Time passes between two beats whatever the options say: else the second would be due before the first is over.
        self.alarm = Some(now + self.options.ping_timeout.max(LEAST_PATIENCE));
    }
}
