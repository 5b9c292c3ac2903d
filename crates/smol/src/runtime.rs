//! What of smol the rest of this crate uses, by the names it uses it by.

use std::fmt;
use std::io::{self, IoSlice, Write as _};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sansocket_driver::Runtime;
use smol::{Async, Timer};

#[cfg(feature = "tls")]
pub(crate) use futures_rustls::{TlsAcceptor, TlsConnector, TlsStream};
pub(crate) use smol::io::{AsyncRead, AsyncWrite};

use crate::Clock;

/// Where the tasks of a server run: by default on smol's global executor (`SMOL_THREADS` says on how many threads).
#[derive(Clone, Default)]
pub struct Executor(Option<Arc<smol::Executor<'static>>>);

impl Runtime for Executor {
    type Clock = Clock;
    type Task = Task;

    fn clock(&self) -> Clock {
        Clock::new()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Task {
        Task(match &self.0 {
            Some(executor) => executor.spawn(task),
            None => smol::spawn(task),
        })
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        let timer = Timer::after(time);
        async { _ = timer.await }
    }
}

/// A task that somebody may cut off or let go; dropped, it is cut off.
#[derive(Debug)]
pub struct Task(smol::Task<()>);

impl sansocket_driver::Task for Task {
    fn cut(self) {
        drop(self.0);
    }

    fn let_go(self) {
        self.0.detach();
    }
}

impl From<Arc<smol::Executor<'static>>> for Executor {
    fn from(executor: Arc<smol::Executor<'static>>) -> Executor {
        Executor(Some(executor))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// A TCP connection. It is `smol::Async` and nothing more, but that closing it ends our side of the stream.
#[derive(Debug)]
pub struct TcpStream(Async<std::net::TcpStream>);

impl TcpStream {
    /// Our address.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }

    /// Who is on the other side.
    ///
    /// # Errors
    /// What the operating system says, usually that nobody is any more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().peer_addr()
    }

    /// Writes what is taken at once; nobody is woken for what is not.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_ref().write(bytes)
    }

    /// The same from many slices.
    pub(crate) fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.get_ref().write_vectored(slices)
    }

    /// Small writes leave at once: the driver gathers already.
    fn without_delay(tcp: Async<std::net::TcpStream>) -> TcpStream {
        let _ = tcp.get_ref().set_nodelay(true);
        TcpStream(tcp)
    }
}

impl From<Async<std::net::TcpStream>> for TcpStream {
    fn from(tcp: Async<std::net::TcpStream>) -> TcpStream {
        TcpStream(tcp)
    }
}

impl AsyncRead for TcpStream {
    #[inline]
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, room)
    }
}

impl AsyncWrite for TcpStream {
    #[inline]
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing lies between us and the operating system.
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(Shutdown::Write))
    }
}

/// Waits for connections: what the servers of this crate stand on.
#[derive(Debug)]
pub struct Listener(Async<std::net::TcpListener>);

impl Listener {
    pub(crate) async fn bind(address: &str) -> io::Result<Listener> {
        let address = address.to_owned();
        let listener = smol::unblock(move || std::net::TcpListener::bind(address)).await?;
        Listener::from_std(listener)
    }

    pub(crate) fn from_std(listener: std::net::TcpListener) -> io::Result<Listener> {
        Async::new(listener).map(Listener)
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.0.accept().await?;
        Ok(TcpStream::without_delay(stream))
    }
}

/// Connects to the first address of `host` that answers.
pub(crate) async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let host = host.to_owned();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in smol::unblock(move || (host, port).to_socket_addrs()).await? {
        match Async::<std::net::TcpStream>::connect(address).await {
            Ok(tcp) => return Ok(TcpStream::without_delay(tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}
