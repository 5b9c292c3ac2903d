//! Those who stand ready for sockets, and how they are called.

use std::sync::Arc;
use std::task::Waker;

use sansocket_driver::{Crowd, Runtime};
use sansocket_socketio::server::{NamespaceId, SocketId};

use super::known::Known;
use super::shared::Shared;
use super::socket::Socket;
use crate::socketio::namespace::Namespace;
use crate::socketio::posts::Posts;
use crate::socketio::run::Work;

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

    /// Nobody tells us anything any more.
    pub(super) fn retire(&self) {
        let waiting = self.shared.with(|state, now| {
            state.hub.leave_cluster(now);
            state.notices.close()
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Somebody wants to connect: whoever guards the namespace is asked.
    pub(super) fn admit(&self, key: SocketId) -> Option<Work> {
        let known = self.shared.with(|state, _| state.introduce(key))?;
        let guarded = self.posts.get(&known.namespace).filter(|namespace| !namespace.guards.is_empty());
        let Some(namespace) = guarded else {
            self.shared.with(|state, now| state.hub.accept(key, now));
            return None;
        };
        let shared = self.shared.clone();
        let socket = Socket::new(shared.clone(), known);
        Some(Work::Free(Box::pin(async move {
            for guard in &namespace.guards {
                if let Err(refusal) = guard(socket.clone()).await {
                    return shared.with(|state, now| state.hub.refuse(key, refusal, now));
                }
            }
            shared.with(|state, now| state.hub.accept(key, now));
        })))
    }

    /// What a handler wants to do about a socket, if anything.
    pub(super) fn ask(
        &self,
        known: Option<Arc<Known>>,
        ask: impl FnOnce(&Arc<Namespace<Socket<R>>>, Socket<R>) -> Option<Work>,
    ) -> Option<Work> {
        let known = known?;
        let namespace = self.posts.get(&known.namespace)?;
        ask(&namespace, Socket::new(self.shared.clone(), known))
    }
}

impl<R: Runtime> Drop for Hosts<R> {
    /// No connection is carried, nor will one be.
    fn drop(&mut self) {
        self.retire();
    }
}
