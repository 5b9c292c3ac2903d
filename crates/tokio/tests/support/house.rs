//! An Engine.IO server to be met over real sockets.
#![allow(dead_code, unreachable_pub, reason = "every test takes what it needs")]

use std::net::SocketAddr;

use sansocket_core::Request;
use sansocket_driver::Signal;
use sansocket_testkit::line::Line;
use sansocket_tokio::engineio::{Server, Session};

pub struct House {
    pub address: SocketAddr,
    /// Raise it, and the server goes down.
    pub stop: Signal,
    /// It is down.
    pub ended: Signal,
}

pub async fn bind() -> Server {
    Server::bind("127.0.0.1:0").await.unwrap()
}

/// Runs a test with a server whose connections and sessions live on this thread too.
pub fn run_alone<T>(test: impl AsyncFnOnce(Server) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { test(bind().await).await })
}

pub fn open<H, HF>(server: Server, handle: H) -> House
where
    H: Fn(Session, Box<Request>) -> HF + Send + Sync + 'static,
    HF: Future<Output = ()> + Send + 'static,
{
    let ended = Signal::default();
    let house =
        House { address: server.local_addr().unwrap(), stop: server.shutdown(), ended: ended.clone() };
    let serving = async move {
        server.serve(handle).await;
        ended.raise();
    };
    tokio::spawn(serving);
    house
}

/// The naive loop.
pub async fn echo(mut session: Session, request: Box<Request>) {
    drop(request);
    while let Some(message) = session.next().await {
        if session.send(message).await.is_err() {
            break;
        }
    }
}

impl House {
    pub fn connect(&self) -> Line {
        Line::to(self.address)
    }
}
