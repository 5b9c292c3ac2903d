//! How bytes and their explanation stand side by side.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

use crate::terminal::Hex;

/// Bytes shown beside their explanation, as many as a 64-bit length has.
const SHOWN: usize = 8;

/// One line: the bytes, and what they mean.
pub(super) fn line(out: &mut impl Write, wire: &[u8], words: impl Display) -> io::Result<()> {
    writeln!(out, "  {:<27} {words}", Shortened(wire).to_string())
}

/// The first bytes in hex.
pub(super) struct Shortened<'a>(pub(super) &'a [u8]);

impl Display for Shortened<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // A 64-bit length has one byte more than fits otherwise, and is never cut.
        let most = if self.0.len() == SHOWN + 1 { SHOWN + 1 } else { SHOWN };
        let (shown, rest) = self.0.split_at(self.0.len().min(most));
        write!(f, "{}{}", Hex(shown), if rest.is_empty() { "" } else { " …" })
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn bytes(count: impl TryInto<u64>) -> String {
    counted(count, "byte")
}

/// `1 frame`, `2 frames`.
pub(super) fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
