//! Who echoes. To add one: a file with a function that serves a listener for ever, and a line in [`ALL`].
//!
//! All say every message back in the loop that a newcomer would write: receive, send. None batches by hand.

use std::net::TcpListener;

use tokio::net::TcpStream;

use super::load::Speech;

mod fastwebsockets;
mod raw;
mod sansocket;
mod tokio_websockets;
mod tungstenite;

/// One server.
#[derive(Clone, Copy)]
pub struct Server {
    /// The name of its row.
    pub name: &'static str,
    /// What it speaks.
    pub speech: Speech,
    /// Serves for ever, on this thread.
    pub run: fn(TcpListener),
}

/// Everyone.
pub const ALL: [Server; 8] = [
    Server::new("sansocket-tokio, `next` and `send`", sansocket::tokio_naive),
    Server::new("sansocket-tokio, `serve`", sansocket::tokio_lent),
    Server::new("sansocket-smol, `next` and `send`", sansocket::smol_naive),
    Server::new("tokio-tungstenite", tungstenite::run),
    Server::new("tokio-websockets", tokio_websockets::run),
    Server::new("fastwebsockets", fastwebsockets::run),
    Server { speech: Speech::Raw, ..Server::new("tokio alone, bytes back as they are", raw::tokio) },
    Server { speech: Speech::Raw, ..Server::new("smol alone, bytes back as they are", raw::smol) },
];

impl Server {
    const fn new(name: &'static str, run: fn(TcpListener)) -> Server {
        Server { name, speech: Speech::WebSocket, run }
    }
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
