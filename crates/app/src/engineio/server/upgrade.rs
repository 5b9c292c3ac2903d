//! A WebSocket of somebody else.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::{Data, Headers, Message};
use sansocket_driver::Runtime;
use sansocket_engineio::Reason;
use sansocket_engineio::server::{ConnectionId, Outgoing};

use super::shared::Shared;

/// A WebSocket that somebody else accepts and drives, and that carries a session, or wants to.
///
/// Hand over what [comes](Upgraded::receive), and do what [`next`](Upgraded::next) says. When the WebSocket has ended
/// say [why](Upgraded::close), or drop it.
pub struct Upgraded<R: Runtime> {
    shared: Arc<Shared<R>>,
    connection: ConnectionId,
    headers: Headers,
    is_sated: bool,
}

/// What is to be done with the WebSocket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Send this.
    Send(Message),
    /// Read on, after [`receive`](Upgraded::receive) said that enough waits.
    Read,
}

/// Whether more messages are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Appetite {
    /// They are.
    More,
    /// Enough wait to be looked at: read no more until [`Next::Read`].
    Enough,
}

impl<R: Runtime> Upgraded<R> {
    pub(super) fn new(shared: Arc<Shared<R>>, connection: ConnectionId, headers: Headers) -> Upgraded<R> {
        Upgraded { shared, connection, headers, is_sated: false }
    }

    /// Headers that the answer which accepts it should have.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// A message came.
    pub fn receive(&mut self, message: Data<'_>) -> Appetite {
        let has_appetite = self.shared.with(|state, now| {
            state.hub.keep_message(self.connection, message, now);
            state.hub.has_appetite(self.connection)
        });
        self.is_sated = !has_appetite;
        if has_appetite { Appetite::More } else { Appetite::Enough }
    }

    /// What is to be done next; `None`: close it, without a status code.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    pub fn next(&mut self) -> impl Future<Output = Option<Next>> {
        poll_fn(|cx| self.poll_next(cx))
    }

    /// [`next`](Upgraded::next), for a future of your own.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        let (connection, was_sated) = (self.connection, self.is_sated);
        let (next, is_sated) = self.shared.with(|state, _| {
            if state.hub.carried_by(connection).is_none() {
                return (Poll::Ready(None), was_sated);
            }
            if was_sated && state.hub.has_appetite(connection) {
                return (Poll::Ready(Some(Next::Read)), false);
            }
            match state.hub.poll_transmit(connection) {
                Some(Outgoing::Message(message)) => (Poll::Ready(Some(Next::Send(message))), was_sated),
                Some(Outgoing::Close) => (Poll::Ready(None), was_sated),
                None => {
                    state.await_socket(connection, cx);
                    (Poll::Pending, was_sated)
                }
            }
        });
        self.is_sated = is_sated;
        next
    }

    /// The WebSocket was closed by its client ([`Reason::TransportClose`]), or it broke or was used wrongly
    /// ([`Reason::TransportError`]).
    pub fn close(self, reason: Reason) {
        self.shared.with(|state, _| state.hub.handle_close(self.connection, reason));
    }
}

impl<R: Runtime> Drop for Upgraded<R> {
    fn drop(&mut self) {
        self.shared.with(|state, _| {
            state.forget_socket(self.connection);
            state.hub.handle_close(self.connection, Reason::TransportClose);
        });
    }
}

impl<R: Runtime> fmt::Debug for Upgraded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded").field("connection", &self.connection).finish_non_exhaustive()
    }
}
