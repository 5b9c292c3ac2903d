//! What is agreed on.

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
    /// 4 KiB: larger ones gain messages of the usual sizes nothing.
    pub(super) const TWELVE: WindowBits = WindowBits(12);
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
