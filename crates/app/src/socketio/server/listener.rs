//! A listener around all sockets.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use sansocket_core::Request;
use sansocket_driver::{Network, Signal};
use sansocket_socketio::NspError;
use sansocket_socketio::server::ServerOptions;

use super::io::Io;
use super::socket::Socket;
use crate::engineio;
use crate::socketio::namespace::Namespace;

/// A Socket.IO server over TCP, or TLS: listens, and calls the handlers of its [namespaces](Namespace).
///
/// ```
/// # use sansocket_driver::Network;
/// # async fn example<N: Network>() -> Result<(), Box<dyn std::error::Error>> {
/// use sansocket_app::socketio::{Namespace, Server, Socket};
///
/// let chat = Namespace::new().on("say", async |socket: Socket<N>, text: String| {
///     _ = socket.broadcast().emit("said", &text);
/// });
/// Server::<N>::bind("127.0.0.1:3000").await?.of("/", chat)?.serve().await;
/// # Ok(()) }
/// ```
pub struct Server<N: Network> {
    engine: engineio::Server<N>,
    io: Io<N>,
}

impl<N: Network> Server<N> {
    /// Binds to an address such as `127.0.0.1:3000`; port 0 picks a free one ([`local_addr`](Server::local_addr)).
    ///
    /// # Errors
    /// What the operating system says: the port is taken, or not for you.
    pub async fn bind(address: &str) -> io::Result<Server<N>> {
        Server::bind_with(address, ServerOptions::default()).await
    }

    /// The same, with options of your own. For those of the sessions below there is [`new`](Server::new).
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind_with(address: &str, sockets: ServerOptions) -> io::Result<Server<N>> {
        let options = engineio::ServerOptions { paths: vec!["/socket.io/".into()], ..Default::default() };
        let engine = engineio::Server::bind(address).await?.options(options);
        Ok(Server::new(engine, Io::new(sockets)))
    }

    /// Of these: with options, TLS, limits, pages beside it.
    pub fn new(engine: engineio::Server<N>, io: Io<N>) -> Server<N> {
        Server { engine, io }
    }

    /// With this namespace.
    ///
    /// # Errors
    /// [`NspError`] if this is no name for one.
    pub fn of(self, nsp: &str, namespace: Namespace<Socket<N>>) -> Result<Server<N>, NspError> {
        self.io.add(nsp, namespace)?;
        Ok(self)
    }

    /// All its sockets, to say something to many of them.
    pub fn io(&self) -> Io<N> {
        self.io.clone()
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.engine.local_addr()
    }

    /// Raise it, and the server goes down in order: nobody is accepted any more, every client is told to go, and
    /// [`serve`](Server::serve) returns when all connections and handlers have ended, or were cut.
    pub fn shutdown(&self) -> Signal {
        self.engine.shutdown()
    }

    /// Serves, until it is told to [shut down](Server::shutdown).
    pub async fn serve(self) {
        let Server { engine, io } = self;
        let time = engine.patience();
        let carrying = io.clone();
        let stop = engine.shutdown();
        let serving = engine.serve(move |session, request: Box<Request>| {
            let io = carrying.clone();
            async move { io.carry(session, request).await }
        });
        io.serve_until(stop, serving).await;
        io.leave(time).await;
    }
}

impl<N: Network> fmt::Debug for Server<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("engine", &self.engine).finish_non_exhaustive()
    }
}
