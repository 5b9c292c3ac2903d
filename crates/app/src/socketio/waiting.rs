//! Whoever waits for something of a machine.

use std::collections::HashMap;
use std::hash::Hash;
use std::task::{Context, Poll, Waker};

/// Whoever waits for what comes of his question.
pub(super) struct Answers<K, T>(HashMap<K, Asked<T>>);

enum Asked<T> {
    Waiting(Waker),
    Answered(T),
}

impl<K: Eq + Hash, T> Answers<K, T> {
    /// Somebody will wait for it.
    pub(super) fn expect(&mut self, request: K) {
        self.0.insert(request, Asked::Waiting(Waker::noop().clone()));
    }

    /// This came of it: whom to wake. Who does not wait any more has forgotten it.
    pub(super) fn answer(&mut self, request: &K, answer: T) -> Option<Waker> {
        match std::mem::replace(self.0.get_mut(request)?, Asked::Answered(answer)) {
            Asked::Waiting(waker) => Some(waker),
            Asked::Answered(_) => None,
        }
    }

    /// What came of it.
    pub(super) fn poll(&mut self, request: K, cx: &Context<'_>) -> Poll<T> {
        match self.0.remove(&request) {
            Some(Asked::Answered(answer)) => Poll::Ready(answer),
            _ => {
                self.0.insert(request, Asked::Waiting(cx.waker().clone()));
                Poll::Pending
            }
        }
    }

    pub(super) fn forget(&mut self, request: &K) {
        self.0.remove(request);
    }
}

impl<K, T> Default for Answers<K, T> {
    fn default() -> Answers<K, T> {
        Answers(HashMap::new())
    }
}

/// Those who wait for room. Mostly nobody does.
pub(super) struct Emitters<K>(HashMap<K, Vec<Waker>>);

impl<K: Eq + Hash> Emitters<K> {
    pub(super) fn wait(&mut self, socket: K, cx: &Context<'_>) {
        let waiting = self.0.entry(socket).or_default();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
    }

    /// There is room, or there will be none any more: who is to be woken.
    pub(super) fn take(&mut self, socket: K) -> Vec<Waker> {
        let some = !self.0.is_empty();
        some.then(|| self.0.remove(&socket)).flatten().unwrap_or_default()
    }
}

impl<K> Default for Emitters<K> {
    fn default() -> Emitters<K> {
        Emitters(HashMap::new())
    }
}
