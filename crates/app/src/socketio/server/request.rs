//! A question to sockets or servers, and whoever waits for the answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::Instant;
use sansocket_driver::Runtime;
use sansocket_socketio::RequestId;
use sansocket_socketio::server::{Outcome, Server};

use super::shared::Shared;

/// Waits for what comes of a request. Dropped, nobody wants to know any more.
pub(super) struct Pending<R: Runtime> {
    shared: Arc<Shared<R>>,
    request: RequestId,
}

/// Asks this, and waits for what comes of it.
///
/// # Errors
/// What `ask` says.
pub(super) fn ask<R: Runtime, E>(
    shared: &Arc<Shared<R>>,
    ask: impl FnOnce(&mut Server, Instant) -> Result<RequestId, E>,
) -> Result<Pending<R>, E> {
    let request = shared.with(|state, now| state.ask(now, ask))?;
    Ok(Pending::new(shared, request))
}

impl<R: Runtime> Pending<R> {
    /// Waits for what comes of something that was [asked](super::state::State::ask).
    pub(super) fn new(shared: &Arc<Shared<R>>, request: RequestId) -> Pending<R> {
        Pending { shared: shared.clone(), request }
    }
}

impl<R: Runtime> Future for Pending<R> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.shared.with(|state, _| state.answers.poll(self.request, cx))
    }
}

impl<R: Runtime> Drop for Pending<R> {
    fn drop(&mut self) {
        self.shared.with(|state, _| state.answers.forget(&self.request));
    }
}
