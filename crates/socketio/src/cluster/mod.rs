//! What the nodes of a cluster say to each other, as typed values.
//!
//! These are the messages of the cluster adapters for Node.js (`ClusterAdapterWithHeartbeat`): whatever moves them,
//! between threads or between machines, needs to know nothing else. A [`Server`](crate::server::Server) gives them
//! ([`poll_cluster`](crate::server::Server::poll_cluster)) and takes them
//! ([`handle_cluster`](crate::server::Server::handle_cluster)); each comes to all other nodes, or to the one it names,
//! at most once, and those of one node to another in their order.

mod nodes;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::Utf8Bytes;

use crate::flow::Flags;
use crate::handshake::Handshake;
use crate::{Args, Nsp, Value};

pub(crate) use nodes::{Heard, Nodes};

/// What a node is known by among the others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Uid(Utf8Bytes);

impl Uid {
    /// What those say who are no node: they speak to the nodes, and nobody answers.
    pub const EMITTER: Uid = Uid(Utf8Bytes::from_static("emitter"));

    /// The node of this name.
    pub fn new(name: impl Into<Utf8Bytes>) -> Uid {
        Uid(name.into())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message, and whom it is for.
#[derive(Clone, PartialEq, Debug)]
pub struct Outbound {
    /// This node alone; `None`: all others.
    pub to: Option<Uid>,
    /// What it says.
    pub message: Message,
}

impl Outbound {
    /// Bytes that it keeps in memory, for budgets: what its event or answer has, and a little for itself.
    pub fn weight(&self) -> usize {
        let args = match &self.message.body {
            Body::Broadcast { event, .. } | Body::ServerSideEmit { event, .. } => Some(&event.args),
            Body::ServerSideEmitResponse { args, .. } | Body::BroadcastAck { args, .. } => Some(args),
            _ => None,
        };
        size_of::<Outbound>() + args.map_or(0, Args::weight)
    }
}

/// What a node says.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Who says it.
    pub uid: Uid,
    /// The namespace it is about; what is about none says `/`.
    pub nsp: Nsp,
    /// What it says.
    pub body: Body,
}

/// What a node says, beside who it is.
#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    /// It is new here (1). Everybody answers with a [`Heartbeat`](Body::Heartbeat).
    InitialHeartbeat,
    /// It is still there (2).
    Heartbeat,
    /// An event for sockets (3).
    Broadcast {
        /// Whom it is for, and how it goes out.
        opts: Opts,
        /// The event.
        event: Named,
        /// Its receivers are to acknowledge it.
        asks: Option<Asks>,
    },
    /// Sockets are to join rooms (4).
    SocketsJoin {
        /// Which ones.
        opts: Opts,
        /// Which rooms.
        rooms: Vec<Utf8Bytes>,
    },
    /// Sockets are to leave rooms (5).
    SocketsLeave {
        /// Which ones.
        opts: Opts,
        /// Which rooms.
        rooms: Vec<Utf8Bytes>,
    },
    /// Sockets are to be disconnected (6).
    DisconnectSockets {
        /// Which ones.
        opts: Opts,
        /// How much of them.
        closing: Closing,
    },
    /// Which sockets are there (7)?
    FetchSockets {
        /// Among these.
        opts: Opts,
        /// The question.
        request: u64,
    },
    /// These are there (8).
    FetchSocketsResponse {
        /// The question.
        request: u64,
        /// The answer.
        sockets: Vec<FetchedSocket>,
    },
    /// An event for the programs on the other nodes (9).
    ServerSideEmit {
        /// The event.
        event: Named,
        /// They are to answer it.
        request: Option<u64>,
    },
    /// The answer of one (10).
    ServerSideEmitResponse {
        /// The question.
        request: u64,
        /// The answer: one argument.
        args: Args,
    },
    /// So many sockets of this node were asked for an acknowledgement (11).
    BroadcastClientCount {
        /// The question.
        request: u64,
        /// How many.
        count: u64,
    },
    /// One of them acknowledged (12).
    BroadcastAck {
        /// The question.
        request: u64,
        /// The answer: one argument.
        args: Args,
        /// Who it was. Not every node tells.
        socket: Option<Utf8Bytes>,
    },
    /// It goes (13).
    AdapterClose,
}

/// An event: its name and its arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// Its name.
    pub name: Utf8Bytes,
    /// Its arguments.
    pub args: Args,
}

/// What somebody waits for who broadcasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asks {
    /// His question, to be named in the answers.
    pub request: u64,
    /// How long he waits.
    pub timeout: Duration,
}

/// Which sockets of a namespace, and how something goes to them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Opts {
    /// Those in one of these rooms; if there are none, all.
    pub rooms: Vec<Utf8Bytes>,
    /// But for those in one of these.
    pub except: Vec<Utf8Bytes>,
    /// How it goes.
    pub flags: Flags,
}

/// How much of a client is put out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Closing {
    /// It leaves the namespace.
    #[default]
    Namespace,
    /// Its connection is closed, and with it all its sockets.
    Connection,
}

/// A socket, maybe of another node, as [`fetch_sockets`](crate::server::Server::fetch_sockets) finds it.
#[derive(Clone, PartialEq, Debug)]
pub struct FetchedSocket {
    /// Its id, which is also a room that it alone is in.
    pub id: Utf8Bytes,
    /// How its connection began.
    pub handshake: Arc<Handshake>,
    /// What its client said of itself when it came.
    pub auth: Option<Arc<Value>>,
    /// The rooms it is in.
    pub rooms: Vec<Utf8Bytes>,
    /// What is told of it ([`set_data`](crate::server::Server::set_data)).
    pub data: Option<Value>,
}
