//! Clients: a session in your hand, and a task that carries it.

mod connector;
mod desk;
mod driver;

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::{Message, SendError};
use sansocket_driver::Network;
use sansocket_engineio::client::Fault;
use sansocket_engineio::{Reason, Transport};

use desk::{Desk, Progress};

pub use connector::{ConnectError, Connector};

/// A session with an Engine.IO server.
///
/// A task drives it: heartbeats are answered, and the upgrade to a WebSocket is made, whether or not anything here is
/// awaited. What comes waits for [`next`](Client::next), up to [`read_ahead`](Connector::read_ahead); then nothing more is
/// read, and the server has to wait. What is [sent](Client::send) waits likewise, up to
/// [`high_water`](sansocket_engineio::client::ClientOptions::high_water); what is sent in one go leaves in one write.
///
/// Every future may be dropped at any point; only a message that [`send`](Client::send) still waited to queue goes with
/// it. Dropped itself, the client [closes](Client::close) without waiting.
pub struct Client<N> {
    desk: Arc<Desk>,
    /// Those that were taken from the desk, all that were there at once.
    messages: VecDeque<Message>,
    network: PhantomData<fn() -> N>,
}

/// Sends through a [`Client`] from any task. The session does not last for its sake: it is over with the client.
#[derive(Clone)]
pub struct ClientHandle {
    desk: Arc<Desk>,
}

impl<N: Network> Client<N> {
    /// Begins a session with the server at `url`, with default options: see [`Connector::connect`].
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(url: &str) -> Result<Client<N>, ConnectError> {
        Connector::default().connect(url).await
    }
}

/// Messages.
impl<N> Client<N> {
    fn new(desk: Arc<Desk>) -> Client<N> {
        Client { desk, messages: VecDeque::new(), network: PhantomData }
    }

    /// The next message; `None` once the session has ended and all that was said before was taken. Then
    /// [`closed`](Client::closed) says why.
    ///
    /// Cancel-safe.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    pub fn next(&mut self) -> impl Future<Output = Option<Message>> {
        poll_fn(|cx| self.poll_next(cx))
    }

    /// [`next`](Client::next), for a future of your own.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if self.messages.is_empty() {
            match self.desk.poll_messages(cx) {
                Poll::Ready(Some(messages)) => self.messages = messages,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let message = self.messages.pop_front();
        if self.messages.is_empty() {
            // An idle client owns no queue.
            self.messages = VecDeque::new();
        }
        Poll::Ready(message)
    }

    /// Queues a message, as soon as there is room.
    ///
    /// Dropped while it waits for room, the future takes the message with it.
    ///
    /// # Errors
    /// [`SendError::Closed`] with the message, once the session is closing or has ended.
    pub fn send(&self, message: Message) -> impl Future<Output = Result<(), SendError<Message>>> {
        send(&self.desk, message)
    }

    /// [`send`](Client::send), for a future of your own: takes the message out of `message` when there is room, and
    /// leaves it there while it waits. With `None` there is nothing to do.
    pub fn poll_send(
        &self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError<Message>>> {
        self.desk.poll_send(cx, message)
    }

    /// Queues a message, if there is room now.
    ///
    /// # Errors
    /// [`SendError`] with the message: `Blocked` when there is no room.
    pub fn try_send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.desk.try_send(message)
    }

    /// To send from other tasks.
    pub fn handle(&self) -> ClientHandle {
        ClientHandle { desk: self.desk.clone() }
    }

    /// Ends the session in order, and waits until what was queued has left and the server knows, or
    /// [the time for that](sansocket_engineio::client::ClientOptions::close_timeout) is over. What still comes is thrown
    /// away. Dropped before that, it goes on by itself.
    pub async fn close(&mut self) {
        self.desk.go();
        self.messages = VecDeque::new();
        poll_fn(|cx| self.desk.poll_end(cx)).await;
    }
}

/// Looking at it.
impl<N> Client<N> {
    /// Why the session ended, once it has, though messages from before may wait. Prints the words that others use:
    /// `ping timeout`.
    pub fn closed(&self) -> Option<Reason> {
        match self.desk.lock().progress() {
            Progress::Ended(reason) => Some(reason),
            Progress::Opening | Progress::Open => None,
        }
    }

    /// What went wrong, if anything did: more than [`closed`](Client::closed) says.
    pub fn fault(&self) -> Option<Fault> {
        self.desk.lock().session.session().fault()
    }

    /// What broke a stream last, if anything did: an operating system's error number, a TLS alert. Given once.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.desk.lock().take_error()
    }

    /// How the session travels now: by polling, until it went on over a WebSocket.
    pub fn transport(&self) -> Transport {
        self.desk.lock().session.session().transport()
    }

    /// Would a message leave now, with nothing before it? For what is worth nothing later.
    pub fn is_writable(&self) -> bool {
        self.desk.lock().session.session().waiting_bytes() == 0
    }

    /// The session's id, as the server gave it.
    pub fn sid(&self) -> String {
        self.desk.lock().session.session().sid().unwrap_or_default().to_owned()
    }
}

impl<N> Drop for Client<N> {
    fn drop(&mut self) {
        self.desk.go();
    }
}

impl ClientHandle {
    /// Queues a message, as soon as there is room: see [`Client::send`].
    ///
    /// # Errors
    /// [`SendError::Closed`] with the message, once the session is closing or has ended.
    pub fn send(&self, message: Message) -> impl Future<Output = Result<(), SendError<Message>>> {
        send(&self.desk, message)
    }

    /// Queues a message, if there is room now.
    ///
    /// # Errors
    /// [`SendError`] with the message: `Blocked` when there is no room.
    pub fn try_send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.desk.try_send(message)
    }

    /// Begins to end the session, in order: what was queued leaves first. The client sees the end.
    pub fn close(&self) {
        self.desk.leave();
    }
}

fn send(desk: &Desk, message: Message) -> impl Future<Output = Result<(), SendError<Message>>> {
    let mut message = Some(message);
    poll_fn(move |cx| desk.poll_send(cx, &mut message))
}

impl<N> fmt::Debug for Client<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("desk", &self.desk).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHandle").field("desk", &self.desk).finish()
    }
}
