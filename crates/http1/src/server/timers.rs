//! What a server's connection waits for.

use sansocket_core::Instant;

use super::event::ServerClosed;
use super::{ServerConnection, State};
use crate::Deadline;
use crate::wire::after;

impl ServerConnection {
    /// The first byte of a head has come.
    pub(super) fn watch_head(&mut self, now: Instant) {
        if self.deadlines.at(Deadline::Head).is_none() {
            self.deadlines.clear(Deadline::Idle);
            self.deadlines.set(Deadline::Head, after(now, self.options.head_timeout));
        }
    }

    /// There is something to be written.
    pub(super) fn watch_output(&mut self, now: Instant) {
        self.out.has_moved();
        self.deadlines.set(Deadline::Write, after(now, self.options.write_timeout));
    }

    pub(super) fn expire(&mut self, deadline: Deadline, now: Instant) {
        let writes = !self.out.out.is_empty();
        match deadline {
            Deadline::Head => match &self.state {
                // Browsers open connections ahead of need, and would take a 408 for the answer to what they ask next.
                State::Head(reader) if !reader.has_begun() => {
                    self.end(ServerClosed::Timeout(deadline), now);
                }
                _ => {
                    self.fail(ServerClosed::Timeout(deadline), now);
                }
            },
            Deadline::Body => {
                self.fail(ServerClosed::Timeout(deadline), now);
            }
            // Who still reads is not idle; and the wait for its end begins when all is said.
            Deadline::Idle if writes => {
                self.deadlines.set(deadline, after(now, self.options.idle_timeout));
            }
            Deadline::Idle => {
                self.end(ServerClosed::Timeout(deadline), now);
            }
            Deadline::Linger if writes => {
                self.deadlines.set(deadline, after(now, self.options.linger));
            }
            Deadline::Linger => self.abandon(),
            Deadline::Write if !writes => {}
            Deadline::Write if self.out.has_moved() => self.watch_output(now),
            Deadline::Write => self.stop(now),
        }
    }

    /// The peer takes nothing: there is no use in saying more.
    fn stop(&mut self, now: Instant) {
        if !matches!(self.state, State::Over(_)) {
            self.out.drop_all();
            self.fail(ServerClosed::Timeout(Deadline::Write), now);
        }
        self.abandon();
    }
}
