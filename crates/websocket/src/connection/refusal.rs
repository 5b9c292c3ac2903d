//! Why a command was not obeyed: the caller's fault, or a full output.

/// Why a ping or pong was not queued.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ControlError {
    /// The payload is longer than 125 bytes (RFC 6455 §5.5).
    #[error("a control frame carries at most 125 bytes")]
    TooLong,
    /// 4 KiB of control frames wait to be written already.
    #[error("too many control frames wait: flush, then try again")]
    Blocked,
    /// The connection is closing or closed.
    #[error("the connection is closing: nothing more can be sent")]
    Closed,
}

/// Why a message in pieces could not go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StreamError {
    /// [`begin`](crate::WebSocket::begin) was not called.
    #[error("no message was begun: call `begin` first")]
    NotBegun,
    /// The message before is not finished.
    #[error("a message is being sent in pieces: call `finish` first")]
    Unfinished,
    /// The output is full: nothing was queued. Write some of it, then try again.
    #[error("the output is full: flush, then try again")]
    Blocked,
    /// The pieces of a text message are not UTF-8 together; the last one was not queued.
    #[error("the pieces of a text message are not UTF-8")]
    NotUtf8,
    /// The connection is closing or closed.
    #[error("the connection is closing: nothing more can be sent")]
    Closed,
}
