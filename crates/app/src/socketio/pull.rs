//! Events for those who prefer to pull.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sansocket_core::Utf8Bytes;
use sansocket_socketio::Args;

use super::handler::{Ack, Boxed, Peer};

/// Events that may wait for whoever pulls; then the peer waits.
const AHEAD: usize = 64;

/// The events of one socket while it is connected, one after the other: see [`Namespace::pull`](super::Namespace::pull).
pub struct Events<S: Peer> {
    socket: S,
    queue: Arc<Queue<S>>,
}

/// An event that was pulled.
#[derive(Debug)]
pub struct Pulled<S: Peer> {
    /// Its name.
    pub name: Utf8Bytes,
    /// Its arguments: [read](Args::read) them.
    pub args: Args,
    /// To answer it, if its sender asked for that.
    pub ack: Ack<S>,
}

impl<S: Peer> Events<S> {
    /// The socket.
    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// What comes next; `None` once the socket is disconnected. Cancel-safe.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    pub fn next(&mut self) -> impl Future<Output = Option<Pulled<S>>> {
        poll_fn(|cx| self.queue.poll_pop(cx))
    }
}

impl<S: Peer> Drop for Events<S> {
    /// Nobody pulls any more.
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl<S: Peer> fmt::Debug for Events<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// Whoever pulls in a namespace, and what waits for him at each socket.
pub(super) struct Pull<S: Peer> {
    handle: Box<dyn Fn(Events<S>) -> Boxed<()> + Send + Sync>,
    queues: Mutex<HashMap<S::Key, Arc<Queue<S>>>>,
}

impl<S: Peer> Pull<S> {
    pub(super) fn new(handle: Box<dyn Fn(Events<S>) -> Boxed<()> + Send + Sync>) -> Pull<S> {
        Pull { handle, queues: Mutex::default() }
    }

    /// Begins to pull from a socket that has connected.
    pub(super) fn begin(&self, socket: S) -> Boxed<()> {
        let queue = Arc::new(Queue(Mutex::new(Waiting::default())));
        self.queues().insert(socket.key(), queue.clone());
        (self.handle)(Events { socket, queue })
    }

    /// Queues an event as soon as there is room.
    pub(super) fn push(&self, socket: &S, event: Pulled<S>) -> Option<Boxed<()>> {
        let queue = self.queues().get(&socket.key())?.clone();
        let mut event = Some(event);
        Some(Box::pin(poll_fn(move |cx| queue.poll_push(&mut event, cx))))
    }

    /// The socket was disconnected.
    pub(super) fn end(&self, socket: &S) {
        let queue = self.queues().remove(&socket.key());
        if let Some(queue) = queue {
            queue.close();
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<S::Key, Arc<Queue<S>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events that wait, or whoever waits for them.
struct Queue<S: Peer>(Mutex<Waiting<S>>);

struct Waiting<S: Peer> {
    events: VecDeque<Pulled<S>>,
    /// Nothing more comes, or nobody pulls.
    is_closed: bool,
    puller: Option<Waker>,
    pusher: Option<Waker>,
}

impl<S: Peer> Default for Waiting<S> {
    fn default() -> Waiting<S> {
        Waiting { events: VecDeque::new(), is_closed: false, puller: None, pusher: None }
    }
}

impl<S: Peer> Queue<S> {
    fn poll_push(&self, event: &mut Option<Pulled<S>>, cx: &Context<'_>) -> Poll<()> {
        let mut waiting = self.lock();
        if !waiting.is_closed && waiting.events.len() >= AHEAD {
            waiting.pusher = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if !waiting.is_closed {
            waiting.events.extend(event.take());
        }
        let puller = waiting.puller.take();
        drop(waiting);
        puller.into_iter().for_each(Waker::wake);
        Poll::Ready(())
    }

    fn poll_pop(&self, cx: &Context<'_>) -> Poll<Option<Pulled<S>>> {
        let mut waiting = self.lock();
        let event = waiting.events.pop_front();
        if event.is_none() && !waiting.is_closed {
            waiting.puller = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let pusher = waiting.pusher.take();
        drop(waiting);
        pusher.into_iter().for_each(Waker::wake);
        Poll::Ready(event)
    }

    fn close(&self) {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        let wake = [waiting.puller.take(), waiting.pusher.take()];
        drop(waiting);
        wake.into_iter().flatten().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
