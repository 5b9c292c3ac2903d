//! WebSocket frames as plain values, right and wrong ones.

use sansocket_websocket::Role;

/// Opcodes (RFC 6455 §5.2).
pub mod opcode {
    #![allow(missing_docs, reason = "the RFC's own words")]
    pub const CONTINUATION: u8 = 0;
    pub const TEXT: u8 = 1;
    pub const BINARY: u8 = 2;
    pub const CLOSE: u8 = 8;
    pub const PING: u8 = 9;
    pub const PONG: u8 = 10;
}

/// FIN, the first bit of a frame.
pub const FIN: u8 = 0x80;
/// RSV1, which RFC 7692 gives to compressed messages.
pub const RSV1: u8 = 0x40;

/// The key that [`Frame::masked`] masks with.
pub const KEY: [u8; 4] = [1, 2, 3, 4];

/// One frame: what its first byte says, and what it carries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    /// FIN, the reserved bits and the opcode.
    pub first: u8,
    /// The payload, not masked.
    pub payload: Vec<u8>,
}

/// A whole text message.
pub fn text(text: impl AsRef<[u8]>) -> Frame {
    Frame { first: FIN | opcode::TEXT, payload: text.as_ref().into() }
}

/// A whole binary message.
pub fn binary(bytes: impl AsRef<[u8]>) -> Frame {
    Frame { first: FIN | opcode::BINARY, payload: bytes.as_ref().into() }
}

/// The last piece of a message.
pub fn continuation(bytes: impl AsRef<[u8]>) -> Frame {
    Frame { first: FIN | opcode::CONTINUATION, payload: bytes.as_ref().into() }
}

/// A ping.
pub fn ping(payload: impl AsRef<[u8]>) -> Frame {
    Frame { first: FIN | opcode::PING, payload: payload.as_ref().into() }
}

/// A pong.
pub fn pong(payload: impl AsRef<[u8]>) -> Frame {
    Frame { first: FIN | opcode::PONG, payload: payload.as_ref().into() }
}

/// A close frame with a code and a reason.
pub fn close(code: u16, reason: impl AsRef<[u8]>) -> Frame {
    let payload = [&code.to_be_bytes()[..], reason.as_ref()].concat();
    Frame { first: FIN | opcode::CLOSE, payload }
}

/// A close frame that says nothing.
pub fn bare_close() -> Frame {
    Frame { first: FIN | opcode::CLOSE, payload: Vec::new() }
}

impl Frame {
    /// The same without FIN: more of this message follows.
    pub fn unfinished(mut self) -> Frame {
        self.first &= !FIN;
        self
    }

    /// The same with RSV1: the first frame of a compressed message. The payload stays as it is.
    pub fn compressed(mut self) -> Frame {
        self.first |= RSV1;
        self
    }

    /// The same with another first byte.
    pub fn with_first(mut self, first: u8) -> Frame {
        self.first = first;
        self
    }

    /// The same with another payload.
    pub fn with_payload(mut self, payload: impl AsRef<[u8]>) -> Frame {
        self.payload = payload.as_ref().into();
        self
    }

    /// What the frame is for: one of [`opcode`].
    pub fn opcode(&self) -> u8 {
        self.first & 15
    }

    /// The bytes of this frame as a server sends it: not masked.
    pub fn bare(&self) -> Vec<u8> {
        [header(self.first, self.payload.len() as u64, None), self.payload.clone()].concat()
    }

    /// The bytes of this frame as a client sends it: masked with [`KEY`].
    pub fn masked(&self) -> Vec<u8> {
        self.masked_with(KEY)
    }

    /// The bytes of this frame masked with `key`.
    pub fn masked_with(&self, key: [u8; 4]) -> Vec<u8> {
        [header(self.first, self.payload.len() as u64, Some(key)), mask(&self.payload, key)].concat()
    }

    /// The bytes of this frame as `role` sends it.
    pub fn sent_by(&self, role: Role) -> Vec<u8> {
        match role {
            Role::Client => self.masked(),
            Role::Server => self.bare(),
        }
    }

    /// The code of a close frame, if this is one and it has one.
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk().copied().map(u16::from_be_bytes)?;
        (self.opcode() == opcode::CLOSE).then_some(code)
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.payload[..self.payload.len().min(32)];
        write!(f, "{:02x}[{}: {}]", self.first, self.payload.len(), shown.escape_ascii())
    }
}

/// The bytes of `frames` as `role` sends them.
pub fn wire<'a>(role: Role, frames: impl IntoIterator<Item = &'a Frame>) -> Vec<u8> {
    frames.into_iter().flat_map(|frame| frame.sent_by(role)).collect()
}

/// The header of a frame with this first byte and length, in the shortest form (RFC 6455 §5.2).
pub fn header(first: u8, len: u64, key: Option<[u8; 4]>) -> Vec<u8> {
    match len {
        0..=125 => header_in(Form::Short, first, len, key),
        126..=65_535 => header_in(Form::Two, first, len, key),
        _ => header_in(Form::Eight, first, len, key),
    }
}

/// How the length of a payload is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// In the seven bits of the second byte.
    Short,
    /// In two bytes after it.
    Two,
    /// In eight bytes after it.
    Eight,
}

/// The header of a frame, with its length in a form that may be wrong.
pub fn header_in(form: Form, first: u8, len: u64, key: Option<[u8; 4]>) -> Vec<u8> {
    let mask_bit = if key.is_some() { 0x80 } else { 0 };
    let mut header = vec![first];
    match form {
        Form::Short => header.push(mask_bit | len as u8),
        Form::Two => {
            header.push(mask_bit | 126);
            header.extend((len as u16).to_be_bytes());
        }
        Form::Eight => {
            header.push(mask_bit | 127);
            header.extend(len.to_be_bytes());
        }
    }
    header.extend(key.into_iter().flatten());
    header
}

/// `bytes` masked, or unmasked, with `key` (RFC 6455 §5.3).
pub fn mask(bytes: &[u8], key: [u8; 4]) -> Vec<u8> {
    bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
}

/// The frames that `role` wrote, and how many bytes at the end are no whole frame. It judges nothing but what every
/// frame of ours has to keep: masked or not by role, and the length in its shortest form.
///
/// # Panics
/// If a frame does not.
pub fn frames(role: Role, mut bytes: &[u8]) -> (Vec<Frame>, usize) {
    let mut frames = Vec::new();
    while let Some((frame, len)) = first_frame(role, bytes) {
        frames.push(frame);
        bytes = &bytes[len..];
    }
    (frames, bytes.len())
}

fn first_frame(role: Role, bytes: &[u8]) -> Option<(Frame, usize)> {
    let (masked, short) = (bytes.get(1)? & 0x80 != 0, bytes[1] & 0x7f);
    assert_eq!(masked, role == Role::Client, "a client masks its frames, a server does not");
    let (len, at) = match short {
        126 => (u64::from(u16::from_be_bytes(*bytes[2..].first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*bytes[2..].first_chunk()?), 10),
        short => (u64::from(short), 2),
    };
    let minimal = match short {
        126 => len > 125,
        127 => len > 65_535,
        _ => true,
    };
    assert!(minimal, "a length of {len} in a form longer than it needs");
    let key = if masked { *bytes[at..].first_chunk()? } else { [0; 4] };
    let start = at + if masked { 4 } else { 0 };
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    let payload = mask(bytes.get(start..end)?, key);
    Some((Frame { first: bytes[0], payload }, end))
}
