//! What a server hears, and what can be wrong.

use alloc::boxed::Box;

use sansocket_core::Request;

use crate::{BodyError, Deadline, EncodeError, Framing, HeadError};

/// What happens on a server's connection. After a request none follows before it is answered: pipelined ones wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerEvent<'i> {
    /// A request with its whole body ([`Delivery::Whole`](crate::Delivery::Whole)):
    /// [`respond`](super::ServerConnection::respond) to it, now or later.
    Request(Box<Request>),
    /// A request whose body follows ([`Delivery::Pieces`](crate::Delivery::Pieces)). Refuse it now, or ask for the next
    /// event: that is what sends `100 Continue`, if the client waits for it.
    Head {
        /// The request, its body empty.
        request: Box<Request>,
        /// How its body ends.
        framing: Framing,
    },
    /// The next bytes of the body, never none.
    Body(&'i [u8]),
    /// The body is complete; it also comes where there is none.
    End,
    /// The client left, or its body went wrong, before the request that you have was answered: nobody waits for the
    /// answer any more. Why, says the next event.
    Aborted,
    /// The connection has ended, or will when its output is written. No event follows.
    Closed(ServerClosed),
}

/// Why a server's connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum ServerClosed {
    /// In order: one of both wanted no more, and what was asked was answered.
    #[error("the connection was closed in order")]
    Done,
    /// The client did what it must not. It was answered with [`Fault::status`], if an answer was still possible.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The client took too long. In the middle of a request that was answered with 408, if still possible.
    #[error("timeout: {0}")]
    Timeout(Deadline),
    /// The stream ended in the middle of a request, or before its answer.
    #[error("the connection was lost")]
    Lost,
}

impl ServerClosed {
    /// What is answered to a request in the middle of which this happened.
    pub(super) const fn status(self) -> Option<u16> {
        match self {
            ServerClosed::Fault(fault) => Some(fault.status()),
            ServerClosed::Timeout(Deadline::Head | Deadline::Body) => Some(408),
            ServerClosed::Timeout(_) | ServerClosed::Lost | ServerClosed::Done => None,
        }
    }
}

/// What a client did wrong. Nothing that it says after that is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Fault {
    /// The head of a request is no right HTTP, or passes a limit.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// Its body is none, or passes a limit, or there are two ways to tell its end.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// It expects what is not `100-continue` (RFC 9110 §10.1.1).
    #[error("the expectation cannot be met")]
    Expectation,
    /// `CONNECT` and `TRACE`: the one would make a proxy of this server, the other show a page what its browser hides
    /// from it (RFC 9110 §9.3.6, §9.3.8).
    #[error("the method is not implemented")]
    Method,
}

impl Fault {
    /// The status that it is answered with.
    pub const fn status(self) -> u16 {
        match self {
            Fault::Head(error) => error.status(),
            Fault::Body(error) => error.status(),
            Fault::Expectation => 417,
            Fault::Method => 501,
        }
    }
}

/// Why an answer cannot be given: the caller's fault, and nothing was written. The request still waits, if one did.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AnswerError {
    /// There is no request, or none that was not answered already, or its client has gone.
    #[error("there is no request that waits for an answer")]
    NotAsked,
    /// An answer was [begun](super::ServerConnection::begin): finish it.
    #[error("an answer was begun: finish it")]
    Begun,
    /// 1xx announces an answer but is none.
    #[error("{0} is not a final status")]
    Interim(u16),
    /// Not 101, which alone switches protocols.
    #[error("{0} does not switch protocols")]
    NotSwitching(u16),
    /// The request does not ask for another protocol, or came by HTTP/1.0 (RFC 9110 §7.8), or its body was not read to
    /// its end: what follows would be taken for that.
    #[error("the request does not ask for another protocol")]
    NotUpgrade,
    /// The response cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why a piece of an answer was not queued: the caller's fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StreamError {
    /// No answer was [begun](super::ServerConnection::begin), or its client has gone.
    #[error("no answer was begun")]
    NotBegun,
    /// The output is full. Write some of it, then try again.
    #[error("the output is full: write some of it, then append again")]
    Blocked,
}
