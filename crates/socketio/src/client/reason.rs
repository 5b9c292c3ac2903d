//! Why things end or do not begin, in the words of the JavaScript client.

use alloc::string::String;

use sansocket_core::Excerpt;

use crate::Value;

/// As much of what a server says for people as is shown of it.
const PHRASE: usize = 256;

/// Why a connection is gone, or never opened, as whoever drove it knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Cause {
    /// The server ended it.
    #[error("transport close")]
    TransportClose,
    /// It broke, or could not be made.
    #[error("transport error")]
    TransportError,
    /// The server was not heard of for too long.
    #[error("ping timeout")]
    PingTimeout,
    /// The server said what is no packet.
    #[error("parse error")]
    ParseError,
}

/// Why a namespace was disconnected. Prints the words that the JavaScript implementation uses, for programs compare them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Reason {
    /// The server put us out. It stays so until [`connect`](super::Client::connect).
    #[error("io server disconnect")]
    ServerDisconnect,
    /// We left. It stays so until [`connect`](super::Client::connect), or [`open`](super::Client::open) if all of the
    /// client was closed.
    #[error("io client disconnect")]
    ClientDisconnect,
    /// The connection was lost. The client comes back by itself, if its options let it.
    #[error(transparent)]
    Lost(#[from] Cause),
}

/// Why a namespace did not connect.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server said no.
    #[error("{}", Excerpt::of(message).up_to(PHRASE))]
    Refused {
        /// What it says, all of it. The error shows its beginning, with control characters escaped.
        message: String,
        /// What else it says.
        data: Option<Value>,
    },
    /// The server put us out before we were in.
    #[error("io server disconnect")]
    Dismissed,
    /// The server does not say who we are, as Socket.IO 2 did not: [`Revision::V4`](crate::Revision) is for it.
    #[error("the server speaks Socket.IO 2, and this client a later one")]
    V2Server,
    /// What was given as auth is no object.
    #[error("auth has to be an object")]
    Auth,
    /// The connection could not be made.
    #[error(transparent)]
    Unreachable(Cause),
    /// The connection was not made [in time](super::ClientOptions::open_timeout).
    #[error("timeout")]
    Timeout,
}

impl ConnectError {
    /// Is it not tried again by itself? Then [`connect`](super::Client::connect) tries again.
    pub const fn is_final(&self) -> bool {
        !matches!(self, ConnectError::Unreachable(_) | ConnectError::Timeout)
    }
}
