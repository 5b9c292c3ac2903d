//! TCP, or TLS over TCP.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use sansocket_driver::Io;

use crate::Over;
use crate::runtime::TcpStream;
#[cfg(feature = "tls")]
use crate::runtime::TlsStream;

/// TCP, or TLS over TCP: one type for both, so that one handler serves both.
#[derive(Debug)]
pub enum Transport {
    /// `ws://`
    Tcp(Over<TcpStream>),
    /// `wss://`
    #[cfg(feature = "tls")]
    Tls(Box<Over<TlsStream<TcpStream>>>),
}

impl Transport {
    /// The TCP connection below.
    pub fn tcp(&self) -> &TcpStream {
        match self {
            Transport::Tcp(Over(tcp)) => tcp,
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.0.get_ref().0,
        }
    }

    /// Who is on the other side.
    ///
    /// # Errors
    /// What the operating system says, usually that nobody is any more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().peer_addr()
    }
}

impl From<TcpStream> for Transport {
    fn from(tcp: TcpStream) -> Transport {
        Transport::Tcp(Over(tcp))
    }
}

#[cfg(feature = "tls")]
impl From<TlsStream<TcpStream>> for Transport {
    fn from(tls: TlsStream<TcpStream>) -> Transport {
        Transport::Tls(Box::new(Over(tls)))
    }
}

impl Io for Transport {
    #[inline]
    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Transport::Tcp(tcp) => tcp.poll_read(cx, room),
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.poll_read(cx, room),
        }
    }

    #[inline]
    fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self {
            Transport::Tcp(tcp) => tcp.poll_write(cx, slices),
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.poll_write(cx, slices),
        }
    }

    #[inline]
    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match (self, slices) {
            (Transport::Tcp(tcp), [one]) => tcp.0.try_write(one),
            (Transport::Tcp(tcp), _) => tcp.0.try_write_vectored(slices),
            // What is encrypted lies in a buffer first.
            #[cfg(feature = "tls")]
            (Transport::Tls(_), _) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    #[inline]
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Transport::Tcp(tcp) => tcp.poll_flush(cx),
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.poll_flush(cx),
        }
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Transport::Tcp(tcp) => tcp.poll_shutdown(cx),
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.poll_shutdown(cx),
        }
    }
}
