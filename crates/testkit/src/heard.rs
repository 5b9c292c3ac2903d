//! What a WebSocket told its user, owned, so that it can be kept and compared.

use sansocket_core::Data;
use sansocket_websocket::{CloseCode, CloseFrame, Closed, Event, Position, Violation};

/// An [`Event`] that owns what it holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    /// [`Event::Text`]
    Text(String),
    /// [`Event::Binary`]
    Binary(Vec<u8>),
    /// [`Event::Chunk`] of text.
    TextChunk(Position, String),
    /// [`Event::Chunk`] of bytes.
    BinaryChunk(Position, Vec<u8>),
    /// [`Event::Ping`]
    Ping(Vec<u8>),
    /// [`Event::Pong`]
    Pong(Vec<u8>),
    /// [`Event::Closed`]
    Closed(Closed),
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Heard {
        match event {
            Event::Text(text) => Heard::Text(text.as_str().to_owned()),
            Event::Binary(bytes) => Heard::Binary(bytes.to_owned()),
            Event::Chunk(chunk) => match chunk.data {
                Data::Text(text) => Heard::TextChunk(chunk.position, text.as_str().to_owned()),
                Data::Binary(bytes) => Heard::BinaryChunk(chunk.position, bytes.to_owned()),
            },
            Event::Ping(payload) => Heard::Ping(payload.to_owned()),
            Event::Pong(payload) => Heard::Pong(payload.to_owned()),
            Event::Closed(closed) => Heard::Closed(closed),
        }
    }
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, bytes) = match self {
            Heard::Text(text) => ("Text", text.as_bytes()),
            Heard::Binary(bytes) => ("Binary", &bytes[..]),
            Heard::TextChunk(position, text) => {
                write!(f, "{position:?}")?;
                ("TextChunk", text.as_bytes())
            }
            Heard::BinaryChunk(position, bytes) => {
                write!(f, "{position:?}")?;
                ("BinaryChunk", &bytes[..])
            }
            Heard::Ping(payload) => ("Ping", &payload[..]),
            Heard::Pong(payload) => ("Pong", &payload[..]),
            Heard::Closed(closed) => return closed.fmt(f),
        };
        write!(f, "{name}[{}: {}]", bytes.len(), bytes[..bytes.len().min(32)].escape_ascii())
    }
}

/// A whole text message was heard.
pub fn heard_text(text: impl Into<String>) -> Heard {
    Heard::Text(text.into())
}

/// A whole binary message was heard.
pub fn heard_binary(bytes: impl Into<Vec<u8>>) -> Heard {
    Heard::Binary(bytes.into())
}

/// A ping was heard.
pub fn heard_ping(payload: impl Into<Vec<u8>>) -> Heard {
    Heard::Ping(payload.into())
}

/// A pong was heard.
pub fn heard_pong(payload: impl Into<Vec<u8>>) -> Heard {
    Heard::Pong(payload.into())
}

/// The peer closed with `code` and `reason`; 1005 if it gave no code.
///
/// # Panics
/// If that code may not be heard.
pub fn closed_by_peer(code: u16, reason: &str) -> Heard {
    Heard::Closed(Closed::ByPeer(Box::new(close_frame(code, reason))))
}

/// The peer answered our close with `code` and `reason`.
///
/// # Panics
/// If that code may not be heard.
pub fn closed_by_us(code: u16, reason: &str) -> Heard {
    Heard::Closed(Closed::ByUs(Box::new(close_frame(code, reason))))
}

/// The peer broke the protocol.
pub fn violation(violation: Violation) -> Heard {
    Heard::Closed(Closed::Violation(violation))
}

/// A close frame with `code` (1005: none) and `reason`.
///
/// # Panics
/// If the code may not stand in a close frame, or the reason is too long for one.
pub fn close_frame(code: u16, reason: &str) -> CloseFrame {
    if code == 1005 {
        return CloseCode::NO_STATUS.into();
    }
    let code = CloseCode::new(code).expect("a code that may stand on the wire");
    CloseFrame::new(code, reason.to_owned()).expect("a reason that fits")
}
