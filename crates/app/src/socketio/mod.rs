//! Servers and clients of Socket.IO.
//!
//! The protocol is [`sansocket_socketio`], machines that never touch a socket; what carries it is [`engineio`](crate::engineio).
//! Here is what users hold, whatever the runtime.
//!
//! | you want to | take |
//! |---|---|
//! | serve | [`Server`]; over sessions of your own: [`Io`] |
//! | talk with a server | [`Client`]; with options, headers, certificates: [`ClientSetup`] |
//! | say what happens when | [`Namespace`], of a server or of a client |
//! | handle an event | an `async` closure: [`Handler`] |
//! | talk with one client of a server | [`Socket`] |
//! | talk with many | [`Operator`], from [`Socket::to`] or [`Io::of`] |

mod answers;
mod client;
mod emit;
mod error;
mod handler;
mod namespace;
mod posts;
mod pull;
mod run;
mod server;
mod waiting;

pub use answers::Answers;
pub use client::{Client, ClientSetup, ClientSocket};
pub use error::{AckError, EmitError};
pub use handler::{Ack, Acknowledging, Handler, Peer, Plain, Received, Typed};
pub use namespace::{EventError, Incoming, Namespace, Rejected};
pub use pull::{Events, Pulled};
pub use sansocket_socketio::client::ClientOptions;
pub use sansocket_socketio::server::{ConnectError, JoinError, Reason, Recovery, ServerOptions};
pub use sansocket_socketio::{Args, Parser, Value};
pub use server::{Io, Operator, Server, Socket};
