//! Bytes that came of read ones.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Bytes of a message under way that cannot lie in the read buffer, for they were inflated (or decoded) from it.
#[derive(Default)]
pub(crate) struct Derived {
    bytes: Vec<u8>,
    /// Those before were taken already.
    start: usize,
}

impl Derived {
    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// What was not taken yet.
    #[inline]
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Adds `bytes` behind the rest.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Lends the first `n` bytes of the rest, and goes on behind them.
    #[inline]
    pub(crate) fn take(&mut self, n: usize) -> &[u8] {
        let start = self.start;
        self.start += n;
        &self.bytes[start..self.start]
    }

    /// The same memory without bytes.
    pub(crate) fn emptied(mut derived: Box<Derived>) -> Box<Derived> {
        derived.bytes.clear();
        derived.start = 0;
        derived
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Derived").field("rest", &self.rest().len()).field("memory", &self.memory()).finish()
    }
}
