//! What a client's task and its sockets share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use sansocket_core::Instant;
use sansocket_driver::{Clock, Network};
use sansocket_socketio::client::{Client as Machine, NamespaceId};
use sansocket_socketio::{AckError, Args, EmitError, Flags};

use super::state::State;
use crate::socketio::waiting::{Answers, Asked, Pending};
use crate::socketio::watch::Watchers;

/// What a client's task and its sockets share.
pub(super) struct Shared<N: Network> {
    pub(super) runtime: N,
    pub(super) clock: N::Clock,
    /// Who sees what goes out.
    pub(super) watchers: Watchers<NamespaceId, Shared<N>, NamespaceId>,
    state: Mutex<State>,
}

impl<N: Network> Shared<N> {
    pub(super) fn new(runtime: N, machine: Machine) -> Arc<Shared<N>> {
        let clock = runtime.clock();
        let watchers = Watchers::default();
        Arc::new(Shared { runtime, clock, watchers, state: Mutex::new(State::new(machine)) })
    }

    /// Does something with the machine, and has its task look at what came of it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State, Instant) -> T) -> T {
        let (result, driver) = {
            let mut state = self.lock();
            (act(&mut state, self.clock.now()), state.driver.take())
        };
        driver.into_iter().for_each(Waker::wake);
        result
    }

    /// The same by its task, or where there is nothing for that to look at.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // The machine does not panic; should it, the others had better go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the server something.
    pub(super) fn ask(
        self: &Arc<Self>,
        namespace: NamespaceId,
        event: &str,
        args: Args,
        time: Duration,
    ) -> Result<Pending<Shared<N>>, EmitError<Args>> {
        let request = self.with(|state, now| {
            let request = state.machine.emit_with_ack(namespace, event, args, time, Flags::default(), now)?;
            state.answers.expect(request);
            Ok(request)
        })?;
        Ok(Pending::new(self, request))
    }
}

impl<N: Network> Asked for Shared<N> {
    type Answer = Result<Args, AckError>;

    fn with_answers<T>(&self, act: impl FnOnce(&mut Answers<Self::Answer>) -> T) -> T {
        act(&mut self.lock().answers)
    }
}
