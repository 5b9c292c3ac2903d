//! Engine.IO: sessions that begin with what gets through everywhere, and go on over a WebSocket.

mod client;

pub use client::{Client, ClientHandle, ConnectError, Connector};
pub use sansocket_stack::client::ClientOptions;
