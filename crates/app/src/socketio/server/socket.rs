//! A socket in its user's hands.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sansocket_core::{Instant, Utf8Bytes};
use sansocket_driver::Runtime;
use sansocket_socketio::server::{Closing, Handshake, JoinError, Outcome, Reason, SocketId};
use sansocket_socketio::{AckId, Args, ArgsError, Flags, Nsp, NspError, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::known::Known;
use super::operator::Operator;
use super::shared::Shared;
use super::state::State;
use crate::engineio::Transport;
use crate::socketio::emit::{Emits, emit, emit_now};
use crate::socketio::error::{AckError, EmitError};
use crate::socketio::handler::Peer;

/// A client in a namespace. Clones are the same socket, and cost two reference counts.
///
/// | you want to | take |
/// |---|---|
/// | say something to it | [`emit`](Socket::emit); at once or not at all: [`try_emit`](Socket::try_emit) |
/// | ask it something | [`emit_with_ack`](Socket::emit_with_ack) |
/// | say something to others | [`to`](Socket::to), [`broadcast`](Socket::broadcast) |
/// | gather it with others | [`join`](Socket::join), [`leave`](Socket::leave) |
/// | keep something with it | [`insert`](Socket::insert), [`get`](Socket::get) |
/// | end it | [`disconnect`](Socket::disconnect) |
pub struct Socket<R: Runtime> {
    shared: Arc<Shared<R>>,
    known: Arc<Known>,
}

impl<R: Runtime> Socket<R> {
    pub(super) fn new(shared: Arc<Shared<R>>, known: Arc<Known>) -> Socket<R> {
        Socket { shared, known }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State<R>, Instant) -> T) -> T {
        self.shared.with(act)
    }
}

/// What is said and asked.
impl<R: Runtime> Socket<R> {
    /// Says something to the client as soon as there is room for it. A tuple is several arguments, `()` is none, anything
    /// else is one. What is said leaves by itself.
    ///
    /// # Errors
    /// [`EmitError`]: the socket has disconnected, or this cannot be written.
    pub fn emit<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arguments: &T,
    ) -> impl Future<Output = Result<(), EmitError>> + Send + use<R, T> {
        emit(self, event, arguments)
    }

    /// Says it now.
    ///
    /// # Errors
    /// [`EmitError`]; `Blocked` if there is no room.
    pub fn try_emit<T: Serialize + ?Sized>(&self, event: &str, arguments: &T) -> Result<(), EmitError> {
        self.try_emit_with(event, arguments, Flags::default())
    }

    /// Says it now, if the client can take it now; else it is lost, which is no error. For what will soon be said anew:
    /// positions, ticks.
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
            self.with(|state, now| state.hub.emit(self.key(), event, args, flags, now))
        })?)
    }

    /// Says something, and waits for the client's answer: its arguments, by the rule of [`Args::read`].
    ///
    /// # Errors
    /// [`AckError`]: no answer in `time`, the socket has disconnected, or the answer is not an `A`.
    pub fn emit_with_ack<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        event: &str,
        arguments: &T,
        time: Duration,
    ) -> impl Future<Output = Result<A, AckError>> + Send + use<R, T, A> {
        let (key, flags) = (self.key(), Flags::default());
        let asked = Args::new(arguments).map_err(EmitError::from).and_then(|args| {
            Ok(emit_now(self, event, args, |args| {
                self.shared.ask(|hub, now| hub.emit_with_ack(key, event, args, time, flags, now))
            })?)
        });
        async move {
            match asked?.await {
                Outcome::Acked { result, .. } => Ok(result?.read()?),
                // No other outcome comes of this question.
                _ => Err(AckError::Disconnected),
            }
        }
    }
}

/// Rooms, and who is in them.
impl<R: Runtime> Socket<R> {
    /// Joins a room; a no-op if it is in there.
    ///
    /// # Errors
    /// [`JoinError`]: it is not connected, or in as many as it may be in.
    pub fn join(&self, room: impl Into<Utf8Bytes>) -> Result<(), JoinError> {
        self.with(|state, _| state.hub.join(self.key(), room))
    }

    /// Leaves a room.
    pub fn leave(&self, room: &str) {
        self.with(|state, _| state.hub.leave(self.key(), room));
    }

    /// The rooms it joined; that of its own id is not among them.
    pub fn rooms(&self) -> Vec<Utf8Bytes> {
        self.with(|state, _| {
            state.hub.socket(self.key()).map(|socket| socket.rooms().cloned().collect()).unwrap_or_default()
        })
    }

    /// All in a room but this socket: [emit](Operator::emit) to them.
    pub fn to(&self, room: impl Into<Utf8Bytes>) -> Operator<R> {
        self.broadcast().to(room)
    }

    /// All in the namespace but this socket.
    pub fn broadcast(&self) -> Operator<R> {
        self.everybody().except(self.known.id.clone())
    }

    /// All in another namespace.
    ///
    /// # Errors
    /// [`NspError`] if this is no name for one.
    pub fn of(&self, nsp: &str) -> Result<Operator<R>, NspError> {
        Ok(Operator::new(self.shared.clone(), Nsp::new(nsp)?))
    }

    /// All in the namespace, this socket too.
    pub fn everybody(&self) -> Operator<R> {
        Operator::new(self.shared.clone(), self.known.nsp.clone())
    }
}

/// What it is.
impl<R: Runtime> Socket<R> {
    /// The id that the client knows, too; it is also the name of a room with nobody else in it.
    pub fn id(&self) -> &str {
        &self.known.id
    }

    /// The name of its namespace.
    pub fn nsp(&self) -> &str {
        self.known.nsp.as_str()
    }

    /// What the client said about itself when it connected.
    pub fn auth(&self) -> Option<&Value> {
        self.known.auth.as_ref()
    }

    /// How its connection began.
    pub fn handshake(&self) -> &Handshake {
        &self.known.handshake
    }

    /// Is it connected?
    pub fn is_connected(&self) -> bool {
        self.with(|state, _| state.hub.socket(self.key()).is_some_and(|socket| socket.is_connected()))
    }

    /// How its client talks now; `None` while it is not connected.
    pub fn transport(&self) -> Option<Transport> {
        self.with(|state, _| state.session(self.key()))?.transport()
    }

    /// Did its client lose its connection and come back? Then it is the same socket, in the same rooms, and nothing was
    /// missed.
    pub fn is_recovered(&self) -> bool {
        self.with(|state, _| state.hub.socket(self.key()).is_some_and(|socket| socket.is_recovered()))
    }

    /// Keeps a value with it, as long as the socket lives, also if it is recovered. There is one
    /// of each type; that before is given back.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        self.known.extensions.insert(value)
    }

    /// What was kept with it.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.known.extensions.get()
    }

    /// What [`fetch_sockets`](Operator::fetch_sockets) tells of it, also on other servers of a cluster. It stays if the
    /// socket is recovered.
    ///
    /// # Errors
    /// [`ArgsError`] if the value cannot be written.
    pub fn set_data<T: Serialize + ?Sized>(&self, data: &T) -> Result<(), ArgsError> {
        let data = Value::new(data)?;
        self.with(|state, _| state.hub.set_data(self.key(), data));
        Ok(())
    }

    /// Disconnects it from its namespace; the client does not come back by itself.
    pub fn disconnect(&self) {
        self.with(|state, now| state.hub.disconnect(self.key(), Closing::Namespace, now));
    }

    /// Closes what carries it, as if the network had done so: the client comes back by itself.
    pub fn close_transport(&self) {
        if let Some(session) = self.with(|state, _| state.session(self.key())) {
            session.close();
        }
    }

    /// Ends the connection that carries it, with all namespaces on it.
    pub fn disconnect_all(&self) {
        self.with(|state, now| state.hub.disconnect(self.key(), Closing::Connection, now));
    }
}

impl<R: Runtime> Peer for Socket<R> {
    type Reason = Reason;
    type Question = AckId;
    type Key = SocketId;

    fn key(&self) -> SocketId {
        self.known.key
    }

    fn acknowledge(&self, question: AckId, arguments: Args) {
        self.with(|state, now| state.hub.acknowledge(self.key(), question, arguments, now));
    }
}

impl<R: Runtime> Emits for Socket<R> {
    fn poll_emit(
        &self,
        event: &str,
        args: &mut Option<Args>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), EmitError>> {
        let polled = self.with(|State { hub, emitters, .. }, now| {
            let emit = |args| hub.emit(self.key(), event, args, Flags::default(), now);
            emitters.poll_emit(self.key(), args, cx, emit)
        });
        polled.map_err(EmitError::from)
    }

    fn is_watched(&self) -> bool {
        self.shared.watchers.are_there_any()
    }

    fn show(&self, event: &str, args: &Args) {
        if let Some(watching) = self.shared.watchers.get(&self.known.namespace) {
            watching(&self.shared, &self.known, event, args);
        }
    }
}

impl<R: Runtime> Clone for Socket<R> {
    fn clone(&self) -> Socket<R> {
        Socket { shared: self.shared.clone(), known: self.known.clone() }
    }
}

impl<R: Runtime> PartialEq for Socket<R> {
    fn eq(&self, other: &Socket<R>) -> bool {
        Arc::ptr_eq(&self.known, &other.known)
    }
}

impl<R: Runtime> Eq for Socket<R> {}

impl<R: Runtime> fmt::Debug for Socket<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("id", &self.known.id)
            .field("nsp", &self.known.nsp)
            .finish_non_exhaustive()
    }
}
