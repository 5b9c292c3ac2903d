//! What a peer said, as a log may show it.

use core::fmt::{self, Write};

/// As much of a peer's text as an error shows: a name that somebody chose with care.
const NAME: usize = 64;

/// A peer's text on one line of a log: what is [not plain](Excerpt::is_plain) is written as an escape, and of a long text
/// only the beginning stands there. Nobody writes lines of his own into a log, or fills it.
///
/// ```
/// use sansocket_core::Excerpt;
///
/// assert_eq!(Excerpt::of("chat message").to_string(), "chat message");
/// assert_eq!(Excerpt::of("a\r\nb\u{1b}[2J").to_string(), r"a\r\nb\u{1b}[2J");
/// assert_eq!(Excerpt::of("abcdef").up_to(3).to_string(), "abc…");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excerpt<'t> {
    text: &'t str,
    most: usize,
}

impl<'t> Excerpt<'t> {
    /// The first 64 bytes.
    pub const fn of(text: &'t str) -> Excerpt<'t> {
        Excerpt { text, most: NAME }
    }

    /// The first `bytes`. Escapes count as what they stand for.
    #[must_use]
    pub const fn up_to(self, bytes: usize) -> Excerpt<'t> {
        Excerpt { most: bytes, ..self }
    }

    /// Is this character shown as it is? Not so what a terminal obeys, what ends a line, and marks that change the
    /// direction of what follows: with them a line reads as another.
    pub fn is_plain(character: char) -> bool {
        let reorders =
            matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let ends_lines = matches!(character, '\u{2028}' | '\u{2029}');
        !(character.is_control() || reorders || ends_lines)
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(at, character): &(usize, char)| at + character.len_utf8() <= self.most;
        let mut shown = 0;
        for (at, character) in self.text.char_indices().take_while(fits) {
            shown = at + character.len_utf8();
            match character {
                '\\' => f.write_str("\\\\")?,
                _ if Excerpt::is_plain(character) => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_default())?,
            }
        }
        if shown < self.text.len() { f.write_char('…') } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_character_is_shown_whole_or_not() {
        assert_eq!(Excerpt::of("äöü").up_to(3).to_string(), "ä…");
        assert_eq!(Excerpt::of("äöü").up_to(6).to_string(), "äöü");
        assert_eq!(Excerpt::of("").up_to(0).to_string(), "");
    }

    #[test]
    fn no_text_makes_a_long_line() {
        let shown = Excerpt::of(&"\u{0}".repeat(1000)).to_string();
        assert!(!shown.contains(char::is_control) && shown.len() < 400, "{shown}");
    }
}
