//! How a handler is run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_driver::{Crowd, Runtime};

use super::handler::Boxed;
use crate::visit::Visit;

/// Runs what a handler does, as far as it goes at once; what is left then goes on in a task of its own. So events are
/// begun in order, most need no task, and one that waits makes no other wait. A panic is the end of this, and of nothing
/// else.
pub(super) fn start<R: Runtime>(runtime: &R, crowd: &Arc<Crowd<R::Task>>, future: Boxed<()>) {
    let mut guarded = Guarded(future);
    // Whoever is polled again by another task tells that one.
    if Pin::new(&mut guarded).poll(&mut Context::from_waker(Waker::noop())).is_pending()
        && let Some(guest) = crowd.enter()
    {
        guest.live(|guest| runtime.spawn(Visit::new(guarded, guest)));
    }
}

/// A future whose panic is its end, and nobody else's: runtimes differ in what they do about one.
struct Guarded(Boxed<()>);

impl Future for Guarded {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // It is not polled again after a panic.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(()))
    }
}
