//! What a client's task and its sockets share.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sansocket_core::Instant;
use sansocket_driver::{Clock, Network};
use sansocket_socketio::client::{Client as Machine, NamespaceId};
use sansocket_socketio::{AckError, Args, EmitError, Flags, RequestId};

use super::state::State;
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

    /// The same, by its task.
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
    ) -> Result<Pending<N>, EmitError<Args>> {
        let request = self.with(|state, now| {
            let request = state.machine.emit_with_ack(namespace, event, args, time, Flags::default(), now)?;
            state.answers.expect(request);
            Ok(request)
        })?;
        Ok(Pending { shared: self.clone(), request })
    }
}

/// Waits for what comes of a question. Dropped, nobody wants to know any more.
pub(super) struct Pending<N: Network> {
    shared: Arc<Shared<N>>,
    request: RequestId,
}

impl<N: Network> Future for Pending<N> {
    type Output = Result<Args, AckError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Args, AckError>> {
        self.shared.lock().answers.poll(self.request, cx)
    }
}

impl<N: Network> Drop for Pending<N> {
    fn drop(&mut self) {
        self.shared.lock().answers.forget(&self.request);
    }
}
