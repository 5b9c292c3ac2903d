//! Who is to be called when.

use sansocket_core::{Instant, Timetable};

use super::Server;
use super::connection::Why;
use super::ids::{ConnectionId, NspKey, SocketId};
use super::socket::State;
use crate::reason::Reason;

/// Everybody's next deadline, but for those of requests and nodes.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    pub(crate) connections: Timetable<ConnectionId>,
    /// Those that are waited for.
    pub(crate) sockets: Timetable<SocketId>,
    /// Their logs have something to forget.
    pub(crate) namespaces: Timetable<NspKey>,
}

impl Server {
    /// When [`handle_timeout`](Server::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let Clock { connections, sockets, namespaces } = &self.clock;
        let nexts = [
            connections.next(),
            sockets.next(),
            namespaces.next(),
            self.requests.poll_timeout(),
            self.peers.poll_timeout(),
        ];
        nexts.into_iter().flatten().min()
    }

    /// It is `now`. Early and spurious calls are no-ops.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(connection) = self.clock.connections.expired(now) {
            self.handle_deadline(connection, now);
        }
        while let Some(socket) = self.clock.sockets.expired(now) {
            self.give_up(socket, now);
        }
        while let Some(namespace) = self.clock.namespaces.expired(now) {
            self.purge_log(namespace, now);
        }
        while let Some(request) = self.requests.expired(now) {
            self.end_request(request);
        }
        self.handle_peers_timeout(now);
    }

    /// Notes down when a connection wants to be called next.
    pub(super) fn settle_deadlines(&mut self, connection: ConnectionId) {
        let next = self.connections.get(connection).and_then(|known| known.deadlines.next());
        self.clock.connections.set(connection, next);
    }

    fn handle_deadline(&mut self, id: ConnectionId, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        match connection.deadlines.expired(now) {
            Some(Why::Connect) => self.cut(id, Reason::ForcedServerClose, now),
            Some(Why::Attachments) => self.cut(id, Reason::ParseError, now),
            None => {}
        }
        self.settle_deadlines(id);
    }

    /// A socket was waited for.
    fn give_up(&mut self, id: SocketId, now: Instant) {
        let Some(socket) = self.sockets.get(id) else { return };
        match socket.state {
            State::Away { until, .. } if until <= now => self.forget(id),
            State::Away { until, .. } => self.clock.sockets.set(id, Some(until)),
            _ => {}
        }
    }

    fn purge_log(&mut self, key: NspKey, now: Instant) {
        let Some(recovery) = self.options.recovery else { return };
        if let Some(namespace) = self.namespaces.get_mut(key) {
            namespace.log.purge(recovery, now);
            self.clock.namespaces.set(key, namespace.log.expires(recovery));
        }
    }
}
