//! The task of a client: it owns the streams.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::Instant;
use sansocket_driver::{Clock, Connection, Network};
use sansocket_stack::client::{Line, LineEvent, LineId};
use sansocket_websocket::handshake::Uri;

use super::desk::{Appetite, Desk, Turn};
use crate::dialer::Dialer;

/// The task of a client: it owns the streams, and brings what they say to the desk and back. It ends when the session
/// has ended, and all streams with it.
pub(super) struct Driver<N: Network> {
    way: Arc<Way<N>>,
    clock: N::Clock,
    desk: Arc<Desk>,
    dials: Vec<Dial<N>>,
    streams: Vec<Stream<N>>,
}

/// How the server is reached.
struct Way<N: Network> {
    dialer: Dialer<N>,
    uri: Uri,
}

/// A stream that is being made.
struct Dial<N: Network> {
    id: LineId,
    dialled: Pin<Box<dyn Future<Output = io::Result<N::Stream>> + Send>>,
}

struct Stream<N: Network> {
    id: LineId,
    connection: Connection<Line, N::Stream, N::Clock>,
}

impl<N: Network> Driver<N> {
    pub(super) fn new(dialer: Dialer<N>, uri: Uri, clock: N::Clock, desk: Arc<Desk>) -> Driver<N> {
        let way = Arc::new(Way { dialer, uri });
        Driver { way, clock, desk, dials: Vec::new(), streams: Vec::new() }
    }

    /// What the user wants. First of all, for the streams have to bring it out; and whatever he wants meanwhile wakes us.
    fn look(&self, cx: &mut Context<'_>) -> Turn {
        let mut state = self.desk.lock();
        state.wait(cx);
        state.look(self.clock.now())
    }

    fn poll_dials(&mut self, cx: &mut Context<'_>) -> Turn {
        let (before, now) = (self.dials.len(), self.clock.now());
        let Driver { clock, desk, dials, streams, .. } = self;
        dials.retain_mut(|dial| {
            if !desk.lock().session.is_wanted(dial.id) {
                return false;
            }
            match dial.dialled.as_mut().poll(cx) {
                Poll::Pending => return true,
                Poll::Ready(Err(error)) => desk.lose(dial.id, Some(error), now),
                Poll::Ready(Ok(io)) => {
                    if let Some(line) = desk.lock().session.handle_stream(dial.id, now) {
                        let connection = Connection::new(line, io, clock.clone());
                        streams.push(Stream { id: dial.id, connection });
                    }
                }
            }
            false
        });
        if self.dials.len() < before { Turn::Busy } else { Turn::Idle }
    }

    fn poll_streams(&mut self, cx: &mut Context<'_>) -> Turn {
        let mut turn = Turn::Idle;
        let now = self.clock.now();
        let Driver { desk, streams, .. } = self;
        streams.retain_mut(|stream| match stream.poll(cx, desk, now, &mut turn) {
            Poll::Pending => true,
            Poll::Ready(()) => {
                desk.lose(stream.id, stream.connection.take_error(), now);
                turn = Turn::Busy;
                false
            }
        });
        turn
    }

    /// What the session wants, and what time has done to it.
    fn poll_session(&mut self, cx: &mut Context<'_>) -> Turn {
        let now = self.clock.now();
        let mut state = self.desk.lock();
        let mut turn = state.look(now);
        while let Some(id) = state.session.poll_dial(now) {
            let way = self.way.clone();
            self.dials.push(Dial { id, dialled: Box::pin(async move { way.dialer.dial(&way.uri).await }) });
            turn = Turn::Busy;
        }
        match state.session.poll_timeout() {
            None => self.clock.silence(),
            Some(at) => {
                if self.clock.poll_alarm(cx, at).is_ready() {
                    // A timer may be coarser than the clock.
                    state.session.handle_timeout(self.clock.now().max(at));
                    turn = Turn::Busy;
                }
            }
        }
        state.tell();
        turn
    }

    fn is_finished(&self) -> bool {
        self.streams.is_empty() && self.dials.is_empty() && self.desk.lock().session.is_finished()
    }
}

impl<N: Network> Stream<N> {
    /// Ready when it has ended.
    fn poll(&mut self, cx: &mut Context<'_>, desk: &Desk, now: Instant, turn: &mut Turn) -> Poll<()> {
        let Stream { id, connection } = self;
        if desk.feed(*id, connection.machine_mut(), now) == Appetite::None {
            // What is said leaves even if nothing more is heard.
            let _ = connection.poll_flush(cx);
            return Poll::Pending;
        }
        let polled = connection.poll_until(cx, |event, line| {
            if event == LineEvent::Housekeeping {
                return None;
            }
            *turn = Turn::Busy;
            desk.hear(*id, event, line.now())
        });
        match polled {
            Poll::Ready(None) => Poll::Ready(()),
            Poll::Ready(Some(())) | Poll::Pending => Poll::Pending,
        }
    }
}

/// Nothing in here is polled where it lies, but for what lies in boxes.
impl<N: Network> Unpin for Driver<N> {}

impl<N: Network> Future for Driver<N> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let driver = self.get_mut();
        loop {
            let turns =
                [driver.look(cx), driver.poll_dials(cx), driver.poll_streams(cx), driver.poll_session(cx)];
            if driver.is_finished() {
                return Poll::Ready(());
            }
            if turns == [Turn::Idle; 4] {
                return Poll::Pending;
            }
        }
    }
}

impl<N: Network> Drop for Driver<N> {
    fn drop(&mut self) {
        self.desk.abandon();
    }
}
