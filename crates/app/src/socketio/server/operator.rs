//! Saying something to many.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::Utf8Bytes;
use sansocket_driver::Runtime;
use sansocket_socketio::server::{Closing, FetchedSocket, Outcome, Target};
use sansocket_socketio::{Args, Compress, Nsp, Scope, Volatile};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shared::Shared;
use crate::socketio::answers::Answers;
use crate::socketio::error::{AckError, EmitError};
use crate::socketio::waiting::Pending;

/// Some sockets of a namespace, here and on the other servers of a cluster: those in the rooms that were named, or all
/// of them, without those who were excepted.
///
/// ```
/// # use sansocket_driver::Runtime;
/// # use sansocket_app::socketio::{EmitError, Io};
/// # fn example<R: Runtime>(io: &Io<R>) -> Result<(), EmitError> {
/// io.to("kitchen").to("garden").except("asleep").emit("dinner", &"is ready")?;
/// # Ok(()) }
/// ```
pub struct Operator<R: Runtime> {
    pub(super) shared: Arc<Shared<R>>,
    pub(super) target: Target,
}

/// Whom it is about.
impl<R: Runtime> Operator<R> {
    pub(super) fn new(shared: Arc<Shared<R>>, nsp: Nsp) -> Operator<R> {
        Operator { shared, target: Target::new(nsp) }
    }

    /// Those in this room; if several are named, those in any of them.
    #[must_use]
    pub fn to(mut self, room: impl Into<Utf8Bytes>) -> Self {
        self.target = self.target.to(room);
        self
    }

    /// Without those in this room.
    #[must_use]
    pub fn except(mut self, room: impl Into<Utf8Bytes>) -> Self {
        self.target = self.target.except(room);
        self
    }

    /// Without those on other servers.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.target.opts.flags.scope = Scope::Local;
        self
    }

    /// Who cannot take it now does not get it.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.target.opts.flags.volatile = Volatile::Drop;
        self
    }

    /// Who cannot take it now gets the latest of this name when he can: for states, not for changes.
    #[must_use]
    pub fn latest(mut self) -> Self {
        self.target.opts.flags.volatile = Volatile::Latest;
        self
    }

    /// It is not worth compressing.
    #[must_use]
    pub fn uncompressed(mut self) -> Self {
        self.target.opts.flags.compress = Compress::No;
        self
    }
}

/// What happens to them.
impl<R: Runtime> Operator<R> {
    /// Says something to them. It is written once, whatever their number.
    ///
    /// # Errors
    /// [`EmitError`]: this cannot be written, the name is reserved, or too much waits on the way to other servers, for more
    /// is said than [carried](super::io::Io::join_cluster).
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, arguments: &T) -> Result<(), EmitError> {
        let args = Args::new(arguments)?;
        let target = &self.target;
        Ok(self.shared.say(target, event, args, |state, args, now| {
            let args = state.check_room(target.opts.flags.scope, args)?;
            state.hub.broadcast(target, event, args, now)
        })?)
    }

    /// Says something to them, and waits for their answers, so long at most.
    ///
    /// # Errors
    /// [`AckError`]: what [`emit`](Operator::emit) says, or an answer is not an `A`. Who does not answer in time is no
    /// error: [`Answers::silent`].
    pub fn emit_with_ack<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        event: &str,
        arguments: &T,
        time: Duration,
    ) -> impl Future<Output = Result<Answers<A>, AckError>> + Send + use<R, T, A> {
        let (shared, target) = (&self.shared, &self.target);
        let asked = Args::new(arguments).map_err(EmitError::from).and_then(|args| {
            let request = shared.say(target, event, args, |state, args, now| {
                let args = state.check_room(target.opts.flags.scope, args)?;
                state.ask(now, |hub, now| hub.broadcast_with_ack(target, event, args, time, now))
            })?;
            Ok(Pending::new(shared, request))
        });
        async move { Answers::read(asked?.await) }
    }

    /// Who they are.
    pub fn fetch_sockets(&self) -> impl Future<Output = Vec<FetchedSocket>> + Send + use<R> {
        let fetched = self.shared.ask(|hub, now| Ok::<_, Infallible>(hub.fetch_sockets(&self.target, now)));
        async move {
            let Ok(fetched) = fetched;
            match fetched.await {
                Outcome::Fetched { sockets, .. } => sockets,
                _ => Vec::new(),
            }
        }
    }

    /// Makes them join a room.
    pub fn join(&self, room: impl Into<Utf8Bytes>) {
        self.shared.with(|state, now| state.hub.sockets_join(&self.target, &[room.into()], now));
    }

    /// Makes them leave a room.
    pub fn leave(&self, room: impl Into<Utf8Bytes>) {
        self.shared.with(|state, now| state.hub.sockets_leave(&self.target, &[room.into()], now));
    }

    /// Disconnects them from the namespace.
    pub fn disconnect(&self) {
        self.shared.with(|state, now| state.hub.disconnect_sockets(&self.target, Closing::Namespace, now));
    }

    /// Ends the connections that carry them, with all namespaces on these.
    pub fn disconnect_all(&self) {
        self.shared.with(|state, now| state.hub.disconnect_sockets(&self.target, Closing::Connection, now));
    }
}

impl<R: Runtime> Clone for Operator<R> {
    fn clone(&self) -> Operator<R> {
        Operator { shared: self.shared.clone(), target: self.target.clone() }
    }
}

impl<R: Runtime> fmt::Debug for Operator<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("target", &self.target).finish_non_exhaustive()
    }
}
