//! Servers and clients of Engine.IO.
//!
//! The protocol is [`sansocket_engineio`], machines that never touch a socket; how HTTP and WebSocket carry it is
//! [`sansocket_stack`]. Here are the sessions that users hold, whatever the runtime.
//!
//! | you want to | take |
//! |---|---|
//! | talk with a server | [`Client`]; with options, headers, certificates: [`Connector`] |
//! | serve | [`Server`], which gives you a [`Session`] for each client |
//! | receive from either as a `Stream` | the feature `futures`, which the adapters turn on |
//! | send to a session from many tasks | [`Session::handle`] |
//! | let only some begin a session, add headers, serve pages and WebSockets beside | [`Server::allow`], [`Server::headers`], [`Server::beside`] |
//! | serve streams, requests or WebSockets of your own | [`Engine`] |

mod client;
#[cfg(feature = "futures")]
mod futures;
mod server;

pub use client::{Client, ClientHandle, ConnectError, Connector};
pub use sansocket_engineio::server::{Cookie, Cors, Origins, ServerOptions, Sid};
pub use sansocket_engineio::{Protocol, Reason, Transport};
pub use sansocket_stack::client::ClientOptions;
pub use server::{
    Appetite, Beside, Engine, Next, Occasion, Refusal, Server, Session, SessionHandle, Setup, Upgraded,
};
