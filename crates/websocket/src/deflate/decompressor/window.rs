//! What came out last: matches are copied from it, and it is lent from where it lies.

use alloc::boxed::Box;
use alloc::vec;

use crate::deflate::WindowBits;

/// At most so many bytes come out of one step, whatever the peer says: a message that passes its limit is known to
/// when at most this much of it was inflated too far.
pub(crate) const CHUNK: usize = 16 * 1024;
/// The longest match (RFC 1951 §3.2.5).
const LONGEST: usize = 258;
/// Matches are copied in blocks of this many bytes. Two of them are copied anyway, which is enough for most matches and
/// spares a branch that nobody can foretell; so as much may be overshot.
const BLOCK: usize = 16;
/// So many literals are written between two looks at the room.
const LITERALS: usize = 3;
/// Room for them and a match.
const ROOM: usize = LITERALS + LONGEST + 2 * BLOCK;

/// A distance that reaches back further than the window, or the stream.
pub(super) struct TooFar;

/// The window, and room behind it: `buffer[..end]` came out, the end of it last.
pub(super) struct Window {
    buffer: Box<[u8]>,
    end: usize,
    size: usize,
}

impl Window {
    /// Takes memory for the window and for what comes out before it has to slide: as much again, at least a chunk.
    pub(super) fn new(bits: WindowBits) -> Window {
        let size = 1 << bits.get();
        Window { buffer: vec![0; size + size.max(CHUNK)].into_boxed_slice(), end: 0, size }
    }

    /// Forgets everything but `known`.
    pub(super) fn reset(&mut self, known: &[u8]) {
        let known = &known[known.len().saturating_sub(self.size)..];
        self.buffer[..known.len()].copy_from_slice(known);
        self.end = known.len();
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Makes room for a chunk. What came out before is not to be asked for again, except by matches.
    pub(super) fn slide(&mut self) {
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.copy_within(self.end - self.size..self.end, 0);
            self.end = self.size;
        }
    }

    /// What came out from `start` on.
    pub(super) fn since(&self, start: usize) -> &[u8] {
        &self.buffer[start..self.end]
    }

    /// All that a match may refer to.
    pub(super) fn reach(&self) -> &[u8] {
        &self.buffer[self.end.saturating_sub(self.size)..self.end]
    }

    /// The room before `limit`.
    pub(super) fn room(&mut self, limit: usize) -> &mut [u8] {
        &mut self.buffer[self.end..limit]
    }

    /// The room was filled up to `end`.
    pub(super) fn filled_to(&mut self, end: usize) {
        self.end = end;
    }

    /// The room before `limit`, and what lies before it. Afterwards it is [filled](Window::filled_to).
    #[inline(always)]
    pub(super) fn output(&mut self, limit: usize) -> Output<'_> {
        Output { buffer: &mut self.buffer[..limit], end: self.end, size: self.size }
    }
}

/// A window that is being written to. It is a value of its own so that its end can lie in a register.
pub(super) struct Output<'a> {
    buffer: &'a mut [u8],
    end: usize,
    size: usize,
}

impl Output<'_> {
    /// Where what was written ends: to be told to [`Window::filled_to`].
    #[inline(always)]
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Is there room for [`LITERALS`] and the longest match?
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.end + ROOM <= self.buffer.len()
    }

    #[inline(always)]
    pub(super) fn push(&mut self, byte: u8) {
        self.buffer[self.end] = byte;
        self.end += 1;
    }

    /// Copies what came out `distance` bytes ago, which may be less than `length`: then it repeats. There must
    /// be [room](Output::has_room).
    #[inline(always)]
    pub(super) fn repeat(&mut self, distance: usize, length: usize) -> Result<(), TooFar> {
        let at = self.end;
        if distance > at.min(self.size) {
            return Err(TooFar);
        }
        let span = &mut self.buffer[at - distance..at + length + 2 * BLOCK];
        if distance >= BLOCK {
            // What a block reads was written, be it by the block before.
            copy_block(span, 0, distance);
            copy_block(span, BLOCK, distance);
            for i in (2 * BLOCK..length).step_by(BLOCK) {
                copy_block(span, i, distance);
            }
        } else if distance == 1 {
            let byte = span[0];
            span[1..1 + length].fill(byte);
        } else {
            for i in 0..length {
                span[distance + i] = span[i];
            }
        }
        self.end = at + length;
        Ok(())
    }
}

/// Copies the block at `from` to where it is repeated.
#[inline(always)]
fn copy_block(span: &mut [u8], from: usize, distance: usize) {
    let mut block = [0; BLOCK];
    block.copy_from_slice(&span[from..from + BLOCK]);
    span[from + distance..from + distance + BLOCK].copy_from_slice(&block);
}
