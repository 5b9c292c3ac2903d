//! The look at a frame that most traffic passes with: all of it here, and nothing special about it.

use sansocket_core::Input;

use crate::Kind;
use crate::frame::Opcode;

/// A whole frame that lies raw in the input.
pub(super) struct Whole {
    pub(super) first: u8,
    pub(super) header: usize,
    pub(super) len: usize,
    pub(super) key: u32,
}

impl Whole {
    #[inline(always)]
    pub(super) fn kind(&self) -> Kind {
        kind(self.first & 0x0f)
    }
}

/// What most frames have in common.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// [`MASK`](crate::frame::MASK) in a server, 0 in a client: what the second byte has in that place.
    pub(super) mask: u8,
    /// The most bytes of payload.
    pub(super) longest: u32,
}

impl Shape {
    /// Looks for a frame that is here as a whole and has nothing special about it: masked as it should be, no longer
    /// than a message may be, its length in at most two bytes and no more than needed, and with a first byte that
    /// `fits`. One branch for all of it.
    #[inline(always)]
    pub(super) fn frame(self, input: &Input, fits: impl FnOnce(u8) -> bool) -> Option<Whole> {
        // 16 bytes can always be looked at, and a header with a short length has at most 8; what they mean is checked
        // against `raw_len` below.
        let bytes = u64::from_le_bytes(*input.peek()?.first_chunk()?);
        let first = bytes as u8;
        let short = (bytes >> 8) as u8 ^ self.mask;
        let medium = short == 126;
        let long = ((bytes >> 16) as u16).swap_bytes();
        let len = if medium { usize::from(long) } else { usize::from(short) };
        let before_key = if medium { 4 } else { 2 };
        let header = before_key + usize::from(self.mask >> 5);
        // A set MASK bit that should not be there, or the reverse, makes `short` larger than 127.
        let minimal = (short <= 126) & (!medium | (long > 125));
        if !(fits(first) & minimal & (header + len <= input.raw_len()) & (len <= self.longest as usize)) {
            return None;
        }
        Some(Whole { first, header, len, key: (bytes >> (8 * before_key)) as u32 })
    }
}

/// What a first frame with this opcode begins.
#[inline(always)]
pub(super) fn kind(opcode: u8) -> Kind {
    if opcode == Opcode::Text as u8 { Kind::Text } else { Kind::Binary }
}
