//! What the connections of a server do.

use alloc::sync::Arc;

use sansocket_engineio::server::ServerOptions as EngineOptions;
use sansocket_http1::{self as http1, BodyLimits};
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;
use sansocket_websocket::handshake::server::Origins;
use sansocket_websocket::{self as websocket, Delivery};

/// What the connections of a server do, put together once from what its protocols want: give it to every
/// [`Connection`](super::Connection), in an [`Arc`].
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) http: Arc<http1::ServerOptions>,
    pub(super) origins: Origins,
    /// For WebSockets that carry sessions.
    pub(super) sessions: Arc<websocket::Options>,
    /// For the others.
    pub(super) others: Arc<websocket::Options>,
    /// Bytes of a body.
    pub(super) max_body: usize,
}

impl Options {
    /// What `engine` says of sessions holds for what carries them: no body and no WebSocket message is larger than its
    /// `max_payload`. From `handshake` come the limits of heads, and what WebSockets do; the time that a handshake may
    /// take is the time that a head may take.
    pub fn new(engine: &EngineOptions, handshake: &HandshakeOptions) -> Options {
        let others = handshake.websocket.clone();
        let sessions = websocket::Options {
            max_message: Some(engine.max_payload),
            max_frame: Some(engine.max_payload),
            delivery: Delivery::Messages,
            ..websocket::Options::clone(&others)
        };
        let http = http1::ServerOptions {
            delivery: http1::Delivery::Pieces,
            // Bodies are counted where they are gathered, for who answers what is too large is the hub. A chunk that is
            // too large by itself is not waited for.
            body: BodyLimits { body: None, chunk: Some(engine.max_payload as u64), ..BodyLimits::default() },
            head: handshake.head,
            head_timeout: handshake.timeout,
            linger: handshake.linger,
            pipelined: handshake.early,
            ..http1::ServerOptions::default()
        };
        Options {
            http: Arc::new(http),
            origins: handshake.origins.clone(),
            sessions: Arc::new(sessions),
            others,
            max_body: engine.max_payload,
        }
    }
}
