//! Keepalive, idle and close timeouts: deadlines as data.
//!
//! A message does not touch them, it only moves `seen`; a deadline that comes looks whether it still stands.

use core::time::Duration;

use sansocket_core::Instant;

use crate::frame::Opcode;
use crate::{CloseCode, Closed, Deadline, Keepalive};

use super::{Phase, WebSocket};

/// A keepalive ping that was sent.
pub(super) struct Ping {
    payload: [u8; 8],
    at: Instant,
}

impl WebSocket {
    /// Sets the first deadlines.
    pub(super) fn watch(&mut self, now: Instant) {
        let options = self.cold.rules.options.clone();
        if let Some(Keepalive { interval, .. }) = options.keepalive {
            self.cold.deadlines.set(Deadline::Ping, now + at_least_a_tick(interval));
        }
        if let Some(idle) = options.idle_timeout {
            self.cold.deadlines.set(Deadline::Idle, now + at_least_a_tick(idle));
        }
    }

    pub(super) fn expire(&mut self, deadline: Deadline, now: Instant) {
        let options = self.cold.rules.options.clone();
        match deadline {
            Deadline::Ping => {
                let Some(Keepalive { interval, timeout }) = options.keepalive else { return };
                let due = self.cold.seen + at_least_a_tick(interval);
                if due > now {
                    return self.cold.deadlines.set(Deadline::Ping, due);
                }
                self.send_keepalive(now);
                self.cold.deadlines.set(Deadline::Pong, now + at_least_a_tick(timeout));
            }
            Deadline::Pong => {
                let answered = self.cold.ping.as_ref().is_none_or(|ping| self.cold.seen >= ping.at);
                match options.keepalive {
                    Some(Keepalive { interval, .. }) if answered => {
                        // A ping is due again one interval after the last sign of life, but not in the past.
                        let next = (self.cold.seen + interval).max(now + Duration::from_micros(1));
                        self.cold.deadlines.set(Deadline::Ping, next);
                    }
                    _ => self.give_up(Deadline::Pong, CloseCode::INTERNAL_ERROR, now),
                }
            }
            Deadline::Idle => {
                let Some(idle) = options.idle_timeout else { return };
                let due = self.cold.seen + at_least_a_tick(idle);
                if due > now {
                    return self.cold.deadlines.set(Deadline::Idle, due);
                }
                self.give_up(Deadline::Idle, CloseCode::GOING_AWAY, now);
            }
            Deadline::Close => {
                self.cold.end.abandoned = true;
                if self.phase != Phase::Closed {
                    self.cold.ending.get_or_insert(Closed::Timeout(Deadline::Close));
                }
            }
        }
    }

    /// The pong to our latest keepalive ping tells the round-trip time.
    pub(super) fn heard_pong(&mut self, payload: &[u8], now: Instant) {
        if let Some(ping) = self.cold.ping.take_if(|ping| ping.payload == payload) {
            self.cold.counters.round_trip = Some(now - ping.at);
        }
    }

    fn send_keepalive(&mut self, now: Instant) {
        self.cold.pings += 1;
        let payload = self.cold.pings.to_be_bytes();
        let frame = self.cold.sending.control(Opcode::Ping, &payload);
        self.cold.counters.sent.wire += frame.as_bytes().len() as u64;
        self.cold.sending.controls.push(frame.as_bytes());
        self.cold.ping = Some(Ping { payload, at: now });
    }

    fn give_up(&mut self, deadline: Deadline, code: CloseCode, now: Instant) {
        self.cold.ending.get_or_insert(Closed::Timeout(deadline));
        self.queue_close(&code.into(), now);
    }
}

/// A deadline lies strictly in the future, whatever the options say.
fn at_least_a_tick(duration: Duration) -> Duration {
    duration.max(Duration::from_micros(1))
}
