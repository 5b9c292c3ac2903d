//! A client's side, for those whose HTTP somebody else writes and parses: [`Opening`].
//!
//! ```
//! use sansocket_core::Response;
//! use sansocket_websocket::Options;
//! use sansocket_websocket::handshake::client::{Offer, Opening};
//!
//! let offer = Offer::new("wss://example.org/chat".parse()?).with_protocol("chat").with_header("Origin", "https://example.org");
//! let options = Options::default();
//! // The nonce must be random; this one is of the RFC.
//! let opening = Opening::new(&offer, *b"the sample nonce", &options)?;
//! assert_eq!(opening.request().target, "/chat");
//! assert_eq!(opening.request().headers.get("Sec-WebSocket-Key"), Some(&b"dGhlIHNhbXBsZSBub25jZQ=="[..]));
//!
//! // ... and when the response has come:
//! let response = Response::new(101)
//!     .with_header("Upgrade", "websocket")
//!     .with_header("Connection", "Upgrade")
//!     .with_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
//!     .with_header("Sec-WebSocket-Protocol", "chat");
//! let agreed = opening.check(&response, &options)?;
//! assert_eq!(agreed.protocol.as_deref(), Some("chat"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod machine;

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::{Headers, Request, Response, Version};
use sansocket_http1::{EncodeError, is_token};

use super::fields::{self, FieldError};
use super::{Agreed, Uri, key, negotiation};
use crate::Options;

pub use machine::{ClientError, ClientEvent, ClientHandshake, ClientOptions, Connected};

/// Whom a client calls, and what it offers there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Where.
    pub uri: Uri,
    /// Subprotocols that it would speak, the best first.
    pub protocols: Vec<String>,
    /// More headers for the request, such as `Origin`, `Authorization` or `Cookie`.
    pub headers: Headers,
}

/// An [`Offer`] that cannot be made: the application's fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OfferError {
    /// A subprotocol is not a token, or offered twice (RFC 6455 §4.1 (10)).
    #[error("the subprotocol {0:?} is not a token, or offered twice")]
    Protocol(String),
    /// A header field that must not be added.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The request cannot be written: its target is none, say, that HTTP/1.1 knows.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A WebSocket begins with an extended CONNECT in HTTP/2 and HTTP/3 only.
    #[error("there is no extended CONNECT in {0:?}")]
    Version(Version),
}

/// What is wrong with a response: the client must fail the connection (RFC 6455 §4.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Mismatch {
    /// The status is not 101, or not 2xx to an extended CONNECT: the server refuses, or wants something first.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// It came by another version of HTTP than the request, or by HTTP/1.0.
    #[error("the server answered in the wrong version of HTTP")]
    Version,
    /// `Upgrade` does not say `websocket`, or `Connection` does not list `Upgrade`.
    #[error("the server did not upgrade to websocket")]
    Upgrade,
    /// There is not one `Sec-WebSocket-Accept`, or it is wrong.
    #[error("Sec-WebSocket-Accept is wrong: the server did not understand the request")]
    Accept,
    /// A subprotocol that was not offered, or several.
    #[error("the server chose a subprotocol that was not offered")]
    Protocol,
    /// An extension or a parameter that was not offered, or that has no meaning.
    #[error("the server's extensions are not what was offered")]
    Extensions,
}

/// The request of a client, and all that is needed to judge the response.
#[derive(Clone, Debug)]
pub struct Opening {
    request: Request,
    /// What `Sec-WebSocket-Accept` must be; `None` for an extended CONNECT.
    accept: Option<String>,
    protocols: Vec<String>,
}

impl Offer {
    /// Calls `uri`, and offers no subprotocol.
    pub fn new(uri: Uri) -> Offer {
        Offer { uri, protocols: Vec::new(), headers: Headers::new() }
    }

    /// The same with one more subprotocol, after the others.
    pub fn with_protocol(mut self, protocol: impl Into<String>) -> Offer {
        self.protocols.push(protocol.into());
        self
    }

    /// The same with one more header.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Offer {
        self.headers.add(name, value);
        self
    }

    fn check(&self) -> Result<(), OfferError> {
        for (index, protocol) in self.protocols.iter().enumerate() {
            if !is_token(protocol.as_bytes()) || self.protocols[..index].contains(protocol) {
                return Err(OfferError::Protocol(protocol.clone()));
            }
        }
        Ok(fields::check_added(&self.headers)?)
    }

    /// The fields behind those that differ from version to version.
    fn add_to(&self, headers: &mut Headers, options: &Options) {
        headers.add("Sec-WebSocket-Version", "13");
        if !self.protocols.is_empty() {
            headers.add("Sec-WebSocket-Protocol", self.protocols.join(", "));
        }
        if let Some(extensions) = negotiation::offer(options) {
            headers.add("Sec-WebSocket-Extensions", extensions);
        }
        headers.add_all(&self.headers);
    }
}

impl Opening {
    /// By HTTP/1.1 (RFC 6455 §4.1). `nonce` has to be random, and fresh for every connection.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn new(offer: &Offer, nonce: [u8; 16], options: &Options) -> Result<Opening, OfferError> {
        offer.check()?;
        let key = key::encode(nonce);
        let accept = Some(key::accept(key.as_bytes()));
        let mut request = Request::get(offer.uri.target());
        request.headers.add("Host", String::from(offer.uri.authority()));
        request.headers.add("Upgrade", "websocket");
        request.headers.add("Connection", "Upgrade");
        request.headers.add("Sec-WebSocket-Key", key);
        offer.add_to(&mut request.headers, options);
        Ok(Opening { request, accept, protocols: offer.protocols.clone() })
    }

    /// By an extended CONNECT (RFC 8441 §4 and §5, RFC 9220 §3) of `version`, which must be HTTP/2 or HTTP/3. Among the
    /// request's headers is `:protocol`; `:scheme` and `:authority` are those of [`Offer::uri`], `:path` is the
    /// request's target. The server must have said `SETTINGS_ENABLE_CONNECT_PROTOCOL`.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn extended(offer: &Offer, version: Version, options: &Options) -> Result<Opening, OfferError> {
        if !matches!(version, Version::Http2 | Version::Http3) {
            return Err(OfferError::Version(version));
        }
        offer.check()?;
        let mut request = Request { method: "CONNECT".into(), version, ..Request::get(offer.uri.target()) };
        request.headers.add(":protocol", "websocket");
        offer.add_to(&mut request.headers, options);
        Ok(Opening { request, accept: None, protocols: offer.protocols.clone() })
    }

    /// The request to send.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Does `response` make it a WebSocket? `options` are those that the request was made with.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn check(&self, response: &Response, options: &Options) -> Result<Agreed, Mismatch> {
        match &self.accept {
            Some(accept) => check_upgraded(response, accept)?,
            None => self.check_connected(response)?,
        }
        let protocol = self.check_protocol(&response.headers)?;
        // RFC 6455 §4.1 (5 of the response)
        let answer = negotiation::parse(&response.headers).map_err(|_| Mismatch::Extensions)?;
        let extensions = negotiation::agree(&answer, options).map_err(|_| Mismatch::Extensions)?;
        Ok(Agreed { protocol, extensions })
    }

    /// RFC 8441 §5: 2xx, and neither key nor accept.
    fn check_connected(&self, response: &Response) -> Result<(), Mismatch> {
        if response.version != self.request.version {
            Err(Mismatch::Version)
        } else if !(200..300).contains(&response.status) {
            Err(Mismatch::Status(response.status))
        } else {
            Ok(())
        }
    }

    /// RFC 6455 §4.1 (6 of the response): one that was offered, or none. A client that offered some and gets none
    /// may go on; whether it wants to is the application's to say.
    fn check_protocol(&self, headers: &Headers) -> Result<Option<String>, Mismatch> {
        if !headers.contains("sec-websocket-protocol") {
            return Ok(None);
        }
        let chosen = headers.get_only("sec-websocket-protocol").ok_or(Mismatch::Protocol)?;
        let offered = self.protocols.iter().find(|offered| offered.as_bytes() == chosen);
        offered.cloned().map(Some).ok_or(Mismatch::Protocol)
    }
}

/// RFC 6455 §4.1, what a client must validate, (1) to (4).
fn check_upgraded(response: &Response, accept: &str) -> Result<(), Mismatch> {
    let headers = &response.headers;
    let check = |is_right: bool, mismatch| if is_right { Ok(()) } else { Err(mismatch) };
    check(response.status == 101, Mismatch::Status(response.status))?;
    check(response.version == Version::Http11, Mismatch::Version)?;
    // (2) the value of Upgrade, as a whole; (3) a token in Connection.
    let upgrade = headers.get_only("upgrade");
    check(upgrade.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")), Mismatch::Upgrade)?;
    check(headers.has_token("connection", "upgrade"), Mismatch::Upgrade)?;
    // (4) the answer to our key, without blanks around it, once.
    check(headers.get_only("sec-websocket-accept") == Some(accept.as_bytes()), Mismatch::Accept)
}

#[cfg(test)]
mod tests;
