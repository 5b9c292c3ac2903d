//! A socket: a client in a namespace.

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Instant, Utf8Bytes};

use super::ids::{ConnectionId, NamespaceId, NspKey};
use super::maps::{ByKey, ByName, Keyed};
use super::recovery::{Past, Position, Sent};
use crate::flow::RequestId;
use crate::handshake::Handshake;
use crate::{AckId, Nsp, Value};

/// A socket, until it is forgotten.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) id: Utf8Bytes,
    pub(crate) nsp: Nsp,
    pub(crate) namespace: NspKey,
    pub(crate) origin: NamespaceId,
    /// The one it is on, or was.
    pub(crate) connection: ConnectionId,
    pub(crate) handshake: Arc<Handshake>,
    pub(crate) auth: Option<Arc<Value>>,
    pub(crate) state: State,
    /// Its rooms, and since which event of the log it is in each.
    pub(crate) rooms: ByName<Position>,
    pub(crate) past: Past,
    /// What it is to acknowledge.
    pub(crate) acks: ByKey<AckId, RequestId>,
    pub(crate) data: Option<Box<Value>>,
    /// What its client proves with who it was.
    pub(crate) private_id: Option<Utf8Bytes>,
    pub(crate) sent: Option<Sent>,
    pub(crate) is_recovered: bool,
    /// An event was not taken for want of room.
    pub(crate) is_blocked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// The user was not heard yet.
    Connecting,
    Connected,
    /// It lost its connection, and is waited for.
    Away {
        /// Since this event of the log.
        since: Position,
        until: Instant,
    },
    Gone,
}

/// Where a socket begins.
pub(crate) struct Birth {
    pub(crate) id: Utf8Bytes,
    pub(crate) nsp: Nsp,
    pub(crate) namespace: NspKey,
    pub(crate) origin: NamespaceId,
    pub(crate) connection: ConnectionId,
    pub(crate) handshake: Arc<Handshake>,
    pub(crate) auth: Option<Value>,
    pub(crate) private_id: Option<Utf8Bytes>,
}

impl Socket {
    pub(crate) fn new(birth: Birth, keyed: &Keyed) -> Socket {
        let Birth { id, nsp, namespace, origin, connection, handshake, auth, private_id } = birth;
        Socket {
            id,
            nsp,
            namespace,
            origin,
            connection,
            handshake,
            auth: auth.map(Arc::new),
            state: State::Connecting,
            rooms: ByName::with_hasher(keyed.clone()),
            past: Past::default(),
            acks: ByKey::default(),
            data: None,
            private_id,
            sent: None,
            is_recovered: false,
            is_blocked: false,
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == State::Connected
    }

    /// It was sent the event at `position`.
    pub(crate) fn was_sent(&mut self, position: Position) {
        let first = self.sent.map_or(position, |sent| sent.first);
        self.sent = Some(Sent { first, last: position });
    }
}

/// What is known of a socket ([`Server::socket`](super::Server::socket)).
#[derive(Clone, Copy, Debug)]
pub struct SocketInfo<'s> {
    socket: &'s Socket,
}

impl<'s> SocketInfo<'s> {
    pub(crate) const fn new(socket: &'s Socket) -> SocketInfo<'s> {
        SocketInfo { socket }
    }

    /// What its client and other nodes know it by: never the id of the Engine.IO session, but for clients of the old
    /// generation.
    pub fn id(&self) -> &'s Utf8Bytes {
        &self.socket.id
    }

    /// The name of its namespace.
    pub fn nsp(&self) -> &'s Nsp {
        &self.socket.nsp
    }

    /// Its namespace, or the pattern that came of.
    pub fn namespace(&self) -> NamespaceId {
        self.socket.origin
    }

    /// The connection it is on, or was on last.
    pub fn connection(&self) -> ConnectionId {
        self.socket.connection
    }

    /// How that began.
    pub fn handshake(&self) -> &'s Arc<Handshake> {
        &self.socket.handshake
    }

    /// What its client said of itself when it came.
    pub fn auth(&self) -> Option<&'s Value> {
        self.socket.auth.as_deref()
    }

    /// Is it connected? Not while it waits to be [accepted](super::Server::accept), nor while it is
    /// [waited for](super::Recovery).
    pub fn is_connected(&self) -> bool {
        self.socket.is_connected()
    }

    /// Did its client come back to it, the last time it came?
    pub fn is_recovered(&self) -> bool {
        self.socket.is_recovered
    }

    /// The rooms it is in, without the one that its id is. Those of one that was disconnected are the rooms it was in.
    pub fn rooms(&self) -> impl Iterator<Item = &'s Utf8Bytes> {
        self.socket.rooms.keys()
    }

    /// What [`set_data`](super::Server::set_data) said.
    pub fn data(&self) -> Option<&'s Value> {
        self.socket.data.as_deref()
    }
}
