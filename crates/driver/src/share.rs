//! One connection for many tasks.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::{Endpoint, Instant, SendError};

use crate::desk::{AnyDesk, Desk, Phase, State};
use crate::wait::Place;
use crate::wire::{Wire, again};
use crate::{Clock, Connection, Io};

/// A connection for many tasks: see [`Connection::share`].
#[derive(Debug)]
pub struct Shared<M: Endpoint, I, C> {
    /// Sends; clone it for every task that does.
    pub handle: Handle<M>,
    /// Receives.
    pub incoming: Incoming<M>,
    /// Does all reading and writing: spawn it.
    pub driver: Driver<M, I, C>,
}

impl<M: Endpoint, I: Io, C: Clock> Connection<M, I, C> {
    /// Makes a connection that many tasks may send through: a handle to clone, the incoming half, and a future that
    /// does all input and output. **Spawn that**: without it nothing moves.
    ///
    /// When the incoming half and every handle are gone, the connection is closed with the default goodbye.
    pub fn share(self) -> Shared<M, I, C>
    where
        M::Goodbye: Default,
        I: Send + 'static,
        C: Send + 'static,
    {
        let desk = Arc::new(Desk::new(self.into_shared(M::Goodbye::default)));
        Shared {
            handle: Handle { desk: desk.clone() },
            incoming: Incoming { desk: desk.clone() },
            driver: Driver { desk },
        }
    }
}

/// Sends through a shared connection. Cheap to clone, and its type knows nothing of the transport: handles of TCP and
/// of TLS connections go into one map.
pub struct Handle<M: Endpoint> {
    desk: Arc<AnyDesk<M>>,
}

impl<M: Endpoint> Handle<M> {
    /// Queues `item`, as soon as there is room; the [`Driver`] writes it at its next turn, together with what else was
    /// queued until then. It waits for no other message, received or sent.
    ///
    /// Dropped while it waits for room, the future takes the item with it.
    ///
    /// # Errors
    /// [`SendError`] with the item; never `Blocked`.
    pub fn send(&self, item: M::Sent) -> impl Future<Output = Result<(), SendError<M::Sent>>> {
        let mut item = Some(item);
        let mut waiter = Waiter { desk: &self.desk, place: Place::default() };
        poll_fn(move |cx| {
            let Some(taken) = item.take() else { return Poll::Ready(Ok(())) };
            waiter.desk.with(|state| match state.send(taken) {
                Err(SendError::Blocked(back)) => {
                    item = Some(back);
                    state.waiting.join(&mut waiter.place, cx);
                    Poll::Pending
                }
                sent => Poll::Ready(sent),
            })
        })
    }

    /// Queues `item`.
    ///
    /// # Errors
    /// [`SendError`] with the item: `Blocked` when there is no room.
    pub fn try_send(&self, item: M::Sent) -> Result<(), SendError<M::Sent>> {
        self.desk.with(|state| state.send(item))
    }

    /// Lends the machine for any other command, or a question, together with the time. Keep it short: everybody else
    /// waits meanwhile.
    pub fn command<R>(&self, command: impl FnOnce(&mut M, Instant) -> R) -> R {
        self.desk.with(|state| state.command(command))
    }

    /// [`command`](Handle::command), for a broadcast: what it queues is written here and now, if nothing waits before it
    /// and the transport takes it at once; else by the [`Driver`], as always. To wake a task for each of thousands costs
    /// a tenth of what writing to them does.
    ///
    /// Who says much to the same peer prefers [`command`](Handle::command), for the driver gathers what was queued until
    /// its turn; and so does who has threads to spare, for the drivers share the work.
    pub fn deliver<R>(&self, command: impl FnOnce(&mut M, Instant) -> R) -> R {
        self.desk.with(|state| state.deliver(command))
    }

    /// Begins to end the connection in an orderly way, and returns at once: nothing more can be sent. Whoever holds the
    /// [`Incoming`] half has to go on with [`next`](Incoming::next), or drop it, for the peer's answer to be seen.
    pub fn close(&self, goodbye: M::Goodbye) {
        self.desk.with(|state| state.close(goodbye));
    }

    /// Waits until the connection has ended and its transport may be dropped.
    pub fn ended(&self) -> impl Future<Output = ()> {
        let mut waiter = Waiter { desk: &self.desk, place: Place::default() };
        poll_fn(move |cx| {
            waiter.desk.with(|state| {
                if state.phase == Phase::Ended {
                    return Poll::Ready(());
                }
                state.waiting.join(&mut waiter.place, cx);
                Poll::Pending
            })
        })
    }

    /// What broke the transport, once the connection has [`ended`](Handle::ended); `None` if nothing did.
    pub fn error(&self) -> Option<io::Error> {
        self.desk.with(|state| state.error.as_ref().map(again))
    }

    /// Do both handles belong to the same connection?
    pub fn is_same(&self, other: &Handle<M>) -> bool {
        Arc::ptr_eq(&self.desk, &other.desk)
    }
}

/// A task that waits at the desk; it leaves with its future.
struct Waiter<'h, M: Endpoint> {
    desk: &'h AnyDesk<M>,
    place: Place,
}

impl<M: Endpoint> Drop for Waiter<'_, M> {
    fn drop(&mut self) {
        if self.place.is_taken() {
            self.desk.with(|state| state.waiting.leave(&self.place));
        }
    }
}

impl<M: Endpoint> Clone for Handle<M> {
    fn clone(&self) -> Handle<M> {
        self.desk.with(|state| state.handles += 1);
        Handle { desk: self.desk.clone() }
    }
}

impl<M: Endpoint> Drop for Handle<M> {
    fn drop(&mut self) {
        self.desk.with(|state| {
            state.handles -= 1;
            state.close_if_deserted();
        });
    }
}

/// Receives from a shared connection. Dropped, it lets everything that still comes fall to the floor, while handles
/// may go on sending.
pub struct Incoming<M: Endpoint> {
    desk: Arc<AnyDesk<M>>,
}

impl<M: Endpoint> Incoming<M> {
    /// The next item, owned; `None` once the connection has ended. Cancel-safe.
    ///
    /// Nothing is decoded before it is asked for here: who does not ask lets the peer wait.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    pub fn next(&mut self) -> impl Future<Output = Option<M::Received>> {
        poll_fn(|cx| self.poll_next(cx))
    }

    /// [`next`](Incoming::next), for a future of your own.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        self.desk.with(|state| state.poll_next(cx))
    }

    /// A handle to the same connection.
    pub fn handle(&self) -> Handle<M> {
        self.desk.with(|state| state.handles += 1);
        Handle { desk: self.desk.clone() }
    }
}

impl<M: Endpoint> Drop for Incoming<M> {
    fn drop(&mut self) {
        self.desk.with(State::desert_reader);
    }
}

/// The future that does all input and output of a shared connection: spawn it. It is done when the connection has
/// ended; dropped before that, it ends it.
pub struct Driver<M: Endpoint, I, C> {
    desk: Arc<Desk<M, Option<Wire<I, C>>>>,
}

// Nothing in here is ever pinned.
impl<M: Endpoint, I, C> Unpin for Driver<M, I, C> {}

impl<M: Endpoint, I: Io, C: Clock> Future for Driver<M, I, C> {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.desk.drive(|state| state.poll_drive(cx))
    }
}

impl<M: Endpoint, I, C> Drop for Driver<M, I, C> {
    fn drop(&mut self) {
        drop(self.desk.drive(State::leave));
    }
}

impl<M: Endpoint> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl<M: Endpoint> fmt::Debug for Incoming<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

impl<M: Endpoint, I, C> fmt::Debug for Driver<M, I, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
