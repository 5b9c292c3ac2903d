//! What clients say.

use sansocket_core::Instant;

use super::Server;
use super::connection::Why;
use super::event::Event;
use super::ids::ConnectionId;
use crate::packet::{Kind, Packet};
use crate::reason::Reason;

impl Server {
    pub(super) fn handle_packet(&mut self, connection: ConnectionId, packet: Packet, now: Instant) {
        let Packet { nsp, kind } = packet;
        let Some(known) = self.connections.get_mut(connection) else { return };
        let seat = known.seat(&nsp).map(|seat| seat.socket);
        let socket = match (seat, kind) {
            (None | Some(None), Kind::Connect(auth)) => {
                return self.handle_connect(connection, nsp, auth, now);
            }
            // It was put out, and hears of that later.
            (Some(None), Kind::Disconnect) => {
                known.remove_seat(&nsp);
                return self.rearm(connection, now);
            }
            (Some(None), Kind::Event { .. } | Kind::Ack { .. }) => return,
            (Some(Some(socket)), kind) if self.sockets[socket].is_connected() => (socket, kind),
            _ => return self.cut(connection, Reason::ForcedServerClose, now),
        };
        match socket {
            (socket, Kind::Event { id, name, args }) => {
                self.happened(connection, Event::Received { socket, name, args, ack: id });
            }
            (socket, Kind::Ack { id, args }) => self.handle_ack(socket, id, args, now),
            (socket, Kind::Disconnect) => {
                known.remove_seat(&nsp);
                self.end_socket(socket, Reason::ClientNamespaceDisconnect, now);
                self.rearm(connection, now);
            }
            // A namespace that it is in, or what only servers say.
            (_, Kind::Connect(_) | Kind::ConnectError(_)) => {
                self.cut(connection, Reason::ForcedServerClose, now);
            }
        }
    }

    /// A connection without a namespace is not kept for ever.
    pub(super) fn rearm(&mut self, id: ConnectionId, now: Instant) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if connection.sockets().next().is_none() && connection.deadlines.at(Why::Connect).is_none() {
            connection.deadlines.set(Why::Connect, now + self.options.connect_timeout);
        }
        self.settle_deadlines(id);
    }
}
