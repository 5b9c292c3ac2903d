//! A session in its user's hands.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_core::{Message, SendError};
use sansocket_driver::Runtime;
use sansocket_engineio::server::{Compress, SessionId, Sid};
use sansocket_engineio::{Protocol, Reason, Transport};

use super::shared::{Begun, Shared};

/// A session of a server, whatever carries it: receive with [`next`](Session::next), send with
/// [`send`](Session::send), also from [many tasks](Session::handle), end with [`close`](Session::close) or by dropping
/// it.
///
/// Its heartbeat, its polls and the switch from them to a WebSocket go on by themselves, also while you await something
/// else. What the client says meanwhile waits, up to
/// [`read_ahead`](sansocket_engineio::server::ServerOptions::read_ahead) or one body; then the client waits.
///
/// All futures may be dropped at any point, and nothing is lost; only a message that [`send`](Session::send) still
/// waited to queue goes with its future.
pub struct Session<R: Runtime>(Box<Held<R>>);

/// A session and what only its user knows of it. In a box: a future that is given a value keeps room for it twice.
struct Held<R: Runtime> {
    handle: SessionHandle<R>,
    closed: Option<Reason>,
}

/// What came of an [exchange](Session::exchange).
pub(crate) struct Exchanged {
    pub(crate) is_writable: bool,
    pub(crate) next: Poll<Option<Message>>,
}

/// Sends to a session from anywhere. Clones are for the same session, which does not wait for them to end.
pub struct SessionHandle<R: Runtime> {
    shared: Arc<Shared<R>>,
    id: SessionId,
    sid: Sid,
    protocol: Protocol,
}

impl<R: Runtime> Session<R> {
    pub(super) fn new(begun: Begun<R>) -> Session<R> {
        let Begun { shared, id, sid, protocol } = begun;
        let handle = SessionHandle { shared, id, sid, protocol };
        Session(Box::new(Held { handle, closed: None }))
    }

    /// What the client says next; `None` once the session has ended: [`closed`](Session::closed) says why.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    pub fn next(&mut self) -> impl Future<Output = Option<Message>> {
        poll_fn(|cx| self.poll_next(cx))
    }

    /// [`next`](Session::next), for a future of your own.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if self.0.closed.is_some() {
            return Poll::Ready(None);
        }
        let id = self.0.handle.id;
        let polled = self.0.handle.shared.with(|state, now| state.poll_next(id, now, cx));
        self.note_end(polled)
    }

    fn note_end(&mut self, next: Poll<Result<Message, Reason>>) -> Poll<Option<Message>> {
        next.map(|next| next.map_err(|reason| self.0.closed = Some(reason)).ok())
    }

    /// Queues `message` as soon as there is room ([`high_water`](sansocket_engineio::server::ServerOptions::high_water)).
    /// What is queued leaves by itself.
    ///
    /// # Errors
    /// [`SendError::Closed`] with the message, if the session has ended or is about to.
    pub fn send(&self, message: Message) -> impl Future<Output = Result<(), SendError<Message>>> {
        self.0.handle.send(message)
    }

    /// [`send`](Session::send), for a future of your own: takes the message out of `message` when it is ready, and
    /// leaves it there while it waits. With `None` there is nothing to do.
    pub fn poll_send(
        &self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError<Message>>> {
        self.0.handle.poll_send(cx, message)
    }

    /// The same, if you know whether it is worth compressing.
    pub fn poll_send_with(
        &self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
        compress: Compress,
    ) -> Poll<Result<(), SendError<Message>>> {
        let id = self.0.handle.id;
        self.0.handle.shared.with(|state, _| state.poll_send(id, message, compress, cx))
    }

    /// Both directions at once: [`poll_send_with`](Session::poll_send_with), of which the end says itself that it failed,
    /// then [`is_writable`](Session::is_writable) and [`poll_next`](Session::poll_next).
    pub(crate) fn exchange(
        &mut self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
        compress: Compress,
    ) -> Exchanged {
        let id = self.0.handle.id;
        let (is_writable, next) = self.0.handle.shared.with(|state, now| {
            let _ = state.poll_send(id, message, compress, cx);
            (state.hub.is_writable(id), state.poll_next(id, now, cx))
        });
        Exchanged { is_writable, next: self.note_end(next) }
    }

    /// Queues `message` now.
    ///
    /// # Errors
    /// [`SendError`] with the message: `Blocked` if there is no room.
    pub fn try_send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.0.handle.try_send(message)
    }

    /// Ends the session in order: what waits is taken first. Waits until it has ended, and throws away what the client
    /// still says; a client that polls and does not come for what waits is waited for as long as
    /// [`close_timeout`](sansocket_engineio::server::ServerOptions::close_timeout) says.
    pub async fn close(&mut self) {
        self.0.handle.close();
        while self.next().await.is_some() {}
    }

    /// Why it ended, once [`next`](Session::next) has said that it did.
    pub fn closed(&self) -> Option<Reason> {
        self.0.closed
    }

    /// For other tasks, to send to this session.
    pub fn handle(&self) -> SessionHandle<R> {
        self.0.handle.clone()
    }

    /// The id that the client knows it by.
    pub fn sid(&self) -> Sid {
        self.0.handle.sid
    }

    /// Would a message leave now, with nothing before it? For what is worth nothing later.
    pub fn is_writable(&self) -> bool {
        self.0.handle.shared.with(|state, _| state.hub.is_writable(self.0.handle.id))
    }

    /// The protocol that the client speaks.
    pub fn protocol(&self) -> Protocol {
        self.0.handle.protocol
    }

    /// How the client talks now; `None` once the session has ended.
    pub fn transport(&self) -> Option<Transport> {
        self.0.handle.transport()
    }
}

impl<R: Runtime> Drop for Session<R> {
    fn drop(&mut self) {
        if self.0.closed.is_none() {
            let id = self.0.handle.id;
            let concerned = self.0.handle.shared.with(|state, now| state.desert(id, now));
            concerned.into_iter().for_each(Waker::wake);
        }
    }
}

impl<R: Runtime> SessionHandle<R> {
    /// Queues `message` as soon as there is room.
    ///
    /// # Errors
    /// [`SendError::Closed`] with the message, if the session has ended or is about to.
    pub fn send(&self, message: Message) -> impl Future<Output = Result<(), SendError<Message>>> {
        let mut message = Some(message);
        poll_fn(move |cx| self.poll_send(cx, &mut message))
    }

    /// [`send`](SessionHandle::send), for a future of your own: takes the message out of `message` when it is ready.
    pub fn poll_send(
        &self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError<Message>>> {
        self.shared.with(|state, _| state.poll_send(self.id, message, Compress::default(), cx))
    }

    /// Queues `message` now.
    ///
    /// # Errors
    /// [`SendError`] with the message: `Blocked` if there is no room.
    pub fn try_send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.shared.with(|state, _| state.hub.send(self.id, message))
    }

    /// Begins to end the session in order: what waits is taken first. A second call is a no-op.
    pub fn close(&self) {
        self.shared.with(|state, now| state.hub.close(self.id, now));
    }

    /// The id that the client knows it by.
    pub fn sid(&self) -> Sid {
        self.sid
    }

    /// The protocol that the client speaks.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// How the client talks now; `None` once the session has ended.
    pub fn transport(&self) -> Option<Transport> {
        self.shared.with(|state, _| state.hub.transport(self.id))
    }
}

impl<R: Runtime> Clone for SessionHandle<R> {
    fn clone(&self) -> SessionHandle<R> {
        SessionHandle { shared: self.shared.clone(), ..*self }
    }
}

impl<R: Runtime> fmt::Debug for Session<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("sid", &self.sid())
            .field("closed", &self.0.closed)
            .finish_non_exhaustive()
    }
}

impl<R: Runtime> fmt::Debug for SessionHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle").field("sid", &self.sid).finish_non_exhaustive()
    }
}
