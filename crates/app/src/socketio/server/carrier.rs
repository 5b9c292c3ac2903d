//! The task of one connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_core::{Compress, Message};
use sansocket_driver::Runtime;
use sansocket_socketio::server::{ConnectionId, Event, SocketId};
use sansocket_socketio::{Outgoing, Writable};

use super::hosts::Hosts;
use super::known::Known;
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
    /// What leaves next, as soon as the session has room.
    leaving: Option<Message>,
    /// Is that worth compressing?
    compress: Compress,
    /// Would what the hub has leave at once?
    writable: Writable,
    workers: Workers<R>,
    /// What has to be done before anything else is begun.
    held: Option<Guarded>,
    /// The session has ended: what is left is to tell its sockets.
    has_ended: bool,
}

// Nothing in it is pinned: what has to be is in a box.
impl<R: Runtime> Unpin for Carrier<R> {}

/// What the hub had for it.
struct Step {
    event: Option<(Event, Option<Arc<Known>>)>,
    /// The session is to be closed.
    closes: bool,
    /// There is nothing more, and whoever has something wakes this task.
    rests: bool,
}

/// Is there anything after this event?
enum After {
    More,
    Nothing,
}

impl<R: Runtime> Carrier<R> {
    pub(super) fn new(hosts: Arc<Hosts<R>>, session: Session<R>, connection: ConnectionId) -> Carrier<R> {
        let workers = Workers::new(hosts.shared.runtime.clone(), hosts.crowd.clone());
        Carrier {
            hosts,
            session,
            connection,
            leaving: None,
            compress: Compress::default(),
            writable: Writable::Later,
            workers,
            held: None,
            has_ended: false,
        }
    }

    /// Gives the session what leaves, if it has room, and hears what it has.
    fn exchange(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if self.has_ended {
            self.leaving = None;
            return Poll::Pending;
        }
        // A burst of volatile events leaves as one: only the first has nothing before it.
        let was_leaving = self.leaving.is_some();
        let is_writable;
        let next = if self.held.is_some() {
            // Who is closed does not need it; the session says so itself.
            let _ = self.session.poll_send_with(cx, &mut self.leaving, self.compress);
            is_writable = self.session.is_writable();
            Poll::Pending
        } else {
            let exchanged = self.session.exchange(cx, &mut self.leaving, self.compress);
            is_writable = exchanged.is_writable;
            exchanged.next
        };
        if self.leaving.is_some() {
            self.writable = Writable::Later;
        } else if !was_leaving {
            self.writable = if is_writable { Writable::Now } else { Writable::Later };
        }
        if matches!(next, Poll::Ready(None)) {
            self.has_ended = true;
            let reason = reason(self.session.closed());
            self.hosts.shared.with(|state, now| state.hub.handle_close(self.connection, reason, now));
        }
        next
    }

    /// Hands over what was heard, and takes what happened and what leaves next: all that is done while the hub is locked.
    fn step(&mut self, heard: Option<Message>, cx: &Context<'_>) -> Step {
        let Carrier { hosts, connection, leaving, compress, writable, held, has_ended, .. } = self;
        let connection = *connection;
        hosts.shared.with(|state, now| {
            state.wake(connection);
            if let Some(message) = heard {
                state.hub.handle_message(connection, message, now);
            }
            let event = if held.is_none() { state.hub.poll_event(connection) } else { None };
            let (mut closes, mut rests) = (false, event.is_none());
            if leaving.is_none() && !*has_ended {
                match state.hub.poll_transmit(connection, *writable) {
                    Some(Outgoing::Message { message, compress: worth }) => {
                        (*leaving, *compress) = (Some(message), worth);
                        rests &= state.hub.is_quiet(connection);
                    }
                    Some(Outgoing::Close) => closes = true,
                    None => {}
                }
            }
            if rests {
                state.sleep(connection, cx);
            }
            let event = event.map(|event| {
                let known = event.socket().and_then(|socket| state.sockets.get(socket).cloned());
                (event, known)
            });
            Step { event, closes, rests }
        })
    }

    /// Tells a socket's handlers what happened to it.
    fn tell(&mut self, event: Event, known: Option<Arc<Known>>) -> After {
        let hosts = &self.hosts;
        let work = match event {
            Event::Connecting(key) => hosts.admit(key),
            Event::Connected(_) | Event::Recovered(_) => {
                hosts.ask(known, |here, socket| here.connect(socket))
            }
            Event::Received { name, args, ack, .. } => {
                hosts.ask(known, |here, socket| here.receive(socket, Incoming { name, args }, ack))
            }
            Event::Disconnecting { reason, .. } => {
                hosts.ask(known, |here, socket| here.begin_disconnect(socket, reason))
            }
            Event::Disconnected { socket, reason } => {
                self.drained(socket);
                hosts.ask(known, |here, socket| here.disconnect(socket, reason))
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
            Event::Closed => return After::Nothing,
        };
        self.held = work.and_then(|work| self.workers.start(work));
        After::More
    }

    /// Who waits for room finds out that there is some, or none any more.
    fn drained(&self, socket: SocketId) {
        let emitters = self.hosts.shared.lock().emitters.take(socket);
        emitters.into_iter().for_each(Waker::wake);
    }
}

impl<R: Runtime> Future for Carrier<R> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // What the session has is not known before it was asked, nor after it had something.
        let (mut may_hear, mut rests) = (true, false);
        for _ in 0..TURNS {
            if self.held.as_mut().is_some_and(|held| Pin::new(held).poll(cx).is_ready()) {
                (self.held, may_hear) = (None, true);
            }
            let mut heard = None;
            if may_hear || self.leaving.is_some() {
                let next = self.exchange(cx);
                may_hear = next.is_ready();
                if let Poll::Ready(message) = next {
                    heard = message;
                }
            }
            if rests && !may_hear {
                return Poll::Pending;
            }
            let step = self.step(heard, cx);
            rests = step.rests;
            if step.closes {
                self.session.handle().close();
            }
            if let Some((event, known)) = step.event
                && matches!(self.tell(event, known), After::Nothing)
            {
                return Poll::Ready(());
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
