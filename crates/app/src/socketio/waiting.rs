//! Whoever waits for something of a machine.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_socketio::{Args, EmitError, RequestId};

/// Where questions are asked.
pub(super) trait Asked {
    /// What comes of one.
    type Answer;

    /// Does something with those who wait for answers.
    fn with_answers<T>(&self, act: impl FnOnce(&mut Answers<Self::Answer>) -> T) -> T;
}

/// Waits for what comes of a question. Dropped, nobody wants to know any more.
pub(super) struct Pending<S: Asked> {
    asked: Arc<S>,
    request: RequestId,
}

impl<S: Asked> Pending<S> {
    /// Waits for what comes of something that answers are [expected](Answers::expect) of.
    pub(super) fn new(asked: &Arc<S>, request: RequestId) -> Pending<S> {
        Pending { asked: asked.clone(), request }
    }
}

impl<S: Asked> Future for Pending<S> {
    type Output = S::Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Answer> {
        self.asked.with_answers(|answers| answers.poll(self.request, cx))
    }
}

impl<S: Asked> Drop for Pending<S> {
    fn drop(&mut self) {
        self.asked.with_answers(|answers| answers.forget(self.request));
    }
}

/// Whoever waits for what comes of his question.
pub(super) struct Answers<T>(HashMap<RequestId, Awaited<T>>);

enum Awaited<T> {
    Waiting(Waker),
    Answered(T),
}

impl<T> Answers<T> {
    /// Somebody will wait for it.
    pub(super) fn expect(&mut self, request: RequestId) {
        self.0.insert(request, Awaited::Waiting(Waker::noop().clone()));
    }

    /// This came of it: whom to wake. Who does not wait any more has forgotten it.
    pub(super) fn answer(&mut self, request: RequestId, answer: T) -> Option<Waker> {
        match std::mem::replace(self.0.get_mut(&request)?, Awaited::Answered(answer)) {
            Awaited::Waiting(waker) => Some(waker),
            Awaited::Answered(_) => None,
        }
    }

    fn poll(&mut self, request: RequestId, cx: &Context<'_>) -> Poll<T> {
        match self.0.remove(&request) {
            Some(Awaited::Answered(answer)) => Poll::Ready(answer),
            _ => {
                self.0.insert(request, Awaited::Waiting(cx.waker().clone()));
                Poll::Pending
            }
        }
    }

    fn forget(&mut self, request: RequestId) {
        self.0.remove(&request);
    }
}

impl<T> Default for Answers<T> {
    fn default() -> Answers<T> {
        Answers(HashMap::new())
    }
}

/// Tasks that wait for the same thing.
#[derive(Default)]
pub(super) struct Waiters(Vec<Waker>);

impl Waiters {
    pub(super) fn wait(&mut self, cx: &Context<'_>) {
        if !self.0.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.0.push(cx.waker().clone());
        }
    }

    /// It happened: who is to be woken.
    pub(super) fn take(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.0)
    }
}

/// Those who wait for room. Mostly nobody does.
pub(super) struct Emitters<K>(HashMap<K, Waiters>);

impl<K: Eq + Hash> Emitters<K> {
    /// Emits when there is room; until then the arguments stay where they are, and this task is woken when there is.
    pub(super) fn poll_emit(
        &mut self,
        socket: K,
        args: &mut Option<Args>,
        cx: &Context<'_>,
        emit: impl FnOnce(Args) -> Result<(), EmitError<Args>>,
    ) -> Poll<Result<(), EmitError<Args>>> {
        let Some(taken) = args.take() else { return Poll::Ready(Ok(())) };
        match emit(taken) {
            Err(EmitError::Blocked(back)) => {
                *args = Some(back);
                self.0.entry(socket).or_default().wait(cx);
                Poll::Pending
            }
            emitted => Poll::Ready(emitted),
        }
    }

    /// There is room, or there will be none any more: who is to be woken.
    pub(super) fn take(&mut self, socket: K) -> Vec<Waker> {
        let some = !self.0.is_empty();
        some.then(|| self.0.remove(&socket)).flatten().unwrap_or_default().take()
    }
}

impl<K> Default for Emitters<K> {
    fn default() -> Emitters<K> {
        Emitters(HashMap::new())
    }
}
