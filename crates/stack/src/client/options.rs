//! What a client does on each floor.

use alloc::sync::Arc;

use sansocket_engineio::client as engineio;
use sansocket_http1::{self as http1, BodyLimits, Delivery as Bodies};
use sansocket_websocket::Delivery as Messages;
use sansocket_websocket::handshake::Uri;
use sansocket_websocket::handshake::client as websocket;

/// Bytes of an answer: servers answer a poll with all that waits, and most do not cut it.
const BODY: u64 = 16 << 20;

/// Settings of a [`Client`](super::Client), floor by floor. All fields are public.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Of the session. Its `path` is asked for at servers that are named without one.
    pub session: engineio::ClientOptions,
    /// Of the connections that carry requests. By default a body has 16 MiB at most, and an answer may take as long as
    /// the session likes ([`request_timeout`](engineio::ClientOptions::request_timeout)). Bodies are always gathered.
    pub http: http1::ClientOptions,
    /// Of the WebSocket and its handshake; compression is offered if `websocket.deflate` is set. Messages always come
    /// whole.
    pub websocket: websocket::ClientOptions,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            session: engineio::ClientOptions::default(),
            http: http1::ClientOptions {
                body: BodyLimits { body: Some(BODY), ..BodyLimits::default() },
                head_timeout: None,
                ..http1::ClientOptions::default()
            },
            websocket: websocket::ClientOptions::default(),
        }
    }
}

/// The same in the shape that they are used in.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) http: Arc<http1::ClientOptions>,
    pub(crate) websocket: Arc<websocket::ClientOptions>,
}

impl Shared {
    pub(crate) fn new(http: http1::ClientOptions, mut websocket: websocket::ClientOptions) -> Shared {
        if websocket.websocket.delivery != Messages::Messages {
            Arc::make_mut(&mut websocket.websocket).delivery = Messages::Messages;
        }
        Shared {
            http: Arc::new(http1::ClientOptions { delivery: Bodies::Whole, ..http }),
            websocket: Arc::new(websocket),
        }
    }
}

/// The options of a session with the server at `uri`: its path, if it has one, takes the place of that of the options,
/// and its query goes along.
pub(crate) fn session_at(uri: &Uri, mut options: engineio::ClientOptions) -> engineio::ClientOptions {
    let target = uri.target();
    if let Some(query) = target.strip_prefix("/?") {
        options.path.push(if options.path.contains('?') { '&' } else { '?' });
        options.path.push_str(query);
    } else if target != "/" {
        options.path = target.into();
    }
    options
}
