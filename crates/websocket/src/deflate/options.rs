//! What we would like to agree on.

use super::{Contexts, Takeover, WindowBits};

/// What this endpoint is willing to do about permessage-deflate (RFC 7692): put it into
/// [`Options::deflate`](crate::Options::deflate).
///
/// By default nothing is taken over from message to message, so that an idle connection keeps no window.
#[derive(Clone, Debug)]
pub struct DeflateOptions {
    /// How hard to try: 1 (fast) to 9 (small); what lies beyond is taken as the nearest.
    pub level: u8,
    /// Messages with fewer bytes go out uncompressed.
    pub threshold: usize,
    /// May our deflater refer to earlier messages? Better compression for memory that is kept while idle.
    pub our_takeover: Takeover,
    /// May the peer's?
    pub peer_takeover: Takeover,
    /// Bits of our window, 9 to 15. Offers of 8 are declined: 256 bytes are not a window that our deflater can keep to.
    pub our_window: WindowBits,
    /// Bits of the peer's window that we ask for; what a peer without a say in it sends is taken anyway.
    pub peer_window: WindowBits,
    /// Spare deflaters and inflaters. Clones of these options share them, so one value serves a whole server.
    pub contexts: Contexts,
}

impl Default for DeflateOptions {
    /// Fast, and an idle connection keeps nothing. The [module](super) has the figures.
    fn default() -> Self {
        DeflateOptions {
            level: 1,
            threshold: 1024,
            our_takeover: Takeover::Reset,
            peer_takeover: Takeover::Reset,
            our_window: WindowBits::TWELVE,
            peer_window: WindowBits::TWELVE,
            contexts: Contexts::default(),
        }
    }
}
