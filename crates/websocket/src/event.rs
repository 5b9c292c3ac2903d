//! What happens on a connection.

use sansocket_core::{Data, Message, Text};

use crate::Closed;

/// What happened, lent from the [`Input`](sansocket_core::Input) until the next call.
#[derive(Clone, PartialEq, Debug)]
pub enum Event<'i> {
    /// A whole text message.
    Text(Text<'i>),
    /// A whole binary message.
    Binary(&'i [u8]),
    /// A piece of a message ([`Delivery::Chunks`](crate::Delivery::Chunks)).
    Chunk(Chunk<'i>),
    /// A ping; its pong is on its way.
    Ping(&'i [u8]),
    /// A pong, asked for or not.
    Pong(&'i [u8]),
    /// The connection ended. No event follows.
    Closed(Closed),
}

impl Event<'_> {
    /// The whole message, owned; `None` for everything else.
    #[inline(always)]
    pub fn into_owned(self) -> Option<Message> {
        match self {
            Event::Text(text) => Some(Message::Text(text.into_owned())),
            Event::Binary(bytes) => Some(Message::from(bytes)),
            _ => None,
        }
    }
}

/// A piece of a message.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Chunk<'i> {
    /// What it holds.
    pub data: Data<'i>,
    /// Where in its message it stands.
    pub position: Position,
}

/// Where a piece stands in its message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Position {
    /// The first of several.
    First,
    /// Neither first nor last.
    Middle,
    /// The last of several; it may be empty.
    Last,
    /// The whole message.
    Only,
}

impl Position {
    /// Does the message begin here?
    pub const fn is_first(self) -> bool {
        matches!(self, Position::First | Position::Only)
    }

    /// Does the message end here?
    pub const fn is_last(self) -> bool {
        matches!(self, Position::Last | Position::Only)
    }
}
