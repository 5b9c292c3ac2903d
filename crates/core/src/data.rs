//! A whole message, or a piece of one, lent.

use crate::{Message, Text};

/// A payload, lent: what machines hand out, and [`Message`] owns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Data<'i> {
    /// Text, cut between characters if it is a piece.
    Text(Text<'i>),
    /// Bytes.
    Binary(&'i [u8]),
}

impl<'i> Data<'i> {
    /// The payload, whatever it is.
    pub const fn as_bytes(self) -> &'i [u8] {
        match self {
            Data::Text(text) => text.as_bytes(),
            Data::Binary(bytes) => bytes,
        }
    }

    /// The same, owned.
    pub fn into_owned(self) -> Message {
        match self {
            Data::Text(text) => Message::Text(text.into_owned()),
            Data::Binary(bytes) => Message::from(bytes),
        }
    }
}

impl<'i> From<&'i Message> for Data<'i> {
    fn from(message: &'i Message) -> Data<'i> {
        match message {
            Message::Text(text) => Data::Text(text.as_str().into()),
            Message::Binary(bytes) => Data::Binary(bytes),
        }
    }
}

impl<'i> From<&'i str> for Data<'i> {
    fn from(text: &'i str) -> Data<'i> {
        Data::Text(text.into())
    }
}

impl<'i> From<&'i [u8]> for Data<'i> {
    fn from(bytes: &'i [u8]) -> Data<'i> {
        Data::Binary(bytes)
    }
}
