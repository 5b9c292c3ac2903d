//! Why a session ended.

/// Why a session ended. Prints the words that the JavaScript implementation uses, for programs compare them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Reason {
    /// The transport broke, or the peer used it in a way that is not allowed.
    #[error("transport error")]
    TransportError,
    /// The peer ended the session or the transport.
    #[error("transport close")]
    TransportClose,
    /// We did.
    #[error("forced close")]
    ForcedClose,
    /// The peer was not heard of for too long.
    #[error("ping timeout")]
    PingTimeout,
    /// The peer said what is no packet.
    #[error("parse error")]
    ParseError,
}
