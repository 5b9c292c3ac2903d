//! WebSockets that carry sessions, or want to.

use sansocket_core::{Data, Instant, Message, Request, Response};
use slotmap::Key;

use super::admission::{Admitted, Purpose};
use super::event::Event;
use super::ids::{ConnectionId, SessionId};
use super::query::Query;
use super::refusal::Asker;
use super::session::Carrier;
use super::{Connection, Server};
use crate::Reason;

/// What a WebSocket is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// Send this message.
    Message(Message),
    /// Close, without a status code. The connection's id means nothing any more.
    Close,
}

impl Server {
    /// Somebody asks for a WebSocket. If he is welcome accept it, hand over its messages and send what
    /// [`poll_transmit`](Server::poll_transmit) has for it; else answer with the response.
    ///
    /// # Errors
    /// The response that turns him away.
    pub fn handle_upgrade(&mut self, request: Request, now: Instant) -> Result<ConnectionId, Response> {
        self.settle_lent();
        let admitted = self.admit(&request, &Query::of(&request), Purpose::WebSocket);
        match admitted.map_err(|refusal| refusal.response(Asker::WebSocket))? {
            Admitted::New(speech) => {
                let connection = self.connections.insert(Connection::new(SessionId::null()));
                let session = self.begin(request, speech, Carrier::WebSocket(connection), now);
                self.connections[connection].session = session;
                self.settle(session);
                Ok(connection)
            }
            Admitted::Known(id) => {
                let connection = self.connections.insert(Connection::new(id));
                let seat = &mut self.sessions[id];
                if seat.session.can_upgrade() {
                    seat.session.begin_upgrade(connection, now);
                } else {
                    // Clients expect it to be accepted, and closed.
                    self.orders.close.push(connection);
                }
                self.settle(id);
                Ok(connection)
            }
        }
    }

    /// A message came. If nothing else of the session waits to be looked at, what it says is lent right here; else it
    /// comes by [`poll_event`](Server::poll_event), in order.
    pub fn handle_message<'i>(
        &mut self,
        connection: ConnectionId,
        message: Data<'i>,
        now: Instant,
    ) -> Option<Event<'i>> {
        self.settle_lent();
        let session = self.connections.get(connection).filter(|connection| !connection.ends)?.session;
        let seat = self.sessions.get_mut(session)?;
        let event = seat.session.handle_message(connection, message, now, &mut self.orders);
        self.settle(session);
        event
    }

    /// The same for those who look at events elsewhere: what it says comes by [`poll_event`](Server::poll_event) in any
    /// case. Ask [`has_appetite`](Server::has_appetite) then, for what nobody looks at is kept.
    pub fn keep_message(&mut self, connection: ConnectionId, message: Data<'_>, now: Instant) {
        self.settle_lent();
        let known = self.connections.get(connection).filter(|connection| !connection.ends);
        if let Some(session) = known.map(|known| known.session) {
            self.of(session, |session, orders| session.keep_message(connection, message, now, orders));
        }
    }

    /// Are more messages of this WebSocket wanted, or do enough wait to be looked at
    /// ([`read_ahead`](super::ServerOptions::read_ahead))? If not, leave them unread, so that the client has to wait;
    /// [`poll_dirty`](Server::poll_dirty) names the WebSocket when half of them were looked at. Meanwhile its heartbeat
    /// is not held against the client.
    pub fn has_appetite(&mut self, connection: ConnectionId) -> bool {
        self.settle_lent();
        let Some(known) = self.connections.get(connection).filter(|known| !known.ends) else { return true };
        self.sessions.get_mut(known.session).is_none_or(|seat| seat.session.has_appetite(connection))
    }

    /// A WebSocket was closed: by its client ([`Reason::TransportClose`]), or it broke or was used wrongly
    /// ([`Reason::TransportError`]).
    pub fn handle_close(&mut self, connection: ConnectionId, reason: Reason) {
        self.settle_lent();
        if let Some(gone) = self.connections.remove(connection) {
            self.of(gone.session, |session, orders| session.handle_close(connection, reason, orders));
        }
    }

    /// A WebSocket that has something to do: [`poll_transmit`](Server::poll_transmit) says what, and
    /// [`has_appetite`](Server::has_appetite) may have changed its mind.
    #[inline]
    pub fn poll_dirty(&mut self) -> Option<ConnectionId> {
        self.settle_lent();
        // As with `poll_ready`.
        if self.dirty.is_empty() { None } else { self.next_dirty() }
    }

    fn next_dirty(&mut self) -> Option<ConnectionId> {
        while let Some(connection) = self.dirty.pop_front() {
            if let Some(known) = self.connections.get_mut(connection) {
                known.dirty = false;
                return Some(connection);
            }
        }
        None
    }

    /// What this WebSocket is to do next. `None`: nothing for now, and [`poll_dirty`](Server::poll_dirty) will name it.
    pub fn poll_transmit(&mut self, connection: ConnectionId) -> Option<Outgoing> {
        self.settle_lent();
        let known = self.connections.get(connection)?;
        let (session, ends) = (known.session, known.ends);
        if !ends {
            let seat = self.sessions.get_mut(session)?;
            let message = seat.session.transmit(connection, &mut self.orders);
            self.settle(session);
            if message.is_some() {
                return message.map(Outgoing::Message);
            }
        }
        if !self.connections.get(connection)?.ends {
            return None;
        }
        self.connections.remove(connection);
        Some(Outgoing::Close)
    }

    /// The session that this WebSocket carries, or wants to.
    pub fn carried_by(&self, connection: ConnectionId) -> Option<SessionId> {
        self.connections.get(connection).map(|connection| connection.session)
    }
}
