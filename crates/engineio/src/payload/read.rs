//! Reading, one packet a call.

use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::Text;

use super::{BLOCK, BYTES, COLON, Form, HEADER_END, PACKETS, SEPARATOR, TEXT, utf16_len};
use crate::packet::{Packet, PacketError, Protocol};

/// The digits that a length may have: so many has the largest number of JavaScript, and its parsers draw the line here.
const LENGTH_DIGITS: usize = 310;

/// How much of a payload is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PayloadLimits {
    /// The packets of one payload; `None`: any number, for its bytes are limited where it is received.
    pub packets: Option<usize>,
}

impl Default for PayloadLimits {
    /// 4,096 packets, of which a [writer](crate::PayloadWriter) puts no more into one either.
    fn default() -> PayloadLimits {
        PayloadLimits { packets: Some(PACKETS) }
    }
}

/// Why a payload is refused: the peer's fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum PayloadError {
    /// One of its packets is wrong.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// A header begins neither as text nor as bytes.
    #[error("{0:#04x} begins no header of a packet")]
    Marker(u8),
    /// A length is zero, has no digits or too many, or is followed by something else than its end.
    #[error("malformed length of a packet")]
    Length,
    /// A length goes past the end, or ends within a character.
    #[error("the length of a packet does not fit what follows")]
    Incomplete,
    /// More packets than [`PayloadLimits::packets`].
    #[error("too many packets in one payload")]
    TooManyPackets,
}

/// Reads a payload, one packet a call of [`next`](PayloadReader::next); nothing is decoded before it is asked for.
///
/// ```
/// use sansocket_engineio::{Form, Packet, PayloadReader};
///
/// let mut payload = PayloadReader::new(Form::V4, "4hello\u{1e}6".into(), Default::default());
/// assert_eq!(payload.next(), Some(Ok(Packet::Message("hello".into()))));
/// assert_eq!(payload.next(), Some(Ok(Packet::Noop)));
/// assert_eq!(payload.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct PayloadReader {
    form: Form,
    body: Bytes,
    /// Where the next packet begins; `None` behind the last one and behind a fault.
    at: Option<usize>,
    /// Packets that may still come.
    left: usize,
    /// What was base64 in the packet that is lent.
    scratch: Vec<u8>,
}

/// Where a packet lies in the body.
struct Place {
    kind: Kind,
    start: usize,
    end: usize,
    /// Where the one behind it begins, if there is one.
    next: Option<usize>,
}

enum Kind {
    Text,
    Bytes,
}

impl PayloadReader {
    /// At the start of `body`. An empty one is a fault, for it has no packet.
    pub const fn new(form: Form, body: Bytes, limits: PayloadLimits) -> PayloadReader {
        let left = match limits.packets {
            Some(packets) => packets,
            // No body has so many bytes.
            None => usize::MAX,
        };
        PayloadReader { form, body, at: Some(0), left, scratch: Vec::new() }
    }

    /// The next packet, lent until the call after it; `None` behind the last one, and behind the first fault.
    ///
    /// # Errors
    /// [`PayloadError`], once: the packets before it were right.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Option<Result<Packet<'_>, PayloadError>> {
        let start = self.at.take()?;
        let place = match self.place(start) {
            Ok(place) => place,
            Err(fault) => return Some(Err(fault)),
        };
        let packet = &self.body[place.start..place.end];
        let protocol = if self.form == Form::V4 { Protocol::V4 } else { Protocol::V3 };
        let packet = match place.kind {
            Kind::Bytes => Packet::from_typed_bytes(packet),
            Kind::Text => match Text::from_utf8(packet) {
                Ok(text) => Packet::from_text(protocol, text.as_str(), &mut self.scratch),
                Err(_) => Err(PacketError::NotUtf8),
            },
        };
        if packet.is_ok() {
            self.at = place.next;
        }
        self.left -= 1;
        Some(packet.map_err(PayloadError::from))
    }

    /// Will [`next`](PayloadReader::next) answer anything?
    pub const fn has_more(&self) -> bool {
        self.at.is_some()
    }

    /// Where in the body the next packet begins, its header included; `None` if there is none.
    pub const fn position(&self) -> Option<usize> {
        self.at
    }

    /// Bytes of memory owned now, the body included.
    pub fn memory(&self) -> usize {
        self.body.len() + self.scratch.capacity()
    }

    /// The packet that begins at `start`.
    fn place(&self, start: usize) -> Result<Place, PayloadError> {
        if self.left == 0 {
            return Err(PayloadError::TooManyPackets);
        }
        let rest = &self.body[start..];
        if self.form == Form::V4 {
            let end = memchr::memchr(SEPARATOR, rest).map(|len| start + len);
            let next = end.map(|end| end + 1);
            return Ok(Place { kind: Kind::Text, start, end: end.unwrap_or(self.body.len()), next });
        }
        // An empty body; behind a packet there is more, or the last one it was.
        let first = *rest.first().ok_or(PacketError::Empty)?;
        let (kind, header, len) = match (self.form, first) {
            (Form::V3Binary, TEXT | BYTES) => {
                let length = read_length(&rest[1..], Digits::NUMBERS)?;
                let kind = if first == TEXT { Kind::Text } else { Kind::Bytes };
                (kind, 1 + length.header, length.value)
            }
            (Form::V3Binary, other) => return Err(PayloadError::Marker(other)),
            _ => {
                let length = read_length(rest, Digits::ASCII)?;
                (Kind::Text, length.header, utf16_prefix(&rest[length.header..], length.value)?)
            }
        };
        let end = (start + header).checked_add(len).filter(|end| *end <= self.body.len());
        let end = end.ok_or(PayloadError::Incomplete)?;
        Ok(Place { kind, start: start + header, end, next: (end < self.body.len()).then_some(end) })
    }
}

/// How a length is written.
struct Digits {
    zero: u8,
    end: u8,
}

impl Digits {
    const ASCII: Digits = Digits { zero: b'0', end: COLON };
    /// A byte for each digit, with its value.
    const NUMBERS: Digits = Digits { zero: 0, end: HEADER_END };
}

struct Length {
    value: usize,
    /// Bytes that it takes, its end included.
    header: usize,
}

fn read_length(bytes: &[u8], digits: Digits) -> Result<Length, PayloadError> {
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(LENGTH_DIGITS + 1) {
        if *byte == digits.end {
            // Without digits, or only of zeros: an empty packet has no type.
            return if value == 0 { Err(PayloadError::Length) } else { Ok(Length { value, header: at + 1 }) };
        }
        let digit = byte.checked_sub(digits.zero).filter(|digit| *digit < 10).ok_or(PayloadError::Length)?;
        // Saturated it is longer than any body.
        value = value.saturating_mul(10).saturating_add(digit.into());
    }
    Err(PayloadError::Length)
}

/// The bytes of which `units` UTF-16 code units, one or more, are made, if they end with a character. Whether they are
/// there and UTF-8 is not asked; no answer is wrong then.
fn utf16_prefix(bytes: &[u8], units: usize) -> Result<usize, PayloadError> {
    let (mut left, mut at) = (units, 0);
    while let Some(block) = bytes.get(at..at + BLOCK) {
        // The last character is looked at by itself.
        match left.checked_sub(utf16_len(block)).filter(|fewer| *fewer > 0) {
            Some(fewer) => (left, at) = (fewer, at + BLOCK),
            None => break,
        }
    }
    loop {
        let byte = bytes.get(at..=at).ok_or(PayloadError::Incomplete)?;
        left = left.checked_sub(utf16_len(byte)).ok_or(PayloadError::Incomplete)?;
        if left == 0 {
            // RFC 3629 §3: the first byte of a character begins with as many ones as it has bytes, if it has several.
            return Ok(at + byte[0].leading_ones().max(1) as usize);
        }
        at += 1;
    }
}
