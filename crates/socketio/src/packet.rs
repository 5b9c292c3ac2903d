//! Packets.

use core::fmt;

use sansocket_core::Utf8Bytes;

use crate::args::Args;
use crate::nsp::Nsp;
use crate::value::Value;

/// A packet, with its attachments.
#[derive(Clone, PartialEq, Debug)]
pub struct Packet {
    /// The namespace that it is about.
    pub nsp: Nsp,
    /// What it says.
    pub kind: Kind,
}

/// What a packet says.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// 0: a client wants into the namespace, with what it says of itself; or the server let it in, and says `sid` and, if
    /// the session can be recovered, `pid`. An object, or nothing.
    Connect(Option<Value>),
    /// 1: one of the two leaves the namespace.
    Disconnect,
    /// 2, and 5 with binary data: something happened.
    Event {
        /// The number by which an acknowledgement is asked for.
        id: Option<AckId>,
        /// What it is called. A number, which JavaScript allows too, becomes its text.
        name: Utf8Bytes,
        /// What is told about it.
        args: Args,
    },
    /// 3, and 6 with binary data: the answer to an event that asked for one.
    Ack {
        /// The number that the event had.
        id: AckId,
        /// The answer.
        args: Args,
    },
    /// 4: the server does not let the client in, and says why: an object with `message` and perhaps `data`. Servers of
    /// Socket.IO 2 may say anything.
    ConnectError(Value),
}

impl Packet {
    /// A packet for that namespace.
    pub fn new(nsp: Nsp, kind: Kind) -> Packet {
        Packet { nsp, kind }
    }

    /// The arguments, if it has some.
    pub fn args(&self) -> Option<&Args> {
        match &self.kind {
            Kind::Event { args, .. } | Kind::Ack { args, .. } => Some(args),
            Kind::Connect(_) | Kind::Disconnect | Kind::ConnectError(_) => None,
        }
    }

    pub(crate) fn args_mut(&mut self) -> Option<&mut Args> {
        match &mut self.kind {
            Kind::Event { args, .. } | Kind::Ack { args, .. } => Some(args),
            Kind::Connect(_) | Kind::Disconnect | Kind::ConnectError(_) => None,
        }
    }
}

/// The number of an event that asks for an acknowledgement: at most [`AckId::MAX`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AckId(u64);

impl AckId {
    /// 2^53 − 1: the largest number that JavaScript counts to.
    pub const MAX: AckId = AckId((1 << 53) - 1);

    /// The number, if it is not too large.
    pub const fn new(number: u64) -> Option<AckId> {
        if number <= AckId::MAX.0 { Some(AckId(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<u32> for AckId {
    fn from(number: u32) -> AckId {
        AckId(number.into())
    }
}

impl fmt::Display for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which generation a peer is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Revision {
    /// Revision 4 of the protocol, over Engine.IO 3: Socket.IO 1 and 2. CONNECT has no payload; what a client says of itself is
    /// the query behind the name of the namespace.
    V4,
    /// Revision 5, over Engine.IO 4: Socket.IO 3 and 4.
    #[default]
    V5,
}

/// Names that mean something else in JavaScript, so that no event may have them, neither sent nor received.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// May no event have this name?
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}
