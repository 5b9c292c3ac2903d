//! What is known of a socket, whoever holds it.

use std::sync::Arc;

use sansocket_core::Utf8Bytes;
use sansocket_socketio::server::{Handshake, NamespaceId, SocketId, SocketInfo};
use sansocket_socketio::{Nsp, Value};

use super::extensions::Extensions;

/// What is known of a socket, from its first packet to its end: what does not change, and what its user keeps with it.
pub(super) struct Known {
    pub(super) key: SocketId,
    pub(super) namespace: NamespaceId,
    pub(super) id: Utf8Bytes,
    pub(super) nsp: Nsp,
    pub(super) auth: Option<Value>,
    pub(super) handshake: Arc<Handshake>,
    pub(super) extensions: Extensions,
}

impl Known {
    pub(super) fn new(key: SocketId, info: SocketInfo<'_>) -> Arc<Known> {
        Arc::new(Known {
            key,
            namespace: info.namespace(),
            id: info.id().clone(),
            nsp: info.nsp().clone(),
            auth: info.auth().cloned(),
            handshake: info.handshake().clone(),
            extensions: Extensions::default(),
        })
    }
}
