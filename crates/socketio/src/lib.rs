//! Socket.IO, revisions 5 and 4, as pure state machines: events with names, acknowledgements, namespaces and rooms, over
//! any connection that carries messages.
//!
//! | you want to | take |
//! |---|---|
//! | serve all clients: namespaces, rooms, acknowledgements, recovery | [`server::Server`] |
//! | be a client: all its namespaces, over as many connections as it takes | [`client::Client`] |
//! | join servers to a cluster | [`cluster`] |
//! | know what events carry | [`Args`], [`Value`] |
//! | turn packets into messages | [`Parser`] |
//! | turn messages into packets | [`Decoder`] |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod args;
pub mod client;
pub mod cluster;
mod decoder;
mod encoded;
mod error;
mod fault;
mod flow;
mod handshake;
mod json;
mod limits;
#[cfg(feature = "msgpack")]
mod msgpack;
mod nsp;
mod packet;
mod parser;
mod reason;
pub mod server;
mod value;
mod wire;

pub use args::Args;
pub use decoder::Decoder;
pub use encoded::Encoded;
pub use error::ArgsError;
pub use fault::PacketError;
pub use flow::{AckError, Compress, EmitError, Flags, Outgoing, RequestId, Scope, Volatile, Writable};
pub use limits::Limits;
pub use nsp::{Nsp, NspError};
pub use packet::{AckId, Kind, Packet, Revision, is_reserved};
pub use parser::{Codec, Parser};
pub use value::{Map, Value};
