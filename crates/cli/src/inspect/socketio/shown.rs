//! Data on one line.

use std::fmt::{self, Display, Formatter, Write};

use sansocket_socketio::Value;

use crate::inspect::words::{Shortened, bytes};
use crate::terminal::Escaped;

/// As many characters as fit on a line.
const MOST: usize = 72;

/// The beginning of some data, as in JSON, but with bytes where they belong: `{"data":<3 bytes: 01 02 03>}`. Members are
/// in order of their names.
pub(super) struct Shown<'v>(pub(super) &'v Value);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut line = Line { text: String::new(), left: MOST };
        let rest = if write(self.0, &mut line).is_err() { " …" } else { "" };
        write!(f, "{}{rest}", line.text)
    }
}

/// Takes as much as fits, and then fails: what lies behind need not be looked at.
struct Line {
    text: String,
    left: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

/// No deeper than a packet may be.
fn write(value: &Value, line: &mut Line) -> fmt::Result {
    match value {
        Value::Null => line.write_str("null"),
        Value::Bool(value) => write!(line, "{value}"),
        Value::Number(number) => write!(line, "{number}"),
        Value::Text(text) => write!(line, "\"{}\"", Escaped(text)),
        Value::Binary(data) if data.is_empty() => line.write_str("<0 bytes>"),
        Value::Binary(data) => write!(line, "<{}: {}>", bytes(data.len()), Shortened(data)),
        Value::Array(values) => {
            line.write_str("[")?;
            for (place, value) in values.iter().enumerate() {
                line.write_str(if place == 0 { "" } else { "," })?;
                write(value, line)?;
            }
            line.write_str("]")
        }
        Value::Object(members) => {
            line.write_str("{")?;
            for (place, (key, value)) in members.iter().enumerate() {
                write!(line, "{}\"{}\":", if place == 0 { "" } else { "," }, Escaped(key))?;
                write(value, line)?;
            }
            line.write_str("}")
        }
    }
}
