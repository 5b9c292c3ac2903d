//! A listener around an engine.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Headers, Request};
use sansocket_driver::{Network, Signal, unless};
use sansocket_engineio::server::ServerOptions;
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

use super::beside::Beside;
use super::engine::{Engine, Setup};
use super::hooks::{Occasion, Refusal};
use super::session::Session;
use super::talk::Stay;
use crate::house::House;
use crate::websocket::{Answer, Asked, Entrance, WebSocket};

/// An Engine.IO server over TCP, or TLS: listens, and gives every session to a handler in a task of its own, whatever
/// carries it: polls, a WebSocket, or one after the other.
///
/// ```
/// # use sansocket_driver::Network;
/// # async fn example<N: Network>() -> std::io::Result<()> {
/// use sansocket_app::engineio::{Server, Session};
///
/// let server = Server::<N>::bind("127.0.0.1:3000").await?;
/// server
///     .serve(async |mut session: Session<N>, _request| {
///         while let Some(message) = session.next().await {
///             if session.send(message).await.is_err() {
///                 break;
///             }
///         }
///     })
///     .await;
/// # Ok(()) }
/// ```
pub struct Server<N: Network> {
    house: House<N>,
    setup: Setup<N>,
    beside: Beside<N, N::Stream>,
}

impl<N: Network> Server<N> {
    /// Binds to an address such as `127.0.0.1:3000`; port 0 picks a free one ([`local_addr`](Server::local_addr)).
    ///
    /// # Errors
    /// What the operating system says: the port is taken, or not for you.
    pub async fn bind(address: &str) -> io::Result<Server<N>> {
        House::bind(address).await.map(Server::new)
    }

    /// Takes a listener that somebody else bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Server<N>> {
        House::from_std(listener).map(Server::new)
    }

    fn new(house: House<N>) -> Server<N> {
        Server { house, setup: Setup::default(), beside: Beside::default() }
    }

    /// With these options for sessions.
    pub fn options(self, options: ServerOptions) -> Server<N> {
        Server { setup: self.setup.options(options), ..self }
    }

    /// With these for handshakes and WebSockets: see [`Setup::websocket`].
    pub fn websocket(self, options: impl Into<Arc<HandshakeOptions>>) -> Server<N> {
        Server { setup: self.setup.websocket(options), ..self }
    }

    /// Over TLS.
    pub fn tls(mut self, tls: N::ServerTls) -> Server<N> {
        self.house.door.tls = Some(tls);
        self
    }

    /// At most so many connections at once. One more gets 503. Any number by default; for sessions there is
    /// [`ServerOptions::max_sessions`].
    pub fn max_connections(mut self, most: usize) -> Server<N> {
        self.house.max_connections = Some(most);
        self
    }

    /// How long connections and handlers may take to end when the server goes down; then they are cut. 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Server<N> {
        self.house.shutdown_timeout = timeout;
        self
    }

    /// Where the tasks of connections and sessions run.
    pub fn executor(mut self, executor: impl Into<N>) -> Server<N> {
        let executor = executor.into();
        self.house.door.runtime = executor.clone();
        Server { setup: self.setup.executor(executor), ..self }
    }

    /// Asks `allow` about everybody who wants to begin a session: see [`Setup::allow`].
    pub fn allow<A, AF>(self, allow: A) -> Server<N>
    where
        A: Fn(Asked) -> AF + Send + Sync + 'static,
        AF: Future<Output = Result<(), Refusal>> + Send + 'static,
    {
        Server { setup: self.setup.allow(allow), ..self }
    }

    /// Adds headers to all answers of Engine.IO: see [`Setup::headers`].
    pub fn headers<A>(self, headers: A) -> Server<N>
    where
        A: Fn(&Request, Occasion) -> Headers + Send + Sync + 'static,
    {
        Server { setup: self.setup.headers(headers), ..self }
    }

    /// Answers what is asked for beside Engine.IO: `decide` says what is answered, and WebSockets that are accepted live
    /// in `handle`. Without it nothing is found there.
    pub fn beside<D, DF, H, HF>(self, decide: D, handle: H) -> Server<N>
    where
        D: Fn(Asked) -> DF + Send + Sync + 'static,
        DF: Future<Output = Answer> + Send + 'static,
        H: Fn(WebSocket<N, N::Stream>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        Server { beside: Beside::new(decide, handle), ..self }
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.house.local_addr()
    }

    /// Raise it, and the server goes down in order: nobody is accepted any more, every session is closed, and
    /// [`serve`](Server::serve) returns when all connections and handlers have ended, or were cut.
    pub fn shutdown(&self) -> Signal {
        self.house.door.stop.clone()
    }

    /// How long everything may take to end.
    pub(crate) fn patience(&self) -> Duration {
        self.house.shutdown_timeout
    }

    /// Gives every session to `handle`, with the request it began with (drop that when you have seen it: a browser's
    /// headers are a kilobyte). The handler's end is the session's end, in order; so is a panic.
    pub async fn serve<H, HF>(self, handle: H)
    where
        H: Fn(Session<N>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        let Server { house, setup, beside } = self;
        let (door, time) = (house.door.clone(), house.shutdown_timeout);
        let stop = door.stop.clone();
        let entrance = Entrance::new(door, setup.handshake.clone());
        let engine = Setup { stop: stop.clone(), ..setup }.start(handle);
        let full = entrance.clone();
        let reception = Arc::new(Reception { entrance, engine: engine.clone(), beside: Arc::new(beside) });
        let open =
            house.open(move |tcp| reception.clone().receive(tcp), move |tcp| full.clone().turn_away(tcp));
        let close = async {
            stop.wait().await;
            engine.close();
            pending::<()>().await;
        };
        unless(close, open).await;
        // Nobody can come any more, not even for a goodbye.
        engine.leave(time).await;
    }
}

/// What all connections of a server share.
struct Reception<N: Network> {
    entrance: Entrance<N>,
    engine: Engine<N>,
    beside: Arc<Beside<N, N::Stream>>,
}

impl<N: Network> Reception<N> {
    async fn receive(self: Arc<Self>, tcp: N::Tcp) -> Option<Stay<N, N::Stream>> {
        let peer = N::peer_addr(&tcp).ok();
        let stream = unless(self.entrance.door.stop.wait(), self.entrance.enter(tcp)).await?.ok()?;
        self.engine.receive(stream, self.beside.clone(), peer).await
    }
}

impl<N: Network> fmt::Debug for Server<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("setup", &self.setup).finish_non_exhaustive()
    }
}
