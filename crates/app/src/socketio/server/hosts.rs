//! Those who stand ready for sockets, and how they are called.

use std::sync::Arc;

use sansocket_driver::{Crowd, Runtime};
use sansocket_socketio::server::{NamespaceId, SocketId};

use super::shared::Shared;
use super::socket::Socket;
use crate::socketio::handler::Boxed;
use crate::socketio::namespace::Namespace;
use crate::socketio::posts::Posts;
use crate::socketio::run::start;

/// All handlers of a server.
pub(super) struct Hosts<R: Runtime> {
    pub(super) shared: Arc<Shared<R>>,
    pub(super) posts: Posts<NamespaceId, Socket<R>>,
    /// Handlers that go on by themselves.
    pub(super) crowd: Arc<Crowd<R::Task>>,
}

impl<R: Runtime> Hosts<R> {
    pub(super) fn new(shared: Arc<Shared<R>>) -> Arc<Hosts<R>> {
        Arc::new(Hosts { shared, posts: Posts::default(), crowd: Crowd::new(usize::MAX) })
    }

    /// Somebody wants to connect: whoever guards the namespace is asked.
    pub(super) fn admit(&self, key: SocketId) {
        let Some(known) = self.shared.with(|state, _| state.introduce(key)) else { return };
        let guarded = self.posts.get(&known.namespace).filter(|namespace| !namespace.guards.is_empty());
        let Some(namespace) = guarded else {
            return self.shared.with(|state, now| state.hub.accept(key, now));
        };
        let shared = self.shared.clone();
        let socket = Socket::new(shared.clone(), known);
        self.start(Box::pin(async move {
            for guard in &namespace.guards {
                if let Err(refusal) = guard(socket.clone()).await {
                    return shared.with(|state, now| state.hub.refuse(key, refusal, now));
                }
            }
            shared.with(|state, now| state.hub.accept(key, now));
        }));
    }

    /// Runs what a handler wants to do about a socket, if anything.
    pub(super) fn call(
        &self,
        key: SocketId,
        handle: impl FnOnce(&Arc<Namespace<Socket<R>>>, Socket<R>) -> Option<Boxed<()>>,
    ) {
        let Some(known) = self.shared.with(|state, _| state.sockets.get(key).cloned()) else { return };
        let Some(namespace) = self.posts.get(&known.namespace) else { return };
        if let Some(future) = handle(&namespace, Socket::new(self.shared.clone(), known)) {
            self.start(future);
        }
    }

    fn start(&self, future: Boxed<()>) {
        start(&self.shared.runtime, &self.crowd, future);
    }
}
