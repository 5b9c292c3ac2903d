//! A server's side, for those whose HTTP is parsed already: [`check`] a request, [`accept`](Upgrade::accept) or refuse.
//!
//! ```
//! use sansocket_core::{Headers, Request};
//! use sansocket_websocket::Options;
//! use sansocket_websocket::handshake::server::{self, Choice, Origins, Refusal};
//!
//! let mut request = Request::get("/chat");
//! request.headers = Headers::from([
//!     ("Host", "example.org"),
//!     ("Upgrade", "websocket"),
//!     ("Connection", "keep-alive, Upgrade"),
//!     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
//!     ("Sec-WebSocket-Version", "13"),
//!     ("Sec-WebSocket-Protocol", "superchat, chat"),
//! ]);
//!
//! Origins::Any.check(&request).unwrap();
//! let upgrade = server::check(&request).unwrap();
//! let choice = Choice { protocol: upgrade.prefer(&["chat"]), ..Choice::default() };
//! let accepted = upgrade.accept(&choice, &Options::default()).unwrap();
//! assert_eq!(accepted.response.status, 101);
//! assert_eq!(accepted.response.headers.get("Sec-WebSocket-Accept"), Some(&b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="[..]));
//! assert_eq!(accepted.agreed.protocol.as_deref(), Some("chat"));
//!
//! // What is no WebSocket request is no error of anybody's: serve a page, or say what would be right.
//! let refusal = server::check(&Request::get("/")).unwrap_err();
//! assert_eq!((&refusal, refusal.response(request.version).status), (&Refusal::NotUpgrade, 426));
//! ```

mod machine;
mod refusal;

use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::{Headers, Request, Response, Version};
use sansocket_http1::Framing;

use super::fields::{self, FieldError};
use super::negotiation::{self, Extension};
use super::{Agreed, key};
use crate::Options;

pub use machine::{AnswerError, ServerError, ServerEvent, ServerHandshake, ServerOptions};
pub use refusal::{Origins, Refusal};

/// Is this a right request for a WebSocket (RFC 6455 §4.2.1; RFC 8441 §5 where it came by HTTP/2, RFC 9220 by HTTP/3)?
///
/// By HTTP/2 and HTTP/3 it is an extended CONNECT: `:protocol` stands among the headers ([`Request::headers`]).
///
/// # Errors
/// [`Refusal`], which knows the [response](Refusal::response). [`Refusal::NotUpgrade`] means that it is not about
/// WebSocket at all.
pub fn check(request: &Request) -> Result<Upgrade, Refusal> {
    let key = match request.version {
        Version::Http10 | Version::Http11 => Some(check_upgrade(request)?),
        Version::Http2 | Version::Http3 => check_connect(request).map(|()| None)?,
    };
    let protocols = fields::protocols(&request.headers).ok_or(Refusal::Protocols)?;
    let offers = negotiation::parse(&request.headers).map_err(|_| Refusal::Extensions)?;
    Ok(Upgrade { version: request.version, accept: key.map(key::accept), protocols, offers })
}

/// A right request for a WebSocket: [`accept`](Upgrade::accept) it.
#[derive(Clone, Debug)]
pub struct Upgrade {
    version: Version,
    /// `Sec-WebSocket-Accept`; `None` for an extended CONNECT, which has no key.
    accept: Option<String>,
    protocols: Vec<String>,
    offers: Vec<Extension>,
}

/// What a server chooses: by default no subprotocol, and no headers of its own.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Choice {
    /// One of the [subprotocols offered](Upgrade::protocols), or none.
    pub protocol: Option<String>,
    /// More headers for the response, such as `Set-Cookie`.
    pub headers: Headers,
}

/// A request that was accepted: send the response, and both sides speak WebSocket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// 101, or 200 to an extended CONNECT.
    pub response: Response,
    /// What holds from now on.
    pub agreed: Agreed,
}

/// A [`Choice`] that cannot be: the application's fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChoiceError {
    /// The client did not offer this subprotocol (RFC 6455 §4.2.2 (5.5)).
    #[error("the client did not offer the subprotocol {0:?}")]
    Protocol(String),
    /// A header field that must not be added.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Upgrade {
    /// The subprotocols that the client offers, in the order it prefers them.
    pub fn protocols(&self) -> &[String] {
        &self.protocols
    }

    /// Of the subprotocols that both know, the one that the client prefers: for [`Choice::protocol`].
    pub fn prefer(&self, ours: &[&str]) -> Option<String> {
        self.protocols.iter().find(|offered| ours.contains(&offered.as_str())).cloned()
    }

    /// Accepts, with the extensions that `options` allow. Pass the same `options` to
    /// [`WebSocket::server`](crate::WebSocket::server) then.
    ///
    /// # Errors
    /// [`ChoiceError`]; the request may be accepted with another choice.
    pub fn accept(&self, choice: &Choice, options: &Options) -> Result<Accepted, ChoiceError> {
        fields::check_added(&choice.headers)?;
        let mut response = match &self.accept {
            // RFC 6455 §4.2.2 (5)
            Some(accept) => Response::new(101)
                .with_header("Upgrade", "websocket")
                .with_header("Connection", "Upgrade")
                .with_header("Sec-WebSocket-Accept", accept.clone()),
            // RFC 8441 §5: any 2xx, and neither key nor accept.
            None => Response { version: self.version, ..Response::new(200) },
        };
        if let Some(protocol) = &choice.protocol {
            if !self.protocols.contains(protocol) {
                return Err(ChoiceError::Protocol(protocol.clone()));
            }
            response.headers.add("Sec-WebSocket-Protocol", protocol.clone());
        }
        let answer = negotiation::answer(&self.offers, options);
        if let Some(header) = answer.header {
            response.headers.add("Sec-WebSocket-Extensions", header);
        }
        response.headers.add_all(&choice.headers);
        let agreed = Agreed { protocol: choice.protocol.clone(), extensions: answer.extensions };
        Ok(Accepted { response, agreed })
    }
}

/// RFC 6455 §4.2.1. Answers the key.
fn check_upgrade(request: &Request) -> Result<&[u8], Refusal> {
    let headers = &request.headers;
    if !headers.has_token("upgrade", "websocket") {
        // Another protocol may be meant, or none. But not where a key goes with it.
        let is_meant = headers.contains("upgrade")
            && (headers.contains("sec-websocket-key") || headers.contains("sec-websocket-version"));
        return Err(if is_meant { Refusal::Upgrade } else { Refusal::NotUpgrade });
    }
    let check = |is_right: bool, refusal| if is_right { Ok(()) } else { Err(refusal) };
    // (1) A GET of HTTP/1.1 or higher.
    check(request.method == "GET", Refusal::Method)?;
    check(request.version == Version::Http11, Refusal::HttpVersion)?;
    // (2) A Host; (4) the token "Upgrade" in Connection.
    check(headers.get_only("host").is_some(), Refusal::Host)?;
    check(headers.has_token("connection", "upgrade"), Refusal::Connection)?;
    check_version(headers)?;
    // (5) A key of 16 bytes, and one only.
    let key = headers.get_only("sec-websocket-key").filter(|key| key::is_valid(key)).ok_or(Refusal::Key)?;
    // A body would be read as frames, or frames as a body: that is how requests are smuggled.
    check(Framing::of_request(request).is_ok_and(Framing::is_empty), Refusal::Body)?;
    Ok(key)
}

/// RFC 8441 §5, RFC 9220 §3.
fn check_connect(request: &Request) -> Result<(), Refusal> {
    let protocol = request.headers.get_only(":protocol");
    if request.method != "CONNECT" || protocol != Some(b"websocket") {
        return Err(Refusal::NotUpgrade);
    }
    check_version(&request.headers)
}

/// RFC 6455 §4.2.1 (6), §4.4.
fn check_version(headers: &Headers) -> Result<(), Refusal> {
    let version = headers.get_only("sec-websocket-version");
    if version == Some(b"13") { Ok(()) } else { Err(Refusal::Version) }
}

#[cfg(test)]
mod tests;
