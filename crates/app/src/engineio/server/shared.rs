//! What the tasks of an engine share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use sansocket_core::{Instant, Request, Response};
use sansocket_driver::{Clock, Runtime, Signal, Task};
use sansocket_engineio::Protocol;
use sansocket_engineio::server::{Server, SessionId, Sid};
use sansocket_stack::server::Options;

use super::hooks::Hooks;
use super::state::{News, State};
use crate::timer::{Timed, Timer, keep_time};

/// What the tasks of an engine share.
pub(super) struct Shared<R: Runtime> {
    pub(super) runtime: R,
    /// The hub's time; clones of it are everybody's.
    pub(super) clock: R::Clock,
    pub(super) options: Arc<Options>,
    pub(super) hooks: Hooks,
    /// The engine ends: whoever has something to come for may do so still.
    pub(super) stop: Signal,
    /// Nobody has, or has done so in time: requests are answered still, and none follows.
    pub(super) over: Signal,
    pub(super) host: Host<R>,
    state: Mutex<State>,
}

/// Gives a session to its user, in a task of its own, with the request that it began with.
pub(super) type Host<R> = Box<dyn Fn(Begun<R>, Box<Request>) + Send + Sync>;

/// A session that has just begun.
pub(super) struct Begun<R: Runtime> {
    pub(super) shared: Arc<Shared<R>>,
    pub(super) id: SessionId,
    pub(super) sid: Sid,
    pub(super) protocol: Protocol,
}

impl<R: Runtime> Shared<R> {
    pub(super) fn new(
        runtime: R,
        hub: Server,
        options: Arc<Options>,
        hooks: Hooks,
        stop: Signal,
        host: Host<R>,
    ) -> Arc<Shared<R>> {
        let clock = runtime.clock();
        let state = Mutex::new(State::new(hub));
        Arc::new(Shared { runtime, clock, options, hooks, stop, over: Signal::default(), host, state })
    }

    /// Does something with the hub; whom that concerns hears of it at once.
    pub(super) fn with<T>(self: &Arc<Self>, act: impl FnOnce(&mut State, Instant) -> T) -> T {
        let mut news = News::default();
        let result = self.note(&mut news, self.clock.now(), act);
        self.spread(news);
        result
    }

    /// Does something with the hub. Whom that concerns is found out by the next who [notes](Shared::note) it.
    pub(super) fn touch<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.lock())
    }

    /// Does something with the hub, and notes whom that concerns: [`spread`](Shared::spread) it.
    pub(super) fn note<T>(
        &self,
        news: &mut News,
        now: Instant,
        act: impl FnOnce(&mut State, Instant) -> T,
    ) -> T {
        let mut state = self.lock();
        let result = act(&mut state, now);
        state.settle(news, now);
        result
    }

    pub(super) fn spread(self: &Arc<Self>, news: News) {
        let News { wake, wake_too, begun, timer, over } = news;
        if over {
            self.over.raise();
        }
        if timer.is_some() {
            self.runtime.spawn(keep_time(self.clone(), self.clock.clone())).let_go();
        }
        for (id, request) in begun {
            let (sid, protocol) = self.with(|state, _| (state.hub.sid(id), state.hub.protocol(id)));
            // It is there until its end was heard of, which nobody can before he has it.
            if let (Some(sid), Some(protocol)) = (sid, protocol) {
                (self.host)(Begun { shared: self.clone(), id, sid, protocol }, request);
            }
        }
        wake.into_iter().for_each(Waker::wake);
        wake_too.into_iter().for_each(Waker::wake);
    }

    /// RFC 9112 §9.6: whoever does not go on says so with the last answer.
    pub(super) fn last(&self, response: Response) -> Response {
        if self.stop.is_raised() { response.with_header("Connection", "close") } else { response }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The hub does not panic; should it, the others had better go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Timed for Shared<R> {
    fn look(self: &Arc<Self>, now: Instant, cx: &Context<'_>) -> Option<Instant> {
        let mut news = News::default();
        let next = self.note(&mut news, now, |state, now| {
            state.hub.handle_timeout(now);
            let next = state.hub.poll_timeout();
            state.timer = Timer::of(next, cx);
            next
        });
        self.spread(news);
        next
    }
}
