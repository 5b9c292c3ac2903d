//! A server's connections: HTTP first, WebSocket if it is asked for, and sessions of Engine.IO over both.
//!
//! | you want to | take |
//! |---|---|
//! | drive one connection | [`Connection`], a [`Machine`](sansocket_core::Machine) |
//! | pass on what happens on it to the hub of sessions | [`Connection::handle_event`] |
//! | decide who may begin a session, and what else is served | [`Question`] |
//! | bring the hub's answers and messages to it | [`Connection::answer`], [`Connection::transmit`] |
//!
//! The hub is an [`engineio::server::Server`](sansocket_engineio::server::Server) that all connections share. None of
//! them owns it: it is lent for a call, from behind a lock perhaps.
//!
//! ```
//! use std::sync::Arc;
//!
//! use sansocket_core::{Headers, Input, Instant, Machine, Pool, Transmit};
//! use sansocket_engineio::server::{Event, Server, ServerOptions};
//! use sansocket_stack::server::{Connection, Options, Question};
//! use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;
//!
//! let (engine, now) = (ServerOptions::default(), Instant::ZERO);
//! let options = Arc::new(Options::new(&engine, &HandshakeOptions::default()));
//! let mut hub = Server::new(engine, [7; 32]); // the seed: from the system
//! let (mut connection, mut input, mut pool) = (Connection::new(options, now), Input::default(), Pool::default());
//!
//! // Below: bytes came.
//! input.fill(b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n", &mut pool);
//!
//! // The connection has questions; everything else is between it and the hub.
//! while let Some(event) = connection.poll_event(&mut input, now) {
//!     match connection.handle_event(event, &mut hub, now) {
//!         Some(Question::Engine(request)) => connection.admit(*request, Headers::new(), &mut hub, now),
//!         Some(Question::Other(_)) => connection.respond(sansocket_core::Response::new(404), now)?,
//!         Some(Question::Gone) | None => {}
//!     }
//! }
//!
//! // A session has begun.
//! let session = hub.poll_ready().expect("something happened");
//! assert!(matches!(hub.poll_event(session, now), Some(Event::Opened(_))));
//!
//! // The hub answers requests, at once or half a minute later.
//! while let Some(answer) = hub.poll_response() {
//!     assert_eq!(Some(answer.exchange), connection.exchange()); // of many: whose it is
//!     connection.answer(answer.response, now);
//! }
//! let Some(Transmit::Bytes(out)) = connection.poll_transmit() else { panic!("an answer") };
//! assert!(out.flat().unwrap().starts_with(b"HTTP/1.1 200 OK\r\n"));
//! # Ok::<(), sansocket_http1::server::AnswerError>(())
//! ```

mod body;
mod connection;
mod event;
mod http;
mod options;

pub use connection::Connection;
pub use event::{AcceptError, Event, Question};
pub use options::Options;
