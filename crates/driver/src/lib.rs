//! One readiness loop for every Sansocket machine, over any runtime.
//!
//! A [`Machine`](sansocket_core::Machine) decides, a runtime waits; this crate joins the two with `core::task` and
//! nothing else. It knows no protocol and no runtime: a stream is an [`Io`], the time a [`Clock`], and the adapters
//! (`sansocket-tokio`, `sansocket-smol`) are little more than these two.
//!
//! | you want to | take |
//! |---|---|
//! | receive and send in one task | [`Connection`]: [`next`](Connection::next), [`send`](Connection::send) |
//! | answer as fast as can be, owning nothing | [`Connection::serve`] |
//! | send from many tasks | [`Connection::share`]: [`Handle`], [`Incoming`], [`Driver`] |
//! | end connections from outside, all at once | [`Connection::close_on`], [`Signal`] |
//! | keep count of a server's connections, and cut off the last ones | [`Crowd`] |
//! | drive a handshake, then go on with what it becomes | [`Connection::until`], [`Connection::map`] |
//! | bring another runtime, or another stream | [`Io`], [`Clock`] |
//! | write a server or a client for any runtime | [`Runtime`], [`Network`] |
//! | no futures at all | the four calls of [`Machine`](sansocket_core::Machine) |
//!
//! # The loop
//!
//! ```
//! use sansocket_core::{Endpoint, Message, SendError};
//! use sansocket_driver::{Clock, Connection, Io};
//!
//! /// Says everything back, whatever the protocol, the transport and the runtime.
//! async fn echo<M, I, C>(machine: M, io: I, clock: C) -> Result<M, SendError<Message>>
//! where
//!     M: Endpoint<Received = Message, Sent = Message>,
//!     I: Io,
//!     C: Clock,
//! {
//!     let mut connection = Connection::new(machine, io, clock);
//!     while let Some(message) = connection.next().await {
//!         connection.send(message).await?; // queued: all answers to one read leave in one write
//!     }
//!     if let Some(error) = connection.error() {
//!         eprintln!("the transport broke: {error}");
//!     }
//!     Ok(connection.into_parts().machine) // knows why it ended
//! }
//! ```
//!
//! # What holds
//!
//! * A peer that does not read never stops us from reading, and one that says nothing never stops us from writing.
//!   What stops reading is a user who does not ask for events; then the transport fills up and the peer waits.
//! * An idle connection holds no buffer, in or out.
//! * The clock is asked once a read, and a timer is set only when the deadline it stands for comes nearer.
//! * After half a mebibyte a connection lets the other tasks of its thread have their turn.
//! * Every future may be dropped at any point.
#![forbid(unsafe_code)]

mod connection;
mod crowd;
mod desk;
#[cfg(feature = "futures")]
mod futures;
mod io;
mod lend;
mod outside;
mod pool;
mod runtime;
mod share;
mod signal;
mod wait;
mod wire;

pub use connection::{Connection, Parts};
pub use crowd::{Crowd, Guest, Task};
pub use io::{Clock, Io};
pub use lend::Commands;
pub use runtime::{Network, Runtime};
pub use share::{Driver, Handle, Incoming, Shared};
pub use signal::{Signal, Wait, unless};
