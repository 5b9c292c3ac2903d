//! A namespace in its user's hands.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sansocket_core::{Instant, Utf8Bytes};
use sansocket_driver::Network;
use sansocket_socketio::client::{NamespaceId, Question, Reason};
use sansocket_socketio::{Args, Flags};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shared::Shared;
use super::state::State;
use crate::engineio;
use crate::socketio::emit::{Emits, emit, emit_now};
use crate::socketio::error::{AckError, EmitError};
use crate::socketio::handler::Peer;

/// A namespace of a [`Client`](super::Client). Clones are the same socket, and cost a reference count. It lasts: when the
/// connection is lost and made again, this is the socket still.
pub struct ClientSocket<N: Network> {
    pub(super) shared: Arc<Shared<N>>,
    pub(super) namespace: NamespaceId,
}

impl<N: Network> ClientSocket<N> {
    /// Says something to the server as soon as there is room for it: now if it is connected, else when it is. A tuple is
    /// several arguments, `()` is none, anything else is one.
    ///
    /// # Errors
    /// [`EmitError`]: the socket was disconnected for good, or this cannot be written.
    pub fn emit<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arguments: &T,
    ) -> impl Future<Output = Result<(), EmitError>> + Send + use<N, T> {
        emit(self, event, arguments)
    }

    /// Says it now, or keeps it until it is connected.
    ///
    /// # Errors
    /// [`EmitError`]; `Blocked` if there is no room.
    pub fn try_emit<T: Serialize + ?Sized>(&self, event: &str, arguments: &T) -> Result<(), EmitError> {
        self.try_emit_with(event, arguments, Flags::default())
    }

    /// Says it now if that is possible at once; else it is lost, which is no error.
    ///
    /// # Errors
    /// [`EmitError`].
    pub fn emit_volatile<T: Serialize + ?Sized>(&self, event: &str, arguments: &T) -> Result<(), EmitError> {
        self.try_emit_with(event, arguments, Flags::default().volatile())
    }

    /// Says it now, in this way.
    ///
    /// # Errors
    /// [`EmitError`]; `Blocked` if there is no room.
    pub fn try_emit_with<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arguments: &T,
        flags: Flags,
    ) -> Result<(), EmitError> {
        let args = Args::new(arguments)?;
        Ok(emit_now(self, event, args, |args| {
            self.with(|state, now| state.machine.emit(self.namespace, event, args, flags, now))
        })?)
    }

    /// Says something, and waits for the server's answer: its arguments, by the rule of [`Args::read`].
    ///
    /// # Errors
    /// [`AckError`]: no answer in `time`, the connection was lost, or the answer is not an `A`.
    pub fn emit_with_ack<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        event: &str,
        arguments: &T,
        time: Duration,
    ) -> impl Future<Output = Result<A, AckError>> + Send + use<N, T, A> {
        let asked = Args::new(arguments).map_err(EmitError::from).and_then(|args| {
            Ok(emit_now(self, event, args, |args| self.shared.ask(self.namespace, event, args, time))?)
        });
        async move { Ok(asked?.await?.read()?) }
    }

    /// Leaves the namespace. It stays so until [`connect`](ClientSocket::connect).
    pub fn disconnect(&self) {
        self.with(|state, now| state.machine.disconnect(self.namespace, now));
    }

    /// Connects again, after it left or was put out or refused.
    pub fn connect(&self) {
        self.with(|state, now| state.machine.connect(self.namespace, now));
    }

    /// Is it connected?
    pub fn is_connected(&self) -> bool {
        self.id().is_some()
    }

    /// The id that the server knows it by; `None` while it is not connected.
    pub fn id(&self) -> Option<Utf8Bytes> {
        self.shared.lock().machine.id(self.namespace).map(Utf8Bytes::from)
    }

    /// Why the last connection could not be made, in detail; `None` if it could. Of this `ConnectError::Unreachable` says
    /// no more than clients in JavaScript do: ask in [`on_connect_error`](crate::socketio::Namespace::on_connect_error).
    pub fn failure(&self) -> Option<Arc<engineio::ConnectError>> {
        self.shared.lock().failure.clone()
    }

    fn with<T>(&self, act: impl FnOnce(&mut State, Instant) -> T) -> T {
        self.shared.with(act)
    }
}

impl<N: Network> Peer for ClientSocket<N> {
    type Reason = Reason;
    type Question = Question;
    type Key = NamespaceId;

    fn key(&self) -> NamespaceId {
        self.namespace
    }

    fn acknowledge(&self, question: Question, arguments: Args) {
        self.with(|state, now| state.machine.acknowledge(question, arguments, now));
    }
}

impl<N: Network> Emits for ClientSocket<N> {
    fn poll_emit(
        &self,
        event: &str,
        args: &mut Option<Args>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), EmitError>> {
        let polled = self.with(|State { machine, emitters, .. }, now| {
            let emit = |args| machine.emit(self.namespace, event, args, Flags::default(), now);
            emitters.poll_emit(self.namespace, args, cx, emit)
        });
        polled.map_err(EmitError::from)
    }

    fn is_watched(&self) -> bool {
        self.shared.watchers.are_there_any()
    }

    fn show(&self, event: &str, args: &Args) {
        if let Some(watching) = self.shared.watchers.get(&self.namespace) {
            watching(&self.shared, &self.namespace, event, args);
        }
    }
}

impl<N: Network> Clone for ClientSocket<N> {
    fn clone(&self) -> ClientSocket<N> {
        ClientSocket { shared: self.shared.clone(), namespace: self.namespace }
    }
}

impl<N: Network> fmt::Debug for ClientSocket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSocket").field("id", &self.id()).finish_non_exhaustive()
    }
}
