//! Packets out of text, in one pass.

use alloc::borrow::Cow;

use sansocket_core::Utf8Bytes;

use super::query;
use crate::args::Args;
use crate::fault::PacketError;
use crate::json::{self, Scan, attachments_needed};
use crate::limits::Limits;
use crate::nsp::Nsp;
use crate::packet::{AckId, Kind, Packet, Revision};
use crate::value::Value;

/// A packet as far as its text goes.
pub(crate) struct Heading {
    /// The packet, its arguments without attachments.
    pub(crate) packet: Packet,
    /// So many follow.
    pub(crate) attachments: usize,
}

/// Reads the text of a packet.
pub(crate) fn decode(
    message: &Utf8Bytes,
    revision: Revision,
    limits: &Limits,
) -> Result<Heading, PacketError> {
    let mut text = Text { message, at: 1 };
    let kind = text.message.chars().next().ok_or(PacketError::Empty)?;
    let attachments = match kind {
        '0'..='4' => 0,
        '5' | '6' => text.attachments(limits)?,
        other => return Err(PacketError::UnknownType(other)),
    };
    let name = text.nsp();
    let (name, query) = match revision {
        Revision::V4 => query::split(name),
        Revision::V5 => (name, None),
    };
    let nsp = Nsp::new(name)?;
    let id = text.id()?;
    let kind = match kind {
        '0' => Kind::Connect(text.connect(revision, limits)?.or_else(|| query.map(query::parse))),
        '1' => text.disconnect()?,
        '2' | '5' => text.event(id, limits)?,
        '4' => Kind::ConnectError(text.connect_error(revision, limits)?),
        // An acknowledgement of nothing is passed over by everybody; no counter ever gets to this number.
        _ => Kind::Ack { id: id.unwrap_or(AckId::MAX), args: text.answer(limits)? },
    };
    let packet = Packet { nsp, kind };
    if attachments > 0 {
        let text = packet.args().map_or("", Args::as_json);
        let needed = attachments_needed(text).map_err(|_| PacketError::Placeholder)?;
        if needed > attachments {
            return Err(PacketError::Placeholder);
        }
    }
    Ok(Heading { packet, attachments })
}

/// The text of a packet, read up to `at`, which lies between two characters.
struct Text<'t> {
    message: &'t Utf8Bytes,
    at: usize,
}

impl<'t> Text<'t> {
    fn rest(&self) -> &'t str {
        &self.message.as_str()[self.at..]
    }

    /// The digits that come next.
    fn digits(&mut self) -> &'t str {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += len;
        &rest[..len]
    }

    fn attachments(&mut self, limits: &Limits) -> Result<usize, PacketError> {
        let digits = self.digits();
        if digits.is_empty() || !self.rest().starts_with('-') {
            return Err(PacketError::AttachmentCount);
        }
        self.at += 1;
        match digits.parse() {
            Ok(0) => Err(PacketError::AttachmentCount),
            Ok(count) if count <= limits.max_attachments => Ok(count),
            _ => Err(PacketError::TooManyAttachments(limits.max_attachments)),
        }
    }

    /// The namespace's name. The comma behind it may be missing at the end.
    fn nsp(&mut self) -> &'t str {
        let rest = self.rest();
        if !rest.starts_with('/') {
            return "/";
        }
        let len = memchr::memchr(b',', rest.as_bytes()).unwrap_or(rest.len());
        self.at = (self.at + len + 1).min(self.message.len());
        &rest[..len]
    }

    fn id(&mut self) -> Result<Option<AckId>, PacketError> {
        let digits = self.digits();
        if digits.is_empty() {
            return Ok(None);
        }
        let id = digits.parse().ok().and_then(AckId::new);
        id.map(Some).ok_or(PacketError::AckId)
    }

    fn connect(&self, revision: Revision, limits: &Limits) -> Result<Option<Value>, PacketError> {
        if self.rest().is_empty() {
            return Ok(None);
        }
        match self.value(limits)? {
            value @ Value::Object(_) if revision == Revision::V5 => Ok(Some(value)),
            _ => Err(PacketError::Payload),
        }
    }

    fn disconnect(&self) -> Result<Kind, PacketError> {
        if self.rest().is_empty() { Ok(Kind::Disconnect) } else { Err(PacketError::Payload) }
    }

    fn connect_error(&self, revision: Revision, limits: &Limits) -> Result<Value, PacketError> {
        match self.value(limits)? {
            value if revision == Revision::V4 => Ok(value),
            value @ (Value::Object(_) | Value::Text(_)) => Ok(value),
            _ => Err(PacketError::Payload),
        }
    }

    /// All that is left, as one value.
    fn value(&self, limits: &Limits) -> Result<Value, PacketError> {
        let mut scan = self.scan();
        scan.value(limits.max_depth)?;
        scan.end()?;
        json::read(self.rest(), &[]).map_err(|_| PacketError::Payload)
    }

    fn event(&self, id: Option<AckId>, limits: &Limits) -> Result<Kind, PacketError> {
        let mut scan = self.array()?;
        let name = self.name(&mut scan)?;
        let args = match scan.peek() {
            Some(b']') => self.elements(scan, limits)?,
            _ => {
                scan.expect(b',')?;
                // A comma promises one more.
                if scan.peek() == Some(b']') {
                    return Err(scan.unexpected().into());
                }
                self.elements(scan, limits)?
            }
        };
        Ok(Kind::Event { id, name, args })
    }

    fn name(&self, scan: &mut Scan<'t>) -> Result<Utf8Bytes, PacketError> {
        let (name, end) = match scan.peek() {
            Some(b'"') => (scan.string()?.unescape(), scan.at() - 1),
            Some(b'-' | b'0'..=b'9') => (Cow::Borrowed(scan.number()?), scan.at()),
            _ => return Err(PacketError::Name),
        };
        Ok(match name {
            Cow::Borrowed(name) => self.message.slice(end - name.len()..end),
            Cow::Owned(name) => name.into(),
        })
    }

    fn answer(&self, limits: &Limits) -> Result<Args, PacketError> {
        if self.rest().is_empty() {
            return Ok(Args::none());
        }
        self.elements(self.array()?, limits)
    }

    /// Behind the bracket that all arguments stand in.
    fn array(&self) -> Result<Scan<'t>, PacketError> {
        let mut scan = self.scan();
        if scan.eats(b'[') { Ok(scan) } else { Err(PacketError::Payload) }
    }

    /// The elements that are left of the array, and behind it nothing.
    fn elements(&self, mut scan: Scan<'t>, limits: &Limits) -> Result<Args, PacketError> {
        // The packet's own array is one level.
        let max_depth = limits.max_depth.saturating_sub(1);
        let start = scan.at();
        let mut count = 0;
        if scan.peek() != Some(b']') {
            loop {
                scan.value(max_depth)?;
                count += 1;
                if !scan.eats(b',') {
                    break;
                }
            }
        }
        let end = scan.at();
        scan.expect(b']')?;
        scan.end()?;
        Ok(Args::from_wire(self.message.slice(start..end), count))
    }

    fn scan(&self) -> Scan<'t> {
        Scan::new(self.message, self.at)
    }
}
