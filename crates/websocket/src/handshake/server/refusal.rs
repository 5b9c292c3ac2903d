//! Requests that are not accepted.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sansocket_core::{Request, Response, Version};

/// Why a request is not accepted; each reason knows the [response](Refusal::response) that says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Refusal {
    /// It does not ask for a WebSocket. Serve it as any other request, or answer 426.
    #[error("this is a WebSocket endpoint: ask for an upgrade")]
    NotUpgrade,
    /// The method is not GET (RFC 6455 §4.2.1 (1)): 405.
    #[error("a WebSocket begins with a GET")]
    Method,
    /// HTTP/1.0 (RFC 6455 §4.2.1 (1)): 400.
    #[error("a WebSocket begins with HTTP/1.1 or higher")]
    HttpVersion,
    /// No `Host`, or several (RFC 6455 §4.2.1 (2)): 400.
    #[error("the request must have one Host header field")]
    Host,
    /// `Upgrade` does not list `websocket` (RFC 6455 §4.2.1 (3)): 400.
    #[error("the Upgrade header field does not list websocket")]
    Upgrade,
    /// `Connection` does not list `Upgrade` (RFC 6455 §4.2.1 (4)): 400.
    #[error("the Connection header field does not list Upgrade")]
    Connection,
    /// `Sec-WebSocket-Version` is not 13 (RFC 6455 §4.4): 426.
    #[error("the only WebSocket version here is 13")]
    Version,
    /// There is not one `Sec-WebSocket-Key` of 16 bytes (RFC 6455 §4.2.1 (5)): 400.
    #[error("Sec-WebSocket-Key is not the base64 of 16 bytes")]
    Key,
    /// The request has a body: 400.
    #[error("a request for a WebSocket has no body")]
    Body,
    /// `Sec-WebSocket-Protocol` is malformed, repeats a subprotocol, or lists more than 64: 400.
    #[error("Sec-WebSocket-Protocol is malformed, repeats itself or is too long")]
    Protocols,
    /// `Sec-WebSocket-Extensions` is malformed (RFC 6455 §9.1): 400.
    #[error("Sec-WebSocket-Extensions is malformed")]
    Extensions,
    /// The page comes from where no page should (RFC 6455 §10.2): 403.
    #[error("this origin is not allowed")]
    Origin,
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Refusal::NotUpgrade | Refusal::Version => 426,
            Refusal::Method => 405,
            Refusal::Origin => 403,
            _ => 400,
        }
    }

    /// What to answer to a request of this version, with the reason as text.
    pub fn response(self, version: Version) -> Response {
        let response = match (self, version) {
            (Refusal::Method, _) => Response::new(405).with_header("Allow", "GET"),
            // RFC 6455 §4.4: the versions that would do.
            (Refusal::Version, _) => Response::new(426).with_header("Sec-WebSocket-Version", "13"),
            // Nothing is upgraded in HTTP/2 and 3: what is not an extended CONNECT is just not there.
            (Refusal::NotUpgrade, Version::Http2 | Version::Http3) => Response::new(404),
            // RFC 9110 §15.5.22: a 426 says to what.
            (Refusal::NotUpgrade, _) => Response::new(426).with_header("Upgrade", "websocket"),
            _ => Response::new(self.status()),
        };
        explained(response, &self, version)
    }
}

/// `response` with `reason` as its body, and the end of the connection announced.
pub(super) fn explained(mut response: Response, reason: &impl ToString, version: Version) -> Response {
    // RFC 9110 §6.2: the version of an answer is that of the server.
    response.version = version.max(Version::Http11);
    match version {
        // RFC 9110 §7.8: whoever sends Upgrade lists it in Connection.
        Version::Http10 | Version::Http11 if response.headers.contains("upgrade") => {
            response.headers.add("Connection", "close, Upgrade");
        }
        Version::Http10 | Version::Http11 => response.headers.add("Connection", "close"),
        // RFC 9113 §8.2.2: there are no connection-specific fields.
        Version::Http2 | Version::Http3 => {}
    }
    let mut text = reason.to_string();
    text.push('\n');
    response.with_header("Content-Type", "text/plain; charset=utf-8").with_body(text)
}

/// Which web pages may connect (RFC 6455 §10.2). Browsers tell where a page comes from, and send its user's cookies to
/// whatever WebSocket it names: a server that trusts cookies has to look at the origin.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum Origins {
    /// All, and everything that is no browser.
    #[default]
    Any,
    /// Only those of these origins, written as browsers do: `https://example.org`, `http://localhost:8080`. What sends
    /// no `Origin` is no browser and passes: it could write there what it likes.
    Only(Vec<String>),
}

impl Origins {
    /// May this request pass?
    ///
    /// # Errors
    /// [`Refusal::Origin`].
    pub fn check(&self, request: &Request) -> Result<(), Refusal> {
        let Origins::Only(allowed) = self else { return Ok(()) };
        let mut origins = request.headers.get_all("origin");
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            // Schemes and hosts have no case (RFC 6454 §6.1 lowers them, but who knows who wrote this).
            (Some(origin), None)
                if allowed.iter().any(|known| origin.eq_ignore_ascii_case(known.as_bytes())) =>
            {
                Ok(())
            }
            _ => Err(Refusal::Origin),
        }
    }
}
