//! What happens.

use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::Utf8Bytes;

use super::ids::SocketId;
use crate::cluster::{FetchedSocket, Uid};
use crate::flow::{AckError, RequestId};
use crate::reason::Reason;
use crate::{AckId, Args, Nsp, Value};

/// What happened to a connection and its sockets.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A client wants to join a namespace: [`accept`](super::Server::accept) or [`refuse`](super::Server::refuse) it.
    Connecting(SocketId),
    /// It was accepted.
    Connected(SocketId),
    /// Its client lost its connection and is back, maybe on another one: the socket goes on where it was.
    Recovered(SocketId),
    /// Its client sent an event.
    Received {
        /// To which socket.
        socket: SocketId,
        /// The event's name.
        name: Utf8Bytes,
        /// Its arguments.
        args: Args,
        /// To be [acknowledged](super::Server::acknowledge), once.
        ack: Option<AckId>,
    },
    /// There is room again, after [`emit`](super::Server::emit) answered `Blocked`.
    Drained(SocketId),
    /// It was disconnected. What it was in can [still be seen](super::SocketInfo::rooms).
    Disconnecting {
        /// Which socket.
        socket: SocketId,
        /// Why.
        reason: Reason,
    },
    /// It was disconnected.
    Disconnected {
        /// Which socket.
        socket: SocketId,
        /// Why.
        reason: Reason,
    },
    /// Nothing of it is left: its id means nothing any more. A socket that may come back is not forgotten until it was
    /// waited for in vain; see [`Notice::Forgotten`].
    Forgotten(SocketId),
    /// The connection is over. Always last: its id means nothing any more.
    Closed,
}

impl Event {
    /// The socket that it happened to.
    pub fn socket(&self) -> Option<SocketId> {
        match self {
            Event::Connecting(socket)
            | Event::Connected(socket)
            | Event::Recovered(socket)
            | Event::Received { socket, .. }
            | Event::Drained(socket)
            | Event::Disconnecting { socket, .. }
            | Event::Disconnected { socket, .. }
            | Event::Forgotten(socket) => Some(*socket),
            Event::Closed => None,
        }
    }
}

/// How a request ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Of [`emit_with_ack`](super::Server::emit_with_ack).
    Acked {
        /// Which request.
        request: RequestId,
        /// What the client answered.
        result: Result<Args, AckError>,
    },
    /// Of [`broadcast_with_ack`](super::Server::broadcast_with_ack).
    Answered {
        /// Which request.
        request: RequestId,
        /// What those answered who did.
        answers: Vec<Answer>,
        /// Those who did not.
        silent: Silent,
    },
    /// Of [`fetch_sockets`](super::Server::fetch_sockets).
    Fetched {
        /// Which request.
        request: RequestId,
        /// The sockets that there are.
        sockets: Vec<FetchedSocket>,
        /// How many nodes did not answer.
        missing: usize,
    },
    /// Of [`server_side_emit_with_ack`](super::Server::server_side_emit_with_ack).
    Replied {
        /// Which request.
        request: RequestId,
        /// What the programs on the other nodes answered.
        replies: Vec<Args>,
        /// How many did not.
        missing: usize,
    },
}

impl Outcome {
    /// Which request ended.
    pub const fn request(&self) -> RequestId {
        match self {
            Outcome::Acked { request, .. }
            | Outcome::Answered { request, .. }
            | Outcome::Fetched { request, .. }
            | Outcome::Replied { request, .. } => *request,
        }
    }
}

/// An acknowledgement of a broadcast.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The id of the socket; not every node of a cluster tells.
    pub socket: Option<Utf8Bytes>,
    /// What it answered; of a socket elsewhere the first argument.
    pub args: Args,
}

/// Those who did not acknowledge a broadcast.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Silent {
    /// The ids of sockets of this node.
    pub sockets: Vec<Utf8Bytes>,
    /// How many sockets of other nodes, which do not tell their ids.
    pub elsewhere: usize,
    /// How many nodes did not even say how many sockets they asked.
    pub nodes: usize,
}

impl Silent {
    /// Did all of them answer?
    pub fn is_empty(&self) -> bool {
        *self == Silent::default()
    }
}

/// What happened to nobody's connection.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// A socket was waited for, and did not come back in time. Nothing of it is left: its id means nothing any more.
    Forgotten(SocketId),
    /// The program on another node says something.
    ServerSideEmit {
        /// In which namespace.
        nsp: Nsp,
        /// The event's name.
        name: Utf8Bytes,
        /// Its arguments.
        args: Args,
        /// It is to be [answered](super::Server::reply).
        reply: Option<ReplyTo>,
    },
    /// A namespace came of a pattern.
    NamespaceMade(Nsp),
    /// It went with its last socket.
    NamespaceGone(Nsp),
    /// A room has a first socket.
    RoomMade {
        /// In which namespace.
        nsp: Nsp,
        /// Its name.
        room: Utf8Bytes,
    },
    /// A room has no socket any more.
    RoomGone {
        /// In which namespace.
        nsp: Nsp,
        /// Its name.
        room: Utf8Bytes,
    },
    /// A socket is in a room.
    Joined {
        /// Which socket.
        socket: SocketId,
        /// Which room.
        room: Utf8Bytes,
    },
    /// A socket is in a room no longer.
    Left {
        /// Which socket.
        socket: SocketId,
        /// Which room.
        room: Utf8Bytes,
    },
}

/// Who waits for an answer to what he said to all nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplyTo {
    pub(crate) uid: Uid,
    pub(crate) nsp: Nsp,
    pub(crate) request: u64,
}

/// Why a client may not join a namespace, as it is told (`CONNECT_ERROR`).
#[derive(Clone, PartialEq, Debug)]
pub struct ConnectError {
    /// For people.
    pub message: String,
    /// For programs.
    pub data: Option<Value>,
}

impl ConnectError {
    /// This message, and nothing else.
    pub fn new(message: impl Into<String>) -> ConnectError {
        ConnectError { message: message.into(), data: None }
    }

    /// The same with data.
    pub fn with_data(self, data: Value) -> ConnectError {
        ConnectError { data: Some(data), ..self }
    }
}

/// Why a socket did not join a room.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum JoinError {
    /// It is not connected, or not any more.
    #[error("the socket is not connected: it can be in no room")]
    Closed,
    /// It is in as many as it may be in.
    #[error("the socket is in too many rooms: let it leave some, or raise `max_rooms`")]
    TooManyRooms,
}
