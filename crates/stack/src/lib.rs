//! How the protocols sit on each other, as machines: composed, and nothing else. Each rule stays in the crate of its
//! protocol.
//!
//! | you want | take |
//! |---|---|
//! | one TCP connection of a server: HTTP first, a WebSocket if it switches, joined to a hub of Engine.IO sessions | [`server`] |
//! | an Engine.IO client and the byte streams that carry it | [`client`] |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod client;
mod reason;
pub mod server;
