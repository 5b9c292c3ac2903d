//! What happens in the namespaces of servers alone.

use sansocket_driver::Runtime;
use sansocket_socketio::server::ConnectError;

use super::socket::Socket;
use crate::socketio::namespace::Namespace;

impl<R: Runtime> Namespace<Socket<R>> {
    /// Asks `guard` about every socket that wants to connect: an error is what its client is told. Several are asked in
    /// order. [`Socket::auth`] and [`Socket::handshake`] say who it is; until all have agreed nothing can be said to it.
    #[must_use]
    pub fn guard<F, Fut>(mut self, guard: F) -> Self
    where
        F: Fn(Socket<R>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.guards.push(Box::new(move |socket| Box::pin(guard(socket))));
        self
    }
}
