//! What stands where.

use bytes::Bytes;
use sansocket_core::{Request, Response};
use sansocket_websocket::handshake::server::{Choice, Refusal};

/// What stands where: the same for everybody, but for one file that the user brings.
#[derive(Clone, Default)]
pub(crate) struct Site {
    /// The client that pages of others load from [`BUNDLE`], if there is one.
    pub(crate) bundle: Option<Bytes>,
}

/// Where pages look for the client of Socket.IO.
pub(crate) const BUNDLE: &str = "/socket.io/socket.io.js";

/// A file that is served as it is.
struct File {
    path: &'static str,
    content_type: &'static str,
    /// What a page may do: what it does, and nothing that somebody might smuggle in.
    policy: Option<&'static str>,
    body: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Files of its own, and what it is connected with.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// One page, whole.
const INLINE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; \
     connect-src ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FILES: [File; 10] = [
    File { path: "/", content_type: HTML, policy: Some(POLICY), body: include_str!("page/index.html") },
    file("/page.css", CSS, include_str!("page/page.css")),
    file("/page.js", SCRIPT, include_str!("page/page.js")),
    file("/client.js", SCRIPT, include_str!("page/client.js")),
    file("/board.js", SCRIPT, include_str!("page/board.js")),
    file("/chat.js", SCRIPT, include_str!("page/chat.js")),
    file("/connection.js", SCRIPT, include_str!("page/connection.js")),
    file("/thread.js", SCRIPT, include_str!("page/thread.js")),
    file("/mark.svg", SVG, include_str!("page/mark.svg")),
    File {
        path: "/ws",
        content_type: HTML,
        policy: Some(INLINE_POLICY),
        body: include_str!("websocket.html"),
    },
];

const fn file(path: &'static str, content_type: &'static str, body: &'static str) -> File {
    File { path, content_type, policy: None, body }
}

/// The answer to a request for a WebSocket: an echo, if it knows where.
pub(crate) fn websocket(request: &Request) -> Result<Choice, Response> {
    match request.path() {
        "/" | "/echo" => Ok(Choice::default()),
        _ => Err(nothing()),
    }
}

impl Site {
    /// The answer to any other request.
    pub(crate) fn page(&self, request: &Request) -> Response {
        match (self.find(request.path()), &*request.method) {
            (Some(file), "GET" | "HEAD") => file,
            (Some(_), _) => Response::new(405).with_header("Allow", "GET, HEAD"),
            (None, _) if request.path() == "/echo" => Refusal::NotUpgrade.response(request.version),
            (None, _) => nothing(),
        }
    }

    fn find(&self, path: &str) -> Option<Response> {
        if path == BUNDLE {
            return self.bundle.clone().map(|bundle| of_type(SCRIPT).with_body(bundle));
        }
        let file = FILES.iter().find(|file| file.path == path)?;
        let response = of_type(file.content_type);
        let response = match file.policy {
            Some(policy) => response.with_header("Content-Security-Policy", policy),
            None => response,
        };
        Some(response.with_body(file.body))
    }
}

fn of_type(content_type: &'static str) -> Response {
    Response::new(200)
        .with_header("Content-Type", content_type)
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("Cache-Control", "no-cache")
}

fn nothing() -> Response {
    Response::new(404)
        .with_header("Content-Type", "text/plain; charset=utf-8")
        .with_body(
            "nothing here: a page to try it with is at /, and one for the WebSocket echo at /ws; that echo is at /echo, one of \
             Engine.IO at /engine.io/, Socket.IO at /socket.io/\n",
        )
}
