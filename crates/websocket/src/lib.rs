//! WebSocket as a pure state machine: RFC 6455 and permessage-deflate (RFC 7692), client and server.
//!
//! Bytes and the time go in, events and bytes come out. No I/O, no runtime, no clock, no `std`: drive it from tokio or
//! smol (the crates `sansocket-tokio` and `sansocket-smol` do), from a game loop, a fuzzer, or bare metal.
//!
//! | you want to | take |
//! |---|---|
//! | a WebSocket on tokio or smol | `sansocket-tokio`, `sansocket-smol`; not this crate |
//! | drive a connection over your own I/O | [`WebSocket`], after [`handshake::ServerHandshake`] or [`handshake::ClientHandshake`] |
//! | accept an upgrade in a framework that has parsed the request already | the functions in [`handshake`], then [`WebSocket`] |
//! | send one message to many | [`Prepared`] |
//! | read or write single frame headers | [`frame`] |
//!
//! # The loop
//!
//! A connection is three values: the machine, the [`Input`](sansocket_core::Input) beside it, and whatever bytes travel
//! on. Events are lent from the input, so the machine stays free: it sends while an event is held.
//!
//! ```
//! use std::sync::Arc;
//!
//! use sansocket_core::{Input, Instant, Machine, Pool, Transmit};
//! use sansocket_websocket::{CloseCode, Event, Extensions, Options, WebSocket};
//!
//! struct Side {
//!     ws: WebSocket,
//!     input: Input,
//! }
//!
//! /// What one side wants written goes to the other, as a socket would carry it.
//! fn carry(from: &mut WebSocket, to: &mut Side, pool: &mut Pool, now: Instant) {
//!     while let Some(transmit) = from.poll_transmit() {
//!         match transmit {
//!             Transmit::Bytes(out) => {
//!                 let bytes = out.flat().expect("small messages lie side by side").to_vec();
//!                 to.input.fill(&bytes, pool);
//!                 out.written(bytes.len());
//!             }
//!             Transmit::Shutdown => to.ws.handle_eof(now),
//!         }
//!     }
//! }
//!
//! let (options, now, pool) = (Arc::new(Options::default()), Instant::ZERO, &mut Pool::new());
//! let ws = WebSocket::server(options.clone(), Extensions::default(), now);
//! let mut server = Side { ws, input: Input::default() };
//! // Masking keys have to be unpredictable: a real client takes its seed from the system.
//! let ws = WebSocket::client(options, Extensions::default(), [7; 32], now);
//! let mut client = Side { ws, input: Input::default() };
//!
//! client.ws.send_text("hello")?;
//! client.ws.close(CloseCode::NORMAL.into(), now);
//! carry(&mut client.ws, &mut server, pool, now);
//!
//! while let Some(event) = server.ws.poll_event(&mut server.input, now) {
//!     match event {
//!         Event::Text(text) => server.ws.send_text(&text)?, // while `text` is lent
//!         Event::Closed(why) => assert_eq!(why.to_string(), "closed by the peer: 1000"),
//!         _ => {}
//!     }
//! }
//! server.input.release(pool); // idle: no buffer is kept
//!
//! carry(&mut server.ws, &mut client, pool, now);
//! let Some(Event::Text(echo)) = client.ws.poll_event(&mut client.input, now) else { panic!("an echo") };
//! assert_eq!(echo, "hello");
//! # Ok::<(), sansocket_core::SendError<()>>(())
//! ```
//!
//! With sockets, the handshake before it, and no runtime: `examples/blocking.rs` and `examples/mio.rs`.
//!
//! # What bad input gets
//!
//! Whatever the peer did right is delivered first. Then exactly one close frame goes out with the code that
//! [`Violation::close_code`] names, and [`Event::Closed`] says what was wrong; its
//! [`section`](Violation::section) is where to read why. Limits ([`Options`]) act at the header, before memory is
//! taken; a connection that waits holds at most twice the bytes of an unfinished message and 4 KiB.
//!
//! # Features
//!
//! * `deflate` (default): permessage-deflate, off until [`Options`] ask for it.
//! * `http`: conversion from and to the types of the `http` crate.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod close;
mod closed;
mod connection;
mod counters;
mod deadline;
#[cfg(feature = "deflate")]
pub mod deflate;
mod event;
mod extensions;
pub mod frame;
pub mod handshake;
mod kind;
mod mask;
mod options;
mod prepared;
mod role;
mod violation;

pub use close::{CloseCode, CloseFrame, ReasonTooLong};
pub use closed::Closed;
pub use connection::{ControlError, StreamError, WebSocket};
pub use counters::{Counters, Traffic};
pub use deadline::Deadline;
pub use event::{Chunk, Event, Position};
pub use extensions::Extensions;
pub use kind::Kind;
pub use options::{Delivery, Keepalive, Leniency, Options, Overflow, Relaxed};
pub use prepared::Prepared;
pub use role::Role;
pub use violation::Violation;
