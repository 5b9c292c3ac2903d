//! Requests that are turned away.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use sansocket_core::Response;

/// Why a request was turned away.
///
/// Clients tell the first six apart by the `code` in the answer's JSON.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The transport is missing, unknown, or not offered. Code 0.
    #[error("Transport unknown")]
    UnknownTransport,
    /// There is no such session, or no longer. Code 1.
    #[error("Session ID unknown")]
    UnknownSession,
    /// A session begins with `GET`. Code 2.
    #[error("Bad handshake method")]
    HandshakeMethod,
    /// It does not fit the session: another transport or another protocol than it has; a WebSocket without an upgrade,
    /// or an upgrade to something else. Or `Origin` has bytes that no header may have. Code 3.
    #[error("Bad request")]
    BadRequest,
    /// You said so ([`Server::refuse`](crate::server::Server::refuse)), with this message. Code 4, status 403.
    #[error("{0}")]
    Forbidden(Cow<'static, str>),
    /// `EIO` is neither 4 nor, where that is allowed, 3. Code 5.
    #[error("Unsupported protocol version")]
    ProtocolVersion,
    /// There are as many sessions as there may be. Status 503, with `Retry-After`.
    #[error("Too many sessions")]
    TooManySessions,
    /// No session begins any more. Status 503, with `Retry-After`.
    #[error("Shutting down")]
    ShuttingDown,
    /// A session's requests are `GET` and `POST`. Status 500, as clients know it.
    #[error("Method not supported")]
    Method,
}

/// Who is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asker {
    /// Somebody who made an ordinary request.
    Request,
    /// Somebody who wanted a WebSocket.
    WebSocket,
}

/// When to ask again if all sessions are taken, or a server is about to be started anew. Sessions that nobody uses are gone after three quarters of a minute;
/// this asks for a part of that, for others leave too.
const RETRY_SECONDS: &str = "5";

impl Refusal {
    /// Says no to a handshake, with the words that clients show if you have none of your own.
    pub const FORBIDDEN: Refusal = Refusal::Forbidden(Cow::Borrowed("Forbidden"));

    /// The code that clients know it by.
    pub const fn code(&self) -> Option<u8> {
        match self {
            Refusal::UnknownTransport => Some(0),
            Refusal::UnknownSession => Some(1),
            Refusal::HandshakeMethod => Some(2),
            Refusal::BadRequest => Some(3),
            Refusal::Forbidden(_) => Some(4),
            Refusal::ProtocolVersion => Some(5),
            Refusal::TooManySessions | Refusal::ShuttingDown | Refusal::Method => None,
        }
    }

    pub(crate) fn response(&self, asker: Asker) -> Response {
        match (self, asker) {
            (Refusal::TooManySessions | Refusal::ShuttingDown, _) => {
                Response::new(503).with_header("Retry-After", RETRY_SECONDS).with_body(format!("{self}"))
            }
            (Refusal::Method, _) => Response::new(500),
            (_, Asker::WebSocket) => Response::new(400)
                .with_header("Connection", "close")
                .with_header("Content-Type", "text/html")
                .with_body(format!("{self}")),
            (_, Asker::Request) => {
                let status = if matches!(self, Refusal::Forbidden(_)) { 403 } else { 400 };
                Response::new(status).with_header("Content-Type", "application/json").with_body(self.json())
            }
        }
    }

    fn json(&self) -> String {
        // A text always is JSON.
        let message = serde_json::to_string(&format!("{self}")).unwrap_or_default();
        format!(r#"{{"code":{},"message":{message}}}"#, self.code().unwrap_or_default())
    }
}
