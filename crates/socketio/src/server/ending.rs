//! How sockets and connections end.

use alloc::vec::Vec;

use sansocket_core::Instant;

use super::Server;
use super::connection::Phase;
use super::event::{Event, Notice};
use super::ids::{ConnectionId, NspKey, SocketId};
use super::maps::shrink;
use super::namespace::Origin;
use super::socket::State;
use crate::cluster::Closing;
use crate::packet::Kind;
use crate::reason::Reason;

/// Who ends a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// It is gone: nothing can be sent.
    Below,
    /// We do, and what waits is not worth sending.
    Now,
    /// We do, when what waits has left.
    Later,
}

impl Server {
    /// Puts a client out: of the namespace, or altogether. It is told.
    pub fn disconnect(&mut self, socket: SocketId, closing: Closing, now: Instant) {
        let Some(known) = self.sockets.get(socket).filter(|known| known.is_connected()) else { return };
        let connection = known.connection;
        match closing {
            Closing::Namespace => self.put_out(socket, now),
            Closing::Connection => {
                let all = self.sockets_of(connection);
                all.into_iter().for_each(|socket| self.put_out(socket, now));
                self.end_connection(connection, Reason::ForcedServerClose, Cut::Later, now);
            }
        }
    }

    /// The server goes down: all clients are disconnected, when what waits for them has left, and nobody is let in any
    /// more. Takes the longer the more there are, as no other call does.
    pub fn close(&mut self, now: Instant) {
        self.is_closed = true;
        let all: Vec<ConnectionId> = self.connections.keys().collect();
        for connection in all {
            self.end_connection(connection, Reason::ServerShuttingDown, Cut::Later, now);
        }
        // Nobody can come back to those that are waited for.
        let away: Vec<SocketId> = self
            .sockets
            .iter()
            .filter(|(_, socket)| matches!(socket.state, State::Away { .. }))
            .map(|(id, _)| id)
            .collect();
        away.into_iter().for_each(|socket| self.forget(socket));
        self.leave_cluster(now);
    }

    /// Ends a connection at once.
    pub(super) fn cut(&mut self, connection: ConnectionId, reason: Reason, now: Instant) {
        self.end_connection(connection, reason, Cut::Now, now);
    }

    pub(super) fn end_connection(&mut self, id: ConnectionId, reason: Reason, cut: Cut, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let phase = core::mem::replace(
            &mut connection.phase,
            if cut == Cut::Below { Phase::Closed } else { Phase::Closing },
        );
        match (phase, cut) {
            (Phase::Open, _) => {}
            (_, Cut::Below) => return self.bury(id),
            (phase, _) => {
                connection.phase = phase;
                return;
            }
        }
        if cut == Cut::Later {
            connection.outlet.finish();
        } else {
            connection.outlet = Default::default();
        }
        connection.deadlines.clear_all();
        let seats = core::mem::take(&mut connection.seats);
        self.settle_deadlines(id);
        for socket in seats.into_iter().filter_map(|seat| seat.socket) {
            self.end_socket(socket, reason, now);
        }
        self.happened(id, Event::Closed);
    }

    /// Puts a socket out of its namespace, if it is in it.
    fn put_out(&mut self, id: SocketId, now: Instant) {
        let Some(socket) = self.sockets.get(id) else { return };
        let (nsp, connection) = (socket.nsp.clone(), socket.connection);
        if socket.is_connected() {
            self.send(connection, &nsp, Kind::Disconnect, now);
            if let Some(known) = self.connections.get_mut(connection) {
                known.set_seat(nsp, None);
            }
            self.end_socket(id, Reason::ServerNamespaceDisconnect, now);
            self.rearm(connection, now);
        }
    }

    /// A socket is connected no longer; who holds its seat has seen to that.
    pub(super) fn end_socket(&mut self, id: SocketId, reason: Reason, now: Instant) {
        let Some(socket) = self.sockets.get(id) else { return };
        let connection = socket.connection;
        if socket.state == State::Connecting {
            return self.forget(id);
        }
        if !socket.is_connected() {
            return;
        }
        self.happened(connection, Event::Disconnecting { socket: id, reason });
        self.happened(connection, Event::Disconnected { socket: id, reason });
        self.fail_acks(id);
        self.vacate(id);
        let socket = &mut self.sockets[id];
        let may_return = reason.is_recoverable() && socket.private_id.is_some() && !self.is_closed;
        match self.options.recovery.filter(|_| may_return) {
            Some(recovery) => {
                let until = now + recovery.max_disconnection;
                socket.state = State::Away { since: self.namespaces[socket.namespace].log.end(), until };
                self.clock.sockets.set(id, Some(until));
            }
            None => self.forget(id),
        }
    }

    /// Nothing is left of a socket but its events.
    pub(super) fn forget(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(id) else { return };
        let was = core::mem::replace(&mut socket.state, State::Gone);
        if was == State::Gone {
            return;
        }
        let (namespace, connection) = (socket.namespace, socket.connection);
        if let Some(private_id) = socket.private_id.take() {
            self.by_private_id.remove(&private_id);
            shrink(&mut self.by_private_id);
        }
        if was == State::Connecting {
            // It may be in rooms already.
            self.vacate(id);
        }
        self.clock.sockets.set(id, None);
        self.depopulate(namespace);
        let is_waited_for = matches!(was, State::Away { .. });
        let is_told_of = self.connections.get(connection).is_some_and(|known| known.inlet.tells_of(id));
        if is_waited_for && !is_told_of {
            self.sockets.remove(id);
            self.notices.push_back(Notice::Forgotten(id));
        } else {
            self.happened(connection, Event::Forgotten(id));
        }
    }

    /// A namespace has one socket less.
    fn depopulate(&mut self, key: NspKey) {
        let namespace = &mut self.namespaces[key];
        namespace.population -= 1;
        let is_child = matches!(self.origins[namespace.origin], Origin::Pattern(_));
        if namespace.population > 0 || !is_child || !self.options.cleanup_empty_child_namespaces {
            return;
        }
        self.clock.namespaces.set(key, None);
        let nsp = namespace.nsp.clone();
        self.namespaces.remove(key);
        self.by_name.remove(&super::maps::Name(&nsp));
        shrink(&mut self.by_name);
        self.tell(|| Notice::NamespaceGone(nsp));
    }
}
