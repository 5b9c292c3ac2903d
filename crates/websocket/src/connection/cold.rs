//! What lies beside a connection, for it is seldom looked at.

use alloc::boxed::Box;
use core::time::Duration;

use sansocket_core::Instant;

use crate::Closed;
use crate::counters::Flows;

use super::receive::Rules;
use super::send::Sending;
use super::timers::Timers;

/// What the hot path does not look at, or hardly.
pub(super) struct Cold {
    pub(super) rules: Rules,
    pub(super) sending: Sending,
    pub(super) counters: Flows,
    /// When something was last received.
    pub(super) seen: Instant,
    /// None until it is needed.
    pub(super) rare: Option<Box<Rare>>,
}

/// What most connections do without as long as they live.
#[derive(Default)]
pub(super) struct Rare {
    pub(super) timers: Timers,
    /// From our latest keepalive ping to its pong.
    pub(super) round_trip: Option<Duration>,
    /// Prepared messages that did not fit.
    pub(super) dropped: u64,
    /// Why the connection will have ended when the input runs dry.
    pub(super) ending: Option<Closed>,
    /// Why it has.
    pub(super) closed: Option<Closed>,
}

impl Cold {
    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The connection ends for this reason, unless for one before.
    pub(super) fn ends(&mut self, why: Closed) {
        self.rare().ending.get_or_insert(why);
    }
}
