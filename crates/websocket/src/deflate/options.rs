//! What we would like to negotiate, and what was.

use super::Contexts;

/// What this endpoint is willing to do about permessage-deflate (RFC 7692): put it into
/// [`Options::deflate`](crate::Options::deflate).
///
/// By default nothing is taken over from message to message, so that an idle connection keeps no window.
#[derive(Clone, Debug)]
pub struct DeflateOptions {
    /// How hard to try: 1 (fast) to 9 (small).
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

/// Whether the window is kept from one message to the next (RFC 7692 §7.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Takeover {
    /// Kept: `context takeover`.
    Keep,
    /// Emptied: `no_context_takeover`.
    Reset,
}

/// The base-2 logarithm of a window's size (RFC 7692 §7.1.2): 8 to 15.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes.
    pub const MIN: WindowBits = WindowBits(8);
    /// 512 bytes: the least that our deflater keeps to.
    pub(crate) const NINE: WindowBits = WindowBits(9);
    /// 32 KiB: what holds when nothing was agreed.
    pub const MAX: WindowBits = WindowBits(15);

    /// `bits`, if they are 8 to 15.
    pub const fn new(bits: u8) -> Option<WindowBits> {
        match bits {
            8..=15 => Some(WindowBits(bits)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// What was agreed on, seen from one side (RFC 7692 §7.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeflateParams {
    /// Of the messages we send.
    pub ours: Direction,
    /// Of those we receive.
    pub peers: Direction,
}

/// What was agreed on for one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Direction {
    /// Whether its window is kept.
    pub takeover: Takeover,
    /// How large its window may be.
    pub window: WindowBits,
}
