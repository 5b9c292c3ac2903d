//! What goes up from a connection, and down to it.

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Compress, Instant, Message};

use super::Server;
use super::connection::{Connection, Phase, Why};
use super::ending::Cut;
use super::event::Event;
use super::ids::ConnectionId;
use super::outlet::{Pushed, Room};
use crate::flow::{Outgoing, Writable};
use crate::handshake::Handshake;
use crate::packet::{Kind, Packet};
use crate::reason::Reason;
use crate::{Decoder, Encoded, Nsp, Revision};

/// Connections whose places are kept for the next burst.
const FEW: usize = 64;

/// From below.
impl Server {
    /// There is a connection. Hand over its messages, and send what there is for it.
    pub fn handle_connection(&mut self, handshake: Handshake, now: Instant) -> ConnectionId {
        let revision = handshake.revision;
        let decoder = Decoder::new(self.options.parser.clone(), self.limits.clone()).for_revision(revision);
        let mut connection = Connection::new(Arc::new(handshake), decoder);
        connection.deadlines.set(Why::Connect, now + self.options.connect_timeout);
        let id = self.connections.insert(Box::new(connection));
        self.settle_deadlines(id);
        if self.is_closed {
            self.cut(id, Reason::ServerShuttingDown, now);
        } else if revision == Revision::V4 {
            // Clients of the old generation are in the main namespace without asking.
            self.handle_connect(id, Nsp::main(), None, now);
        }
        id
    }

    /// A connection brought a message.
    pub fn handle_message(&mut self, connection: ConnectionId, message: Message, now: Instant) {
        let Some(known) = self.connections.get_mut(connection) else { return };
        if known.phase != Phase::Open {
            return;
        }
        let was_waiting = known.decoder.is_waiting();
        match known.decoder.handle_message(message) {
            Ok(Some(packet)) => {
                if was_waiting {
                    known.deadlines.clear(Why::Attachments);
                }
                self.handle_packet(connection, packet, now);
            }
            Ok(None) if was_waiting => {}
            Ok(None) if !known.expects() => self.cut(connection, Reason::ForcedServerClose, now),
            Ok(None) => {
                known.deadlines.set(Why::Attachments, now + self.options.attachment_timeout);
                self.settle_deadlines(connection);
            }
            Err(_) => self.cut(connection, Reason::ParseError, now),
        }
    }

    /// A connection is gone. Its id means nothing any more once its [events](Server::poll_event) were looked at.
    pub fn handle_close(&mut self, connection: ConnectionId, reason: Reason, now: Instant) {
        self.end_connection(connection, reason, Cut::Below, now);
    }

    /// Are more messages of a connection wanted, or do enough [events](Server::poll_event) wait to be looked at
    /// ([`read_ahead`](super::ServerOptions::read_ahead))? If not, leave them unread, so that the client has to wait;
    /// [`poll_dirty`](Server::poll_dirty) names the connection when half of them were looked at.
    pub fn has_appetite(&mut self, connection: ConnectionId) -> bool {
        let read_ahead = self.options.read_ahead;
        self.connections.get_mut(connection).is_none_or(|known| known.inlet.has_appetite(read_ahead))
    }

    /// A connection that something happened to, or that has something to send, or that may be read on.
    pub fn poll_dirty(&mut self) -> Option<ConnectionId> {
        while let Some(connection) = self.dirty.pop_front() {
            if let Some(known) = self.connections.get_mut(connection) {
                known.unlist();
                return Some(connection);
            }
        }
        // Most bursts concern few; what a large one took is given back.
        self.dirty.shrink_to(FEW);
        None
    }

    /// What a connection is to do next. Say whether a message would leave at once: volatile events do, or do not leave
    /// at all. `None`: nothing for now, and [`poll_dirty`](Server::poll_dirty) will name it.
    ///
    /// While the transport takes no more, leave what waits here, for here it can still be dropped or replaced. Ask again
    /// when that changes.
    pub fn poll_transmit(&mut self, connection: ConnectionId, writable: Writable) -> Option<Outgoing> {
        let room = self.room();
        let known = self.connections.get_mut(connection)?;
        match known.outlet.next(writable) {
            Some((message, compress)) => {
                if known.outlet.unblock(room) {
                    self.tell_of_room(connection);
                }
                Some(Outgoing::Message { message, compress })
            }
            None if known.phase == Phase::Closing => {
                known.phase = Phase::Closed;
                self.bury(connection);
                Some(Outgoing::Close)
            }
            None => None,
        }
    }

    /// Is there nothing to [transmit](Server::poll_transmit), and did nothing [happen](Server::poll_event)?
    pub fn is_quiet(&self, connection: ConnectionId) -> bool {
        self.connections.get(connection).is_none_or(|known| {
            known.inlet.is_empty() && known.outlet.is_empty() && known.phase != Phase::Closing
        })
    }

    /// What happened to a connection and its sockets next.
    pub fn poll_event(&mut self, connection: ConnectionId) -> Option<Event> {
        let known = self.connections.get_mut(connection)?;
        let event = known.inlet.pop()?;
        if known.inlet.resumes(self.options.read_ahead) {
            known.list(connection, &mut self.dirty);
        }
        match event {
            Event::Forgotten(socket) => drop(self.sockets.remove(socket)),
            Event::Closed => self.bury(connection),
            _ => {}
        }
        Some(event)
    }

    /// Takes a connection out that nobody can ask for any more.
    pub(super) fn bury(&mut self, connection: ConnectionId) {
        if self.connections.get(connection).is_some_and(|known| known.is_over()) {
            self.connections.remove(connection);
        }
    }
}

/// To below.
impl Server {
    /// Queues a packet of ours, which has to arrive.
    pub(super) fn send(&mut self, connection: ConnectionId, nsp: &Nsp, kind: Kind, now: Instant) {
        let packet = self.encode(nsp, kind);
        self.send_encoded(connection, packet, Compress::Yes, now);
    }

    pub(super) fn send_encoded(
        &mut self,
        id: ConnectionId,
        packet: Encoded,
        compress: Compress,
        now: Instant,
    ) {
        let room = self.room();
        let Some(connection) = self.connections.get_mut(id).filter(|known| known.phase == Phase::Open) else {
            return;
        };
        match connection.outlet.push(packet, compress, room) {
            Pushed::TooMuch => self.cut(id, Reason::ForcedServerClose, now),
            Pushed::Waits | Pushed::Dropped => connection.list(id, &mut self.dirty),
        }
    }

    pub(super) fn encode(&self, nsp: &Nsp, kind: Kind) -> Encoded {
        self.options.parser.encode(&Packet::new(nsp.clone(), kind))
    }

    pub(super) fn room(&self) -> Room {
        let super::ServerOptions { high_water, max_waiting, slow, .. } = *self.options;
        Room { high_water, max_waiting, slow }
    }

    /// Tells that a connection has an event.
    pub(super) fn happened(&mut self, connection: ConnectionId, event: Event) {
        if let Some(known) = self.connections.get_mut(connection) {
            known.inlet.push(event);
            known.list(connection, &mut self.dirty);
        }
    }

    fn tell_of_room(&mut self, connection: ConnectionId) {
        for socket in self.sockets_of(connection) {
            let known = &mut self.sockets[socket];
            if core::mem::take(&mut known.is_blocked) {
                self.happened(connection, Event::Drained(socket));
            }
        }
    }
}
