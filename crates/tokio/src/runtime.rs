//! What of tokio the rest of this crate uses, by the names it uses it by.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sansocket_driver::Runtime;

pub(crate) use tokio::io::{AsyncRead, AsyncWrite};
pub use tokio::net::TcpStream;
#[cfg(feature = "tls")]
pub(crate) use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::Clock;

/// Where the tasks of a server run: by default on the runtime that polls [`Server::serve`](crate::Server::serve).
#[derive(Clone, Default)]
pub struct Executor(Option<tokio::runtime::Handle>);

impl Runtime for Executor {
    type Clock = Clock;
    type Task = Task;

    fn clock(&self) -> Clock {
        Clock::new()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Task {
        let spawned = match &self.0 {
            Some(handle) => handle.spawn(task),
            None => tokio::spawn(task),
        };
        Task(spawned.abort_handle())
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        tokio::time::sleep(time)
    }
}

/// A task that somebody may cut off or let go; dropped, it is let go.
#[derive(Debug)]
pub struct Task(tokio::task::AbortHandle);

impl sansocket_driver::Task for Task {
    fn cut(self) {
        self.0.abort();
    }

    fn let_go(self) {}
}

impl From<tokio::runtime::Handle> for Executor {
    fn from(handle: tokio::runtime::Handle) -> Executor {
        Executor(Some(handle))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// Waits for connections: what the servers of this crate stand on.
#[derive(Debug)]
pub struct Listener(tokio::net::TcpListener);

impl Listener {
    pub(crate) async fn bind(address: &str) -> io::Result<Listener> {
        tokio::net::TcpListener::bind(address).await.map(Listener)
    }

    pub(crate) fn from_std(listener: std::net::TcpListener) -> io::Result<Listener> {
        listener.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(listener).map(Listener)
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.0.accept().await?;
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// Connects to the first address of `host` that answers.
pub(crate) async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
