//! What both ends say about how things go out, and about what comes back.

use sansocket_core::{Compress, Message, Seated};
use slotmap::Key;

/// How an event goes out. All fields are public, and the default is what nobody has to think about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags {
    /// Is it worth anything later?
    pub volatile: Volatile,
    /// Is it worth compressing?
    pub compress: Compress,
    /// How far it goes. A client goes nowhere else.
    pub scope: Scope,
}

impl Flags {
    /// The event is [dropped](Volatile::Drop) where it cannot leave at once.
    pub const fn volatile(self) -> Flags {
        Flags { volatile: Volatile::Drop, ..self }
    }

    /// Of events with this name [the latest alone](Volatile::Latest) waits.
    pub const fn latest(self) -> Flags {
        Flags { volatile: Volatile::Latest, ..self }
    }

    /// The event is not worth compressing.
    pub const fn uncompressed(self) -> Flags {
        Flags { compress: Compress::No, ..self }
    }

    /// The event stays on [this node](Scope::Local).
    pub const fn local(self) -> Flags {
        Flags { scope: Scope::Local, ..self }
    }
}

/// What becomes of an event whose receiver cannot take it now.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Volatile {
    /// It waits.
    #[default]
    No,
    /// It is dropped.
    Drop,
    /// It waits, behind all that is not volatile, until a newer one of the same name takes its place: where somebody
    /// stands, not how he came there.
    Latest,
}

/// How far something goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Scope {
    /// To every node of the cluster.
    #[default]
    Cluster,
    /// To the sockets of this node.
    Local,
}

/// Would a message that is asked for now leave at once?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Writable {
    /// It would: nothing waits before it, and the transport takes it.
    Now,
    /// It would wait with others. [Volatile](Volatile::Drop) ones are dropped then.
    Later,
}

/// What a connection is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// Send this message.
    Message {
        /// The message.
        message: Message,
        /// Is it worth compressing?
        compress: Compress,
    },
    /// Close, when what was sent before has left. Nothing follows.
    Close,
}

slotmap::new_key_type! {
    /// Something that was asked and will be answered, or given up. Never given twice.
    pub struct RequestId;
}

impl Seated for RequestId {
    fn seat(self) -> u32 {
        // The lower half is the place in the table.
        self.data().as_ffi() as u32
    }
}

/// Why an event was not sent: never the peer's fault, and what was to be sent comes back.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EmitError<T> {
    /// Too much waits already. Try again when there is room, or say that it is volatile.
    #[error("too much waits to be sent: emit again when there is room")]
    Blocked(T),
    /// Nobody is connected there, or not any more.
    #[error("the socket is not connected: nothing can be sent")]
    Closed(T),
    /// Events that happen by themselves have this name.
    #[error("the name of the event is reserved: choose another one")]
    Reserved(T),
    /// Too many acknowledgements are waited for already.
    #[error("too many acknowledgements are waited for: emit again when some of them came")]
    TooManyAcks(T),
}

impl<T> EmitError<T> {
    /// What was not sent.
    pub fn into_inner(self) -> T {
        match self {
            EmitError::Blocked(inner)
            | EmitError::Closed(inner)
            | EmitError::Reserved(inner)
            | EmitError::TooManyAcks(inner) => inner,
        }
    }
}

/// Why an acknowledgement does not come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum AckError {
    /// It took too long.
    #[error("operation has timed out")]
    TimedOut,
    /// Whoever was asked has gone.
    #[error("socket has been disconnected")]
    Disconnected,
    /// It was dropped before it left, for too much waited already.
    #[error("dropped, for too much waits already")]
    Dropped,
}
