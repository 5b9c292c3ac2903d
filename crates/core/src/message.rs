//! A whole message, owned.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::{Payload, Utf8Bytes};

/// A whole message, owned and cheap to clone: what an adapter's `next` returns and `send` takes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Message {
    /// Text, known to be UTF-8.
    Text(Utf8Bytes),
    /// Any bytes.
    Binary(Payload),
}

/// Is a message worth compressing? It is unless you know better: pictures are compressed already.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Compress {
    /// If it is long enough.
    #[default]
    Yes,
    /// Not for the sake of this.
    No,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<Utf8Bytes>) -> Message {
        Message::Text(text.into())
    }

    /// A binary message.
    pub fn binary(bytes: impl Into<Payload>) -> Message {
        Message::Binary(bytes.into())
    }

    /// The payload, whatever it is.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        }
    }

    /// Is it text?
    #[inline]
    pub fn is_text(&self) -> bool {
        matches!(self, Message::Text(_))
    }

    /// The text, if it is one.
    #[inline]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Message::Text(text) => Some(text),
            Message::Binary(_) => None,
        }
    }

    /// The payload, whatever it is, by reference count.
    #[inline]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Message::Text(text) => text.into_bytes(),
            Message::Binary(bytes) => bytes.into_bytes(),
        }
    }

    /// The payload, whatever it is, as [`Payload::share`] gives it.
    #[inline(always)]
    pub fn share(&self) -> Bytes {
        match self {
            Message::Text(text) => text.share(),
            Message::Binary(bytes) => bytes.share(),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        Message::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::text(text)
    }
}

impl From<&[u8]> for Message {
    #[inline]
    fn from(bytes: &[u8]) -> Message {
        Message::binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Message {
        Message::binary(bytes)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Message {
        Message::binary(bytes)
    }
}
