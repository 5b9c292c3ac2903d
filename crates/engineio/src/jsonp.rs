//! JSONP polling: payloads as script and as forms, for browsers that had nothing better. A matter of protocol 3 that
//! servers still answer.

use alloc::vec::Vec;
use core::fmt::Write as _;

use alloc::string::String;

use bytes::Bytes;

/// Digits of an index that are kept. Clients count their script tags from 0.
const INDEX_DIGITS: usize = 15;

/// The index by which a client finds its callback: `j` in the query.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Index(u64);

/// Why the body of a POST is no JSONP: the peer's fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum JsonpError {
    /// No field is called `d`, or more than one.
    #[error("a form without exactly one field called d")]
    Field,
    /// A `%` that no two hexadecimal digits follow.
    #[error("a malformed percent-encoding")]
    Percent,
}

impl Index {
    /// What `j` says in the query. Only its digits are kept, at most 15, for the answer is script and `j` is anybody's.
    pub fn from_query(j: &str) -> Index {
        let digits = j.bytes().filter(u8::is_ascii_digit).take(INDEX_DIGITS);
        Index(digits.fold(0, |index, digit| index * 10 + u64::from(digit - b'0')))
    }

    /// The answer to a poll: script that hands `payload` to the client's callback. It has neither `<` nor `>`, nor any
    /// line end, wherever it is shown.
    ///
    /// ```
    /// use sansocket_engineio::jsonp::Index;
    ///
    /// assert_eq!(Index::from_query("7").answer("4a\"b"), r#"___eio[7]("4a\"b");"#);
    /// ```
    pub fn answer(self, payload: &str) -> Bytes {
        // What surrounds the payload, and a few escapes.
        let mut script = String::with_capacity(payload.len() + payload.len() / 16 + 32);
        // Writing to a string cannot fail.
        let _ = write!(script, "___eio[{}](\"", self.0);
        let mut plain = 0;
        for (at, c) in payload.char_indices() {
            if !needs_escape(c) {
                continue;
            }
            script.push_str(&payload[plain..at]);
            put_escaped(c, &mut script);
            plain = at + c.len_utf8();
        }
        script.push_str(&payload[plain..]);
        script.push_str("\");");
        script.into()
    }
}

/// What no string of JSON holds as it is (RFC 8259 §7), what ends a line in script but not in JSON, and what begins or
/// ends an element should anybody take the answer for HTML.
const fn needs_escape(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '"' | '\\' | '<' | '>' | '\u{2028}' | '\u{2029}')
}

fn put_escaped(c: char, to: &mut String) {
    match c {
        '"' => to.push_str("\\\""),
        '\\' => to.push_str("\\\\"),
        '\n' => to.push_str("\\n"),
        '\r' => to.push_str("\\r"),
        '\t' => to.push_str("\\t"),
        other => {
            let _ = write!(to, "\\u{:04x}", u32::from(other));
        }
    }
}

/// The payload in the body of a POST: the field `d` of a form (`application/x-www-form-urlencoded`). Forms change line
/// ends, so clients write `\n` (a backslash, an n) for one, and `\\n` for these two characters.
///
/// Other fields are passed over; whether the payload is UTF-8 is its [reader](crate::PayloadReader)'s to say.
///
/// ```
/// assert_eq!(sansocket_engineio::jsonp::decode(b"d=4%E2%82%AC+%5Cn").unwrap(), "4€ \n");
/// ```
///
/// # Errors
/// [`JsonpError`].
pub fn decode(body: &[u8]) -> Result<Bytes, JsonpError> {
    let mut fields = body.split(|byte| *byte == b'&').filter_map(|field| field.strip_prefix(b"d="));
    let (Some(field), None) = (fields.next(), fields.next()) else { return Err(JsonpError::Field) };
    let mut unescaped = decode_percent(field)?;
    restore_line_ends(&mut unescaped);
    Ok(unescaped.into())
}

fn decode_percent(field: &[u8]) -> Result<Vec<u8>, JsonpError> {
    let mut decoded = Vec::with_capacity(field.len());
    let mut rest = field;
    while !rest.is_empty() {
        let (byte, taken) = first(rest).ok_or(JsonpError::Percent)?;
        decoded.push(byte);
        rest = &rest[taken..];
    }
    Ok(decoded)
}

/// The first byte that `form`, which is not empty, stands for, and how many bytes that takes. `None`: a `%` that no two
/// hexadecimal digits follow.
fn first(form: &[u8]) -> Option<(u8, usize)> {
    match form {
        [b'%', high, low, ..] => Some((hexadecimal(*high)? << 4 | hexadecimal(*low)?, 3)),
        [b'%', ..] | [] => None,
        [b'+', ..] => Some((b' ', 1)),
        [other, ..] => Some((*other, 1)),
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// In place, for it only becomes shorter.
fn restore_line_ends(text: &mut Vec<u8>) {
    let (mut from, mut to) = (0, 0);
    while from < text.len() {
        let (skipped, byte) = match &text[from..] {
            // The two characters, written as three: the first is dropped, and the others are not looked at again.
            [b'\\', b'\\', b'n', ..] => {
                text[to] = b'\\';
                to += 1;
                (3, b'n')
            }
            [b'\\', b'n', ..] => (2, b'\n'),
            rest => (1, rest[0]),
        };
        text[to] = byte;
        (from, to) = (from + skipped, to + 1);
    }
    text.truncate(to);
}
