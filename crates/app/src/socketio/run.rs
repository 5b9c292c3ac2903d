//! How a handler is run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_driver::{Crowd, Runtime};

use super::handler::Boxed;
use crate::visit::Visit;

/// Handlers of one connection that may go on by themselves, as many as acknowledgements may be waited for. One more, and
/// its peer waits: nobody fills our memory by asking faster than is answered.
const MOST: usize = 10_000;

/// What a handler does about an event.
pub(super) enum Work {
    /// It may take its time: what comes next is begun meanwhile.
    Free(Boxed<()>),
    /// What comes next waits until it is done.
    InOrder(Boxed<()>),
}

/// Where handlers of one connection go on by themselves.
pub(super) struct Workers<R: Runtime> {
    runtime: R,
    crowd: Arc<Crowd<R::Task>>,
    /// As many clones of it are out as there are who do.
    going: Arc<()>,
}

impl<R: Runtime> Workers<R> {
    pub(super) fn new(runtime: R, crowd: Arc<Crowd<R::Task>>) -> Workers<R> {
        Workers { runtime, crowd, going: Arc::default() }
    }

    /// Does some work, as far as it goes at once; what is left goes on in a task of its own. So events are begun in
    /// order, most need no task, and one that waits makes no other wait. A panic is the end of this, and of nothing else.
    ///
    /// Gives back what has to be done before anything else is begun.
    #[must_use = "what is not polled does not go on"]
    pub(super) fn start(&self, work: Work) -> Option<Guarded> {
        let (mut guarded, may_part) = match work {
            Work::Free(future) => (Guarded(future), Arc::strong_count(&self.going) <= MOST),
            Work::InOrder(future) => (Guarded(future), false),
        };
        // Whoever is polled again by another task tells that one.
        if Pin::new(&mut guarded).poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return None;
        }
        if !may_part {
            return Some(guarded);
        }
        // Who is not let in is not needed any more: the server has gone down.
        let guest = self.crowd.enter()?;
        let going = self.going.clone();
        let counted = async move {
            guarded.await;
            drop(going);
        };
        guest.live(|guest| self.runtime.spawn(Visit::new(counted, guest)));
        None
    }
}

/// A future whose panic is its end, and nobody else's: runtimes differ in what they do about one.
pub(super) struct Guarded(Boxed<()>);

impl Guarded {
    pub(super) fn new(future: impl Future<Output = ()> + Send + 'static) -> Guarded {
        Guarded(Box::pin(future))
    }
}

impl Future for Guarded {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // It is not polled again after a panic.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(()))
    }
}
