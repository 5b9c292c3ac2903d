//! A server's side: a hub of sessions.

mod admission;
#[cfg(feature = "compression")]
mod compression;
mod cookie;
mod cors;
mod event;
mod exchange;
mod ids;
mod options;
mod query;
mod refusal;
mod requests;
mod session;
mod sid;
mod websockets;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use sansocket_core::{Instant, Message, Request, SendError, Timetable};
use slotmap::SlotMap;

use crate::{Protocol, Reason, Transport};

use exchange::Exchange;
use session::{Beginning, Carrier, Orders, Session, Speech};
use sid::{BySid, Sids};

pub use admission::{Asks, Purpose};
pub use cookie::Cookie;
pub use cors::{Cors, Origins};
pub use event::Event;
pub use ids::{ConnectionId, ExchangeId, SessionId};
pub use options::ServerOptions;
pub use refusal::Refusal;
pub use requests::Answer;
pub use sansocket_core::Compress;
pub use sid::Sid;
pub use websockets::Outgoing;

/// All sessions of a server: parsed requests and WebSocket messages go in, responses, messages and events come out.
///
/// It never touches a connection. Whoever drives it
///
/// * hands over **requests** ([`handle_request`](Server::handle_request), or [`handle_head`](Server::handle_head) and
///   [`handle_body`](Server::handle_body) as they arrive), and gives each the answer that
///   [`poll_response`](Server::poll_response) has for it, at once or half a minute later;
/// * asks [`handle_upgrade`](Server::handle_upgrade) about **WebSockets**, accepts those that are welcome, hands over
///   their messages ([`handle_message`](Server::handle_message)) and sends what
///   [`poll_transmit`](Server::poll_transmit) has for those that [`poll_dirty`](Server::poll_dirty) names;
/// * looks at the **events** ([`poll_event`](Server::poll_event)) of the sessions that
///   [`poll_ready`](Server::poll_ready) names;
/// * keeps the **time** ([`poll_timeout`](Server::poll_timeout), [`handle_timeout`](Server::handle_timeout)).
///
/// No call takes longer the more sessions there are. Calls that come too late, for a session, an exchange or a
/// connection that is gone, are no-ops.
pub struct Server {
    options: Arc<ServerOptions>,
    sids: Sids,
    by_sid: BySid,
    sessions: SlotMap<SessionId, Box<Seat>>,
    exchanges: SlotMap<ExchangeId, Exchange>,
    connections: SlotMap<ConnectionId, Connection>,
    timetable: Timetable<SessionId>,
    orders: Orders,
    /// Sessions with events.
    ready: VecDeque<SessionId>,
    /// Sessions whose poll can be answered.
    due: VecDeque<SessionId>,
    /// Connections with something to send.
    dirty: VecDeque<ConnectionId>,
    lent: Lent,
    /// No session begins any more.
    is_closed: bool,
}

/// What [`Server::poll_event`] lent last. What it led to is looked at when nothing is lent any more.
#[derive(Default)]
struct Lent {
    session: Option<SessionId>,
    /// Where its message lies.
    message: Option<Message>,
}

/// A session and the lists it stands on.
struct Seat {
    session: Session,
    ready: bool,
    due: bool,
    /// A poll of it was answered.
    greeted: bool,
}

/// What fits into the gap that an allocator leaves beside a task of tokio, which begins at a multiple of 128: up to here
/// a session's memory is there anyway.
const _: () = assert!(size_of::<Seat>() <= 104);

/// A WebSocket and the list it stands on.
struct Connection {
    session: SessionId,
    dirty: bool,
    /// It is to be closed.
    ends: bool,
}

impl Server {
    /// Without sessions. `seed` has to be unpredictable: who guesses the id of a session has it.
    pub fn new(options: impl Into<Arc<ServerOptions>>, seed: [u8; 32]) -> Server {
        Server {
            options: options.into(),
            sids: Sids::new(seed),
            by_sid: BySid::default(),
            sessions: SlotMap::with_key(),
            exchanges: SlotMap::with_key(),
            connections: SlotMap::with_key(),
            timetable: Timetable::default(),
            orders: Orders::default(),
            ready: VecDeque::new(),
            due: VecDeque::new(),
            dirty: VecDeque::new(),
            lent: Lent::default(),
            is_closed: false,
        }
    }

    /// What it was made with.
    pub fn options(&self) -> &ServerOptions {
        &self.options
    }

    /// How many sessions there are, those included whose end nobody [asked for](Server::poll_event) yet.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Is nothing left: no session, no request without an answer, no WebSocket?
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.exchanges.is_empty() && self.connections.is_empty()
    }
}

/// Sessions.
impl Server {
    /// A session that something happened to. Ask [`poll_event`](Server::poll_event) about it, until it has nothing more
    /// or you cannot take more: nothing is read ahead, and a client that polls waits meanwhile.
    #[inline]
    pub fn poll_ready(&mut self) -> Option<SessionId> {
        self.settle_lent();
        // Mostly nothing happened, and those who ask after every call pay for no more than this.
        if self.ready.is_empty() { None } else { self.next_ready() }
    }

    fn next_ready(&mut self) -> Option<SessionId> {
        while let Some(id) = self.ready.pop_front() {
            if let Some(seat) = self.sessions.get_mut(id) {
                seat.ready = false;
                if seat.session.has_events() {
                    return Some(id);
                }
            }
        }
        None
    }

    /// What happened to a session next.
    pub fn poll_event(&mut self, session: SessionId, now: Instant) -> Option<Event<'_>> {
        self.settle_lent();
        let Server { sessions, orders, lent, .. } = self;
        lent.session = Some(session);
        sessions.get_mut(session)?.session.poll_event(now, orders, &mut lent.message)
    }

    /// Is the next event of a session [`Room`](Event::Room)? Then it is taken: for those who wait for nothing else.
    pub fn poll_room(&mut self, session: SessionId) -> bool {
        self.settle_lent();
        self.sessions.get_mut(session).is_some_and(|seat| seat.session.take_room())
    }

    /// Queues a message for a session.
    ///
    /// # Errors
    /// [`SendError`], which hands it back: `Blocked` until the event [`Room`](Event::Room), or `Closed`.
    pub fn send(&mut self, session: SessionId, message: Message) -> Result<(), SendError<Message>> {
        self.send_with(session, message, Compress::default())
    }

    /// The same, if you know whether it is worth compressing.
    ///
    /// # Errors
    /// As [`send`](Server::send).
    pub fn send_with(
        &mut self,
        session: SessionId,
        message: Message,
        compress: Compress,
    ) -> Result<(), SendError<Message>> {
        self.settle_lent();
        let Some(seat) = self.sessions.get_mut(session) else { return Err(SendError::Closed(message)) };
        let sent = seat.session.send(message, compress);
        self.settle(session);
        sent
    }

    /// Would [`send`](Server::send) take a message now?
    pub fn has_room(&self, session: SessionId) -> bool {
        self.sessions.get(session).is_some_and(|seat| seat.session.has_room())
    }

    /// Would a message leave now, with nothing before it? A WebSocket takes it, or a poll waits for it.
    pub fn is_writable(&self, session: SessionId) -> bool {
        self.sessions.get(session).is_some_and(|seat| seat.session.is_writable())
    }

    /// Bytes that wait for the client.
    pub fn waiting_bytes(&self, session: SessionId) -> usize {
        self.sessions.get(session).map_or(0, |seat| seat.session.waiting_bytes())
    }

    /// Ends a session in order: what waits is taken first. A client that does not come for it is not waited for longer
    /// than [`close_timeout`](ServerOptions::close_timeout).
    pub fn close(&mut self, session: SessionId, now: Instant) {
        self.settle_lent();
        self.of(session, |session, _| session.close(now));
    }

    /// Ends all of them in order, and begins no more: who wants to is told 503. This and [`end_all`](Server::end_all) are
    /// the only calls that take the longer the more sessions there are.
    pub fn close_all(&mut self, now: Instant) {
        self.is_closed = true;
        let all: Vec<SessionId> = self.sessions().collect();
        all.into_iter().for_each(|session| self.close(session, now));
    }

    /// Ends all of them at once, and begins no more: nobody comes for what waits.
    pub fn end_all(&mut self) {
        self.settle_lent();
        self.is_closed = true;
        let all: Vec<SessionId> = self.sessions().collect();
        for session in all {
            self.of(session, |session, orders| session.end(Reason::ForcedClose, orders));
        }
    }

    /// Were [all closed](Server::close_all), and has the last one ended? Then no client has anything to come for.
    pub fn is_over(&self) -> bool {
        self.is_closed && self.by_sid.is_empty()
    }

    /// All sessions there are.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> + '_ {
        self.sessions.keys()
    }

    /// The id that the client knows it by.
    pub fn sid(&self, session: SessionId) -> Option<Sid> {
        self.sessions.get(session).map(|seat| seat.session.sid)
    }

    /// The protocol it speaks.
    pub fn protocol(&self, session: SessionId) -> Option<Protocol> {
        self.sessions.get(session).map(|seat| seat.session.protocol())
    }

    /// How it talks now; `None` once it has ended, though what was said before may wait to be looked at.
    pub fn transport(&self, session: SessionId) -> Option<Transport> {
        let seat = self.sessions.get(session).filter(|seat| !seat.session.has_ended());
        seat.map(|seat| seat.session.transport())
    }

    fn begin(&mut self, request: Request, speech: Speech, carrier: Carrier, now: Instant) -> SessionId {
        let mut sid = self.sids.draw();
        while self.known_by(sid).is_some() {
            sid = self.sids.draw();
        }
        let beginning = Beginning { sid, speech, request: Box::new(request), options: self.options.clone() };
        let session = Session::new(beginning, carrier, now);
        let seat = Seat { session, ready: false, due: false, greeted: false };
        let id = self.sessions.insert(Box::new(seat));
        let Server { sessions, by_sid, .. } = self;
        by_sid.insert(sid, id, |id| sessions.get(id).map(|seat| seat.session.sid));
        id
    }

    /// The session that a client knows by this id.
    fn known_by(&self, sid: Sid) -> Option<SessionId> {
        self.by_sid.find(sid, |session| self.sid(session))
    }
}

/// Time.
impl Server {
    /// When [`handle_timeout`](Server::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timetable.next()
    }

    /// It is `now`. Early and spurious calls are no-ops.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.settle_lent();
        while let Some(id) = self.timetable.expired(now) {
            self.of(id, |session, orders| session.handle_timeout(now, orders));
        }
    }
}

/// What a call has led to.
impl Server {
    /// Lets `act` change a session, and looks at what it led to.
    fn of(&mut self, id: SessionId, act: impl FnOnce(&mut Session, &mut Orders)) {
        if let Some(seat) = self.sessions.get_mut(id) {
            act(&mut seat.session, &mut self.orders);
            self.settle(id);
        }
    }

    #[inline]
    fn settle_lent(&mut self) {
        if let Some(session) = self.lent.session.take() {
            self.lent.message = None;
            self.settle(session);
        }
    }

    /// Puts a session on the lists where it belongs, and takes it off the maps if it is over.
    fn settle(&mut self, id: SessionId) {
        let Server { sessions, by_sid, connections, timetable, orders, ready, due, dirty, .. } = self;
        for connection in orders.close.drain(..) {
            if let Some(known) = connections.get_mut(connection) {
                known.ends = true;
                known.list(connection, dirty);
            }
        }
        let Some(seat) = sessions.get_mut(id) else { return };
        let session = &mut seat.session;
        timetable.set(id, session.poll_timeout());
        if session.has_events() && !seat.ready {
            seat.ready = true;
            ready.push_back(id);
        }
        if session.answerable().is_some() && !seat.due {
            seat.due = true;
            due.push_back(id);
        }
        for connection in session.connections().filter(|connection| session.wants_to_transmit(*connection)) {
            if let Some(known) = connections.get_mut(connection) {
                known.list(connection, dirty);
            }
        }
        if session.has_ended() {
            by_sid.remove(session.sid, id);
            if !session.has_events() {
                sessions.remove(id);
            }
        }
    }
}

impl Connection {
    const fn new(session: SessionId) -> Connection {
        Connection { session, dirty: false, ends: false }
    }

    fn list(&mut self, id: ConnectionId, dirty: &mut VecDeque<ConnectionId>) {
        if !core::mem::replace(&mut self.dirty, true) {
            dirty.push_back(id);
        }
    }
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("sessions", &self.sessions.len())
            .field("exchanges", &self.exchanges.len())
            .field("connections", &self.connections.len())
            .finish()
    }
}
