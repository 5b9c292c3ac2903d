//! Tasks that wait for the same thing.

use std::task::{Context, Waker};

/// Tasks that wait for the same thing; as long as there are tasks that do, and no longer.
#[derive(Default)]
pub(crate) struct WaitList {
    waiting: Vec<Waiting>,
    tickets: u64,
}

struct Waiting {
    ticket: u64,
    waker: Waker,
}

/// A place in a [`WaitList`]; none until its task has had to wait.
#[derive(Default)]
pub(crate) struct Place(Option<u64>);

impl Place {
    pub(crate) fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl WaitList {
    /// The task of `cx` waits, with the waker it has now.
    pub(crate) fn join(&mut self, place: &mut Place, cx: &Context<'_>) {
        let ticket = *place.0.get_or_insert_with(|| {
            self.tickets += 1;
            self.tickets
        });
        match self.waiting.iter_mut().find(|waiting| waiting.ticket == ticket) {
            Some(waiting) => waiting.waker.clone_from(cx.waker()),
            None => self.waiting.push(Waiting { ticket, waker: cx.waker().clone() }),
        }
    }

    /// The task does not wait any more.
    pub(crate) fn leave(&mut self, place: &Place) {
        self.waiting.retain(|waiting| Some(waiting.ticket) != place.0);
    }

    /// Everybody; who still has to wait joins again.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        std::mem::take(&mut self.waiting).into_iter().map(|waiting| waiting.waker)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}
