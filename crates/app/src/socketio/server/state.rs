//! The hub, and who waits for what it has.

use std::sync::Arc;
use std::task::{Context, Waker};

use sansocket_core::Instant;
use sansocket_driver::Runtime;
use sansocket_socketio::server::{ConnectionId, Notice, Outcome, Server, SocketId};
use sansocket_socketio::{Args, EmitError, RequestId, Scope};
use slotmap::SecondaryMap;

use super::known::Known;
use super::ledger::Ledger;
use super::uplink::Uplink;
use crate::engineio::SessionHandle;
use crate::socketio::waiting::{Answers, Emitters};
use crate::timer::{Alarm, Spawn, Timer};

/// The hub, and who waits for what it has. No waker is called and nothing is spawned while it is locked.
pub(super) struct State<R: Runtime> {
    pub(super) hub: Server,
    /// Sockets of which the hub knows, those included that may be recovered.
    pub(super) sockets: SecondaryMap<SocketId, Arc<Known>>,
    /// The tasks that carry connections.
    carriers: SecondaryMap<ConnectionId, Carried<R>>,
    /// Whoever waits for an answer.
    pub(super) answers: Answers<Outcome>,
    /// Those who wait for room. Most sockets never have any.
    pub(super) emitters: Emitters<SocketId>,
    /// What is said to other servers.
    pub(super) uplink: Uplink,
    /// What nobody's connection is concerned by.
    pub(super) notices: Ledger,
    timer: Timer,
}

/// A session, and the task that carries it.
struct Carried<R: Runtime> {
    session: SessionHandle<R>,
    /// Its waker if it sleeps. If not it will look at the hub before it does.
    asleep: Option<Waker>,
}

/// What has to be done once the lock is free.
#[derive(Default)]
pub(super) struct News {
    pub(super) wake: Vec<Waker>,
    pub(super) timer: Option<Spawn>,
    /// Messages for other servers wait, and nobody carries them.
    pub(super) is_to_carry: bool,
    /// Nobody waits for them any more. They hold what their users kept with them, which is nothing to drop while locked.
    pub(super) forgotten: Vec<Arc<Known>>,
}

impl<R: Runtime> State<R> {
    pub(super) fn new(hub: Server) -> State<R> {
        State {
            hub,
            sockets: SecondaryMap::new(),
            carriers: SecondaryMap::new(),
            answers: Answers::default(),
            emitters: Emitters::default(),
            uplink: Uplink::default(),
            notices: Ledger::default(),
            timer: Timer::Idle,
        }
    }

    /// Whom the hub's news concern.
    pub(super) fn settle(&mut self, news: &mut News) {
        while let Some(connection) = self.hub.poll_dirty() {
            if let Some(carried) = self.carriers.get_mut(connection)
                && let Some(waker) = carried.asleep.take()
            {
                news.wake.push(waker);
            }
        }
        while let Some(outcome) = self.hub.poll_outcome() {
            news.wake.extend(self.answers.answer(outcome.request(), outcome));
        }
        while let Some(notice) = self.hub.poll_notice() {
            let unheard = self.note(notice);
            news.forgotten.extend(unheard);
        }
        news.wake.extend(self.notices.waiter());
        while let Some(outbound) = self.hub.poll_cluster() {
            self.uplink.push(outbound);
        }
        news.is_to_carry = self.uplink.begin();
        match self.timer.expect(self.hub.poll_timeout()) {
            Some(Alarm::Wake(waker)) => news.wake.push(waker),
            Some(Alarm::Spawn(spawn)) => news.timer = Some(spawn),
            None => {}
        }
    }

    /// Something happened to nobody's connection. Gives back whom nobody has to know any more.
    fn note(&mut self, notice: Notice) -> Option<Arc<Known>> {
        let known = match &notice {
            Notice::Forgotten(socket) => return self.sockets.remove(*socket),
            _ if !self.notices.is_open() => return None,
            Notice::Joined { socket, .. } | Notice::Left { socket, .. } => self.sockets.get(*socket).cloned(),
            _ => None,
        };
        self.notices.push(notice, known)
    }

    /// It is `now`. When is there something to be done next?
    pub(super) fn look(&mut self, now: Instant, cx: &Context<'_>) -> Option<Instant> {
        self.hub.handle_timeout(now);
        let next = self.hub.poll_timeout();
        self.timer = Timer::of(next, cx);
        next
    }
}

/// Connections.
impl<R: Runtime> State<R> {
    pub(super) fn carry(&mut self, connection: ConnectionId, session: SessionHandle<R>) {
        self.carriers.insert(connection, Carried { session, asleep: None });
    }

    /// The session that carries a socket now.
    pub(super) fn session(&self, socket: SocketId) -> Option<SessionHandle<R>> {
        let connection = self.hub.socket(socket)?.connection();
        self.carriers.get(connection).map(|carried| carried.session.clone())
    }

    /// Its task has looked at everything and sleeps.
    pub(super) fn sleep(&mut self, connection: ConnectionId, cx: &Context<'_>) {
        if let Some(carried) = self.carriers.get_mut(connection) {
            carried.asleep = Some(cx.waker().clone());
        }
    }

    /// Its task has woken, whoever woke it.
    pub(super) fn wake(&mut self, connection: ConnectionId) {
        if let Some(carried) = self.carriers.get_mut(connection) {
            carried.asleep = None;
        }
    }

    pub(super) fn put_down(&mut self, connection: ConnectionId) {
        self.carriers.remove(connection);
    }
}

/// Sockets.
impl<R: Runtime> State<R> {
    /// A socket that wants to connect.
    pub(super) fn introduce(&mut self, key: SocketId) -> Option<Arc<Known>> {
        let known = Known::new(key, self.hub.socket(key)?);
        self.sockets.insert(key, known.clone());
        Some(known)
    }

    /// Asks something. What comes of it is kept for whoever waits.
    pub(super) fn ask<E>(
        &mut self,
        now: Instant,
        ask: impl FnOnce(&mut Server, Instant) -> Result<RequestId, E>,
    ) -> Result<RequestId, E> {
        let request = ask(&mut self.hub, now)?;
        self.answers.expect(request);
        Ok(request)
    }

    /// Is there room for this on the way to the other servers, if it goes there? Gives it back either way.
    pub(super) fn check_room(&self, scope: Scope, args: Args) -> Result<Args, EmitError<Args>> {
        if scope == Scope::Cluster && self.uplink.is_full() {
            return Err(EmitError::Blocked(args));
        }
        Ok(args)
    }

    /// Nobody is here any more.
    pub(super) fn clear(&mut self) -> Vec<Arc<Known>> {
        self.sockets.drain().map(|(_, known)| known).collect()
    }
}
