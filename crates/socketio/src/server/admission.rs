//! Who is let in to a namespace.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use sansocket_core::{Compress, Instant, Utf8Bytes};

use super::Server;
use super::connection::{Phase, Why};
use super::ending::Cut;
use super::event::{ConnectError, Event, Notice};
use super::ids::{ConnectionId, NspKey, SocketId};
use super::maps::Name;
use super::namespace::Origin;
use super::recovery::{Missed, Position, Returning};
use super::socket::{Birth, Socket, State};
use crate::packet::{Kind, Packet};
use crate::reason::Reason;
use crate::{Encoded, Map, Nsp, Revision, Value};

impl Server {
    /// Lets a client in that is [`Connecting`](Event::Connecting).
    pub fn accept(&mut self, socket: SocketId, now: Instant) {
        let Some(known) = self.sockets.get_mut(socket).filter(|known| known.state == State::Connecting)
        else {
            return;
        };
        known.state = State::Connected;
        let (id, connection) = (known.id.clone(), known.connection);
        self.namespaces[known.namespace].enter(id, socket);
        if let Some(private_id) = known.private_id.clone() {
            self.by_private_id.insert(private_id, socket);
        }
        self.welcome(socket, now);
        self.happened(connection, Event::Connected(socket));
    }

    /// Turns a client away that is [`Connecting`](Event::Connecting). It may try again.
    pub fn refuse(&mut self, socket: SocketId, error: ConnectError, now: Instant) {
        let Some(known) = self.sockets.get(socket).filter(|known| known.state == State::Connecting) else {
            return;
        };
        let (nsp, connection) = (known.nsp.clone(), known.connection);
        let Some(door) = self.connections.get_mut(connection) else { return };
        door.remove_seat(&nsp);
        let told = match door.handshake.revision {
            Revision::V5 => error.to_value(),
            Revision::V4 => error.data.unwrap_or(Value::Text(error.message)),
        };
        self.end_socket(socket, Reason::ServerNamespaceDisconnect, now);
        self.turn_away(connection, &nsp, told, now);
    }

    /// A client wants to join a namespace.
    pub(super) fn handle_connect(
        &mut self,
        connection: ConnectionId,
        nsp: Nsp,
        auth: Option<Value>,
        now: Instant,
    ) {
        let Some(known) = self.connections.get(connection) else { return };
        if known.seats.len() >= self.options.max_namespaces && known.seat(&nsp).is_none() {
            return self.turn_away(
                connection,
                &nsp,
                ConnectError::new("Too many namespaces").to_value(),
                now,
            );
        }
        let Some(namespace) = self.find_namespace(&nsp, auth.as_ref()) else {
            return self.turn_away(connection, &nsp, ConnectError::new("Invalid namespace").to_value(), now);
        };
        // It is held while others may leave it, or there would be no namespace to come to.
        self.namespaces[namespace].population += 1;
        if let Some((socket, missed)) = self.find_session(namespace, connection, auth.as_ref(), now) {
            self.namespaces[namespace].population -= 1;
            return self.resume(socket, connection, auth, missed, now);
        }
        self.begin(connection, namespace, auth);
    }

    /// A socket begins in a namespace that holds a place for it.
    fn begin(&mut self, connection: ConnectionId, namespace: NspKey, auth: Option<Value>) {
        let Some(known) = self.connections.get_mut(connection) else { return };
        let handshake = known.handshake.clone();
        let there = &self.namespaces[namespace];
        let (nsp, origin) = (there.nsp.clone(), there.origin);
        let id = match handshake.revision {
            Revision::V5 => self.draws.id(),
            // Clients of the old generation know themselves by these.
            Revision::V4 if nsp.is_main() => handshake.engine_sid.clone(),
            Revision::V4 => Utf8Bytes::concat([&nsp, "#", &handshake.engine_sid]),
        };
        let is_kept = self.options.recovery.is_some() && handshake.revision == Revision::V5;
        let private_id = is_kept.then(|| self.draws.private_id());
        let birth =
            Birth { id, nsp: nsp.clone(), namespace, origin, connection, handshake, auth, private_id };
        let socket = self.sockets.insert(Box::new(Socket::new(birth, &self.keyed)));
        known.set_seat(nsp, Some(socket));
        self.happened(connection, Event::Connecting(socket));
    }

    /// The namespace of that name, which may have to be made.
    fn find_namespace(&mut self, nsp: &Nsp, auth: Option<&Value>) -> Option<NspKey> {
        if let Some(key) = self.namespace_key(nsp) {
            return Some(key);
        }
        let origin = self.origins.iter().find_map(|(id, origin)| match origin {
            Origin::Pattern(matches) if matches(nsp, auth) => Some(id),
            _ => None,
        })?;
        self.tell(|| Notice::NamespaceMade(nsp.clone()));
        Some(self.make_namespace(nsp.clone(), origin))
    }

    /// Says to a client that it is in.
    fn welcome(&mut self, socket: SocketId, now: Instant) {
        let known = &self.sockets[socket];
        let (nsp, connection, revision) = (known.nsp.clone(), known.connection, known.handshake.revision);
        let said = (revision == Revision::V5).then(|| {
            let sid = Some(("sid".to_string(), Value::Text(known.id.to_string())));
            let pid = known.private_id.as_ref().map(|pid| ("pid".to_string(), Value::Text(pid.to_string())));
            Value::Object(sid.into_iter().chain(pid).collect::<Map>())
        });
        let packet = Packet::new(nsp, Kind::Connect(said));
        let packet = self.options.parser.encode_for(revision, &packet);
        self.send_encoded(connection, packet, Compress::Yes, now);
        if let Some(known) = self.connections.get_mut(connection) {
            known.deadlines.clear(Why::Connect);
            self.settle_deadlines(connection);
        }
    }

    fn turn_away(&mut self, id: ConnectionId, nsp: &Nsp, told: Value, now: Instant) {
        self.send(id, nsp, Kind::ConnectError(told), now);
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.refusals += 1;
        if connection.refusals >= self.options.max_refusals {
            self.end_connection(id, Reason::ForcedServerClose, Cut::Later, now);
        } else {
            self.rearm(id, now);
        }
    }
}

/// Clients that come back.
impl Server {
    /// The socket whose client proves that it comes back, and what that missed.
    fn find_session(
        &mut self,
        namespace: NspKey,
        connection: ConnectionId,
        auth: Option<&Value>,
        now: Instant,
    ) -> Option<(SocketId, Vec<Missed>)> {
        self.options.recovery?;
        let auth = auth?;
        let id = *self.by_private_id.get(&Name(auth.get("pid")?.as_str()?))?;
        let socket = self.sockets.get(id).filter(|socket| socket.namespace == namespace)?;
        let before = socket.connection;
        if socket.is_connected() {
            if before == connection {
                return None;
            }
            // Its client knows better than we whether that is still there.
            self.cut(before, Reason::TransportClose, now);
        }
        // Who heard of no event says nothing of one.
        let known = match auth.get("offset") {
            Some(Value::Null) | None => None,
            Some(offset) => Some(self.offsets.read(offset.as_str()?)?),
        };
        let missed = self.missed(id, known);
        if missed.is_none() {
            // Too much was: the client begins anew, and does not come back to this one.
            self.forget(id);
        }
        missed.map(|missed| (id, missed))
    }

    fn missed(&self, id: SocketId, known: Option<Position>) -> Option<Vec<Missed>> {
        let socket = self.sockets.get(id)?;
        let State::Away { since, .. } = socket.state else { return None };
        let returning = Returning {
            socket: id,
            id: &socket.id,
            rooms: &socket.rooms,
            past: &socket.past,
            sent: socket.sent,
            away: since,
        };
        self.namespaces[socket.namespace].log.missed(&returning, known)
    }

    /// A socket goes on where it was. What was missed comes before the word that it is in, for so clients expect it.
    fn resume(
        &mut self,
        id: SocketId,
        connection: ConnectionId,
        auth: Option<Value>,
        missed: Vec<Missed>,
        now: Instant,
    ) {
        let socket = &mut self.sockets[id];
        let before = core::mem::replace(&mut socket.connection, connection);
        socket.state = State::Connected;
        socket.is_recovered = true;
        socket.is_blocked = false;
        socket.auth = auth.map(Arc::new);
        let (wire_id, nsp) = (socket.id.clone(), socket.nsp.clone());
        let rooms: Vec<Utf8Bytes> = socket.rooms.keys().cloned().collect();
        self.clock.sockets.set(id, None);
        let namespace = &mut self.namespaces[socket.namespace];
        namespace.enter(wire_id, id);
        if let Some(known) = self.connections.get_mut(connection).filter(|known| known.phase == Phase::Open) {
            socket.handshake = known.handshake.clone();
            known.set_seat(nsp, Some(id));
        }
        // What was not looked at before comes first: one order for one socket.
        let unread =
            self.connections.get_mut(before).map(|before| before.inlet.extract(id)).unwrap_or_default();
        self.bury(before);
        unread.into_iter().for_each(|event| self.happened(connection, event));
        rooms.into_iter().for_each(|room| self.enter_room(id, room));
        for Missed { position, packet } in missed {
            // If that gets lost, too, it was sent all the same.
            self.sockets[id].was_sent(position);
            self.replay(connection, packet);
        }
        self.welcome(id, now);
        self.happened(connection, Event::Recovered(id));
    }

    fn replay(&mut self, id: ConnectionId, packet: Encoded) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.outlet.push_missed(packet);
            connection.list(id, &mut self.dirty);
        }
    }
}

impl ConnectError {
    fn to_value(&self) -> Value {
        let message = ("message".to_string(), Value::Text(String::clone(&self.message)));
        let data = self.data.clone().map(|data| ("data".to_string(), data));
        Value::Object([message].into_iter().chain(data).collect::<Map>())
    }
}
