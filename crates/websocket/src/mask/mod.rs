//! Masking, RFC 6455 §5.3: every payload byte of a client is XORed with one of the four bytes of its frame's key.
//!
//! That is the one thing a server does to every byte it receives, so it is done once, in place, and on the way each
//! byte is looked at: text that was seen to be ASCII needs no second look to be UTF-8.
//!
//! | bytes | how |
//! |---|---|
//! | up to 64, or 128 when sending | two blocks that overlap, inlined, no dispatch and no tail loop ([`short`]) |
//! | more | blocks of 64, the same safe code compiled once for each width of vectors, one dispatched call ([`long`]) |
//!
//! The only module of this crate that may say `unsafe`: it calls code for vectors it has asked the processor for, and
//! vouches for the ASCII it saw. Everything that touches bytes is safe code.
#![allow(unsafe_code)]

use core::fmt;

use sansocket_core::{Input, NotUtf8, Text};

mod keys;
mod long;
mod run;
mod short;

pub(crate) use keys::MaskKeys;
pub(crate) use long::{Work, widest};
use run::{Across, Down, InPlace, Run};

/// A payload as its sender meant it.
#[derive(Clone, Copy)]
pub(crate) struct Unmasked<'i> {
    bytes: &'i [u8],
    seen: Seen,
}

/// What the XOR saw on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// Every byte is below 0x80.
    Ascii,
    /// Some byte is not, or nobody looked.
    Any,
}

impl<'i> Unmasked<'i> {
    /// The payload.
    #[inline(always)]
    pub(crate) fn bytes(self) -> &'i [u8] {
        self.bytes
    }

    /// The payload as text: for nothing if only ASCII went by.
    ///
    /// # Errors
    /// [`NotUtf8`] if it is not UTF-8, a character cut at the end included.
    #[inline(always)]
    pub(crate) fn text(self) -> Result<Text<'i>, NotUtf8> {
        match self.seen {
            // SAFETY: `Seen::Ascii` is only said of bytes that were all seen to be below 0x80 (`unmask`), which are
            // borrowed since; ASCII is UTF-8.
            Seen::Ascii => Ok(unsafe { Text::from_utf8_unchecked(self.bytes) }),
            Seen::Any => Text::from_utf8(self.bytes),
        }
    }
}

impl fmt::Debug for Unmasked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unmasked").field("len", &self.bytes.len()).field("seen", &self.seen).finish()
    }
}

/// Unmasks a payload in place. `key` is its four bytes, read as a little-endian number.
#[inline(always)]
pub(crate) fn unmask(payload: &mut [u8], key: u32) -> Unmasked<'_> {
    let seen = xor(InPlace(payload), key);
    Unmasked { bytes: payload, seen }
}

/// A payload that was not masked: what a server sends.
#[inline(always)]
pub(crate) fn plain(payload: &[u8]) -> Unmasked<'_> {
    Unmasked { bytes: payload, seen: Seen::Any }
}

/// Adds the next `n` raw bytes of `input`, unmasked, to the message under way: one pass moves them down over the
/// header that was skipped, XORs them, and looks for what is not ASCII.
///
/// A fragment continues its own frame's key only: for the rest of a frame pass [`rotate`]`(key, n)`.
pub(crate) fn unmask_held(input: &mut Input, n: usize, key: u32) {
    widest(Held { input, n, key });
}

/// The same within a [`Work`]: with the vectors that it is compiled for.
#[inline(always)]
pub(crate) fn unmask_held_within(input: &mut Input, n: usize, key: u32) {
    let n = n.min(input.raw_len());
    let (window, raw) = input.window(n);
    let seen = if key == 0 {
        // XOR with 0 changes nothing: this is what servers send.
        plain_down(window, raw)
    } else if n > <Down<'_> as Run>::SHORT {
        long::blocks(Down::new(window, raw), key)
    } else {
        short_down(window, raw, key)
    };
    input.hold_window(n);
    if seen == Seen::Ascii {
        // SAFETY: the last `n` bytes held are those that were written above, and all were seen to be below 0x80.
        unsafe { input.assume_ascii(n) }
    }
}

struct Held<'a> {
    input: &'a mut Input,
    n: usize,
    key: u32,
}

impl Work for Held<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        unmask_held_within(self.input, self.n, self.key);
    }
}

#[inline(never)]
fn short_down(window: &mut [u8], raw: usize, key: u32) -> Seen {
    short::xor(Down::new(window, raw), key)
}

#[inline(never)]
fn plain_down(window: &mut [u8], raw: usize) -> Seen {
    if raw > 0 {
        window.copy_within(raw.., 0);
    }
    Seen::Any
}

/// The key for the byte that is `n` bytes further on (RFC 6455 §5.3: octet i uses key octet i MOD 4).
#[inline(always)]
pub(crate) const fn rotate(key: u32, n: usize) -> u32 {
    key.rotate_right(8 * (n as u32 & 3))
}

/// Writes `from`, masked, into `to`: one pass instead of a copy and an XOR.
///
/// # Panics
/// If they are not equally long.
#[inline(always)]
pub(crate) fn mask_into(to: &mut [u8], from: &[u8], key: u32) {
    xor(Across::new(to, from), key);
}

/// As [`mask_into`], for one part of a payload after the other: answers the key of the next.
pub(crate) fn mask_part(to: &mut [u8], from: &[u8], key: u32) -> u32 {
    mask_into(to, from, key);
    rotate(key, from.len())
}

/// Masks a payload that lies where it will leave from.
#[inline(always)]
pub(crate) fn mask_in_place(payload: &mut [u8], key: u32) {
    xor(InPlace(payload), key);
}

/// Longer runs are worth a call.
const SHORT: usize = 64;

/// Up to here [`mask_into`] makes no call.
pub(crate) const LEAF: usize = <Across<'_> as Run>::SHORT;

#[inline(always)]
fn xor<R: Run>(run: R, key: u32) -> Seen {
    if run.len() <= R::SHORT { short::xor(run, key) } else { long::xor(run, key) }
}

#[cfg(test)]
mod tests;
