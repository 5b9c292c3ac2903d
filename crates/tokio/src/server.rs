//! A server: many connections, one handler.

use std::future::{poll_fn, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Request, Response};
use sansocket_driver::{Crowd, Guest, Runtime as _, Signal, Task as _, unless};
use sansocket_websocket::CloseCode;
use sansocket_websocket::handshake::server::ServerOptions;

use crate::accept::{Acceptor, Answer, Asked, welcome};
use crate::runtime::{Executor, Listener, Task, TcpStream, sleep};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;
use crate::{Transport, WebSocket};

/// How long no connection is accepted after that failed for want of something (file descriptors, memory): trying again
/// at once would burn a processor and help nobody.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the last ones may take to be gone after they were cut: nothing is awaited there but their turn.
const CUT: Duration = Duration::from_millis(100);
/// Connections above the limit that are told so, at once; more are just closed.
const TURNED_AWAY: usize = 64;
/// How long somebody may keep us who is turned away.
const TURNING_AWAY: Duration = Duration::from_secs(1);

/// A WebSocket server over TCP, or TLS: binds, accepts, shakes hands, and gives every connection to a handler in a task
/// of its own.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use sansocket_tokio::Server;
///
/// let server = Server::bind("127.0.0.1:9001").await?;
/// server.serve(async |mut websocket, _request| {
///     while let Some(message) = websocket.next().await {
///         if websocket.send(message).await.is_err() {
///             break;
///         }
///     }
/// });
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    acceptor: Acceptor,
    executor: Executor,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
    max_connections: Option<usize>,
    shutdown_timeout: Duration,
    shutdown: Signal,
}

impl Server {
    /// Binds to an address such as `127.0.0.1:9001`; port 0 picks a free one ([`local_addr`](Server::local_addr)).
    ///
    /// # Errors
    /// What the operating system says: the port is taken, or not for you.
    pub async fn bind(address: &str) -> io::Result<Server> {
        Listener::bind(address).await.map(Server::new)
    }

    /// Takes a listener that somebody else bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Server> {
        Listener::from_std(listener).map(Server::new)
    }

    fn new(listener: Listener) -> Server {
        Server {
            listener,
            acceptor: Acceptor::default(),
            executor: Executor::default(),
            #[cfg(feature = "tls")]
            tls: None,
            max_connections: None,
            shutdown_timeout: Duration::from_secs(5),
            shutdown: Signal::default(),
        }
    }

    /// With these options for handshakes and connections.
    pub fn options(self, options: impl Into<Arc<ServerOptions>>) -> Server {
        Server { acceptor: Acceptor::new(options), ..self }
    }

    /// Over TLS.
    #[cfg(feature = "tls")]
    pub fn tls(self, tls: ServerTls) -> Server {
        Server { tls: Some(tls), ..self }
    }

    /// At most so many connections at once, those that still shake hands included. One more gets 503. Any number by
    /// default.
    pub fn max_connections(self, most: usize) -> Server {
        Server { max_connections: Some(most), ..self }
    }

    /// How long connections may take to end when the server goes down; then they are cut. 5 s by default.
    pub fn shutdown_timeout(self, timeout: Duration) -> Server {
        Server { shutdown_timeout: timeout, ..self }
    }

    /// Where the tasks run that connections live in.
    pub fn executor(self, executor: impl Into<Executor>) -> Server {
        Server { executor: executor.into(), ..self }
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Raise it, and the server goes down in order: nobody is accepted any more, every connection is closed with 1001
    /// (going away), and [`serve`](Server::serve) returns when all have ended, or were cut.
    pub fn shutdown(&self) -> Signal {
        self.shutdown.clone()
    }

    /// Accepts whoever asks for a WebSocket. `handle` gets the connection and what was asked for (drop that when you
    /// have seen it: a browser's headers are a kilobyte); its end is the connection's end, so it should not forget to
    /// [`close`](sansocket_driver::Connection::close) in order.
    pub async fn serve<H, HF>(self, handle: H)
    where
        H: Fn(WebSocket, Box<Request>) -> HF + Send + Sync + 'static,
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
        H: Fn(WebSocket, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        let house = Arc::new(House {
            acceptor: self.acceptor,
            #[cfg(feature = "tls")]
            tls: self.tls,
            stop: self.shutdown,
            guests: Crowd::new(self.max_connections.unwrap_or(usize::MAX)),
            turned_away: Crowd::new(TURNED_AWAY),
            decide,
            handle,
        });
        while let Some(accepted) = unless(house.stop.wait(), self.listener.accept()).await {
            match accepted {
                Ok(tcp) => house.clone().open(tcp, &self.executor),
                Err(error) if is_the_peers(&error) => {}
                Err(_) => drop(unless(house.stop.wait(), sleep(PAUSE)).await),
            }
        }
        // Before waiting for anybody: who comes now is refused by the operating system.
        drop(self.listener);
        if unless(sleep(self.shutdown_timeout), house.guests.close()).await.is_none() {
            house.guests.cut();
            // Who was cut is gone when his task has had its turn, which on one thread nobody gives him once we return.
            unless(sleep(CUT), house.guests.gone()).await;
        }
    }
}

/// A connection that was gone before it was accepted is no reason to wait (accept(2)).
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// What all connections of a server share.
struct House<D, H> {
    acceptor: Acceptor,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
    /// The server goes down: say goodbye.
    stop: Signal,
    guests: Arc<Crowd<Task>>,
    turned_away: Arc<Crowd<Task>>,
    decide: D,
    handle: H,
}

impl<D, DF, H, HF> House<D, H>
where
    D: Fn(Asked) -> DF + Send + Sync + 'static,
    DF: Future<Output = Answer> + Send + 'static,
    H: Fn(WebSocket, Box<Request>) -> HF + Send + Sync + 'static,
    HF: Future<Output = ()> + Send + 'static,
{
    fn open(self: Arc<Self>, tcp: TcpStream, executor: &Executor) {
        if let Some(guest) = self.guests.enter() {
            let seat = guest.seat();
            let task = executor.spawn(self.clone().receive(tcp, guest));
            self.guests.keep(seat, task);
        } else if let Some(guest) = self.turned_away.enter() {
            executor.spawn(self.turn_away(tcp, guest)).let_go();
        }
    }

    /// All that the task of a connection does. It lives in the handler for longest, so that is what it has room for;
    /// the handshake has a box of its own, until it is over.
    fn receive(self: Arc<Self>, tcp: TcpStream, guest: Guest<Task>) -> impl Future<Output = ()> + Send {
        let hosted = Box::pin(self.host(tcp));
        async move {
            let Some(staying) = hosted.await else { return };
            staying.await;
            drop(guest);
        }
    }

    /// Shakes hands, and asks the handler in.
    async fn host(self: Arc<Self>, tcp: TcpStream) -> Option<HF> {
        let (mut websocket, request) = unless(self.stop.wait(), self.shake_hands(tcp)).await.flatten()?;
        let mut stop = self.stop.wait();
        websocket
            .close_on(poll_fn(move |cx| Pin::new(&mut stop).poll(cx).map(|()| CloseCode::GOING_AWAY.into())));
        Some((self.handle)(websocket, Box::new(request)))
    }

    async fn shake_hands(&self, tcp: TcpStream) -> Option<(WebSocket, Request)> {
        let peer = tcp.peer_addr().ok();
        let transport = self.secure(tcp).await.ok()?;
        let decide = |asked| (self.decide)(Asked { peer, ..asked });
        self.acceptor.accept(transport, decide).await.ok()
    }

    /// RFC 9110 §15.6.4: 503, and when to try again.
    async fn turn_away(self: Arc<Self>, tcp: TcpStream, _guest: Guest<Task>) {
        let full = Response::new(503).with_header("Retry-After", "5");
        let refuse = async {
            let transport = self.secure(tcp).await.ok()?;
            self.acceptor.accept(transport, |_| ready(full.into())).await.ok()
        };
        unless(sleep(TURNING_AWAY), Box::pin(refuse)).await;
    }

    #[cfg(feature = "tls")]
    async fn secure(&self, tcp: TcpStream) -> io::Result<Transport> {
        let Some(tls) = &self.tls else { return Ok(tcp.into()) };
        let timeout = self.acceptor.options().timeout;
        let secured = unless(sleep(timeout), tls.accept(tcp)).await;
        secured.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    #[cfg(not(feature = "tls"))]
    async fn secure(&self, tcp: TcpStream) -> io::Result<Transport> {
        Ok(tcp.into())
    }
}
