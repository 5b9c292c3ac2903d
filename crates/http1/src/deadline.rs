//! What a connection waits for.

use sansocket_core::Reason;

/// What a connection waits for, and for how long only. Each is data of the machine: no task, no timer of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Deadline {
    /// A head was begun, or is due, and did not come to its end.
    #[error("the head did not come in time")]
    Head,
    /// A body did not come to its end.
    #[error("the body did not come in time")]
    Body,
    /// Nothing was said between two exchanges.
    #[error("nothing was said for too long")]
    Idle,
    /// The peer took nothing of what was written for it.
    #[error("the peer did not read in time")]
    Write,
    /// The peer did not close after the last answer. Never why a connection ends, for that is said before.
    #[error("the peer did not close in time")]
    Linger,
}

impl Reason for Deadline {
    const ALL: &'static [Deadline] =
        &[Deadline::Head, Deadline::Body, Deadline::Idle, Deadline::Write, Deadline::Linger];

    fn index(self) -> usize {
        self as usize
    }
}
