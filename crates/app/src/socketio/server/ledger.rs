//! Notices that wait for whoever wants to know.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_socketio::server::Notice;

use super::known::Known;

/// Notices that may wait; then some are missed. Nobody else can be made to wait: what they tell of has happened.
const MOST: usize = 1024;

/// Notices that wait for whoever wants to know. While nobody does there are none.
#[derive(Default)]
pub(super) struct Ledger {
    waiting: VecDeque<Entry>,
    /// Those who want to know are numbered: each takes the place of the one before.
    reader: u64,
    is_open: bool,
    waker: Option<Waker>,
}

#[expect(clippy::large_enum_variant, reason = "nearly all are of the large kind")]
pub(super) enum Entry {
    /// This happened, to this socket if it happened to one.
    Told { notice: Notice, known: Option<Arc<Known>> },
    /// So much happened that there was no room for.
    Missed(usize),
}

impl Ledger {
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Somebody wants to know from now on: his number. Whoever did before has to be woken, and is told that it is over.
    pub(super) fn open(&mut self) -> (u64, Option<Waker>) {
        self.is_open = true;
        self.reader += 1;
        (self.reader, self.waker.take())
    }

    /// Nobody wants to know any more, but for what waits already. Whom to wake.
    pub(super) fn close(&mut self) -> Option<Waker> {
        self.is_open = false;
        self.waker.take()
    }

    /// Whoever has this number does not read any more. What waited for him holds what users keep with sockets, which is
    /// nothing to drop while locked.
    pub(super) fn abandon(&mut self, reader: u64) -> VecDeque<Entry> {
        if reader != self.reader {
            return VecDeque::new();
        }
        self.is_open = false;
        std::mem::take(&mut self.waiting)
    }

    /// Writes a notice down, or that it is missed: then its socket comes back.
    pub(super) fn push(&mut self, notice: Notice, known: Option<Arc<Known>>) -> Option<Arc<Known>> {
        if self.waiting.len() < MOST {
            self.waiting.push_back(Entry::Told { notice, known });
            return None;
        }
        match self.waiting.back_mut() {
            Some(Entry::Missed(count)) => *count += 1,
            _ => self.waiting.push_back(Entry::Missed(1)),
        }
        known
    }

    /// Who waits for something that was written down meanwhile.
    pub(super) fn waiter(&mut self) -> Option<Waker> {
        if self.waiting.is_empty() { None } else { self.waker.take() }
    }

    /// The next one; `None`: nobody will tell this reader anything any more.
    pub(super) fn poll(&mut self, reader: u64, cx: &Context<'_>) -> Poll<Option<Entry>> {
        if reader != self.reader {
            return Poll::Ready(None);
        }
        let next = self.waiting.pop_front();
        if next.is_none() && self.is_open {
            self.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(next)
    }
}
