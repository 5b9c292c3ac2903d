//! The driver's loops over a stream that is always ready while a round lasts.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use sansocket_core::Instant;
use sansocket_driver::{Clock, Connection, Io};
use sansocket_websocket::{Event, Role, WebSocket};

use crate::case::{Case, Round};
use crate::payload::Content::Binary;
use crate::side::{NOW, Side, messages};
use crate::source::Source;

/// A server's connection.
type Served = Connection<WebSocket, Stream, Still>;
/// What drives it for ever.
type Driven = Pin<Box<dyn Future<Output = ()>>>;

/// A read full of messages, or one at a time; owned or lent.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, size, load: Load, echo: fn(Served) -> Driven| {
        Case::new(format!("echo/{name}/{size}"), move || round(size, load, echo))
    };
    let mut cases = Vec::new();
    for size in [16, 125] {
        cases.push(case("owned/burst", size, Load::Burst, owned));
        cases.push(case("owned/alone", size, Load::Alone, owned));
        cases.push(case("lent/burst", size, Load::Burst, lent));
        cases.push(case("lent/alone", size, Load::Alone, lent));
    }
    cases
}

/// What one read finds; then the stream is silent.
#[derive(Clone, Copy)]
enum Load {
    Burst,
    Alone,
}

/// The loop that a newcomer would write.
fn owned(mut connection: Served) -> Driven {
    Box::pin(async move {
        while let Some(message) = connection.next().await {
            connection.send(message).await.expect("the peer reads");
        }
    })
}

fn lent(mut connection: Served) -> Driven {
    Box::pin(async move {
        let answer = connection.serve(|event, commands| match event {
            Event::Binary(bytes) => commands.send_binary(bytes).expect("the peer reads"),
            other => panic!("not a message: {other:?}"),
        });
        answer.await;
    })
}

fn round(size: usize, load: Load, echo: fn(Served) -> Driven) -> Round {
    let mut messages = messages(Binary, size);
    if let Load::Alone = load {
        messages.truncate(1);
    }
    let reads = Rc::new(Cell::new(0));
    let source = Source::repeating(&Side::plain(Role::Client).wire(&messages));
    let stream = Stream { source, reads: reads.clone() };
    let mut driven = echo(Connection::new(Side::plain(Role::Server).ws, stream, Still));
    Round::new(messages.len(), move || {
        reads.set(1);
        assert!(driven.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(reads.get(), 0);
    })
}

/// Gives as many reads as it is told to, and takes everything.
struct Stream {
    source: Source,
    reads: Rc<Cell<u32>>,
}

impl Io for Stream {
    fn poll_read(&mut self, _: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.reads.get().checked_sub(1) {
            Some(left) => {
                self.reads.set(left);
                Poll::Ready(Ok(self.source.read(room)))
            }
            None => Poll::Pending,
        }
    }

    fn poll_write(&mut self, _: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Time stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        NOW
    }

    fn poll_alarm(&mut self, _: &mut Context<'_>, _: Instant) -> Poll<()> {
        Poll::Pending
    }
}
