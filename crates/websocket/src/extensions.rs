//! What a handshake agreed on beside plain WebSocket.

#[cfg(feature = "deflate")]
use crate::deflate::DeflateParams;

/// What a handshake agreed on beside plain WebSocket (RFC 6455 §9). The default is nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Extensions {
    /// permessage-deflate, and how.
    #[cfg(feature = "deflate")]
    pub deflate: Option<DeflateParams>,
}
