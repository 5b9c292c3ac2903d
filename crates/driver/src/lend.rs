//! Commands while an event is lent.

use std::fmt;
use std::ops::{Deref, DerefMut};

use sansocket_core::{Endpoint, Instant};

/// The machine while one of its events is lent: derefs to it, so that every command of the machine is here, and knows
/// the time that some of them ask for.
///
/// What is queued leaves when the input has run dry. Nothing waits in here: a full output answers `Blocked`.
pub struct Commands<'a, M> {
    machine: &'a mut M,
    now: Instant,
}

impl<'a, M> Commands<'a, M> {
    #[inline]
    pub(crate) fn new(machine: &'a mut M, now: Instant) -> Commands<'a, M> {
        Commands { machine, now }
    }

    /// When the event was read; without one, when the commands were asked for.
    pub fn now(&self) -> Instant {
        self.now
    }
}

impl<M: Endpoint> Commands<'_, M> {
    /// Begins to end the connection in an orderly way; the loop goes on until that is done.
    pub fn close(&mut self, goodbye: M::Goodbye) {
        self.machine.close(goodbye, self.now);
    }
}

impl<M> Deref for Commands<'_, M> {
    type Target = M;

    #[inline]
    fn deref(&self) -> &M {
        self.machine
    }
}

impl<M> DerefMut for Commands<'_, M> {
    #[inline]
    fn deref_mut(&mut self) -> &mut M {
        self.machine
    }
}

impl<M: fmt::Debug> fmt::Debug for Commands<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").field("machine", &self.machine).field("now", &self.now).finish()
    }
}
