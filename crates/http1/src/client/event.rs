//! What a client hears, and what can be wrong.

use alloc::boxed::Box;

use sansocket_core::Response;

use crate::{BodyError, Deadline, EncodeError, Framing, HeadError};

/// What happens on a client's connection. Interim responses (1xx) are skipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientEvent<'i> {
    /// The answer with its whole body ([`Delivery::Whole`](crate::Delivery::Whole)), of whatever status: a redirect is
    /// yours to follow or not. The next request may be [sent](super::ClientConnection::send), if the connection
    /// [goes on](super::ClientConnection::is_ready).
    Response(Box<Response>),
    /// The head of an answer whose body follows ([`Delivery::Pieces`](crate::Delivery::Pieces)).
    Head {
        /// The response, its body empty.
        response: Box<Response>,
        /// How its body ends.
        framing: Framing,
    },
    /// The next bytes of the body, never none.
    Body(&'i [u8]),
    /// The body is complete, and the answer with it; it also comes where there is no body.
    End,
    /// The server agreed to go on in another protocol: call [`into_parts`](super::ClientConnection::into_parts). No
    /// event follows.
    Switched(Box<Response>),
    /// The connection has ended. No event follows; a request that was not answered before never will be.
    Closed(ClientClosed),
}

/// Why a client's connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum ClientClosed {
    /// In order: one of both wanted no more, or you closed it.
    #[error("the connection was closed in order")]
    Done,
    /// The server did what it must not. Do not believe what it said in the same answer.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The server took too long, or you did.
    #[error("timeout: {0}")]
    Timeout(Deadline),
    /// The stream ended before the first byte of the answer, as it does when a server gives up an idle connection while
    /// a request is on its way. One that may be repeated can be sent again over another connection (RFC 9110 §9.2.2).
    #[error("the connection was lost before the answer began")]
    Unanswered,
    /// The stream ended in the middle of an answer.
    #[error("the connection was lost in the middle of an answer")]
    Lost,
}

/// What a server did wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Fault {
    /// The head of a response is no right HTTP, or passes a limit.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// Its body is none, or passes a limit, or there are two ways to tell its end.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Bytes that answer nothing: behind an answer, or before the first request.
    #[error("the server said something that answers nothing")]
    Unasked,
    /// More interim responses than [`ClientOptions::interim`](super::ClientOptions::interim).
    #[error("too many interim responses")]
    TooManyInterim,
    /// It switched to another protocol though none was asked for, or does not say to which (RFC 9110 §7.8).
    #[error("the server switched protocols unasked")]
    Switched,
}

/// Why a request was not sent: the caller's fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// The answer to the one before is still to come, or to be read to its end.
    #[error("the request before has not been answered")]
    Busy,
    /// The connection has ended, or is about to: take another one.
    #[error("the connection takes no more requests")]
    Closed,
    /// By HTTP/1.1 there must be one `Host` (RFC 9112 §3.2).
    #[error("there is not one Host header field")]
    Host,
    /// `CONNECT` makes a tunnel, which is no exchange.
    #[error("CONNECT makes a tunnel, which is no exchange")]
    Connect,
    /// The request cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
