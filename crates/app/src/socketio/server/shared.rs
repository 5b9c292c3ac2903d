//! What the tasks of a server share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use sansocket_core::Instant;
use sansocket_driver::{Clock, Runtime, Task};
use sansocket_socketio::RequestId;
use sansocket_socketio::server::{NamespaceId, Outcome, Reason, Server as Hub};

use super::known::Known;
use super::state::{News, State};
use crate::engineio;
use crate::socketio::waiting::{Answers, Asked, Pending};
use crate::socketio::watch::Watchers;
use crate::timer::{Timed, keep_time};

/// What the tasks of a server share.
pub(super) struct Shared<R: Runtime> {
    pub(super) runtime: R,
    pub(super) clock: R::Clock,
    /// Who sees what goes out to sockets.
    pub(super) watchers: Watchers<NamespaceId, Shared<R>, Arc<Known>>,
    state: Mutex<State<R>>,
}

impl<R: Runtime> Shared<R> {
    pub(super) fn new(runtime: R, hub: Hub) -> Arc<Shared<R>> {
        let clock = runtime.clock();
        let watchers = Watchers::default();
        Arc::new(Shared { runtime, clock, watchers, state: Mutex::new(State::new(hub)) })
    }

    /// Does something with the hub; whom that concerns hears of it at once.
    pub(super) fn with<T>(self: &Arc<Self>, act: impl FnOnce(&mut State<R>, Instant) -> T) -> T {
        self.at(self.clock.now(), act)
    }

    /// Asks this, and waits for what comes of it.
    ///
    /// # Errors
    /// What `ask` says.
    pub(super) fn ask<E>(
        self: &Arc<Self>,
        ask: impl FnOnce(&mut Hub, Instant) -> Result<RequestId, E>,
    ) -> Result<Pending<Shared<R>>, E> {
        let request = self.with(|state, now| state.ask(now, ask))?;
        Ok(Pending::new(self, request))
    }

    fn at<T>(self: &Arc<Self>, now: Instant, act: impl FnOnce(&mut State<R>, Instant) -> T) -> T {
        let mut news = News::default();
        let result = {
            let mut state = self.lock();
            let result = act(&mut state, now);
            state.settle(&mut news);
            result
        };
        if news.timer.is_some() {
            self.runtime.spawn(keep_time(self.clone(), self.clock.clone())).let_go();
        }
        news.wake.into_iter().for_each(Waker::wake);
        if news.is_to_carry {
            self.carry();
        }
        result
    }

    /// Carries messages to other servers until there are none.
    fn carry(&self) {
        loop {
            let load = self.lock().uplink.next();
            let Some(load) = load else { return };
            load.carry();
        }
    }

    /// For what the hub has no news of: who waits, and for what.
    pub(super) fn lock(&self) -> MutexGuard<'_, State<R>> {
        // The hub does not panic; should it, the others had better go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Asked for Shared<R> {
    type Answer = Outcome;

    fn with_answers<T>(&self, act: impl FnOnce(&mut Answers<Outcome>) -> T) -> T {
        act(&mut self.lock().answers)
    }
}

impl<R: Runtime> Timed for Shared<R> {
    fn look(self: &Arc<Self>, now: Instant, cx: &Context<'_>) -> Option<Instant> {
        self.at(now, |state, now| state.look(now, cx))
    }
}

/// Why a socket is disconnected whose session ended so.
pub(super) fn reason(closed: Option<engineio::Reason>) -> Reason {
    match closed {
        Some(engineio::Reason::TransportError) => Reason::TransportError,
        Some(engineio::Reason::PingTimeout) => Reason::PingTimeout,
        Some(engineio::Reason::ParseError) => Reason::ParseError,
        Some(engineio::Reason::ForcedClose) => Reason::ForcedClose,
        Some(engineio::Reason::TransportClose) | None => Reason::TransportClose,
    }
}
