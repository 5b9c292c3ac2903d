//! Who echoes. To add one: a file in `others` with a function that serves a listener for ever, and a line in its `mod.rs`.
//!
//! The plain ones say every message back in the loop that a newcomer would write: receive, send. Those named `+batch`
//! feed messages as long as more are ready, and flush then. In a broadcast every message goes to everyone.

use std::net::TcpListener;
use std::time::Duration;

use tokio::net::TcpStream;

mod engineio;
#[cfg(feature = "engineioxide")]
mod engineioxide;
mod epoll;
pub mod node;
#[cfg(feature = "others")]
mod others;
mod raw;
mod sansocket;
mod socketio;
#[cfg(feature = "socketioxide")]
mod socketioxide;

/// One server.
pub struct Server {
    /// The name of its row; a limit's begins with `=`.
    pub name: &'static str,
    /// What it speaks.
    pub speech: Speech,
    /// Echoes for ever, on this thread.
    pub echo: fn(TcpListener),
    /// Says everything to everyone, if it can.
    pub broadcast: Option<fn(TcpListener)>,
}

/// What a server speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speech {
    /// WebSocket, and it is asked for nothing more.
    WebSocket,
    /// WebSocket with permessage-deflate.
    Deflate,
    /// Engine.IO, by polling and over WebSocket.
    EngineIo,
    /// Socket.IO over WebSocket.
    SocketIo,
    /// Nothing: bytes come back as they are.
    Raw,
}

/// Where Socket.IO is.
const PATH: &str = "/socket.io/";
/// The room of all sockets that are told something.
const ROOM: &str = "crowd";
/// Longer than a load stays.
const FOREVER: Duration = Duration::from_secs(3600);

impl Speech {
    /// Does it belong to the parts of plain WebSockets, or to one of its own?
    pub fn is_plain(self) -> bool {
        !matches!(self, Speech::EngineIo | Speech::SocketIo)
    }
}

/// Ourselves.
static OURS: [Server; 10] = [
    Server { broadcast: Some(sansocket::tokio_to_all), ..server("sansocket", sansocket::tokio) },
    server("sansocket-serve", sansocket::tokio_lent),
    Server { broadcast: Some(sansocket::smol_to_all), ..server("sansocket-smol", sansocket::smol) },
    server("sansocket-smol-serve", sansocket::smol_lent),
    Server { speech: Speech::Deflate, ..server("sansocket-deflate", sansocket::tokio_deflate) },
    Server { speech: Speech::Deflate, ..server("sansocket-smol-deflate", sansocket::smol_deflate) },
    Server { speech: Speech::EngineIo, ..server("sansocket-engineio", engineio::tokio) },
    Server { speech: Speech::EngineIo, ..server("sansocket-smol-engineio", engineio::smol) },
    Server { speech: Speech::SocketIo, ..server("sansocket-socketio", socketio::tokio) },
    Server { speech: Speech::SocketIo, ..server("sansocket-smol-socketio", socketio::smol) },
];

/// The other one that speaks Engine.IO.
#[cfg(feature = "engineioxide")]
static ENGINEIOXIDE: [Server; 1] =
    [Server { speech: Speech::EngineIo, ..server("engineioxide", engineioxide::echo) }];

/// The other ones that speak Socket.IO.
static SOCKETIO: &[Server] = &[
    #[cfg(feature = "socketioxide")]
    Server { speech: Speech::SocketIo, ..server("socketioxide", socketioxide::serve) },
    Server { speech: Speech::SocketIo, ..server(node::NAME, node::serve) },
];

/// Limits: the runtimes alone, the system alone, and the least that a WebSocket can do.
static LIMITS: [Server; 4] = [
    Server { speech: Speech::Raw, ..server("=raw-tokio", raw::tokio) },
    Server { speech: Speech::Raw, ..server("=raw-smol", raw::smol) },
    Server { speech: Speech::Raw, ..server("=raw-epoll", epoll::raw) },
    Server { broadcast: Some(epoll::to_all), ..server("=ideal-epoll", epoll::ideal) },
];

/// Ourselves, the others, and the limits.
pub fn all() -> impl Iterator<Item = &'static Server> {
    #[cfg(feature = "others")]
    let others = &others::ALL[..];
    #[cfg(not(feature = "others"))]
    let others = &[];
    #[cfg(feature = "engineioxide")]
    let engineioxide = &ENGINEIOXIDE[..];
    #[cfg(not(feature = "engineioxide"))]
    let engineioxide = &[];
    OURS.iter().chain(others).chain(engineioxide).chain(SOCKETIO).chain(&LIMITS)
}

const fn server(name: &'static str, echo: fn(TcpListener)) -> Server {
    Server { name, speech: Speech::WebSocket, echo, broadcast: None }
}

/// Accepts for ever on one thread of tokio; `talk` is a connection's life.
fn on_tokio<F>(listener: TcpListener, talk: impl Fn(TcpStream) -> F + 'static)
where
    F: Future<Output = ()> + 'static,
{
    block_on_tokio(async move {
        listener.set_nonblocking(true).expect("a socket");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            tokio::task::spawn_local(talk(stream));
        }
    });
}

fn block_on_tokio(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, future);
}
