//! Strings of JSON, as they are written and as they are.

use alloc::borrow::Cow;
use alloc::string::String;

use sansocket_core::{is_plain, plain_end};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// From here on, to copy what is written to where there is more room costs more than to count the escapes beforehand.
const LONG: usize = 4096;

/// A string in JSON, from behind its first quote to before its last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written<'t> {
    inside: &'t str,
    /// It says what is written: nothing in it is escaped.
    is_plain: bool,
}

impl<'t> Written<'t> {
    /// Nothing in it is escaped.
    #[inline]
    pub(super) const fn plain(inside: &'t str) -> Written<'t> {
        Written { inside, is_plain: true }
    }

    /// Something in it is.
    #[inline]
    pub(super) const fn escaped(inside: &'t str) -> Written<'t> {
        Written { inside, is_plain: false }
    }

    /// What the string says.
    pub(crate) fn unescape(self) -> Cow<'t, str> {
        if self.is_plain { Cow::Borrowed(self.inside) } else { unescape(self.inside) }
    }
}

/// Writes `text` as a string of JSON, quotes included.
pub(crate) fn push_quoted(text: &str, to: &mut String) {
    // In one step to what it takes, or nearly.
    let escapes = if text.len() < LONG { 0 } else { escapes(text) };
    to.reserve(text.len() + escapes + 2);
    to.push('"');
    let mut at = 0;
    loop {
        let end = plain_end(text, at);
        // It ends at a byte of ASCII, so between characters.
        to.push_str(&text[at..end]);
        let Some(special) = text.as_bytes().get(end) else { break };
        push_escape(*special, to);
        at = end + 1;
    }
    to.push('"');
}

/// How many bytes of `text` cannot stand in a string as they are.
fn escapes(text: &str) -> usize {
    // Counts that fit in a byte: the shape that compilers turn into vectors.
    let few = |block: &[u8]| block.iter().fold(0_u8, |count, byte| count + u8::from(!is_plain(*byte)));
    text.as_bytes().chunks(128).map(|block| usize::from(few(block))).sum()
}

/// `text` as it stands between the quotes of a string of JSON.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    if plain_end(text, 0) == text.len() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    push_quoted(text, &mut escaped);
    escaped.pop();
    escaped.remove(0);
    Cow::Owned(escaped)
}

fn push_escape(byte: u8, to: &mut String) {
    let short = match byte {
        b'"' => '"',
        b'\\' => '\\',
        b'\n' => 'n',
        b'\r' => 'r',
        b'\t' => 't',
        0x08 => 'b',
        0x0c => 'f',
        _ => {
            to.push_str("\\u00");
            to.push(char::from(HEX[usize::from(byte >> 4)]));
            to.push(char::from(HEX[usize::from(byte & 15)]));
            return;
        }
    };
    to.push('\\');
    to.push(short);
}

/// What a string says whose inside is `written`, which [`Scan`](super::Scan) went over.
///
/// Half of a surrogate pair is no character: what JavaScript has there becomes U+FFFD, as it does wherever JavaScript
/// itself writes UTF-8.
pub(crate) fn unescape(written: &str) -> Cow<'_, str> {
    // Nothing ends a plain run here but a backslash.
    let mut end = plain_end(written, 0);
    if end == written.len() {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut from = 0;
    while let Some(kind) = written.as_bytes().get(end + 1) {
        text.push_str(&written[from..end]);
        from = end + 2;
        match kind {
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'u' => from = push_code_unit(written, from, &mut text),
            other => text.push(char::from(*other)),
        }
        end = plain_end(written, from);
    }
    text.push_str(&written[from..]);
    Cow::Owned(text)
}

/// Writes the character whose four digits stand at `at`, with the other half of its pair if it has one; where it ends.
fn push_code_unit(written: &str, at: usize, text: &mut String) -> usize {
    let unit_at = |at: usize| u32::from_str_radix(written.get(at..at + 4)?, 16).ok();
    let Some(unit) = unit_at(at) else { return at };
    let end = at + 4;
    if let 0xd800..=0xdbff = unit
        && written.as_bytes()[end..].starts_with(b"\\u")
        && let Some(low @ 0xdc00..=0xdfff) = unit_at(end + 2)
    {
        let scalar = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        text.push(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
        return end + 6;
    }
    text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let mut written = String::new();
            push_quoted(&text, &mut written);
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), &*text);
            let inside = &written[1..written.len() - 1];
            prop_assert_eq!(&*quoted(&text), inside);
            prop_assert_eq!(&*unescape(inside), text);
        }

        #[test]
        fn characters_in_digits_are_characters(text in any::<String>()) {
            let written: String = text.encode_utf16().map(|unit| alloc::format!("\\u{unit:04X}")).collect();
            prop_assert_eq!(&*unescape(&written), text);
        }
    }

    #[test]
    fn long_text_is_written_into_what_it_takes() {
        let long = "\"\\\u{e9}\n plain ".repeat(1000);
        let mut written = String::new();
        push_quoted(&long, &mut written);
        assert_eq!(escapes(&long), 3000);
        assert_eq!(written.len(), long.len() + 3000 + 2);
        assert_eq!(written.capacity(), written.len());
        assert_eq!(&*unescape(&written[1..written.len() - 1]), long);
    }

    #[test]
    fn half_a_pair_is_replaced() {
        assert_eq!(unescape(r"a\ud800"), "a\u{fffd}");
        assert_eq!(unescape(r"\udc00\ud800b"), "\u{fffd}\u{fffd}b");
        assert_eq!(unescape(r"\ud834\ud834\udd1e"), "\u{fffd}\u{1d11e}");
        assert_eq!(unescape(r"\/\b\f"), "/\u{8}\u{c}");
    }
}
