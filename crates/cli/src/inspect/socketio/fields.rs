//! The fields of a packet's text.

use std::io::{self, Write};

use sansocket_socketio::Revision;

use crate::inspect::words::{counted, line};
use crate::terminal::{Escaped, Preview};

/// Where the fields of a packet's text lie. What is wrong in them, or with the packet, the machine says.
pub(super) struct Fields<'t> {
    kind: &'t str,
    /// With the dash behind the number; empty where there is none.
    attachments: &'t str,
    /// With the comma behind the name; empty for `/`, which is not written.
    nsp: &'t str,
    number: &'t str,
    payload: &'t str,
}

impl<'t> Fields<'t> {
    pub(super) fn of(text: &'t str) -> Fields<'t> {
        let (kind, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
        let count = digits(rest);
        let counts = matches!(kind, "5" | "6") && rest[count..].starts_with('-');
        let (attachments, rest) = rest.split_at(if counts { count + 1 } else { 0 });
        let name = if rest.starts_with('/') { rest.find(',').map_or(rest.len(), |at| at + 1) } else { 0 };
        let (nsp, rest) = rest.split_at(name);
        let (number, payload) = rest.split_at(digits(rest));
        Fields { kind, attachments, nsp, number, payload }
    }

    /// How many attachments follow.
    pub(super) fn attachment_count(&self) -> usize {
        self.attachments.trim_end_matches('-').parse().unwrap_or(0)
    }

    /// One line for each.
    pub(super) fn explain(&self, revision: Revision, out: &mut impl Write) -> io::Result<()> {
        match name(self.kind) {
            Some(name) => line(out, self.kind.as_bytes(), format_args!("type {} ({name})", self.kind))?,
            None => line(out, self.kind.as_bytes(), "no type of a packet")?,
        }
        if !self.attachments.is_empty() {
            let count = self.attachment_count();
            let follow = if count == 1 { "follows" } else { "follow" };
            let attachments = counted(count, "attachment");
            line(out, self.attachments.as_bytes(), format_args!("{attachments} {follow}"))?;
        }
        self.namespace(revision, out)?;
        if !self.number.is_empty() {
            line(out, self.number.as_bytes(), format_args!("number {}", self.number))?;
        }
        if !self.payload.is_empty() {
            line(out, self.payload.as_bytes(), Preview(self.payload.as_bytes()))?;
        }
        Ok(())
    }

    fn namespace(&self, revision: Revision, out: &mut impl Write) -> io::Result<()> {
        let (wire, written) = (self.nsp.as_bytes(), self.nsp.strip_suffix(',').unwrap_or(self.nsp));
        if written.is_empty() {
            return line(out, wire, "namespace /, which is not written");
        }
        match (revision, written.split_once('?')) {
            (Revision::V4, Some((nsp, query))) => {
                line(out, wire, format_args!("namespace {}, query {}", Escaped(nsp), Escaped(query)))
            }
            _ => line(out, wire, format_args!("namespace {}", Escaped(written))),
        }
    }
}

/// What a type is called.
fn name(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "0" => "connect",
        "1" => "disconnect",
        "2" => "event",
        "3" => "ack",
        "4" => "connect error",
        "5" => "binary event",
        "6" => "binary ack",
        _ => return None,
    })
}

/// How many digits `text` begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
