//! What the end of one protocol means to another.

use sansocket_engineio::Reason;
use sansocket_websocket::Closed;

/// Why a session ends whose WebSocket did.
pub(crate) fn reason_of(why: &Closed) -> Reason {
    match why {
        // A stream that ends without a goodbye is closed too: so do others see it.
        Closed::ByPeer(_) | Closed::ByUs(_) | Closed::Lost => Reason::TransportClose,
        Closed::Violation(_) | Closed::Timeout(_) | Closed::Overflow => Reason::TransportError,
    }
}
