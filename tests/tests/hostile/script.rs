//! A stream that does what a test tells it to.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use sansocket_core::Instant;
use sansocket_driver::{Clock, Io};

/// What a read finds.
#[derive(Debug)]
pub(crate) enum Read {
    Bytes(Vec<u8>),
    /// Nothing yet; also writes have to wait once.
    Later,
    Fails(io::ErrorKind),
    End,
}

/// A stream whose reads are written down, and which keeps what is written to it.
pub(crate) struct Script {
    reads: VecDeque<Read>,
    /// The next write has to wait.
    busy: bool,
    pub(crate) written: Vec<u8>,
}

impl Script {
    pub(crate) fn new(reads: impl IntoIterator<Item = Read>) -> Script {
        Script { reads: reads.into_iter().collect(), busy: false, written: Vec::new() }
    }
}

impl Io for Script {
    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.reads.pop_front() {
            Some(Read::Bytes(mut bytes)) => {
                let n = bytes.len().min(room.len());
                room[..n].copy_from_slice(&bytes[..n]);
                if n < bytes.len() {
                    self.reads.push_front(Read::Bytes(bytes.split_off(n)));
                }
                Poll::Ready(Ok(n))
            }
            Some(Read::Later) => {
                self.busy = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Read::Fails(kind)) => Poll::Ready(Err(kind.into())),
            Some(Read::End) | None => Poll::Ready(Ok(0)),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if std::mem::take(&mut self.busy) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = self.written.len();
        slices.iter().for_each(|slice| self.written.extend_from_slice(slice));
        Poll::Ready(Ok(self.written.len() - before))
    }

    fn poll_shutdown(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A clock that stands still.
pub(crate) struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Instant {
        Instant::ZERO
    }

    fn poll_alarm(&mut self, _cx: &mut Context<'_>, _at: Instant) -> Poll<()> {
        Poll::Pending
    }
}
