//! Keepalive, idle and close timeouts: deadlines as data.
//!
//! A message does not touch them, it only moves `seen`; a deadline that comes looks whether it still stands.

use core::time::Duration;

use sansocket_core::{Deadlines, Instant};

use crate::frame::Opcode;
use crate::{CloseCode, Closed, Deadline, Keepalive};

use super::{Phase, WebSocket};

/// What a connection waits for.
#[derive(Default)]
pub(super) struct Timers {
    deadlines: Deadlines<Deadline, 4>,
    /// The keepalive ping under way.
    ping: Option<Ping>,
    pings: u64,
}

/// A keepalive ping that was sent.
struct Ping {
    payload: [u8; 8],
    at: Instant,
}

impl Timers {
    /// The nearest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Takes the earliest deadline that has come by `now`.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Deadline> {
        self.deadlines.expired(now)
    }

    /// From now on only the close timeout counts: at `at`, or when it was set to before.
    pub(super) fn only_close(&mut self, at: Instant) {
        let at = self.deadlines.at(Deadline::Close).unwrap_or(at);
        self.deadlines.clear_all();
        self.deadlines.set(Deadline::Close, at);
    }

    fn set(&mut self, deadline: Deadline, at: Instant) {
        self.deadlines.set(deadline, at);
    }
}

impl WebSocket {
    /// Sets the first deadlines.
    pub(super) fn watch(&mut self, now: Instant) {
        let options = self.cold.rules.options.clone();
        if let Some(Keepalive { interval, .. }) = options.keepalive {
            self.cold.rare().timers.set(Deadline::Ping, now + at_least_a_tick(interval));
        }
        if let Some(idle) = options.idle_timeout {
            self.cold.rare().timers.set(Deadline::Idle, now + at_least_a_tick(idle));
        }
    }

    pub(super) fn expire(&mut self, deadline: Deadline, now: Instant) {
        let options = self.cold.rules.options.clone();
        match deadline {
            Deadline::Ping => {
                let Some(Keepalive { interval, timeout }) = options.keepalive else { return };
                let due = self.cold.seen + at_least_a_tick(interval);
                if due > now {
                    return self.cold.rare().timers.set(Deadline::Ping, due);
                }
                self.send_keepalive(now);
                self.cold.rare().timers.set(Deadline::Pong, now + at_least_a_tick(timeout));
            }
            Deadline::Pong => {
                let seen = self.cold.seen;
                let answered = self.cold.rare().timers.ping.as_ref().is_none_or(|ping| seen >= ping.at);
                match options.keepalive {
                    Some(Keepalive { interval, .. }) if answered => {
                        // A ping is due again one interval after the last sign of life, but not in the past.
                        let next = (self.cold.seen + interval).max(now + Duration::from_micros(1));
                        self.cold.rare().timers.set(Deadline::Ping, next);
                    }
                    _ => self.give_up(Deadline::Pong, CloseCode::INTERNAL_ERROR, now),
                }
            }
            Deadline::Idle => {
                let Some(idle) = options.idle_timeout else { return };
                let due = self.cold.seen + at_least_a_tick(idle);
                if due > now {
                    return self.cold.rare().timers.set(Deadline::Idle, due);
                }
                self.give_up(Deadline::Idle, CloseCode::GOING_AWAY, now);
            }
            Deadline::Close => {
                self.end.abandoned = true;
                if self.phase != Phase::Closed {
                    self.cold.ends(Closed::Timeout(Deadline::Close));
                }
            }
        }
    }

    /// The pong to our latest keepalive ping tells the round-trip time.
    pub(super) fn heard_pong(&mut self, payload: &[u8], now: Instant) {
        let Some(rare) = &mut self.cold.rare else { return };
        if let Some(ping) = rare.timers.ping.take_if(|ping| ping.payload == payload) {
            rare.round_trip = Some(now - ping.at);
        }
    }

    fn send_keepalive(&mut self, now: Instant) {
        let timers = &mut self.cold.rare().timers;
        timers.pings += 1;
        let payload = timers.pings.to_be_bytes();
        timers.ping = Some(Ping { payload, at: now });
        let frame = self.cold.sending.control(Opcode::Ping, &payload);
        self.cold.counters.sent.wire += frame.as_bytes().len() as u64;
        self.cold.sending.controls.push(frame.as_bytes());
    }

    fn give_up(&mut self, deadline: Deadline, code: CloseCode, now: Instant) {
        self.cold.ends(Closed::Timeout(deadline));
        self.queue_close(&code.into(), now);
    }
}

/// A deadline lies strictly in the future, whatever the options say.
fn at_least_a_tick(duration: Duration) -> Duration {
    duration.max(Duration::from_micros(1))
}
