//! The bytes of one connection that were read and not yet consumed.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use crate::derived::Derived;
use crate::pool::BUFFER;
use crate::{NotUtf8, Pool, Text};

/// Header loads take 16 bytes at once: that many stand behind the last byte read, and mean nothing.
const SLACK: usize = 16;
/// Room a read should get: what one busy socket delivers at once.
const READ: usize = 64 * 1024;
/// A rest up to this size is moved to a pooled buffer before a read; a larger one is added to in its own box, so that
/// a message that drips in byte by byte is copied a handful of times, not once a byte.
const SMALL: usize = 512;

/// The bytes of one connection that were read and not yet consumed. It stands beside the [`Machine`] it feeds.
///
/// It owns no memory while it is empty: [`space`](Input::space) takes a buffer from a [`Pool`] when bytes are about to
/// be read, and [`release`](Input::release) gives it back. While it waits it holds at most twice the bytes of an
/// unfinished message and 4 KiB.
///
/// **Below** (who reads): `space`, `filled`, `release`. **Machines** (who parse): the *raw* bytes come in order and are
/// [skipped](Input::skip), [taken](Input::take), or [held](Input::hold) as part of the message under way, which may
/// also be [derived](Input::derive) from them. What is taken is lent until the next call.
///
/// [`Machine`]: crate::Machine
#[derive(Default)]
pub struct Input {
    /// `buffer[held..held_end]`: the message under way. `buffer[next..tail]`: raw bytes. In this order.
    buffer: Box<[u8]>,
    held: u32,
    held_end: u32,
    next: u32,
    tail: u32,
    /// So many bytes of the message under way are known to be whole characters.
    pub(crate) text: u32,
    /// KiB that the message under way still lacks, rounded up, as far as its machine said.
    lacks: u16,
    /// This connection has derived before: the pool's buffer for that comes with the read buffer.
    derives: bool,
    derived: Option<Box<Derived>>,
}

/// For whoever reads.
impl Input {
    /// Room to read into, at least one byte. The only place that takes memory for reading, or moves bytes.
    ///
    /// After reading `n` bytes into it call [`filled(n)`](Input::filled).
    pub fn space<'i>(&'i mut self, pool: &mut Pool) -> &'i mut [u8] {
        match self.in_place() {
            0 => (self.held, self.held_end, self.next, self.tail) = (0, 0, 0, 0),
            // So that reads find the same memory again, which the caches know.
            1..=SMALL => self.close_gaps(),
            _ => {}
        }
        if self.derives && self.derived.is_none() {
            self.derived = pool.take_derived();
        }
        let room = self.buffer.len().saturating_sub(self.tail as usize + SLACK);
        if room < READ && !self.is_worth_filling(room) {
            self.make_room(pool);
        }
        let end = self.buffer.len() - SLACK;
        &mut self.buffer[self.tail as usize..end]
    }

    /// `n` bytes were read into [`space`](Input::space).
    ///
    /// # Panics
    /// If that is more than there was room for.
    #[inline]
    pub fn filled(&mut self, n: usize) {
        assert!(
            n + SLACK <= self.buffer.len() - self.tail as usize,
            "more bytes filled than there was space"
        );
        self.tail += n as u32;
    }

    /// Copies `bytes` in, for those who have them already: `space` and `filled` in one.
    pub fn fill(&mut self, mut bytes: &[u8], pool: &mut Pool) {
        while !bytes.is_empty() {
            let space = self.space(pool);
            let (now, later) = bytes.split_at(bytes.len().min(space.len()));
            space[..now.len()].copy_from_slice(now);
            self.filled(now.len());
            bytes = later;
        }
    }

    /// Gives memory back: all of it when empty; a rest that fills less than half of its buffer moves to a smaller box.
    /// Call it when a connection goes to wait. Forgetting it costs memory, never correctness.
    pub fn release(&mut self, pool: &mut Pool) {
        if let Some(derived) = self.derived.take_if(|derived| derived.rest().is_empty()) {
            self.derives = true;
            pool.give_derived(Derived::emptied(derived));
        }
        let live = self.in_place();
        if self.buffer.is_empty() {
        } else if live == 0 {
            (self.held, self.held_end, self.next, self.tail) = (0, 0, 0, 0);
            pool.give(core::mem::take(&mut self.buffer));
        } else if 2 * live + 2 * SLACK < self.buffer.len() {
            // Room for as much again: so a rest that grows slowly is copied once a doubling.
            let old = self.move_to(vec![0; 2 * live + SLACK].into_boxed_slice());
            pool.give(old);
        }
    }

    /// Bytes of memory owned now.
    pub fn memory(&self) -> usize {
        self.buffer.len() + self.derived.as_ref().map_or(0, |derived| derived.memory())
    }

    /// Are there neither raw bytes nor a message under way?
    pub fn is_empty(&self) -> bool {
        self.in_place() == 0 && self.held_len() == 0
    }
}

/// For machines: raw bytes.
impl Input {
    /// Do raw bytes wait? While they do, answers to them may be held back and leave together.
    #[inline]
    pub fn has_raw(&self) -> bool {
        self.next != self.tail
    }

    /// How many raw bytes wait.
    #[inline]
    pub fn raw_len(&self) -> usize {
        (self.tail - self.next) as usize
    }

    /// The raw bytes.
    #[inline]
    pub fn raw(&self) -> &[u8] {
        &self.buffer[self.next as usize..self.tail as usize]
    }

    /// The raw bytes, to be changed in place.
    #[inline]
    pub fn raw_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.next as usize..self.tail as usize]
    }

    /// 16 bytes from the first raw one on, however many raw ones there are: what lies behind them is noise, so judge
    /// by [`raw_len`](Input::raw_len). `None` without a buffer.
    #[inline]
    pub fn peek(&self) -> Option<&[u8; 16]> {
        let next = self.next as usize;
        self.buffer.get(next..next + SLACK)?.first_chunk()
    }

    /// Drops the next `n` raw bytes, or all there are.
    #[inline]
    pub fn skip(&mut self, n: usize) {
        self.next += n.min(self.raw_len()) as u32;
    }

    /// Lends the next `n` raw bytes, or all there are, and goes on behind them. They may be changed in place.
    #[inline]
    pub fn take(&mut self, n: usize) -> &mut [u8] {
        let start = self.next as usize;
        self.skip(n);
        &mut self.buffer[start..self.next as usize]
    }
}

/// For machines: the message under way.
impl Input {
    /// The message under way lacks `n` more bytes, or nobody knows (0): a buffer that has room for just them is large
    /// enough. No memory is taken for that word of the peer's.
    #[inline]
    pub fn lacks(&mut self, n: u64) {
        self.lacks = n.div_ceil(1024).try_into().unwrap_or(u16::MAX);
    }

    /// Adds the next `n` raw bytes to the message under way. What lies between the two (a header that was skipped) is
    /// closed up by `change`, which gets a window and the offset in it at which the raw bytes begin: it has to leave
    /// them, unmasked or as they are, at the window's start.
    ///
    /// ```
    /// # use sansocket_core::{Input, Pool};
    /// # let (mut input, mut pool) = (Input::default(), Pool::default());
    /// input.fill(b"#one#two", &mut pool);
    /// for _ in 0..2 {
    ///     input.skip(1);
    ///     input.hold(3, |window, raw| window.copy_within(raw.., 0));
    /// }
    /// assert_eq!(input.take_held(usize::MAX), b"onetwo");
    /// ```
    #[inline(always)]
    pub fn hold<R>(&mut self, n: usize, change: impl FnOnce(&mut [u8], usize) -> R) -> R {
        let n = n.min(self.raw_len());
        let (window, raw) = self.window(n);
        let result = change(window, raw);
        self.hold_window(n);
        result
    }

    /// The window and the offset that [`hold`](Input::hold) gives, for code that has to be free of calls: then comes
    /// [`hold_window(n)`](Input::hold_window). Of `n` bytes or, if there are fewer raw ones, of those.
    #[inline(always)]
    pub fn window(&mut self, n: usize) -> (&mut [u8], usize) {
        if self.held == self.held_end {
            (self.held, self.held_end) = (self.next, self.next);
        }
        let end = self.next as usize + n.min(self.raw_len());
        (&mut self.buffer[self.held_end as usize..end], (self.next - self.held_end) as usize)
    }

    /// The first `n` bytes of the [`window`](Input::window) are added to the message under way.
    #[inline(always)]
    pub fn hold_window(&mut self, n: usize) {
        let n = n.min(self.raw_len()) as u32;
        self.held_end += n;
        self.next += n;
    }

    /// Adds `bytes`, which came of raw ones but are not among them, to the message under way.
    /// A message is either held or derived, never both.
    pub fn derive(&mut self, bytes: &[u8]) {
        let derived = self.derived.get_or_insert_default();
        if derived.rest().is_empty() {
            // What was checked is text of held bytes, if any, and says nothing of these.
            self.text = 0;
        }
        derived.extend(bytes);
    }

    /// The message under way.
    #[inline]
    pub fn held(&self) -> &[u8] {
        match &self.derived {
            Some(derived) if !derived.rest().is_empty() => derived.rest(),
            _ => &self.buffer[self.held as usize..self.held_end as usize],
        }
    }

    /// Bytes of the message under way.
    #[inline]
    pub fn held_len(&self) -> usize {
        let derived = self.derived.as_ref().map_or(0, |derived| derived.rest().len());
        derived + (self.held_end - self.held) as usize
    }

    /// Checks what was added to the message under way since the last check. A character cut at the end waits for its
    /// rest.
    ///
    /// # Errors
    /// [`NotUtf8`] at the first byte that makes the message no text.
    pub fn check_text(&mut self) -> Result<(), NotUtf8> {
        let known = self.text as usize;
        let more = Text::longest_prefix(&self.held()[known..])?.len();
        self.text += more as u32;
        Ok(())
    }

    /// How many bytes of the message under way are text as far as [`check_text`](Input::check_text) looked: all of
    /// them, or all but the beginning of one character.
    pub fn text_len(&self) -> usize {
        self.text as usize
    }

    /// Lends the first `n` bytes of the message under way, or all there are; what is left stays under way.
    #[inline]
    pub fn take_held(&mut self, n: usize) -> &[u8] {
        self.take_first(n.min(self.held_len()))
    }

    /// Lends the first `n` bytes of the message under way, or fewer: as far as they are checked, and whole characters.
    #[inline]
    pub fn take_text(&mut self, n: usize) -> Text<'_> {
        let mut end = n.min(self.text as usize);
        if end < self.text as usize {
            let held = self.held();
            // A continuation byte (10xxxxxx) at the cut: go back to where its character begins.
            while held[end] & 0xc0 == 0x80 {
                end -= 1;
            }
        }
        crate::text::checked(self.take_first(end))
    }

    /// Forgets the message under way.
    pub fn drop_held(&mut self) {
        self.take_held(usize::MAX);
    }

    fn take_first(&mut self, n: usize) -> &[u8] {
        self.text = self.text.saturating_sub(n as u32);
        match &mut self.derived {
            Some(derived) if !derived.rest().is_empty() => derived.take(n),
            _ => {
                let start = self.held as usize;
                self.held += n as u32;
                &self.buffer[start..start + n]
            }
        }
    }
}

/// Where bytes lie.
impl Input {
    fn in_place(&self) -> usize {
        (self.held_end - self.held + self.tail - self.next) as usize
    }

    /// A rest that is not small, in a buffer of its own, with some room left, or with all that it needs: read into that.
    fn is_worth_filling(&self, room: usize) -> bool {
        let (live, lacks) = (self.in_place(), 1024 * usize::from(self.lacks));
        live > SMALL && room > 0 && (room >= live / 8 || (lacks > 0 && room >= lacks))
    }

    #[cold]
    fn make_room(&mut self, pool: &mut Pool) {
        if self.buffer.is_empty() {
            self.buffer = pool.take();
            return;
        }
        let live = self.in_place();
        if live + SLACK + READ <= self.buffer.len() {
            return self.close_gaps();
        }
        let larger = if live + SLACK + READ <= BUFFER {
            pool.take()
        } else {
            // A message whose beginning filled a buffer and did not end is moved once for every time it is four times
            // as large. Machines limit it to 1 GiB, long before offsets of 32 bits run out.
            pool.take_large(live + live / 2, live.saturating_mul(3))
        };
        let old = self.move_to(larger);
        pool.give(old);
    }

    fn close_gaps(&mut self) {
        let (held, raw) =
            (self.held as usize..self.held_end as usize, self.next as usize..self.tail as usize);
        let held_len = held.len();
        self.buffer.copy_within(held, 0);
        self.buffer.copy_within(raw, held_len);
        self.renumber();
    }

    fn move_to(&mut self, mut to: Box<[u8]>) -> Box<[u8]> {
        let held = &self.buffer[self.held as usize..self.held_end as usize];
        to[..held.len()].copy_from_slice(held);
        let raw = &self.buffer[self.next as usize..self.tail as usize];
        to[held.len()..held.len() + raw.len()].copy_from_slice(raw);
        self.renumber();
        core::mem::replace(&mut self.buffer, to)
    }

    fn renumber(&mut self) {
        let (held, raw) = (self.held_end - self.held, self.tail - self.next);
        (self.held, self.held_end, self.next, self.tail) = (0, held, held, held + raw);
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("raw", &self.raw_len())
            .field("held", &self.held_len())
            .field("memory", &self.memory())
            .finish()
    }
}

#[cfg(test)]
mod tests;
