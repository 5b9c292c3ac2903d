//! A server on a free port, and a limit of time.
#![allow(dead_code, unreachable_pub, reason = "every test takes what it needs")]

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use sansocket_core::Request;
use sansocket_driver::{Signal, unless};
use sansocket_smol::{Answer, Asked, Server, WebSocket};

/// Runs a test, for a minute at most.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let limit = sleep(Duration::from_secs(60));
    let limited = async { unless(limit, test).await.expect("took too long") };
    smol::block_on(limited)
}

/// Runs a test with a server whose connections live on this thread too.
pub fn run_alone<T>(test: impl AsyncFnOnce(Server) -> T) -> T {
    let executor = std::sync::Arc::new(smol::Executor::new());
    smol::block_on(executor.run(async { test(bind().await.executor(executor.clone())).await }))
}

pub async fn sleep(duration: Duration) {
    smol::Timer::after(duration).await;
}

pub struct Running {
    pub address: SocketAddr,
    /// Raise it, and the server goes down.
    pub stop: Signal,
    /// It is down.
    pub ended: Signal,
}

impl Running {
    pub fn uri(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// What a server that knows no WebSocket would be asked, and answers; until it closes.
    pub fn ask(&self, request: &str) -> String {
        let mut tcp = std::net::TcpStream::connect(self.address).unwrap();
        tcp.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = tcp.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }
}

pub async fn bind() -> Server {
    Server::bind("127.0.0.1:0").await.unwrap()
}

pub fn start<D, DF, H, HF>(server: Server, decide: D, handle: H) -> Running
where
    D: Fn(Asked) -> DF + Send + Sync + 'static,
    DF: Future<Output = Answer> + Send + 'static,
    H: Fn(WebSocket, Box<Request>) -> HF + Send + Sync + 'static,
    HF: Future<Output = ()> + Send + 'static,
{
    let ended = Signal::default();
    let running =
        Running { address: server.local_addr().unwrap(), stop: server.shutdown(), ended: ended.clone() };
    let serving = async move {
        server.serve_with(decide, handle).await;
        ended.raise();
    };
    smol::spawn(serving).detach();
    running
}

/// The naive loop.
pub async fn echo<R>(mut websocket: WebSocket, _request: R) {
    while let Some(message) = websocket.next().await {
        if websocket.send(message).await.is_err() {
            break;
        }
    }
}
