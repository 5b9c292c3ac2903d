//! A server: many connections, one handler.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::Request;
use sansocket_driver::{Network, Signal, unless};
use sansocket_websocket::CloseCode;
use sansocket_websocket::handshake::server::ServerOptions;

use super::WebSocket;
use super::accept::{Answer, Asked, welcome};
use super::entrance::Entrance;
use crate::house::House;

/// A WebSocket server over TCP, or TLS: binds, accepts, shakes hands, and gives every connection to a handler in a task
/// of its own.
///
/// ```
/// # use sansocket_driver::Network;
/// # async fn example<N: Network>() -> std::io::Result<()> {
/// use sansocket_app::websocket::{Server, WebSocket};
///
/// let server = Server::<N>::bind("127.0.0.1:9001").await?;
/// server.serve(async |mut websocket: WebSocket<N, _>, _request| {
///     while let Some(message) = websocket.next().await {
///         if websocket.send(message).await.is_err() {
///             break;
///         }
///     }
/// });
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Server<N: Network> {
    house: House<N>,
    options: Arc<ServerOptions>,
}

impl<N: Network> Server<N> {
    /// Binds to an address such as `127.0.0.1:9001`; port 0 picks a free one ([`local_addr`](Server::local_addr)).
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
        Server { house, options: Arc::default() }
    }

    /// With these options for handshakes and connections.
    pub fn options(self, options: impl Into<Arc<ServerOptions>>) -> Server<N> {
        Server { options: options.into(), ..self }
    }

    /// Over TLS.
    pub fn tls(mut self, tls: N::ServerTls) -> Server<N> {
        self.house.door.tls = Some(tls);
        self
    }

    /// At most so many connections at once, those that still shake hands included. One more gets 503. Any number by
    /// default.
    pub fn max_connections(mut self, most: usize) -> Server<N> {
        self.house.max_connections = Some(most);
        self
    }

    /// How long connections may take to end when the server goes down; then they are cut. 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Server<N> {
        self.house.shutdown_timeout = timeout;
        self
    }

    /// Where the tasks run that connections live in.
    pub fn executor(mut self, executor: impl Into<N>) -> Server<N> {
        self.house.door.runtime = executor.into();
        self
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.house.local_addr()
    }

    /// Raise it, and the server goes down in order: nobody is accepted any more, every connection is closed with 1001
    /// (going away), and [`serve`](Server::serve) returns when all have ended, or were cut.
    pub fn shutdown(&self) -> Signal {
        self.house.door.stop.clone()
    }

    /// Accepts whoever asks for a WebSocket. `handle` gets the connection and what was asked for (drop that when you
    /// have seen it: a browser's headers are a kilobyte); its end is the connection's end, so it should not forget to
    /// [`close`](sansocket_driver::Connection::close) in order.
    pub async fn serve<H, HF>(self, handle: H)
    where
        H: Fn(WebSocket<N, N::Stream>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        self.serve_with(welcome, handle).await;
    }

    /// Asks `decide` what to answer: a WebSocket with a subprotocol and headers of your choice, or a page, or a
    /// refusal.
    pub async fn serve_with<D, DF, H, HF>(self, decide: D, handle: H)
    where
        D: Fn(Asked) -> DF + Send + Sync + 'static,
        DF: Future<Output = Answer> + Send + 'static,
        H: Fn(WebSocket<N, N::Stream>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        let Server { house, options } = self;
        let entrance = Entrance::new(house.door.clone(), options);
        let full = entrance.clone();
        let reception = Arc::new(Reception { entrance, decide, handle });
        house.open(move |tcp| reception.clone().receive(tcp), move |tcp| full.clone().turn_away(tcp)).await;
    }
}

/// What all connections of a server share.
struct Reception<N: Network, D, H> {
    entrance: Entrance<N>,
    decide: D,
    handle: H,
}

impl<N, D, DF, H, HF> Reception<N, D, H>
where
    N: Network,
    D: Fn(Asked) -> DF + Send + Sync + 'static,
    DF: Future<Output = Answer> + Send + 'static,
    H: Fn(WebSocket<N, N::Stream>, Box<Request>) -> HF + Send + Sync + 'static,
    HF: Future<Output = ()> + Send + 'static,
{
    /// Shakes hands, and asks the handler in.
    async fn receive(self: Arc<Self>, tcp: N::Tcp) -> Option<HF> {
        let stop = &self.entrance.door.stop;
        let (mut websocket, request) = unless(stop.wait(), self.shake_hands(tcp)).await.flatten()?;
        websocket.close_on(stop, |machine, now| machine.close(CloseCode::GOING_AWAY.into(), now));
        Some((self.handle)(websocket, Box::new(request)))
    }

    async fn shake_hands(&self, tcp: N::Tcp) -> Option<(WebSocket<N, N::Stream>, Request)> {
        let peer = N::peer_addr(&tcp).ok();
        let stream = self.entrance.enter(tcp).await.ok()?;
        self.entrance.acceptor.accept_from(peer, stream, &self.decide).await.ok()
    }
}
