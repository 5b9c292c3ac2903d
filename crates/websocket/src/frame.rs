//! The frame header as bytes (RFC 6455 §5.2): pure functions, for those who want nothing else.
//!
//! [`decode`] finds all faults that a header shows by itself; what depends on the connection (who masks, which
//! reserved bits mean something, what continues what, how much is too much) is judged by
//! [`WebSocket`](crate::WebSocket).
//!
//! ```
//! use sansocket_core::Decoded;
//! use sansocket_websocket::frame::{self, Header, Opcode};
//!
//! let header = Header { fin: true, rsv: 0, opcode: Opcode::Text, mask: None, len: 5 };
//! let mut wire = Vec::new();
//! frame::encode(&header, &mut wire);
//! wire.extend(b"Hello");
//! assert_eq!(wire, [0x81, 0x05, b'H', b'e', b'l', b'l', b'o']);
//! assert_eq!(frame::decode(&wire), Ok(Decoded::Complete { value: header, len: 2 }));
//! ```

use bytes::{BufMut, Bytes};
use sansocket_core::Decoded;

use crate::Violation;

/// The most bytes a header has: 2, 8 of length, 4 of mask.
pub const MAX_HEADER: usize = 14;
/// The most bytes a control frame carries (§5.5).
pub const MAX_CONTROL: usize = 125;

/// Bit 7 of the first byte: the last frame of its message.
pub(crate) const FIN: u8 = 0x80;
/// Bit 6: the message is compressed (RFC 7692 §6).
pub(crate) const RSV1: u8 = 0x40;
/// Bit 7 of the second byte: the payload is masked.
pub(crate) const MASK: u8 = 0x80;

/// What a frame is (§5.2); the other ten values are reserved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Opcode {
    /// 0: more of the message under way.
    Continuation = 0,
    /// 1: text.
    Text = 1,
    /// 2: binary data.
    Binary = 2,
    /// 8: close.
    Close = 8,
    /// 9: ping.
    Ping = 9,
    /// 10: pong.
    Pong = 10,
}

impl Opcode {
    /// The opcode with this number.
    pub const fn new(number: u8) -> Option<Opcode> {
        Some(match number {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    /// Is it close, ping or pong?
    pub const fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// A frame's header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// Is it the last frame of its message?
    pub fin: bool,
    /// The three reserved bits, `RSV1` (4), `RSV2` (2) and `RSV3` (1).
    pub rsv: u8,
    /// What it is.
    pub opcode: Opcode,
    /// The masking key, if the payload is masked.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub len: u64,
}

/// Writes `header` in its shortest form, 2 to [`MAX_HEADER`] bytes.
pub fn encode(header: &Header, to: &mut impl BufMut) {
    let first = (header.fin as u8) << 7 | (header.rsv & 7) << 4 | header.opcode as u8;
    let mut bytes = [0; MAX_HEADER];
    let len = write(&mut bytes, first, header.mask.map(u32::from_le_bytes), header.len);
    to.put_slice(&bytes[..len]);
}

/// Reads a header from the first of `bytes`.
///
/// # Errors
/// The [`Violation`] that the header is, as soon as its bytes show it.
pub fn decode(bytes: &[u8]) -> Result<Decoded<Header>, Violation> {
    let (header, len) = match decode_lenient(bytes)? {
        Decoded::Complete { value, len } => (value, len),
        Decoded::Incomplete { at_least } => return Ok(Decoded::Incomplete { at_least }),
    };
    if !header.is_minimal {
        return Err(Violation::LengthNotMinimal);
    }
    Ok(Decoded::Complete { value: header.header, len })
}

/// A header whose length may be written longer than need be.
pub(crate) struct Lenient {
    pub(crate) header: Header,
    pub(crate) is_minimal: bool,
}

/// As [`decode`], but leaves the length's form to the caller.
pub(crate) fn decode_lenient(bytes: &[u8]) -> Result<Decoded<Lenient>, Violation> {
    let &[first, second, ref rest @ ..] = bytes else { return Ok(Decoded::Incomplete { at_least: 2 }) };
    let opcode = Opcode::new(first & 0x0f).ok_or(Violation::ReservedOpcode)?;
    let fin = first & FIN != 0;
    if opcode.is_control() {
        // §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
        if !fin {
            return Err(Violation::ControlFragmented);
        }
        if second & !MASK > MAX_CONTROL as u8 {
            return Err(Violation::ControlTooLong);
        }
    }
    let (len, at, least) = match (second & !MASK, rest) {
        (126, &[a, b, ..]) => (u64::from(u16::from_be_bytes([a, b])), 4, 126),
        (126, _) => return Ok(Decoded::Incomplete { at_least: 4 }),
        (127, &[a, b, c, d, e, f, g, h, ..]) => (u64::from_be_bytes([a, b, c, d, e, f, g, h]), 10, 1 << 16),
        (127, _) => return Ok(Decoded::Incomplete { at_least: 10 }),
        (len, _) => (u64::from(len), 2, 0),
    };
    // §5.2: "the most significant bit MUST be 0".
    if len >> 63 != 0 {
        return Err(Violation::LengthTooLarge);
    }
    let mut header = Header { fin, rsv: first >> 4 & 7, opcode, mask: None, len };
    // §5.2: "the minimal number of bytes MUST be used to encode the length".
    let is_minimal = len >= least;
    if second & MASK == 0 {
        return Ok(Decoded::Complete { value: Lenient { header, is_minimal }, len: at });
    }
    header.mask = bytes.get(at..).and_then(|key| key.first_chunk()).copied();
    Ok(match header.mask {
        Some(_) => Decoded::Complete { value: Lenient { header, is_minimal }, len: at + 4 },
        None => Decoded::Incomplete { at_least: at + 4 },
    })
}

/// Writes a header to the start of `to`, which is as long as the longest, and answers its length; what stands behind it
/// is noise, for the payload to cover.
///
/// All but the longest form fit a word: that is put together in a register, whichever of the two it is, and stored once.
#[inline(always)]
pub(crate) fn write(to: &mut [u8], first: u8, key: Option<u32>, len: u64) -> usize {
    let to = to.first_chunk_mut::<MAX_HEADER>().expect("there is room for the longest header");
    let (mask, key_len) = if key.is_some() { (MASK, 4) } else { (0, 0) };
    let key = key.unwrap_or(0);
    if len > 0xffff {
        to[..2].copy_from_slice(&[first, mask | 127]);
        to[2..10].copy_from_slice(&len.to_be_bytes());
        to[10..].copy_from_slice(&key.to_le_bytes());
        return 10 + key_len;
    }
    let is_medium = len > 125;
    let medium = 126 << 8 | u64::from((len as u16).swap_bytes()) << 16;
    let (len, before_key) = if is_medium { (medium, 4) } else { (len << 8, 2) };
    let word = u64::from(first) | u64::from(mask) << 8 | len | u64::from(key) << (8 * before_key);
    to[..8].copy_from_slice(&word.to_le_bytes());
    before_key + key_len
}

/// The length of the whole frame that begins with `bytes`, which we wrote ourselves: where the next one begins in an
/// [`Outbox`](sansocket_core::Outbox).
pub(crate) fn frame_len(bytes: &[u8]) -> usize {
    match decode_lenient(bytes) {
        Ok(Decoded::Complete { value, len }) => len.saturating_add(value.header.len as usize),
        _ => bytes.len(),
    }
}

/// A server's frame that stands by itself.
pub(crate) fn plain(first: u8, payload: &[u8]) -> Bytes {
    let mut frame = alloc::vec![0; MAX_HEADER + payload.len()];
    let header = write(&mut frame, FIN | first, None, payload.len() as u64);
    frame[header..header + payload.len()].copy_from_slice(payload);
    frame.truncate(header + payload.len());
    Bytes::from(frame)
}
