//! Engine.IO, protocols 4 and 3, as pure state machines: sessions that begin with HTTP long-polling, where anything
//! gets through, and go on over a WebSocket where that does.
//!
//! Parsed requests, WebSocket messages and the time go in; responses, messages and events come out. This crate knows
//! neither the bytes of HTTP nor the frames of WebSocket, so that it embeds in whatever server or client you have.
//!
//! | you want to | take |
//! |---|---|
//! | all sessions of a server | [`server::Server`] |
//! | a client's one session | [`client::Client`] |
//! | turn one packet into a WebSocket message, or back | [`Packet`] |
//! | read or write the body of a poll | [`PayloadReader`], [`PayloadWriter`] |
//! | the same as script, for the oldest browsers | [`jsonp`] |
//! | frame packets on a WebTransport stream | [`webtransport`] |
//! | know what a handshake says | [`Open`] |
//!
//! # The loop
//!
//! A server hands over each request that comes, and gives it the answer that comes back: at once, or when there is
//! something to say.
//!
//! ```
//! use sansocket_core::{Data, Instant, Request};
//! use sansocket_engineio::server::{Event, Server, ServerOptions};
//!
//! let now = Instant::ZERO; // your clock's
//! // Ids must not be guessed: a real server takes the seed from the system.
//! let mut server = Server::new(ServerOptions::default(), [7; 32]);
//!
//! /// What a server does after each call: it looks at what happened, and answers.
//! fn turn(server: &mut Server, now: Instant) -> Vec<String> {
//!     while let Some(session) = server.poll_ready() {
//!         let mut said = Vec::new();
//!         while let Some(event) = server.poll_event(session, now) {
//!             match event {
//!                 Event::Opened(request) => assert_eq!(request.path(), "/engine.io/"),
//!                 Event::Message(message) => said.push(message.into_owned()),
//!                 Event::Closed(reason) => println!("{reason}"),
//!                 Event::Upgraded(_) | Event::Room | Event::Housekeeping => {}
//!             }
//!         }
//!         for message in said {
//!             server.send(session, message).expect("there is room"); // an echo
//!         }
//!     }
//!     let answers = std::iter::from_fn(|| server.poll_response());
//!     answers.map(|answer| String::from_utf8(answer.response.body.to_vec()).unwrap()).collect()
//! }
//!
//! // A client comes,
//! server.handle_request(Request::get("/engine.io/?EIO=4&transport=polling"), now);
//! let open = turn(&mut server, now).remove(0);
//! let sid = &open[r#"0{"sid":""#.len()..][..20];
//!
//! // waits for what there is to hear,
//! let query = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
//! server.handle_request(Request::get(&*query), now);
//! assert!(turn(&mut server, now).is_empty(), "nothing yet");
//!
//! // and says something.
//! let mut post = Request::get(&*query);
//! post.method = "POST".into();
//! post.body = "4hello".into();
//! server.handle_request(post, now);
//! assert_eq!(turn(&mut server, now), ["ok", "4hello"]);
//!
//! // Later it comes with a WebSocket; `connection` stands for it.
//! let upgrade = format!("/engine.io/?EIO=4&transport=websocket&sid={sid}");
//! let connection = server.handle_upgrade(Request::get(upgrade), now).expect("it is welcome");
//! server.handle_message(connection, Data::Text("2probe".into()), now);
//! while let Some(outgoing) = server.poll_transmit(connection) {
//!     println!("{outgoing:?}"); // send it
//! }
//!
//! // And time passes.
//! let next = server.poll_timeout().expect("there is a heartbeat");
//! server.handle_timeout(next);
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod armor;
pub mod client;
mod content;
mod inlet;
pub mod jsonp;
mod open;
mod outlet;
mod packet;
pub mod payload;
mod queue;
mod reason;
pub mod server;
pub mod webtransport;

pub use open::{Open, OpenError};
pub use packet::{Binary, Packet, PacketError, Protocol, Transport, encode_message};
pub use payload::{Form, PayloadError, PayloadLimits, PayloadReader, PayloadWriter, Pushed};
pub use reason::Reason;
