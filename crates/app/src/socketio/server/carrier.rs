//! The task of one connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_core::Message;
use sansocket_driver::Runtime;
use sansocket_engineio::server::Compress;
use sansocket_socketio::server::{ConnectionId, Event, SocketId};
use sansocket_socketio::{Compress as Worth, Outgoing, Writable};

use super::hosts::Hosts;
use super::shared::reason;
use crate::engineio::Session;
use crate::socketio::namespace::Incoming;
use crate::socketio::run::{Guarded, Workers};

/// Turns after which the other tasks of the thread have theirs.
const TURNS: usize = 128;

/// One connection: carries messages between a session of Engine.IO and the hub, and what happens to its sockets to
/// their handlers.
pub(super) struct Carrier<R: Runtime> {
    hosts: Arc<Hosts<R>>,
    session: Session<R>,
    connection: ConnectionId,
    /// What the session has no room for yet.
    blocked: Option<Message>,
    /// Is that worth compressing?
    compress: Compress,
    workers: Workers<R>,
    /// What has to be done before anything else is begun.
    held: Option<Guarded>,
    /// The session has ended: what is left is to tell its sockets.
    has_ended: bool,
}

// Nothing in it is pinned: what has to be is in a box.
impl<R: Runtime> Unpin for Carrier<R> {}

/// How it goes on.
enum Turn {
    More,
    /// There is nothing to be done now.
    Rest,
    /// Nor will there be.
    Over,
}

impl<R: Runtime> Carrier<R> {
    pub(super) fn new(hosts: Arc<Hosts<R>>, session: Session<R>, connection: ConnectionId) -> Carrier<R> {
        let workers = Workers::new(hosts.shared.runtime.clone(), hosts.crowd.clone());
        Carrier {
            hosts,
            session,
            connection,
            blocked: None,
            compress: Compress::default(),
            workers,
            held: None,
            has_ended: false,
        }
    }

    /// What is to be said leaves, what happened is told, what is heard is handed over.
    fn turn(&mut self, cx: &mut Context<'_>) -> Turn {
        self.say(cx);
        if self.held.as_mut().is_some_and(|held| Pin::new(held).poll(cx).is_pending()) {
            return Turn::Rest;
        }
        self.held = None;
        if let Some(event) = self.hosts.shared.with(|state, _| state.hub.poll_event(self.connection)) {
            return self.tell(event);
        }
        if self.has_ended {
            return Turn::Rest;
        }
        match self.session.poll_next(cx) {
            Poll::Ready(Some(message)) => {
                self.hosts.shared.with(|state, now| state.hub.handle_message(self.connection, message, now));
                Turn::More
            }
            Poll::Ready(None) => {
                self.has_ended = true;
                let reason = reason(self.session.closed());
                self.hosts.shared.with(|state, now| state.hub.handle_close(self.connection, reason, now));
                Turn::More
            }
            Poll::Pending => Turn::Rest,
        }
    }

    /// Gives the session what waits for it, as long as it has room.
    fn say(&mut self, cx: &mut Context<'_>) {
        if self.has_ended {
            return;
        }
        let writable = if self.session.is_writable() { Writable::Now } else { Writable::Later };
        loop {
            // Who is closed does not need it; the session says so itself.
            if self.blocked.is_some()
                && self.session.poll_send_with(cx, &mut self.blocked, self.compress).is_pending()
            {
                return;
            }
            match self.hosts.shared.with(|state, _| state.hub.poll_transmit(self.connection, writable)) {
                Some(Outgoing::Message { message, compress }) => {
                    self.blocked = Some(message);
                    self.compress = match compress {
                        Worth::Yes => Compress::Yes,
                        Worth::No => Compress::No,
                    };
                }
                Some(Outgoing::Close) => self.session.handle().close(),
                None => return,
            }
        }
    }

    /// Tells a socket's handlers what happened to it.
    fn tell(&mut self, event: Event) -> Turn {
        let hosts = &self.hosts;
        let work = match event {
            Event::Connecting(key) => hosts.admit(key),
            Event::Connected(key) | Event::Recovered(key) => {
                hosts.ask(key, |here, socket| here.connect(socket))
            }
            Event::Received { socket, name, args, ack } => {
                hosts.ask(socket, |here, socket| here.receive(socket, Incoming { name, args }, ack))
            }
            Event::Disconnecting { socket, reason } => {
                hosts.ask(socket, |here, socket| here.begin_disconnect(socket, reason))
            }
            Event::Disconnected { socket, reason } => {
                self.drained(socket);
                hosts.ask(socket, |here, socket| here.disconnect(socket, reason))
            }
            Event::Drained(key) => {
                self.drained(key);
                None
            }
            Event::Forgotten(key) => {
                self.drained(key);
                // It may hold the last reference to what its user keeps with it, which is nothing to drop while locked.
                drop(hosts.shared.with(|state, _| state.sockets.remove(key)));
                None
            }
            Event::Closed => return Turn::Over,
        };
        self.held = work.and_then(|work| self.workers.start(work));
        Turn::More
    }

    /// Who waits for room finds out that there is some, or none any more.
    fn drained(&self, socket: SocketId) {
        let emitters = self.hosts.shared.with(|state, _| state.emitters.take(socket));
        emitters.into_iter().for_each(Waker::wake);
    }
}

impl<R: Runtime> Future for Carrier<R> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.hosts.shared.with(|state, _| state.wake(self.connection));
        for _ in 0..TURNS {
            match self.turn(cx) {
                Turn::More => {}
                Turn::Rest if self.hosts.shared.with(|state, _| state.sleep(self.connection, cx)) => {
                    return Poll::Pending;
                }
                Turn::Rest => {}
                Turn::Over => return Poll::Ready(()),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<R: Runtime> Drop for Carrier<R> {
    /// However its task ends, the hub hears of it, and nobody hears of the sockets any more.
    fn drop(&mut self) {
        let reason = reason(self.session.closed());
        let forgotten: Vec<_> = self.hosts.shared.with(|state, now| {
            state.put_down(self.connection);
            state.hub.handle_close(self.connection, reason, now);
            let events = std::iter::from_fn(|| state.hub.poll_event(self.connection));
            let gone = events.filter_map(|event| match event {
                Event::Forgotten(key) => state.sockets.remove(key),
                _ => None,
            });
            gone.collect()
        });
        drop(forgotten);
    }
}
