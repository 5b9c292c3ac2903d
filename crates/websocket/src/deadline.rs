//! What a connection waits for.

use sansocket_core::Reason;

/// What a connection waits for, and for how long only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Deadline {
    /// It is time to ping ([`Keepalive::interval`](crate::Keepalive::interval)); never the end of a connection.
    #[error("it is time to ping")]
    Ping,
    /// Nothing came after a ping ([`Keepalive::timeout`](crate::Keepalive::timeout)).
    #[error("ping timeout: the peer did not answer")]
    Pong,
    /// Nothing came at all ([`Options::idle_timeout`](crate::Options::idle_timeout)).
    #[error("idle timeout: the peer sent nothing")]
    Idle,
    /// The closing handshake, or the end of TCP after it, took too long
    /// ([`Options::close_timeout`](crate::Options::close_timeout)).
    #[error("close timeout: the peer did not finish the closing handshake")]
    Close,
}

impl Reason for Deadline {
    const ALL: &'static [Deadline] = &[Deadline::Ping, Deadline::Pong, Deadline::Idle, Deadline::Close];

    fn index(self) -> usize {
        self as usize
    }
}
