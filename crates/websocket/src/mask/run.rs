//! Where the bytes of a run come from, and where they go.

use super::SHORT;

/// `len()` bytes to XOR. Blocks are loaded and stored by value, lower ones first, and a block is loaded before anything
/// is stored at or above its place: so it does not matter that places overlap.
pub(super) trait Run {
    /// Is it asked whether all of it is ASCII? What is sent is not.
    const LOOKS: bool = true;

    /// Longer ones are worth a call. Without looking there is so little to do that twice as much is short.
    const SHORT: usize = if Self::LOOKS { SHORT } else { 2 * SHORT };

    fn len(&self) -> usize;

    /// The `N` bytes from `at` on, of those to come.
    fn load<const N: usize>(&self, at: usize) -> [u8; N];

    /// Puts `bytes` at `at`, among those that are done.
    fn store(&mut self, at: usize, bytes: &[u8]);

    /// Changes block after block, from `at` on: all that are whole and end before the run does. (What the last one leaves
    /// is covered by a block of its own.)
    fn each<const N: usize>(&mut self, at: usize, change: impl FnMut([u8; N]) -> [u8; N]);

    /// How many bytes are stored before a line of the cache begins.
    fn to_line(&self) -> usize;
}

/// Bytes that stay where they are.
pub(super) struct InPlace<'a>(pub(super) &'a mut [u8]);

impl Run for InPlace<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn load<const N: usize>(&self, at: usize) -> [u8; N] {
        block(self.0, at)
    }

    #[inline(always)]
    fn store(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    #[inline(always)]
    fn each<const N: usize>(&mut self, at: usize, mut change: impl FnMut([u8; N]) -> [u8; N]) {
        let end = self.0.len() - 1;
        for block in self.0[at..end].as_chunks_mut().0 {
            *block = change(*block);
        }
    }

    #[inline(always)]
    fn to_line(&self) -> usize {
        to_line(self.0)
    }
}

/// `window[raw..]`, which moves down to the window's start.
pub(super) struct Down<'a> {
    window: &'a mut [u8],
    raw: usize,
}

impl<'a> Down<'a> {
    #[inline(always)]
    pub(super) fn new(window: &'a mut [u8], raw: usize) -> Down<'a> {
        assert!(raw <= window.len(), "a window contains what moves down in it");
        Down { window, raw }
    }
}

impl Run for Down<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.window.len() - self.raw
    }

    #[inline(always)]
    fn load<const N: usize>(&self, at: usize) -> [u8; N] {
        block(&self.window[self.raw..], at)
    }

    #[inline(always)]
    fn store(&mut self, at: usize, bytes: &[u8]) {
        self.window[at..at + bytes.len()].copy_from_slice(bytes);
    }

    #[inline(always)]
    fn each<const N: usize>(&mut self, at: usize, mut change: impl FnMut([u8; N]) -> [u8; N]) {
        // What is left of the window, shorter by a block each time: so there is little to check within the loop.
        let (mut left, reach) = (&mut self.window[at..], self.raw + N);
        while left.len() > reach {
            let block = change(block(left, reach - N));
            let done;
            (done, left) = left.split_at_mut(N);
            done.copy_from_slice(&block);
        }
    }

    #[inline(always)]
    fn to_line(&self) -> usize {
        to_line(self.window)
    }
}

/// Bytes that go from one place to another.
pub(super) struct Across<'a> {
    to: &'a mut [u8],
    from: &'a [u8],
}

impl<'a> Across<'a> {
    #[inline(always)]
    pub(super) fn new(to: &'a mut [u8], from: &'a [u8]) -> Across<'a> {
        assert!(to.len() == from.len(), "as much room as there are bytes");
        Across { to, from }
    }
}

impl Run for Across<'_> {
    const LOOKS: bool = false;

    #[inline(always)]
    fn len(&self) -> usize {
        self.from.len()
    }

    #[inline(always)]
    fn load<const N: usize>(&self, at: usize) -> [u8; N] {
        block(self.from, at)
    }

    #[inline(always)]
    fn store(&mut self, at: usize, bytes: &[u8]) {
        self.to[at..at + bytes.len()].copy_from_slice(bytes);
    }

    #[inline(always)]
    fn each<const N: usize>(&mut self, at: usize, mut change: impl FnMut([u8; N]) -> [u8; N]) {
        let end = self.from.len() - 1;
        let from = self.from[at..end].as_chunks().0;
        for (to, from) in self.to[at..].as_chunks_mut().0.iter_mut().zip(from) {
            *to = change(*from);
        }
    }

    #[inline(always)]
    fn to_line(&self) -> usize {
        to_line(self.to)
    }
}

#[inline(always)]
fn block<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk().expect("a block lies within its run")
}

/// A cache line is 64 bytes on every processor this has vectors for.
#[inline(always)]
fn to_line(bytes: &[u8]) -> usize {
    bytes.as_ptr().addr().wrapping_neg() & 63
}
