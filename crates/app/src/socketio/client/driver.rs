//! The task that drives a client.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use sansocket_core::Message;
use sansocket_driver::{Clock, Crowd, Network};
use sansocket_socketio::client::{Cause, Event, NamespaceId, Outgoing};
use sansocket_socketio::{AckError, Args, RequestId, Writable};

use super::shared::Shared;
use super::socket::ClientSocket;
use super::state;
use crate::engineio::{self, Connector};
use crate::socketio::handler::Boxed;
use crate::socketio::namespace::{Identity, Incoming, Namespace};
use crate::socketio::posts::Posts;
use crate::socketio::run::{Guarded, Work, Workers};

/// Turns after which the other tasks of the thread have theirs.
const TURNS: usize = 128;

/// Drives a client: makes the connections it asks for, carries its messages, and tells its handlers what happens.
pub(super) struct Driver<N: Network> {
    shared: Arc<Shared<N>>,
    posts: Arc<Posts<NamespaceId, ClientSocket<N>>>,
    workers: Workers<N>,
    /// What has to be done before anything else is begun.
    held: Option<Guarded>,
    connector: Connector<N>,
    url: Arc<str>,
    clock: N::Clock,
    line: Line<N>,
    /// What the session has no room for yet.
    blocked: Option<Message>,
}

/// The connection.
enum Line<N: Network> {
    None,
    Opening(Boxed<Result<engineio::Client<N>, engineio::ConnectError>>),
    Open(engineio::Client<N>),
    /// The server is being told that this is the end.
    Closing(Boxed<()>),
}

impl<N: Network> Line<N> {
    fn state(&self) -> state::Line {
        match self {
            Line::None => state::Line::None,
            Line::Opening(_) | Line::Open(_) | Line::Closing(_) => state::Line::Some,
        }
    }
}

// Nothing in it is pinned: what has to be is in a box.
impl<N: Network> Unpin for Driver<N> {}

/// How it goes on.
enum Turn {
    More,
    /// There is nothing to be done now.
    Rest,
    /// Nor will there be: nobody holds the client any more, and it is closed.
    Over,
}

impl<N: Network> Driver<N> {
    pub(super) fn new(
        shared: Arc<Shared<N>>,
        posts: Arc<Posts<NamespaceId, ClientSocket<N>>>,
        connector: Connector<N>,
        url: &str,
    ) -> Driver<N> {
        Driver {
            clock: shared.clock.clone(),
            workers: Workers::new(shared.runtime.clone(), Crowd::new(usize::MAX)),
            held: None,
            shared,
            posts,
            connector,
            url: url.into(),
            line: Line::None,
            blocked: None,
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Turn {
        self.say(cx);
        if self.held.as_mut().is_some_and(|held| Pin::new(held).poll(cx).is_pending()) {
            // Nobody keeps the connection from ending by being slow to hear of it.
            let has_ended = matches!(self.line, Line::Closing(_)) && self.hear(cx).is_ready();
            self.note_line();
            return if has_ended || self.look_at_clock(cx).is_ready() { Turn::More } else { Turn::Rest };
        }
        self.held = None;
        let event = self.shared.lock().machine.poll_event();
        if let Some(event) = event {
            self.tell(event);
            return Turn::More;
        }
        if self.hear(cx).is_ready() || self.look_at_clock(cx).is_ready() {
            return Turn::More;
        }
        self.note_line();
        if self.shared.lock().is_over() { Turn::Over } else { Turn::Rest }
    }

    /// Tells whoever waits for the end of the connection that there is none any more, if that is so.
    fn note_line(&self) {
        let leavers = self.shared.lock().note_line(self.line.state());
        leavers.into_iter().for_each(Waker::wake);
    }

    /// Does what the machine wants of the connection, as long as there is room.
    fn say(&mut self, cx: &mut Context<'_>) {
        loop {
            let mut writable = Writable::Later;
            if let Line::Open(client) = &self.line {
                // Who is closed does not need it; the session says so itself.
                if self.blocked.is_some() && client.poll_send(cx, &mut self.blocked).is_pending() {
                    return;
                }
                writable = if client.is_writable() { Writable::Now } else { Writable::Later };
            }
            let outgoing = self.shared.lock().machine.poll_transmit(writable);
            match outgoing {
                Some(Outgoing::Open) => self.open(),
                Some(Outgoing::Message { message, .. }) => self.blocked = Some(message),
                Some(Outgoing::Close) => self.close(),
                None => return,
            }
        }
    }

    fn open(&mut self) {
        let (connector, url) = (self.connector.clone(), self.url.clone());
        self.blocked = None;
        // Before anybody can wait for the end of what is not begun.
        self.shared.lock().note_line(state::Line::Some);
        self.line = Line::Opening(Box::pin(async move { connector.connect(&url).await }));
    }

    fn close(&mut self) {
        let line = mem::replace(&mut self.line, Line::None);
        if let Line::Open(mut client) = line {
            self.line = Line::Closing(Box::pin(async move { client.close().await }));
        }
    }

    /// What comes of the connection.
    fn hear(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.line {
            Line::None => return Poll::Pending,
            Line::Opening(opening) => {
                let opened = ready!(opening.as_mut().poll(cx));
                self.opened(opened);
            }
            Line::Closing(closing) => {
                ready!(closing.as_mut().poll(cx));
                self.line = Line::None;
            }
            Line::Open(client) => match ready!(client.poll_next(cx)) {
                Some(message) => self.shared.lock().machine.handle_message(message, self.clock.now()),
                None => {
                    let cause = cause(client.closed());
                    self.lost(cause);
                }
            },
        }
        Poll::Ready(())
    }

    fn opened(&mut self, opened: Result<engineio::Client<N>, engineio::ConnectError>) {
        match opened {
            Ok(client) => {
                let id = client.sid();
                self.line = Line::Open(client);
                let mut state = self.shared.lock();
                state.failure = None;
                state.machine.handle_open(id, self.clock.now());
            }
            Err(error) => {
                self.shared.lock().failure = Some(Arc::new(error));
                self.lost(Cause::TransportError);
            }
        }
    }

    fn lost(&mut self, cause: Cause) {
        self.line = Line::None;
        self.blocked = None;
        self.shared.lock().machine.handle_close(cause, self.clock.now());
    }

    fn look_at_clock(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.shared.lock().machine.poll_timeout() else { return Poll::Pending };
        self.clock.poll_alarm(cx, at).map(|()| {
            // An alarm may be coarser than the clock; that must not turn into a loop.
            let now = self.clock.now().max(at);
            self.shared.lock().machine.handle_timeout(now);
        })
    }

    /// Tells handlers, and whoever waits, what happened.
    fn tell(&mut self, event: Event) {
        let work = match event {
            Event::Connected { namespace, .. } => self.ask(namespace, |here, socket| here.connect(socket)),
            Event::ConnectError { namespace, error } => {
                self.ask(namespace, |here, socket| here.refuse(socket, error))
            }
            Event::Disconnected { namespace, reason } => {
                self.ask(namespace, |here, socket| here.disconnect(socket, reason))
            }
            Event::Received { namespace, name, args, ack } => {
                self.ask(namespace, |here, socket| here.receive(socket, Incoming { name, args }, ack))
            }
            Event::Auth(namespace) => self.identify(namespace),
            Event::Acked { request, args } => self.answer(request, Ok(args)),
            Event::AckFailed { request, error } => self.answer(request, Err(error)),
            Event::Drained(namespace) => {
                let waiting = self.shared.lock().emitters.take(namespace);
                waiting.into_iter().for_each(Waker::wake);
                None
            }
            Event::Opened | Event::Reconnecting { .. } | Event::ReconnectFailed => None,
        };
        self.held = work.and_then(|work| self.workers.start(work));
    }
}

impl<N: Network> Driver<N> {
    fn answer(&self, request: RequestId, answer: Result<Args, AckError>) -> Option<Work> {
        let waiting = self.shared.lock().answers.answer(request, answer);
        waiting.into_iter().for_each(Waker::wake);
        None
    }

    /// What a handler wants to do about a namespace, if anything.
    fn ask(
        &self,
        namespace: NamespaceId,
        ask: impl FnOnce(&Arc<Namespace<ClientSocket<N>>>, ClientSocket<N>) -> Option<Work>,
    ) -> Option<Work> {
        let here = self.posts.get(&namespace)?;
        ask(&here, ClientSocket { shared: self.shared.clone(), namespace })
    }

    /// Asks the user who he is this time.
    fn identify(&self, namespace: NamespaceId) -> Option<Work> {
        let shared = self.shared.clone();
        self.ask(namespace, |here, socket| {
            let Identity::Asked(ask) = &here.identity else { return None };
            let asked = ask(socket);
            Some(Work::Free(Box::pin(async move {
                let auth = asked.await;
                shared.with(|state, _| state.machine.provide_auth(namespace, Some(auth)));
            })))
        })
    }
}

impl<N: Network> Future for Driver<N> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Before it looks: what changes from now on wakes it.
        self.shared.lock().driver = Some(cx.waker().clone());
        for _ in 0..TURNS {
            match self.turn(cx) {
                Turn::More => {}
                Turn::Rest => return Poll::Pending,
                Turn::Over => return Poll::Ready(()),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<N: Network> Drop for Driver<N> {
    /// However its task ends, nobody waits for it any more.
    fn drop(&mut self) {
        let leavers = self.shared.lock().note_line(state::Line::Abandoned);
        leavers.into_iter().for_each(Waker::wake);
    }
}

/// Why the connection is gone, if its session ended so.
fn cause(closed: Option<engineio::Reason>) -> Cause {
    match closed {
        Some(engineio::Reason::TransportError) => Cause::TransportError,
        Some(engineio::Reason::PingTimeout) => Cause::PingTimeout,
        Some(engineio::Reason::ParseError) => Cause::ParseError,
        Some(engineio::Reason::TransportClose | engineio::Reason::ForcedClose) | None => {
            Cause::TransportClose
        }
    }
}
