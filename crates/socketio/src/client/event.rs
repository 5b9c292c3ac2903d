//! What a client tells.

use core::time::Duration;

use sansocket_core::Utf8Bytes;

use super::reason::{ConnectError, Reason};
use crate::{AckError, AckId, Args, RequestId};

slotmap::new_key_type! {
    /// A namespace of a [`Client`](super::Client), whether it is connected or not.
    pub struct NamespaceId;
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// The connection is open; namespaces follow.
    Opened,
    /// Who are we, this time? Say it with [`provide_auth`](super::Client::provide_auth); the namespace waits.
    Auth(NamespaceId),
    /// The namespace is connected. What was kept leaves now.
    Connected {
        /// Which one.
        namespace: NamespaceId,
        /// Our id there.
        id: Utf8Bytes,
        /// Is it the session that was lost? Then nothing was missed: it follows.
        recovered: bool,
    },
    /// The namespace did not connect. Does it [try again](ConnectError::is_final)?
    ConnectError {
        /// Which one.
        namespace: NamespaceId,
        /// Why.
        error: ConnectError,
    },
    /// The server said this.
    Received {
        /// Where.
        namespace: NamespaceId,
        /// The name of the event.
        name: Utf8Bytes,
        /// What it said with it.
        args: Args,
        /// If it wants to know that it arrived: [`acknowledge`](super::Client::acknowledge).
        ack: Option<Question>,
    },
    /// The server acknowledged an event.
    Acked {
        /// Which one: [`emit_with_ack`](super::Client::emit_with_ack) said so.
        request: RequestId,
        /// What it said.
        args: Args,
    },
    /// The server will not acknowledge an event, or it is not heard if it does.
    AckFailed {
        /// Which one.
        request: RequestId,
        /// Why.
        error: AckError,
    },
    /// The namespace was connected, and is no longer.
    Disconnected {
        /// Which one.
        namespace: NamespaceId,
        /// Why.
        reason: Reason,
    },
    /// There will be an attempt to connect.
    Reconnecting {
        /// Which one, from 1.
        attempt: u32,
        /// The time before it.
        delay: Duration,
    },
    /// There were [enough attempts](super::Reconnection::attempts). [`open`](super::Client::open) begins anew.
    ReconnectFailed,
    /// There is room again, after [`emit`](super::Client::emit) answered `Blocked`.
    Drained(NamespaceId),
}

/// An event of the server that wants to be acknowledged. It can be once, on the session in which it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    pub(super) namespace: NamespaceId,
    pub(super) ack: AckId,
    pub(super) session: u32,
}

impl Question {
    /// Where it was asked.
    pub const fn namespace(&self) -> NamespaceId {
        self.namespace
    }
}
