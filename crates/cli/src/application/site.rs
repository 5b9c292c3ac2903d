//! What stands where.

use sansocket_core::{Request, Response};
use sansocket_websocket::handshake::server::{Choice, Refusal};

/// The page, whole: it loads nothing.
const PAGE: &str = include_str!("page.html");
/// The page may do what it does, and nothing that somebody might smuggle in.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; \
     connect-src ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The answer to a request for a WebSocket: an echo, if it knows where.
pub(crate) fn websocket(request: &Request) -> Result<Choice, Response> {
    match request.path() {
        "/" | "/echo" => Ok(Choice::default()),
        _ => Err(nothing()),
    }
}

/// The answer to any other request.
pub(crate) fn page(request: &Request) -> Response {
    match (request.path(), &*request.method) {
        ("/" | "/ws", "GET" | "HEAD") => whole_page(),
        ("/" | "/ws", _) => Response::new(405).with_header("Allow", "GET, HEAD"),
        ("/echo", _) => Refusal::NotUpgrade.response(request.version),
        _ => nothing(),
    }
}

fn whole_page() -> Response {
    Response::new(200)
        .with_header("Content-Type", "text/html; charset=utf-8")
        .with_header("Content-Security-Policy", POLICY)
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("Cache-Control", "no-cache")
        .with_body(PAGE)
}

fn nothing() -> Response {
    Response::new(404)
        .with_header("Content-Type", "text/plain; charset=utf-8")
        .with_body("nothing here: a WebSocket echo is at / and /echo, one of Engine.IO at /engine.io/, a page to try it with at / and /ws\n")
}
