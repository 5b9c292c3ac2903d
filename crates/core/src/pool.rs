//! Spare buffers of one thread.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::derived::Derived;
use crate::parts::Parts;

/// Bytes of one buffer. Measured: with 256 KiB instead of 128 KiB a stream of 16 KiB messages decodes 8 % faster,
/// for fewer frames are cut by the end of a read.
pub(crate) const BUFFER: usize = 256 * 1024;
/// Buffers kept: as many as connections of one thread are busy at once, which is one or two; the rest is for
/// those that stop in the middle of a burst.
const SPARE: usize = 8;
/// Bytes kept in larger buffers: a few messages of a megabyte under way at once. New memory of that size costs more than
/// all that is done with it, for the system clears every page of it, and hands it out in a fault for each.
const LARGE: usize = 4 << 20;
/// Room that a larger buffer has beyond a power of two, so that a message of that size fits with its frame's header, and
/// the beginning of the next one.
const BEYOND: usize = 4 << 10;
/// A derived buffer that grew past this is freed rather than kept.
const SPARE_DERIVED: usize = 64 * 1024;
/// Memory for payloads by reference that grew past this, which is a hundred of them, is freed rather than kept.
const SPARE_PARTS: usize = 4 * 1024;

/// Spare buffers, for as many connections as you like: give one to every [`Input::space`](crate::Input::space) and
/// [`Input::release`](crate::Input::release), best one pool for each thread.
///
/// A connection takes a buffer when bytes are about to be read and gives it back when it has none left, so that ten
/// thousand idle connections share a handful. A pool keeps at most 8 buffers of 256 KiB, and 4 MiB of larger ones once
/// messages needed them; memory may come home to another pool than it was taken from.
#[derive(Debug, Default)]
pub struct Pool {
    free: Vec<Box<[u8]>>,
    large: Vec<Box<[u8]>>,
    #[expect(clippy::vec_box, reason = "an input holds it by its box, which is kept too")]
    derived: Vec<Box<Derived>>,
    #[expect(clippy::vec_box, reason = "an outbox holds it by its box, which is kept too")]
    parts: Vec<Box<Parts>>,
}

impl Pool {
    /// A pool without memory; it fills with what connections give back.
    pub const fn new() -> Pool {
        Pool { free: Vec::new(), large: Vec::new(), derived: Vec::new(), parts: Vec::new() }
    }

    /// Bytes this pool keeps.
    pub fn memory(&self) -> usize {
        let derived: usize = self.derived.iter().map(|spare| spare.memory()).sum();
        let parts: usize = self.parts.iter().map(|spare| spare.memory()).sum();
        self.free.len() * BUFFER + self.large_memory() + derived + parts
    }

    fn large_memory(&self) -> usize {
        self.large.iter().map(|spare| spare.len()).sum()
    }

    pub(crate) fn take(&mut self) -> Box<[u8]> {
        self.free.pop().unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice())
    }

    pub(crate) fn give(&mut self, buffer: Box<[u8]>) {
        if buffer.len() == BUFFER && self.free.len() < SPARE {
            self.free.push(buffer);
        } else if is_large(buffer.len()) && self.large_memory() + buffer.len() <= LARGE {
            self.large.push(buffer);
        }
    }

    /// A buffer of `least` bytes or more: a spare one, or a new one of about `best`.
    pub(crate) fn take_large(&mut self, least: usize, best: usize) -> Box<[u8]> {
        match self.large.iter().position(|spare| spare.len() >= least) {
            Some(index) => self.large.swap_remove(index),
            None => vec![0; large(best)].into_boxed_slice(),
        }
    }

    pub(crate) fn take_derived(&mut self) -> Option<Box<Derived>> {
        self.derived.pop()
    }

    pub(crate) fn give_derived(&mut self, derived: Box<Derived>) {
        if derived.memory() <= SPARE_DERIVED && self.derived.len() < SPARE {
            self.derived.push(derived);
        }
    }

    pub(crate) fn take_parts(&mut self) -> Option<Box<Parts>> {
        self.parts.pop()
    }

    /// Takes an empty one back.
    pub(crate) fn give_parts(&mut self, parts: Box<Parts>) {
        if parts.memory() <= SPARE_PARTS && self.parts.len() < SPARE {
            self.parts.push(parts);
        }
    }
}

/// The size of a larger buffer for `n` bytes. Offsets in buffers are 32 bits wide.
fn large(n: usize) -> usize {
    n.min(1 << 31).next_power_of_two() + BEYOND
}

fn is_large(len: usize) -> bool {
    len > BUFFER && (len - BEYOND).is_power_of_two()
}
