//! What goes wrong between arguments and a user's types.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write};

use sansocket_core::Excerpt;

/// Bytes of a reason that are kept from its beginning, and from its end, where serde says what was wanted: what was found
/// stands between, and may be as long as a peer likes.
const EDGE: usize = 96;

/// Why a user's type could not be written as arguments, or read from them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArgsError {
    /// There are fewer arguments than were asked for. Ask for an `Option` if it may be left out.
    #[error("argument {0} is missing (the first is 0)")]
    Missing(usize),
    /// An argument is not of the type asked for.
    #[error("argument {index} (the first is 0) is of another type: {reason}")]
    Mismatch {
        /// Which one; the first is 0.
        index: usize,
        /// What was found, and what was wanted: one short line, with control characters escaped.
        reason: Box<str>,
    },
    /// The type's `Serialize` gave up.
    #[error("the value cannot be written: {0}")]
    Unwritable(Box<str>),
    /// A map has a key that is neither text, nor a number, nor a truth value, nor a variant's name.
    #[error("a map's key has to be text, a number, a truth value or the name of a variant")]
    Key,
    /// Beside binary data there is a map with the key `_placeholder`. A peer would take it for what stands in the place of
    /// binary data; send one or the other.
    #[error("a map with the key '_placeholder' beside binary data")]
    Lookalike,
}

impl ArgsError {
    /// The same, of the argument `index`.
    pub(crate) fn of_argument(self, index: usize) -> ArgsError {
        match self {
            ArgsError::Mismatch { reason, .. } => ArgsError::Mismatch { index, reason },
            other => other,
        }
    }
}

impl serde::ser::Error for ArgsError {
    fn custom<T: fmt::Display>(reason: T) -> ArgsError {
        ArgsError::Unwritable(Brief::of(reason))
    }
}

impl serde::de::Error for ArgsError {
    fn custom<T: fmt::Display>(reason: T) -> ArgsError {
        ArgsError::Mismatch { index: 0, reason: Brief::of(reason) }
    }
}

/// The beginning and the end of what is written to it, on one line.
#[derive(Default)]
struct Brief {
    head: String,
    tail: String,
    is_cut: bool,
}

impl Brief {
    fn of(reason: impl fmt::Display) -> Box<str> {
        let mut brief = Brief::default();
        // Only the reason's own `Display` may fail: then it is what was written of it.
        let _ = write!(brief, "{reason}");
        brief.trim();
        let Brief { mut head, tail, is_cut } = brief;
        head.push_str(if is_cut { " … " } else { "" });
        head.push_str(&tail);
        head.into()
    }

    fn push(&mut self, character: char) {
        if self.tail.is_empty() && self.head.len() < EDGE {
            return self.head.push(character);
        }
        self.tail.push(character);
        // Not for every character, for what stands behind has to move.
        if self.tail.len() >= 4 * EDGE {
            self.trim();
        }
    }

    fn trim(&mut self) {
        let surplus = self.tail.len().saturating_sub(EDGE);
        let cut = (surplus..).find(|at| self.tail.is_char_boundary(*at)).unwrap_or_default();
        self.is_cut |= cut > 0;
        self.tail.drain(..cut);
    }
}

impl Write for Brief {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if Excerpt::is_plain(character) {
                self.push(character);
            } else {
                character.escape_default().for_each(|escaped| self.push(escaped));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use serde::de::Error;

    fn reason(of: &str) -> String {
        match ArgsError::custom(of) {
            ArgsError::Mismatch { reason, .. } => reason.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_short_reason_is_told_whole() {
        let short = "invalid type: string \"a\", expected u8";
        assert_eq!(reason(short), short);
        let longest = "x".repeat(2 * EDGE);
        assert_eq!(reason(&longest), longest);
    }

    #[test]
    fn of_a_long_one_both_ends_are_told() {
        for filling in ["x", "ä", "\u{1b}"] {
            let told = reason(&format!("invalid type: string {}, expected u8", filling.repeat(10_000)));
            assert!(told.starts_with("invalid type: string ") && told.ends_with(", expected u8"), "{told}");
            assert!(told.len() < 2 * EDGE + 20 && told.contains(" … "), "{told}");
            assert!(!told.contains(char::is_control), "{told}");
        }
    }
}
