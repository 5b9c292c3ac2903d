//! How messages look: readable on a terminal, as they are in a pipe.

use std::io::{self, IsTerminal, Stdout, Write, stdout};

use sansocket_core::Message;

use crate::terminal::{Escaped, Hex};

/// Bytes of a binary message shown on a terminal.
const SHOWN: usize = 1024;

/// Standard output.
pub(super) struct Screen {
    out: Stdout,
    kind: Kind,
}

enum Kind {
    /// Control characters are escaped, binary messages are hex.
    Terminal,
    /// Payloads are written as they are, one a line.
    Pipe,
}

impl Screen {
    pub(super) fn new() -> Screen {
        let out = stdout();
        let kind = if out.is_terminal() { Kind::Terminal } else { Kind::Pipe };
        Screen { out, kind }
    }

    /// Shows a message of the peer.
    pub(super) fn show(&mut self, message: &Message) -> io::Result<()> {
        let mut out = self.out.lock();
        match (&self.kind, message) {
            (Kind::Terminal, Message::Text(text)) => writeln!(out, "< {}", Escaped(text))?,
            (Kind::Terminal, Message::Binary(bytes)) => {
                let (shown, rest) = bytes.split_at(bytes.len().min(SHOWN));
                let more = if rest.is_empty() { "" } else { " …" };
                writeln!(out, "< ({} bytes) {}{more}", bytes.len(), Hex(shown))?;
            }
            (Kind::Pipe, message) => {
                out.write_all(message.as_bytes())?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()
    }
}
