//! What goes wrong.

use sansocket_socketio::{AckError as Unanswered, ArgsError, EmitError as Unsent};

/// Why an event was not sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EmitError {
    /// Too much waits already. Try again when there is room.
    #[error("too much waits to be sent: emit again when there is room")]
    Blocked,
    /// The socket is not connected, or not any more.
    #[error("the socket is not connected: nothing can be sent")]
    Closed,
    /// Events that happen by themselves have this name.
    #[error("the name of the event is reserved: choose another one")]
    Reserved,
    /// Too many acknowledgements are waited for already.
    #[error("too many acknowledgements are waited for: emit again when some of them came")]
    TooManyAcks,
    /// The arguments cannot be written.
    #[error(transparent)]
    Arguments(#[from] ArgsError),
}

impl<T> From<Unsent<T>> for EmitError {
    fn from(unsent: Unsent<T>) -> EmitError {
        match unsent {
            Unsent::Blocked(_) => EmitError::Blocked,
            Unsent::Closed(_) => EmitError::Closed,
            Unsent::Reserved(_) => EmitError::Reserved,
            Unsent::TooManyAcks(_) => EmitError::TooManyAcks,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AckError {
    /// The question was not sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// It took too long.
    #[error("operation has timed out")]
    TimedOut,
    /// Whoever was asked has gone.
    #[error("socket has been disconnected")]
    Disconnected,
    /// The question was dropped before it left, for too much waited already.
    #[error("dropped, for too much waits already")]
    Dropped,
    /// The answer is of another type.
    #[error(transparent)]
    Answer(#[from] ArgsError),
}

impl From<Unanswered> for AckError {
    fn from(unanswered: Unanswered) -> AckError {
        match unanswered {
            Unanswered::TimedOut => AckError::TimedOut,
            Unanswered::Disconnected => AckError::Disconnected,
            Unanswered::Dropped => AckError::Dropped,
        }
    }
}
