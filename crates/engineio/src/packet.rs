//! Packets, and the one that a WebSocket message is.

use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::{Data, Message, Payload, Text, Utf8Bytes};

use crate::armor::{armor_into, armor_onto, armored_len, unarmor};

/// The type of the packets that users see, in both revisions.
const MESSAGE: u8 = 4;
/// What base64 begins with where only text goes.
const ARMORED: char = 'b';

/// What a transport that wants to take over says with its ping, and hears with the pong.
pub(crate) const PROBE: &str = "probe";

/// The revision of the protocol that a session speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// `EIO=3`: Socket.IO 2 and older.
    V3,
    /// `EIO=4`.
    V4,
}

/// How two ends talk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// What handshakes and queries call it: `polling`, `websocket`.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        }
    }

    /// The transport of that name.
    pub fn named(name: &str) -> Option<Transport> {
        [Transport::Polling, Transport::WebSocket].into_iter().find(|transport| transport.name() == name)
    }
}

/// How bytes travel over a transport that can carry them as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binary {
    /// As they are.
    Raw,
    /// As text, for a peer that asked for it (`b64`, `forceBase64`).
    Base64,
}

/// A packet, lent from what it came in.
///
/// | type | text | protocol 4, bytes | protocol 3, bytes |
/// |---|---|---|---|
/// | a message of text | `4` and the text | | |
/// | a message of bytes, raw | | the bytes | `04` and the bytes |
/// | a message of bytes, where only text goes | | `b` and base64 | `b4` and base64 |
/// | any other | its digit and its data | | |
///
/// Base64 is read like this:
///
/// | text | bytes |
/// |---|---|
/// | `AQI=` | `01 02` |
/// | `AQI`, `AQ=`: padding missing, all of it or some | `01 02`, `01` |
/// | nothing | none |
/// | `AQJ=`: bits that no encoder sets | refused |
/// | `-_-_`: the alphabet for URLs | refused |
/// | `AQ ID`: spaces, line ends, anything else | refused |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packet<'a> {
    /// 0: the session begins; JSON, see [`Open`](crate::Open).
    Open(Text<'a>),
    /// 1: the transport ends.
    Close,
    /// 2: are you there? With `probe`, on a transport that wants to take over.
    Ping(Text<'a>),
    /// 3: here I am.
    Pong(Text<'a>),
    /// 4: what users say.
    Message(Data<'a>),
    /// 5: this transport takes over.
    Upgrade,
    /// 6: nothing; releases a waiting poll.
    Noop,
}

/// Why bytes are no packet: the peer's fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum PacketError {
    /// There is nothing, not even a type.
    #[error("an empty packet")]
    Empty,
    /// The first byte, this one, is no type.
    #[error("{0:#04x} is no packet type")]
    UnknownType(u8),
    /// Bytes of this type, but only messages have bytes (protocol 3).
    #[error("a packet of type {0} with bytes")]
    NotAMessage(u8),
    /// The base64 is not what an encoder writes.
    #[error("malformed base64")]
    Base64,
    /// The text is not UTF-8.
    #[error("text that is not UTF-8")]
    NotUtf8,
}

impl<'a> Packet<'a> {
    /// Reads the packet that one WebSocket message is, lent from it; `None` if it is base64, which has to be decoded
    /// somewhere: see [`decode`](Packet::decode).
    ///
    /// # Errors
    /// [`PacketError`]: the session ends with it.
    pub fn lend(protocol: Protocol, message: Data<'a>) -> Option<Result<Packet<'a>, PacketError>> {
        match message {
            Data::Text(text) if text.starts_with(ARMORED) => None,
            Data::Text(text) => Some(Packet::from_digit(text.as_str())),
            Data::Binary(bytes) => Some(Packet::from_bytes(protocol, bytes)),
        }
    }

    /// Reads the packet that one WebSocket message is; text and raw bytes are lent from it, base64 is decoded into
    /// `scratch`, whose old content is forgotten. What stands behind the type of a packet that has no data is passed
    /// over, as everybody does.
    ///
    /// # Errors
    /// [`PacketError`]: the session ends with it.
    pub fn decode(
        protocol: Protocol,
        message: Data<'a>,
        scratch: &'a mut Vec<u8>,
    ) -> Result<Packet<'a>, PacketError> {
        match message {
            Data::Text(text) => Packet::from_text(protocol, text.as_str(), scratch),
            Data::Binary(bytes) => Packet::from_bytes(protocol, bytes),
        }
    }

    /// The WebSocket message that this packet is.
    ///
    /// A message of raw bytes is copied; [`encode_message`] spares that where the bytes are owned.
    pub fn encode(&self, protocol: Protocol, binary: Binary) -> Message {
        match (self.data(), binary) {
            (Data::Text(text), _) => Message::Text(Utf8Bytes::concat([self.digit(), &text])),
            (Data::Binary(bytes), Binary::Base64) => {
                let mut packet = String::with_capacity(self.text_len(protocol));
                packet.push_str(armor_prefix(protocol));
                armor_onto(bytes, &mut packet);
                Message::text(packet)
            }
            (Data::Binary(bytes), Binary::Raw) if protocol == Protocol::V4 => Message::from(bytes),
            (Data::Binary(bytes), Binary::Raw) => Message::Binary(Payload::concat([&[MESSAGE], bytes])),
        }
    }

    /// Where only text goes.
    pub(crate) fn from_text(
        protocol: Protocol,
        text: &'a str,
        scratch: &'a mut Vec<u8>,
    ) -> Result<Packet<'a>, PacketError> {
        match text.strip_prefix(ARMORED) {
            Some(armored) => Packet::from_armor(protocol, armored, scratch),
            None => Packet::from_digit(text),
        }
    }

    /// Where only text goes, and it is not base64.
    fn from_digit(text: &'a str) -> Result<Packet<'a>, PacketError> {
        let digit = text.chars().next().ok_or(PacketError::Empty)?;
        // A digit is one byte, so what follows begins on a character.
        let data = || Text::from(&text[1..]);
        Ok(match digit {
            '0' => Packet::Open(data()),
            '1' => Packet::Close,
            '2' => Packet::Ping(data()),
            '3' => Packet::Pong(data()),
            '4' => Packet::Message(Data::Text(data())),
            '5' => Packet::Upgrade,
            '6' => Packet::Noop,
            _ => return Err(PacketError::UnknownType(text.as_bytes()[0])),
        })
    }

    /// What stands behind the `b`.
    fn from_armor(
        protocol: Protocol,
        text: &'a str,
        scratch: &'a mut Vec<u8>,
    ) -> Result<Packet<'a>, PacketError> {
        let armored = match protocol {
            Protocol::V4 => text,
            Protocol::V3 => match text.as_bytes() {
                [] => return Err(PacketError::Empty),
                [b'4', ..] => &text[1..],
                [digit @ b'0'..=b'6', ..] => return Err(PacketError::NotAMessage(digit - b'0')),
                [other, ..] => return Err(PacketError::UnknownType(*other)),
            },
        };
        unarmor(armored, scratch).map_err(|_| PacketError::Base64)?;
        Ok(Packet::Message(Data::Binary(scratch)))
    }

    /// Where bytes go.
    const fn from_bytes(protocol: Protocol, bytes: &'a [u8]) -> Result<Packet<'a>, PacketError> {
        match protocol {
            Protocol::V4 => Ok(Packet::Message(Data::Binary(bytes))),
            Protocol::V3 => Packet::from_typed_bytes(bytes),
        }
    }

    /// Bytes of protocol 3, which begin with the type as a number.
    pub(crate) const fn from_typed_bytes(bytes: &'a [u8]) -> Result<Packet<'a>, PacketError> {
        match bytes {
            [] => Err(PacketError::Empty),
            [MESSAGE, data @ ..] => Ok(Packet::Message(Data::Binary(data))),
            [other @ 0..=6, ..] => Err(PacketError::NotAMessage(*other)),
            [other, ..] => Err(PacketError::UnknownType(*other)),
        }
    }

    /// Writes the packet where only text goes.
    pub(crate) fn put_text(&self, protocol: Protocol, to: &mut Vec<u8>) {
        match self.data() {
            Data::Text(text) => {
                to.extend_from_slice(self.digit().as_bytes());
                to.extend_from_slice(text.as_bytes());
            }
            Data::Binary(bytes) => {
                to.extend_from_slice(armor_prefix(protocol).as_bytes());
                armor_into(bytes, to);
            }
        }
    }

    /// Writes the packet of protocol 3 where bytes go: its type, a digit before text and a number before bytes, and its
    /// data.
    pub(crate) fn put_typed(&self, to: &mut Vec<u8>) {
        let data = self.data();
        to.extend_from_slice(if matches!(data, Data::Text(_)) {
            self.digit().as_bytes()
        } else {
            &[MESSAGE]
        });
        to.extend_from_slice(data.as_bytes());
    }

    /// Bytes that [`put_text`](Packet::put_text) writes.
    pub(crate) fn text_len(&self, protocol: Protocol) -> usize {
        match self.data() {
            Data::Text(text) => 1 + text.len(),
            Data::Binary(bytes) => armor_prefix(protocol).len() + armored_len(bytes.len()),
        }
    }

    /// Bytes that follow the type.
    pub(crate) fn data(&self) -> Data<'a> {
        match *self {
            Packet::Open(text) | Packet::Ping(text) | Packet::Pong(text) => Data::Text(text),
            Packet::Message(data) => data,
            Packet::Close | Packet::Upgrade | Packet::Noop => Data::Text("".into()),
        }
    }

    /// The type, as text has it.
    const fn digit(&self) -> &'static str {
        match self {
            Packet::Open(_) => "0",
            Packet::Close => "1",
            Packet::Ping(_) => "2",
            Packet::Pong(_) => "3",
            Packet::Message(_) => "4",
            Packet::Upgrade => "5",
            Packet::Noop => "6",
        }
    }
}

/// The WebSocket message that carries `message`, as [`Packet::encode`] of a [`Packet::Message`] would write it; bytes
/// that travel as they are (protocol 4) are passed on by reference count.
pub fn encode_message(message: Message, protocol: Protocol, binary: Binary) -> Message {
    match (message, protocol, binary) {
        (Message::Binary(bytes), Protocol::V4, Binary::Raw) => Message::Binary(bytes),
        (message, ..) => Packet::Message((&message).into()).encode(protocol, binary),
    }
}

/// What base64 stands behind; protocol 3 keeps the type.
const fn armor_prefix(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::V3 => "b4",
        Protocol::V4 => "b",
    }
}
