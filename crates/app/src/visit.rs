//! What the task of a guest does.

use std::pin::Pin;
use std::task::{Context, Poll};

use sansocket_driver::{Guest, Task};

/// All that the task of a [`Guest`] does: he stays. Three words, by hand and with a box, for every connection pays for
/// it: an `async` block keeps room twice for what it was given, and on tokio a task's memory comes in steps of 128 bytes,
/// of which the first has room for no more.
pub(crate) struct Visit<S, T: Task> {
    stay: Pin<Box<S>>,
    // Leaves when all else is gone.
    _guest: Guest<T>,
}

impl<S, T: Task> Visit<S, T> {
    pub(crate) fn new(stay: S, guest: Guest<T>) -> Visit<S, T> {
        Visit { stay: Box::pin(stay), _guest: guest }
    }
}

impl<S: Future<Output = ()>, T: Task> Future for Visit<S, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.stay.as_mut().poll(cx)
    }
}
