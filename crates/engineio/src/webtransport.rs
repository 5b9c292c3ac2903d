//! Packets on a WebTransport stream: which bytes of it are one. Pure functions; the packet behind a header is what a
//! WebSocket message of that kind would be, see [`Packet::decode`](crate::Packet::decode).
//!
//! ```
//! use sansocket_core::Decoded;
//! use sansocket_engineio::webtransport::{self, Header, Kind};
//!
//! let header = Header { kind: Kind::Text, len: 6 };
//! let mut stream = Vec::new();
//! webtransport::encode(header, &mut stream);
//! stream.extend(b"4hello");
//! let decoded = webtransport::decode(&stream, 1_000_000);
//! assert_eq!(decoded, Ok(Decoded::Complete { value: header, len: 1 }));
//! ```

use bytes::BufMut;
use sansocket_core::Decoded;

/// The most bytes a header has.
pub const MAX_HEADER: usize = 9;
/// The largest length: JavaScript counts no further.
pub const MAX_LEN: u64 = (1 << 53) - 1;

/// Bit 7 of the first byte: what follows is bytes.
const BYTES: u8 = 0x80;
/// In place of a length: it follows, in two bytes.
const IN_TWO: u8 = 126;
/// In place of a length: it follows, in eight bytes.
const IN_EIGHT: u8 = 127;

/// What a frame carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A packet as text, its digit included.
    Text,
    /// The bytes of a message, and nothing else.
    Binary,
}

/// A frame's header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// What follows.
    pub kind: Kind,
    /// Bytes that follow: 1 to [`MAX_LEN`]. So a message of no bytes has no frame.
    pub len: u64,
}

/// Why bytes are no header: the peer's fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum FrameError {
    /// Nothing follows.
    #[error("an empty frame")]
    Empty,
    /// More follows than the limit, or than [`MAX_LEN`].
    #[error("a frame longer than the limit")]
    TooLong,
}

/// Writes `header` in its shortest form.
pub fn encode(header: Header, to: &mut impl BufMut) {
    let kind = if header.kind == Kind::Binary { BYTES } else { 0 };
    match header.len {
        len @ 0..126 => to.put_u8(kind | len as u8),
        len @ 126..=0xffff => {
            to.put_u8(kind | IN_TWO);
            to.put_u16(len as u16);
        }
        len => {
            to.put_u8(kind | IN_EIGHT);
            to.put_u64(len);
        }
    }
}

/// Reads the header that `stream` begins with. A longer form than need be is accepted, as everybody does.
///
/// # Errors
/// [`FrameError`], before anything of the frame has to be kept: it is empty, or longer than `most` bytes.
pub fn decode(stream: &[u8], most: u64) -> Result<Decoded<Header>, FrameError> {
    let Some((first, rest)) = stream.split_first() else { return Ok(Decoded::Incomplete { at_least: 1 }) };
    let kind = if first & BYTES == 0 { Kind::Text } else { Kind::Binary };
    let (len, header) = match first & !BYTES {
        IN_TWO => (rest.first_chunk().map(|len| u16::from_be_bytes(*len).into()), 3),
        IN_EIGHT => (rest.first_chunk().map(|len| u64::from_be_bytes(*len)), MAX_HEADER),
        len => (Some(len.into()), 1),
    };
    match len {
        None => Ok(Decoded::Incomplete { at_least: header }),
        Some(0) => Err(FrameError::Empty),
        Some(len) if len > most.min(MAX_LEN) => Err(FrameError::TooLong),
        Some(len) => Ok(Decoded::Complete { value: Header { kind, len }, len: header }),
    }
}
