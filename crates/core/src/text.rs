//! Text: bytes known to be UTF-8. The only module of this crate that may say `unsafe`: it vouches for the bytes.
#![allow(unsafe_code)]

use alloc::string::String;
use core::fmt;
use core::ops::{Deref, Range};

use bytes::Bytes;

use crate::{Input, Payload};

mod plain;

pub use plain::{is_plain, plain_end};

/// The bytes are not UTF-8, and no bytes that could follow would mend that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the bytes are not UTF-8")]
pub struct NotUtf8;

/// Text that a machine lends: it lies in an [`Input`](crate::Input) until the next call.
///
/// Derefs to `str`. [`Text::into_owned`] copies it out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'i>(&'i str);

impl<'i> Text<'i> {
    /// Checks all of `bytes`.
    ///
    /// # Errors
    /// [`NotUtf8`] if they are not UTF-8, a character cut at the end included.
    #[inline]
    pub fn from_utf8(bytes: &'i [u8]) -> Result<Text<'i>, NotUtf8> {
        if is_utf8(bytes) {
            // SAFETY: just checked.
            Ok(unsafe { Text::from_utf8_unchecked(bytes) })
        } else {
            Err(NotUtf8)
        }
    }

    /// The whole characters that `bytes` begins with; what is left out, at most 3 bytes, is the beginning of one
    /// more character.
    ///
    /// # Errors
    /// [`NotUtf8`] if no bytes that could follow would make `bytes` text.
    #[inline]
    pub fn longest_prefix(bytes: &'i [u8]) -> Result<Text<'i>, NotUtf8> {
        let (whole, cut) = bytes.split_at(bytes.len() - cut_character(bytes));
        match core::str::from_utf8(cut) {
            Err(error) if error.error_len().is_some() => Err(NotUtf8),
            _ => Text::from_utf8(whole),
        }
    }

    /// Takes the caller's word for it.
    ///
    /// # Safety
    /// `bytes` must be UTF-8, as [`str::from_utf8`] defines it.
    #[inline]
    pub const unsafe fn from_utf8_unchecked(bytes: &'i [u8]) -> Text<'i> {
        // SAFETY: the caller's.
        Text(unsafe { core::str::from_utf8_unchecked(bytes) })
    }

    /// The text, for as long as it is lent.
    #[inline]
    pub const fn as_str(self) -> &'i str {
        self.0
    }

    /// Its bytes.
    #[inline]
    pub const fn as_bytes(self) -> &'i [u8] {
        self.0.as_bytes()
    }

    /// A copy that lives on its own.
    #[inline]
    pub fn into_owned(self) -> Utf8Bytes {
        Utf8Bytes(self.0.as_bytes().into())
    }
}

impl<'i> From<&'i str> for Text<'i> {
    fn from(text: &'i str) -> Self {
        Text(text)
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text that is owned, and cheap to clone: a [`Payload`] known to be UTF-8.
///
/// Derefs to `str`. From a `String`, a `&str` or, checked, from [`Bytes`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utf8Bytes(Payload);

impl Utf8Bytes {
    /// Text that lives as long as the program.
    pub const fn from_static(text: &'static str) -> Utf8Bytes {
        Utf8Bytes(Payload::from_static(text.as_bytes()))
    }

    /// All `parts`, one behind the other.
    pub fn concat<const N: usize>(parts: [&str; N]) -> Utf8Bytes {
        // What is UTF-8 is so behind other UTF-8, too.
        Utf8Bytes(Payload::concat(parts.map(str::as_bytes)))
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: every constructor checks, or takes what is a `str` already; a `Payload` never changes.
        unsafe { core::str::from_utf8_unchecked(&self.0) }
    }

    /// Its bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text in `range`, counted in bytes, as [`Payload::slice`] gives it.
    ///
    /// # Panics
    /// If there are not so many bytes, or a character would be cut.
    #[inline]
    pub fn slice(&self, range: Range<usize>) -> Utf8Bytes {
        // Only what a `str` would give is taken, so it is UTF-8.
        let _ = &self.as_str()[range.clone()];
        Utf8Bytes(self.0.slice(range))
    }

    /// Its bytes, as [`Payload::share`] gives them.
    #[inline(always)]
    pub fn share(&self) -> Bytes {
        self.0.share()
    }

    /// Its bytes, by reference count.
    #[inline]
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl TryFrom<Bytes> for Utf8Bytes {
    type Error = NotUtf8;

    fn try_from(bytes: Bytes) -> Result<Utf8Bytes, NotUtf8> {
        if is_utf8(&bytes) { Ok(Utf8Bytes(bytes.into())) } else { Err(NotUtf8) }
    }
}

impl From<String> for Utf8Bytes {
    fn from(text: String) -> Utf8Bytes {
        Utf8Bytes(text.into_bytes().into())
    }
}

impl From<&str> for Utf8Bytes {
    fn from(text: &str) -> Utf8Bytes {
        Utf8Bytes(text.as_bytes().into())
    }
}

impl Deref for Utf8Bytes {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Utf8Bytes {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Utf8Bytes {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Checks text that comes in pieces, which may be cut anywhere, and keeps none of it.
#[derive(Clone, Copy, Default, Debug)]
pub struct TextCheck {
    /// The beginning of a character that is not whole yet.
    cut: [u8; 4],
    len: usize,
}

impl TextCheck {
    /// Checks the next piece.
    ///
    /// # Errors
    /// [`NotUtf8`] if no bytes that could follow would make all the pieces text. The check is as before, then.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<(), NotUtf8> {
        let mut next = *self;
        while next.len > 0 && !piece.is_empty() {
            next.cut[next.len] = piece[0];
            piece = &piece[1..];
            let whole = Text::longest_prefix(&next.cut[..next.len + 1])?.len();
            next.len = if whole == 0 { next.len + 1 } else { 0 };
        }
        let whole = Text::longest_prefix(piece)?.len();
        let rest = &piece[whole..];
        next.cut[next.len..next.len + rest.len()].copy_from_slice(rest);
        next.len += rest.len();
        *self = next;
        Ok(())
    }

    /// Did the last character end?
    pub const fn is_whole(&self) -> bool {
        self.len == 0
    }
}

/// The text that an [`Input`](crate::Input) kept book of.
#[inline]
pub(crate) fn checked(bytes: &[u8]) -> Text<'_> {
    debug_assert!(core::str::from_utf8(bytes).is_ok());
    // SAFETY: `Input` hands in only what its `check_text` went over (or its `assume_ascii` was promised), and nothing
    // can change those bytes afterwards: `hold` and `derive` only add behind them.
    unsafe { Text::from_utf8_unchecked(bytes) }
}

impl Input {
    /// The last `n` bytes of the message under way are ASCII: as if [`check_text`](Input::check_text) had seen them.
    ///
    /// # Safety
    /// They must be.
    #[inline]
    pub unsafe fn assume_ascii(&mut self, n: usize) {
        // A character cut before them makes them wrong, not unsafe: that is left to `check_text`.
        if self.text as usize + n == self.held_len() {
            self.text += n as u32;
        }
    }
}

/// How many bytes at the end, 0 to 3, begin a character without ending it.
fn cut_character(bytes: &[u8]) -> usize {
    for (behind, byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        return if length > behind + 1 { behind + 1 } else { 0 };
    }
    0
}

/// Below this, setting up vectors costs more than they save.
const WIDE: usize = 64;

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
cpufeatures::new!(cpu_has_avx2, "avx2");

#[inline]
fn is_utf8(bytes: &[u8]) -> bool {
    if bytes.len() < WIDE {
        is_ascii(bytes) || core::str::from_utf8(bytes).is_ok()
    } else {
        is_utf8_wide(bytes)
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn is_utf8_wide(bytes: &[u8]) -> bool {
    // `sansocket_portable`: as a processor without it would (`tests/counts`).
    if !cfg!(sansocket_portable) && cpu_has_avx2::get() {
        // SAFETY: the processor has AVX2, as asked in the line above; that is all the function needs.
        unsafe { is_utf8_avx2(bytes) }
    } else {
        let rest = behind_ascii(bytes);
        rest.is_empty() || core::str::from_utf8(rest).is_ok()
    }
}

/// # Safety
/// The processor must have AVX2.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[target_feature(enable = "avx2")]
unsafe fn is_utf8_avx2(bytes: &[u8]) -> bool {
    let rest = behind_ascii(bytes);
    // SAFETY: the caller's.
    rest.is_empty() || unsafe { simdutf8::basic::imp::x86::avx2::validate_utf8(rest).is_ok() }
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn is_utf8_wide(bytes: &[u8]) -> bool {
    let rest = behind_ascii(bytes);
    rest.is_empty() || simdutf8::basic::from_utf8(rest).is_ok()
}

/// What is left of `bytes` behind the blocks at its start that are ASCII: most text is nothing else, and to see that
/// takes half as long as to see that it is UTF-8.
#[inline(always)]
fn behind_ascii(bytes: &[u8]) -> &[u8] {
    // Text of other alphabets shows it soon, and has no use for this.
    if bytes.first_chunk::<WIDE>().is_some_and(|first| !is_ascii(first)) {
        return bytes;
    }
    // As long as the test at its end is cheap beside the block.
    let (blocks, rest) = bytes.as_chunks::<256>();
    for (i, block) in blocks.iter().enumerate() {
        // Byte by byte: the shape that compilers turn into vectors of any width.
        if block.iter().fold(0, |seen, byte| seen | byte) & 0x80 != 0 {
            return &bytes[i * block.len()..];
        }
    }
    if is_ascii(rest) { &[] } else { rest }
}

/// For short ones: words, the last of which may overlap the one before it.
#[inline(always)]
fn is_ascii(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().fold(0, |seen, byte| seen | byte) & 0x80 == 0;
    };
    let words = bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word));
    words.fold(u64::from_ne_bytes(*last), |seen, word| seen | word) & 0x8080_8080_8080_8080 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// The standard library's verdict on a prefix: `None` if nothing can mend it.
    fn oracle(bytes: &[u8]) -> Option<usize> {
        match core::str::from_utf8(bytes) {
            Ok(text) => Some(text.len()),
            Err(error) if error.error_len().is_none() => Some(error.valid_up_to()),
            Err(_) => None,
        }
    }

    proptest! {
        #[test]
        fn a_prefix_is_what_the_standard_library_says(
            mut bytes: Vec<u8>, text in ".{0,80}", cut in 0usize..8, noise in any::<bool>(),
        ) {
            let mut text = text.into_bytes();
            text.truncate(text.len().saturating_sub(cut));
            if !noise { bytes.clear() }
            text.extend(bytes);
            prop_assert_eq!(Text::longest_prefix(&text).ok().map(|prefix| prefix.len()), oracle(&text));
            prop_assert_eq!(Text::from_utf8(&text).is_ok(), core::str::from_utf8(&text).is_ok());
        }
    }

    proptest! {
        #[test]
        fn pieces_are_judged_as_the_whole(bytes: Vec<u8>, text in ".{0,20}", noise in any::<bool>(), cut in 1usize..9) {
            let mut all = text.into_bytes();
            if noise { all.extend(bytes) }
            let mut check = TextCheck::default();
            let fits = all.chunks(cut).all(|piece| check.push(piece).is_ok());
            prop_assert_eq!(fits, oracle(&all).is_some());
            prop_assert_eq!(fits && check.is_whole(), core::str::from_utf8(&all).is_ok());
        }
    }

    #[test]
    fn a_surrogate_fails_on_its_second_byte() {
        assert_eq!(Text::longest_prefix(b"\xed").unwrap().len(), 0);
        assert_eq!(Text::longest_prefix(b"\xed\xa0"), Err(NotUtf8));
        assert_eq!(Text::longest_prefix(b"\xf4\x90"), Err(NotUtf8));
        assert_eq!(Text::longest_prefix(b"\xff"), Err(NotUtf8));
    }
}
