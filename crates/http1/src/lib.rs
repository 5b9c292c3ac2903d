//! HTTP/1.1 heads and bodies, strictly: bytes in, [`Request`] and [`Response`] out, and back.
//!
//! | you want to | take |
//! |---|---|
//! | serve requests over a byte stream | [`ServerConnection`], and [`server`] for how |
//! | ask a server over one | [`ClientConnection`], and [`client`] for how |
//! | read a request's head as bytes arrive | [`RequestReader`] |
//! | read a response's head as bytes arrive | [`ResponseReader`] |
//! | know whether a body follows, and how it ends | [`Framing`] |
//! | read that body, piece by piece | [`BodyReader`] |
//! | write a head | [`encode_request`], [`encode_response`] |
//! | know whether a text may stand in a head | [`is_token`], [`is_value`] |
//!
//! A connection is a [`Machine`](sansocket_core::Machine): it keeps order, deadlines and the end of the stream, and knows
//! nothing of what is said over it. The readers and writers below it do not even wait.
//!
//! What is not strictly HTTP is refused: line ends are CR LF, a body has one length, and no field is repaired. That
//! leaves two parsers in a row nothing to disagree about (RFC 9112 §11.2). Every limit acts when the byte that passes it
//! arrives.
//!
//! ```
//! use sansocket_core::{Input, Outbox, Pool, Response};
//! use sansocket_http1::{Limits, RequestReader, encode_response};
//!
//! let (mut input, mut pool) = (Input::default(), Pool::default());
//! let mut reader = RequestReader::new(Limits::default());
//!
//! // Bytes arrive in any pieces; none is looked at twice by the scan.
//! input.fill(b"GET /chat?room=1 HTTP/1.1\r\nHo", &mut pool);
//! assert_eq!(reader.read(&mut input), Ok(None));
//! input.fill(b"st: example.org\r\n\r\nwhat follows", &mut pool);
//! let request = reader.read(&mut input).unwrap().unwrap();
//! assert_eq!((request.path(), request.headers.get("host")), ("/chat", Some(&b"example.org"[..])));
//! assert_eq!(input.raw(), b"what follows");
//!
//! // And out again.
//! let mut out = Outbox::default();
//! let response = Response::new(404).with_header("Content-Type", "text/plain").with_body("no such room\n");
//! encode_response(&response, &request.method, &mut out).unwrap();
//! assert!(out.flat().unwrap().starts_with(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"));
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod asked;
mod body;
mod bytes;
mod chunked;
pub mod client;
mod deadline;
mod delivery;
mod encode;
mod error;
mod framing;
mod head;
mod limits;
mod persistence;
mod scan;
pub mod server;
mod wire;

pub use body::{BodyReader, Piece};
pub use bytes::{is_token, is_value};
pub use client::{ClientConnection, ClientEvent, ClientOptions};
pub use deadline::Deadline;
pub use delivery::Delivery;
pub use encode::{EncodeError, encode_request, encode_response};
pub use error::{BodyError, HeadError};
pub use framing::Framing;
pub use head::{RequestReader, ResponseReader};
pub use limits::{BodyLimits, Limits};
pub use server::{ServerConnection, ServerEvent, ServerOptions};
pub use wire::{NotSwitched, Parts};

#[doc(no_inline)]
pub use sansocket_core::{Request, Response};
