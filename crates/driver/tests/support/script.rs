//! A stream that does what a test tells it to, and a clock that goes when it is told to.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sansocket_core::Instant;
use sansocket_driver::{Clock, Io};

/// What a read finds.
#[derive(Debug)]
pub enum Read {
    Bytes(Vec<u8>),
    /// Not yet, but at once.
    Later,
    Eof,
    Fails(io::ErrorKind),
    Errno(i32),
}

/// What becomes of a write; without a script everything is taken.
#[derive(Debug)]
pub enum Write {
    Take(usize),
    Later,
    /// Nothing is taken until [`Peer::drain`].
    Stuck,
    Fails(io::ErrorKind),
}

#[derive(Default)]
struct Wire {
    reads: VecDeque<Read>,
    writes: VecDeque<Write>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    written: Vec<u8>,
    calls: Calls,
}

impl Wire {
    fn take(&mut self, slices: &[IoSlice<'_>], most: usize) -> usize {
        self.calls.writes += 1;
        self.calls.gathered = self.calls.gathered.max(slices.len());
        let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let n = all.len().min(most);
        self.written.extend(&all[..n]);
        n
    }
}

/// How often the stream was asked.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Calls {
    pub reads: usize,
    /// Those that took something.
    pub writes: usize,
    pub shutdowns: usize,
    /// The most slices that one write gathered.
    pub gathered: usize,
}

pub struct Script(Arc<Mutex<Wire>>);

/// The other end.
#[derive(Clone)]
pub struct Peer(Arc<Mutex<Wire>>);

pub fn pair() -> (Script, Peer) {
    let wire = Arc::new(Mutex::new(Wire::default()));
    (Script(wire.clone()), Peer(wire))
}

impl Peer {
    pub fn says(&self, bytes: impl AsRef<[u8]>) {
        self.plan([Read::Bytes(bytes.as_ref().to_vec())]);
    }

    pub fn plan(&self, reads: impl IntoIterator<Item = Read>) {
        let mut wire = self.wire();
        wire.reads.extend(reads);
        wire.reader.take().into_iter().for_each(Waker::wake);
    }

    pub fn takes(&self, writes: impl IntoIterator<Item = Write>) {
        self.wire().writes.extend(writes);
    }

    /// Reads again.
    pub fn drain(&self) {
        let mut wire = self.wire();
        wire.writes.clear();
        wire.writer.take().into_iter().for_each(Waker::wake);
    }

    pub fn heard(&self) -> String {
        String::from_utf8(self.wire().written.clone()).expect("tests speak UTF-8")
    }

    pub fn calls(&self) -> Calls {
        self.wire().calls
    }

    /// Is there still somebody at the other end?
    pub fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    pub fn unread(&self) -> usize {
        self.wire().reads.len()
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap()
    }
}

impl Io for Script {
    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        assert!(!room.is_empty());
        let mut wire = self.0.lock().unwrap();
        wire.calls.reads += 1;
        match wire.reads.pop_front() {
            None => wire.reader = Some(cx.waker().clone()),
            Some(Read::Later) => cx.waker().wake_by_ref(),
            Some(Read::Eof) => {
                wire.reads.push_front(Read::Eof);
                return Poll::Ready(Ok(0));
            }
            Some(Read::Fails(kind)) => return Poll::Ready(Err(kind.into())),
            Some(Read::Errno(code)) => return Poll::Ready(Err(io::Error::from_raw_os_error(code))),
            Some(Read::Bytes(mut bytes)) => {
                let n = bytes.len().min(room.len());
                room[..n].copy_from_slice(&bytes[..n]);
                if n < bytes.len() {
                    wire.reads.push_front(Read::Bytes(bytes.split_off(n)));
                }
                return Poll::Ready(Ok(n));
            }
        }
        Poll::Pending
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        assert!(slices.iter().all(|slice| !slice.is_empty()) && !slices.is_empty());
        let mut wire = self.0.lock().unwrap();
        let most = match wire.writes.pop_front() {
            None => usize::MAX,
            Some(Write::Take(n)) => n,
            Some(Write::Fails(kind)) => return Poll::Ready(Err(kind.into())),
            Some(Write::Later) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Write::Stuck) => {
                wire.writes.push_front(Write::Stuck);
                wire.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
        };
        Poll::Ready(Ok(wire.take(slices, most)))
    }

    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut wire = self.0.lock().unwrap();
        match wire.writes.front() {
            None => Ok(wire.take(slices, usize::MAX)),
            Some(&Write::Take(n)) => {
                wire.writes.pop_front();
                Ok(wire.take(slices, n))
            }
            // Whoever waits will see it.
            Some(Write::Fails(kind)) => Err((*kind).into()),
            Some(Write::Later | Write::Stuck) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn poll_shutdown(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().unwrap().calls.shutdowns += 1;
        Poll::Ready(Ok(()))
    }
}

#[derive(Clone, Default)]
pub struct TestClock(Arc<Mutex<Time>>);

#[derive(Default)]
struct Time {
    micros: u64,
    alarm: Option<(Instant, Waker)>,
    /// Alarms that were not asked for before.
    set: usize,
    last: Option<Instant>,
    asked: usize,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        let mut time = self.0.lock().unwrap();
        time.micros += by.as_micros() as u64;
        let now = Instant::from_micros(time.micros);
        if let Some((_, waker)) = time.alarm.take_if(|(at, _)| *at <= now) {
            waker.wake();
        }
    }

    /// How often a timer had to be set.
    pub fn set(&self) -> usize {
        self.0.lock().unwrap().set
    }

    /// How often the time was asked for.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        let mut time = self.0.lock().unwrap();
        time.asked += 1;
        Instant::from_micros(time.micros)
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        let mut time = self.0.lock().unwrap();
        if time.last.replace(at) != Some(at) {
            time.set += 1;
        }
        if Instant::from_micros(time.micros) >= at {
            time.last = None;
            return Poll::Ready(());
        }
        time.alarm = Some((at, cx.waker().clone()));
        Poll::Pending
    }
}
