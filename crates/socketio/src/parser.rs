//! How packets are written.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;

use sansocket_core::Message;

use crate::encoded::Encoded;
use crate::fault::PacketError;
use crate::limits::Limits;
use crate::packet::{Packet, Revision};
use crate::wire;

/// How packets are written. Both ends have to agree on it beforehand; nothing on the wire says which it is.
#[derive(Clone, Debug, Default)]
pub enum Parser {
    /// Text, with binary data in messages of its own: what everybody speaks who says nothing else.
    #[default]
    Json,
    /// MessagePack, one binary message for each packet, as `socket.io-msgpack-parser` has it.
    #[cfg(feature = "msgpack")]
    Msgpack,
    /// One of your own.
    Custom(Arc<dyn Codec>),
}

/// A parser of your own. It keeps nothing between messages: each is a packet.
pub trait Codec: Send + Sync + Debug {
    /// The messages that a packet is: one, unless the other end has a decoder that puts several together.
    fn encode(&self, packet: &Packet) -> Vec<Message>;

    /// The packet that a message is.
    ///
    /// # Errors
    /// [`PacketError`], [`PacketError::Custom`] if nothing else fits: the connection is closed. Nothing that the message says
    /// may make it panic, recurse without bound, or take memory that is not in proportion to the message.
    fn decode(&self, message: &Message, limits: &Limits) -> Result<Packet, PacketError>;
}

impl Parser {
    /// The messages that a packet is, for a peer of revision 5.
    pub fn encode(&self, packet: &Packet) -> Encoded {
        self.encode_for(Revision::V5, packet)
    }

    /// The messages that a packet is. The revisions differ in what [`Kind::Connect`](crate::Kind::Connect) says.
    pub fn encode_for(&self, revision: Revision, packet: &Packet) -> Encoded {
        match self {
            Parser::Json => wire::encode(packet, revision),
            #[cfg(feature = "msgpack")]
            Parser::Msgpack => crate::msgpack::encode(packet),
            Parser::Custom(codec) => {
                let mut messages = codec.encode(packet).into_iter();
                // A codec that says nothing is heard as a packet that nobody can read.
                let first = messages.next().unwrap_or_else(|| Message::binary(Vec::new()));
                if messages.len() == 0 { Encoded::one(first) } else { Encoded::several(first, messages) }
            }
        }
    }
}
