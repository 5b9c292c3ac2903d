//! Servers that are one.

use std::sync::Arc;

use sansocket_driver::Runtime;
use sansocket_socketio::cluster::{Message, Outbound, Uid};

use super::io::Io;

/// Clusters: servers whose sockets are reached from each of them. [`Bus`](super::bus::Bus) joins those of one program; for
/// others bring what moves messages between them.
///
/// ```
/// # use std::sync::mpsc::channel;
/// # use sansocket_driver::Runtime;
/// # use sansocket_app::socketio::Io;
/// # fn example<R: Runtime>(io: &Io<R>) {
/// // What is said to the others goes to wherever they listen …
/// let (tell, told) = channel();
/// io.join_cluster(move |outbound| _ = tell.send(outbound));
/// // … and what they say is handed over.
/// # let received = || told.recv().unwrap().message;
/// io.handle_cluster(received());
/// # }
/// ```
impl<R: Runtime> Io<R> {
    /// Is one of several servers from now on, and says so: `carry` takes messages to the others, one after the other and in
    /// their order. Each has to come to all others, or to the one it is [for](Outbound::to), in the order in which it was
    /// given, at most once. `carry` is called by whoever says something, and should not wait.
    pub fn join_cluster(&self, carry: impl Fn(Outbound) + Send + Sync + 'static) {
        let before = self.0.shared.with(|state, now| {
            let before = state.uplink.open(Arc::new(carry));
            state.hub.join_cluster(now);
            before
        });
        drop(before);
    }

    /// Is on its own again, and says so. [`close`](Io::close) does it too.
    pub fn leave_cluster(&self) {
        self.0.shared.with(|state, now| state.hub.leave_cluster(now));
    }

    /// Another server said this. Before it [joined](Io::join_cluster) a cluster it does not listen.
    pub fn handle_cluster(&self, message: Message) {
        self.0.shared.hear(message);
    }

    /// What it is known by among the servers of a cluster.
    pub fn uid(&self) -> Uid {
        self.0.shared.with(|state, _| state.hub.uid().clone())
    }

    /// How many servers there are, this one included.
    pub fn node_count(&self) -> usize {
        self.0.shared.with(|state, _| state.hub.node_count())
    }
}
