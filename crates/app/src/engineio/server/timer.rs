//! The hub's time.

use std::task::Waker;

use sansocket_core::Instant;

/// The one task that keeps the time of all sessions.
pub(super) enum Timer {
    /// There is none: nothing has to happen at any time.
    Idle,
    /// It will look at the hub before it sleeps.
    Busy,
    Asleep {
        until: Instant,
        waker: Waker,
    },
}

impl Timer {
    /// Would it miss what is to happen at `next`?
    pub(super) fn is_late_for(&self, next: Option<Instant>) -> bool {
        match (self, next) {
            (Timer::Busy, _) | (_, None) => false,
            (Timer::Idle, Some(_)) => true,
            (Timer::Asleep { until, .. }, Some(next)) => next < *until,
        }
    }
}
