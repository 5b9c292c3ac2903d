//! A toy machine, a stream that follows a script, a clock that is told the time, and a runtime of one page.
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "every test takes what it needs")]

pub mod lines;
pub mod script;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

pub use lines::{Event, Lines};
pub use script::{Peer, Read, Script, TestClock, Write};

pub type Connection = sansocket_driver::Connection<Lines, Script, TestClock>;

/// A connection, and both ends of its strings.
pub fn connect() -> (Connection, Peer, TestClock) {
    let (script, peer) = script::pair();
    let clock = TestClock::default();
    (Connection::new(Lines::default(), script, clock.clone()), peer, clock)
}

/// Counts how often it was woken.
#[derive(Default)]
pub struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Wakes {
    pub fn new() -> (Arc<Wakes>, Waker) {
        let wakes = Arc::new(Wakes::default());
        (wakes.clone(), wakes.into())
    }

    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

/// Polls as long as it is woken. `None` when it goes to sleep.
pub fn run<F: Future>(future: F) -> Option<F::Output> {
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        if wakes.take() == 0 {
            return None;
        }
    }
    panic!("woken for ever");
}

/// Polls once.
pub fn once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What an echo of lines should do: receive until the end.
pub async fn echo(connection: &mut Connection) -> usize {
    let mut lines = 0;
    while let Some(line) = connection.next().await {
        if connection.send(line).await.is_err() {
            break;
        }
        lines += 1;
    }
    lines
}

pub const MS: Duration = Duration::from_millis(1);
