//! Connections as `Stream` and `Sink`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use sansocket_core::{Endpoint, SendError};

use crate::{Clock, Connection, Incoming, Io};

impl<M: Endpoint, I: Io, C: Clock> Stream for Connection<M, I, C> {
    type Item = M::Received;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        self.get_mut().poll_next(cx)
    }
}

impl<M: Endpoint> Stream for Incoming<M> {
    type Item = M::Received;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        self.get_mut().poll_next(cx)
    }
}

/// Closing the sink says nothing to the peer: it flushes. Say goodbye with [`Connection::close`].
impl<M: Endpoint, I: Io, C: Clock> Sink<M::Sent> for Connection<M, I, C> {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_ready(cx).map(Ok)
    }

    fn start_send(self: Pin<&mut Self>, item: M::Sent) -> io::Result<()> {
        self.get_mut().try_send(item).map_err(|refused| io::Error::new(kind(&refused), refused.map(drop)))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_flush(cx)
    }
}

fn kind<T>(refused: &SendError<T>) -> io::ErrorKind {
    match refused {
        SendError::Blocked(_) => io::ErrorKind::WouldBlock,
        SendError::Closed(_) => io::ErrorKind::BrokenPipe,
        SendError::Unfinished(_) => io::ErrorKind::InvalidInput,
    }
}
