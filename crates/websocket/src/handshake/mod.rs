//! The opening handshake (RFC 6455 §4): from HTTP to WebSocket, for both sides.
//!
//! | you have | you are a server: take | a client: take |
//! |---|---|---|
//! | a byte stream (TCP, TLS, a pipe) | [`ServerHandshake`] | [`ClientHandshake`] |
//! | HTTP/1.1 that somebody parses (hyper, axum, actix) | [`server::check`], [`Upgrade::accept`](server::Upgrade::accept) | [`client::Opening`] |
//! | HTTP/2 or HTTP/3 (RFC 8441, RFC 9220) | the same | the same, with [`client::Opening::extended`] |
//! | types of the `http` crate | the same, behind the conversions in `handshake::http` (feature `http`) | the same |
//! | a handshake of your own | [`negotiation`] | [`negotiation`], [`Uri`] |
//!
//! The two machines are driven as every [`Machine`](sansocket_core::Machine), and with the same
//! [`Input`](sansocket_core::Input) that the connection goes on with: what came behind the head simply stays in it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use sansocket_core::{Input, Instant, Machine, Pool, Transmit};
//! use sansocket_websocket::Event;
//! use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake, ClientOptions, Offer};
//! use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerHandshake, ServerOptions};
//!
//! /// What one machine wants written goes into the input of the other, as a socket would carry it.
//! fn carry(from: &mut impl Machine, to: &mut Input, pool: &mut Pool) {
//!     while let Some(Transmit::Bytes(out)) = from.poll_transmit() {
//!         let bytes = out.flat().expect("heads are written in one piece").to_vec();
//!         to.fill(&bytes, pool);
//!         out.written(bytes.len());
//!     }
//! }
//!
//! let (now, mut pool) = (Instant::ZERO, Pool::new());
//! let (mut at_server, mut at_client) = (Input::default(), Input::default());
//! let mut server = ServerHandshake::new(Arc::new(ServerOptions::default()), now);
//!
//! // The client says what it wants. The nonce must be random; it is fixed here to be compared.
//! let offer = Offer::new("ws://example.org/chat".parse()?).with_protocol("chat");
//! let mut client = ClientHandshake::new(&offer, [7; 16], Arc::new(ClientOptions::default()), now)?;
//! carry(&mut client, &mut at_server, &mut pool);
//!
//! // The server looks at the request, in its own time, and answers.
//! let Some(ServerEvent::Upgrade(request)) = server.poll_event(&mut at_server, now) else { panic!("an upgrade") };
//! assert_eq!(request.path(), "/chat");
//! let choice = Choice { protocol: server.prefer(&["chat"]), ..Choice::default() };
//! server.accept(&choice)?;
//! let mut server = server.into_websocket(now).expect("was accepted");
//! server.send_text("welcome")?; // leaves together with the 101
//! carry(&mut server, &mut at_client, &mut pool);
//!
//! // The client checks the answer. From here on both are connections.
//! let Some(ClientEvent::Connected(connected)) = client.poll_event(&mut at_client, now) else { panic!("a yes") };
//! assert_eq!(connected.protocol.as_deref(), Some("chat"));
//! // The seed of the masking keys must be unpredictable too.
//! let mut client = client.into_websocket([7; 32], now).expect("was connected");
//! let Some(Event::Text(text)) = client.poll_event(&mut at_client, now) else { panic!("a message") };
//! assert_eq!(text, "welcome");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What bad input gets
//!
//! A server answers with the status that fits (400, 403, 405, 408, 414, 426, 431, 501, 503, 505), says why in the body,
//! closes its side and throws away what still comes, so that the answer is not lost to a reset. A client gets a
//! typed error; a server that refuses in order, its [`Response`](sansocket_core::Response).
//!
//! | limit | default | a peer that passes it gets |
//! |---|---|---|
//! | [`ServerOptions::head`] | 16 KiB, 100 fields, 8 KiB a line | 431 (414 for the target) |
//! | [`ServerOptions::timeout`] | 10 s for all of it | 408 |
//! | [`ServerOptions::early`], bytes behind the head before the answer | 64 KiB | 400, then close |
//! | [`ServerOptions::linger`] | 10 s | TCP closed |
//! | subprotocols / offers of extensions | 64 / 16 | 400 / the rest is not looked at |
//! | [`ClientOptions::head`] | as above | [`ClientError::Head`](client::ClientError::Head) |
//! | [`ClientOptions::timeout`] | 10 s for all of it | [`ClientError::Timeout`](client::ClientError::Timeout) |
//! | [`ClientOptions::interim`] | 16 responses | [`ClientError::TooManyInterim`](client::ClientError::TooManyInterim) |
//! | [`ClientOptions::refusal_body`] | 64 KiB | the rest is not read |

pub mod client;
mod fields;
#[cfg(feature = "http")]
pub mod http;
mod key;
pub mod negotiation;
pub mod server;
mod uri;

use alloc::string::String;

use sansocket_core::Outbox;

use crate::Extensions;

pub use client::{ClientHandshake, ClientOptions};
pub use fields::FieldError;
pub use server::{ServerHandshake, ServerOptions};
pub use uri::{InvalidUri, Security, Uri};

/// What both sides agreed on.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Agreed {
    /// The subprotocol (RFC 6455 §1.9), if there is one.
    pub protocol: Option<String>,
    /// The extensions: give them to [`WebSocket::server`](crate::WebSocket::server) or
    /// [`WebSocket::client`](crate::WebSocket::client).
    pub extensions: Extensions,
}

/// What a handshake leaves, for those who build the connection themselves.
#[derive(Debug)]
pub struct Parts {
    /// What was not written yet: it goes first ([`WebSocket::with_output`](crate::WebSocket::with_output)).
    pub out: Outbox,
    /// What both sides agreed on.
    pub agreed: Agreed,
}

/// A handshake that has not come to an agreement becomes no connection: the caller's fault. A server accepts first, a
/// client waits until it is connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the handshake has not come to an agreement")]
pub struct NotAgreed;
