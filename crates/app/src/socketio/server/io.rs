//! All sockets of a server, whoever listens.

use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sansocket_core::{Request, Utf8Bytes};
use sansocket_driver::{Runtime, Signal, unless};
use sansocket_socketio::server::{Handshake, NamespaceId, Server as Hub, ServerOptions};
use sansocket_socketio::{Nsp, NspError, Revision, Value};

use super::carrier::Carrier;
use super::hosts::Hosts;
use super::known::Known;
use super::operator::Operator;
use super::shared::Shared;
use super::socket::Socket;
use crate::dialer::random;
use crate::engineio::{Protocol, Session};
use crate::socketio::namespace::Namespace;
use crate::socketio::watch::{Watch, Watching};

/// All sockets of a server: say something to many of them, from anywhere. Clones are the same server.
///
/// Beside a listener of your own it is the whole server: give it [sessions](Io::carry) of Engine.IO.
pub struct Io<R: Runtime>(pub(super) Arc<Hosts<R>>);

impl<R: Runtime> Io<R> {
    /// Nobody is connected, and there is no namespace.
    ///
    /// # Panics
    /// If the operating system has no randomness, of which ids are made.
    pub fn new(options: ServerOptions) -> Io<R> {
        Io::on(R::default(), options)
    }

    /// The same, with handlers that run there.
    ///
    /// # Panics
    /// If the operating system has no randomness, of which ids are made.
    pub fn on(runtime: R, options: ServerOptions) -> Io<R> {
        let seed = random().expect("the operating system has randomness");
        Io(Hosts::new(Shared::new(runtime, Hub::new(options, seed))))
    }

    /// From now on there is this namespace. A second one of the same name takes the place of the first for sockets that
    /// connect from then on.
    ///
    /// # Errors
    /// [`NspError`] if this is no name for one.
    pub fn add(&self, nsp: &str, namespace: Namespace<Socket<R>>) -> Result<(), NspError> {
        let nsp = Nsp::new(nsp)?;
        self.stand_ready(namespace, |hub| hub.add_namespace(nsp));
        Ok(())
    }

    /// From now on there are all namespaces whose names `matches` likes; it is asked for those that nobody added, with
    /// what the client said about itself.
    pub fn add_matching<M>(&self, matches: M, namespace: Namespace<Socket<R>>)
    where
        M: Fn(&str, Option<&Value>) -> bool + Send + 'static,
    {
        self.stand_ready(namespace, |hub| hub.add_dynamic(matches));
    }

    fn stand_ready(&self, mut namespace: Namespace<Socket<R>>, add: impl FnOnce(&mut Hub) -> NamespaceId) {
        let watch = namespace.outgoing.take();
        self.0.shared.with(|state, _| {
            let id = add(&mut state.hub);
            // Nobody finds it unguarded.
            self.0.posts.add(id, namespace);
            self.0.shared.watchers.set(id, watch.map(watching));
        });
    }

    /// All sockets of a namespace: [emit](Operator::emit) to them. Where there is none of this name nobody hears it.
    ///
    /// # Errors
    /// [`NspError`] if this is no name for one.
    pub fn of(&self, nsp: &str) -> Result<Operator<R>, NspError> {
        Ok(Operator::new(self.0.shared.clone(), Nsp::new(nsp)?))
    }

    /// All sockets of the main namespace.
    pub fn everybody(&self) -> Operator<R> {
        Operator::new(self.0.shared.clone(), Nsp::default())
    }

    /// Those of the main namespace who are in this room.
    #[must_use]
    pub fn to(&self, room: impl Into<Utf8Bytes>) -> Operator<R> {
        self.everybody().to(room)
    }

    /// Carries a session to its end: give this to an [`Engine`](crate::engineio::Engine) of your own.
    pub async fn carry(&self, session: Session<R>, request: Box<Request>) {
        let revision = revision(session.protocol());
        let handshake =
            Handshake { issued: date(), ..Handshake::new(request, revision, session.sid().to_string()) };
        let handle = session.handle();
        let connection = self.0.shared.with(|state, now| {
            let connection = state.hub.handle_connection(handshake, now);
            state.carry(connection, handle);
            connection
        });
        Carrier::new(self.0.clone(), session, connection).await;
    }

    /// Begins to end: nobody is let in any more, and everybody is told to go.
    pub fn close(&self) {
        self.0.shared.with(|state, now| state.hub.close(now));
    }

    /// Serves as `serving` does, which [carries](Io::carry) sessions, and [closes](Io::close) when `stop` is raised.
    pub async fn serve_until(&self, stop: Signal, serving: impl Future<Output = ()>) {
        let close = async {
            stop.wait().await;
            self.close();
            pending::<()>().await;
        };
        unless(close, serving).await;
    }

    /// When no session is carried any more: waits until handlers are done that went on by themselves, so long at most,
    /// and cuts them off.
    pub async fn leave(&self, time: Duration) {
        self.0.retire();
        drop(self.0.shared.with(|state, _| state.clear()));
        if unless(self.0.shared.runtime.sleep(time), self.0.crowd.close()).await.is_none() {
            self.0.crowd.cut();
        }
    }
}

/// Shows what goes out to a socket as it is known here.
fn watching<R: Runtime>(watch: Box<Watch<Socket<R>>>) -> Arc<Watching<Shared<R>, Arc<Known>>> {
    Arc::new(move |shared, known, event, args| {
        watch(&Socket::new(shared.clone(), known.clone()), event, args);
    })
}

/// The time since the Unix epoch, for people: a date steers nothing.
#[expect(clippy::disallowed_methods, reason = "no machine: people want to know when somebody came")]
fn date() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What a client is that speaks this protocol of Engine.IO.
fn revision(protocol: Protocol) -> Revision {
    match protocol {
        Protocol::V4 => Revision::V5,
        Protocol::V3 => Revision::V4,
    }
}

impl<R: Runtime> Clone for Io<R> {
    fn clone(&self) -> Io<R> {
        Io(self.0.clone())
    }
}

impl<R: Runtime> fmt::Debug for Io<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").finish_non_exhaustive()
    }
}
