//! What happens on a connection, and what it has to ask.

use alloc::boxed::Box;

use sansocket_core::Request;
use sansocket_http1::ServerEvent;
use sansocket_http1::server::AnswerError;
use sansocket_websocket::handshake::server::ChoiceError;
use sansocket_websocket::{self as websocket};

/// What happened, lent from the input. Give it to [`handle_event`](super::Connection::handle_event), together with the
/// hub, which is all that has to be done with most of it.
#[derive(Clone, PartialEq, Debug)]
pub enum Event<'i> {
    /// While it speaks HTTP.
    Http(ServerEvent<'i>),
    /// Since it is a WebSocket.
    WebSocket(websocket::Event<'i>),
}

/// What has to be decided by whoever drives a connection; no other question follows before the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Somebody makes a request of Engine.IO. [`admit`](super::Connection::admit) it, or
    /// [`refuse`](super::Connection::refuse) it if it wants a [new session](super::Connection::wants) and shall have none.
    Engine(Box<Request>),
    /// Somebody asks for something else, and here is the request with its body: answer it
    /// ([`respond`](super::Connection::respond)) or, if it asks for [a WebSocket](super::Connection::upgrade),
    /// [`accept`](super::Connection::accept) that.
    Other(Box<Request>),
    /// Who asked has left, before there was an answer.
    Gone,
}

/// Why somebody did not get a WebSocket: the caller's fault. He is still there, and waits for another answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AcceptError {
    /// The request does not ask for a WebSocket, or there is none.
    #[error("the request does not ask for a WebSocket")]
    NotUpgrade,
    /// The choice cannot be.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The answer cannot be given.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}
