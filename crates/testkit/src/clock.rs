//! Time that passes when a test says so.

use std::cell::Cell;
use std::time::Duration;

use sansocket_core::Instant;

/// A clock that stands still until it is told to go on.
#[derive(Debug)]
pub struct Clock(Cell<Instant>);

impl Clock {
    /// The present.
    pub fn now(&self) -> Instant {
        self.0.get()
    }

    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        self.0.set(self.now() + time);
    }

    /// Goes to `at`, or stays if that is past.
    pub fn reach(&self, at: Instant) {
        self.0.set(self.now().max(at));
    }
}

impl Default for Clock {
    /// Begins at some moment that is not the epoch, so that nobody relies on that.
    fn default() -> Clock {
        Clock(Cell::new(Instant::from_micros(1_000_000)))
    }
}
