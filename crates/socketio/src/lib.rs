//! Socket.IO, revisions 5 and 4, as pure state machines: events with names, acknowledgements, namespaces and rooms, over
//! any connection that carries messages.
//!
//! | you want to | take |
//! |---|---|
//! | serve all clients: namespaces, rooms, acknowledgements, recovery | [`server::Server`] |
//! | be a client: all its namespaces, over as many connections as it takes | [`client::Client`] |
//! | join servers to a cluster | [`cluster`] |
//! | write and read what events carry, as your own types | [`Args`] |
//! | look at data whose type nobody knows | [`Value`] |
//! | turn packets into messages, in text, in MessagePack, or in a way of your own | [`Parser`], [`Codec`] |
//! | turn messages into packets | [`Decoder`], [`Limits`] |
//!
//! # Packets without machines
//!
//! Whoever has a connection that carries messages speaks Socket.IO with the two halves of the codec:
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use sansocket_core::Message;
//! use sansocket_socketio::{Args, ArgsError, Decoder, Kind, Limits, Nsp, Packet, Parser};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PartialEq, Debug)]
//! struct Drawing {
//!     title: String,
//!     // Binary data, wherever it lies; a `Vec<u8>` would be an array of numbers.
//!     pixels: Bytes,
//! }
//!
//! let drawing = Drawing { title: "dot".into(), pixels: Bytes::from_static(&[255]) };
//!
//! // A tuple is several arguments, `()` is none, anything else is one.
//! let args = Args::new(&(&drawing, "by me"))?;
//! let id = Some(7.into()); // an acknowledgement is asked for
//! let packet = Packet::new(Nsp::main(), Kind::Event { id, name: "draw".into(), args });
//!
//! // It is encoded once, however many it is sent to.
//! let parser = Parser::Json;
//! let encoded = parser.encode(&packet);
//! let messages: Vec<Message> = encoded.messages().cloned().collect();
//! let text = r#"51-7["draw",{"title":"dot","pixels":{"_placeholder":true,"num":0}},"by me"]"#;
//! assert_eq!(messages, [Message::from(text), Message::from(vec![255])]);
//!
//! // The other end hands in what comes, and closes the connection if that is no packet.
//! let mut decoder = Decoder::new(parser, Arc::new(Limits::default()));
//! let mut packets = Vec::new();
//! for message in messages {
//!     packets.extend(decoder.handle_message(message).expect("a well-behaved peer"));
//! }
//! assert_eq!(packets, [packet]);
//!
//! // What an event carries becomes a type when somebody asks for one.
//! let Kind::Event { args, .. } = &packets[0].kind else { unreachable!("it is an event") };
//! let (again, author): (Drawing, &str) = args.read()?;
//! assert_eq!((again, author), (drawing, "by me"));
//! let nobody = args.read::<(Drawing, String, Option<u8>)>()?.2;
//! assert_eq!((nobody, args.read::<(Drawing, String, u8)>()), (None, Err(ArgsError::Missing(2))));
//! # Ok::<(), ArgsError>(())
//! ```
//!
//! # What a peer may ask of us
//!
//! | what | limit | whoever passes it |
//! |---|---|---|
//! | attachments of a packet | [`Limits::max_attachments`], 10 | is a [`PacketError`]: close the connection |
//! | their bytes, together | [`Limits::max_attachment_bytes`], 4 MiB | same |
//! | arrays and objects in each other | [`Limits::max_depth`], 128 | same |
//! | the name of a namespace | [`Nsp::MAX`], 256 bytes | same |
//! | the number of an acknowledgement | [`AckId::MAX`], 2^53 − 1 | same |
//!
//! All of it is judged before anything is kept, in one pass without recursion. What that pass let through is JSON; to read
//! it recurses no deeper than the limit. What may be said in more than one way is read like this:
//!
//! | a peer says | we hear |
//! |---|---|
//! | an event whose name is a number | its digits, as they are written |
//! | half of a surrogate pair, `"\ud800"` | U+FFFD |
//! | a number beyond all floats, `1e999` | infinity; `null` as a [`Value`] |
//! | a key twice | the last one, in maps; an error, in derived types |
//! | `{"_placeholder":true,"num":0}` without binary data | that object |
//! | the same beside binary data, malformed, or for nothing | no packet |
//! | an attachment for which there is no placeholder, or several | the packet; the attachment as often as it is said |
//! | an acknowledgement without a number | one that nobody waits for ([`AckId::MAX`]) |
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
pub use flow::{AckError, EmitError, Flags, Outgoing, RequestId, Scope, Volatile, Writable};
pub use limits::Limits;
pub use nsp::{Nsp, NspError};
pub use packet::{AckId, Kind, Packet, Revision, is_reserved};
pub use parser::{Codec, Parser};
pub use sansocket_core::Compress;
pub use value::{Map, Value};
