//! How a connection began.

use alloc::sync::Arc;
use core::time::Duration;

use sansocket_core::{Request, Utf8Bytes};

use crate::Revision;

/// How a connection began, as whoever accepted it tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handshake {
    /// The request that began it: headers, query, and where it came from.
    pub request: Arc<Request>,
    /// Which generation its client is of.
    pub revision: Revision,
    /// The id of its Engine.IO session. Clients of the old generation are known by it.
    pub engine_sid: Utf8Bytes,
    /// When it was, since the Unix epoch, by the clock of whoever accepted it.
    pub issued: Duration,
}

impl Handshake {
    /// A connection that began with `request`, at the epoch: who has a clock sets [`issued`](Handshake::issued).
    pub fn new(
        request: impl Into<Arc<Request>>,
        revision: Revision,
        engine_sid: impl Into<Utf8Bytes>,
    ) -> Handshake {
        Handshake { request: request.into(), revision, engine_sid: engine_sid.into(), issued: Duration::ZERO }
    }
}
