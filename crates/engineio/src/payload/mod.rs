//! Payloads: what a polling body is, several packets in one.
//!
//! | form | bytes of the messages `hello` and `01 02 03 04` |
//! |---|---|
//! | [`Form::V4`] | `4hello`, `1E`, `bAQIDBA==` |
//! | [`Form::V3Text`] | `6:4hello10:b4AQIDBA==` |
//! | [`Form::V3Binary`] | `00 06 FF` `4hello` `01 05 FF 04` `01 02 03 04` |

mod read;
mod write;

pub use read::{PayloadError, PayloadLimits, PayloadReader};
pub use write::{PayloadWriter, Pushed};

/// How packets are joined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// Protocol 4: text, packets separated by [`SEPARATOR`]; bytes as base64.
    V4,
    /// Protocol 3, text only: each packet behind its length in UTF-16 code units, which is what JavaScript counts.
    V3Text,
    /// Protocol 3, with bytes as they are: each packet behind a header that says whether it is text, and its length in
    /// bytes.
    V3Binary,
}

/// What separates packets of protocol 4. A text that holds it cannot be told from two packets: JSON escapes it, who
/// sends other text by polling must not use it.
pub const SEPARATOR: u8 = 0x1e;

/// The packets of one payload: more than any peer queues between two requests, few enough to be handled at one go.
const PACKETS: usize = 4096;

/// Between the length and the packet of [`Form::V3Text`].
const COLON: u8 = b':';
/// Between the length and the packet of [`Form::V3Binary`].
const HEADER_END: u8 = 0xff;
/// Begins the header of text.
const TEXT: u8 = 0;
/// Begins the header of bytes.
const BYTES: u8 = 1;

/// Text is counted in blocks of so many bytes, which compilers turn into vectors: the units of one are a `u8`.
const BLOCK: usize = 64;

/// The UTF-16 code units that UTF-8 stands for: one for each character, two for one of four bytes.
fn utf16_len(text: &[u8]) -> usize {
    let units = |byte: &u8| u8::from(*byte as i8 >= -0x40) + u8::from(*byte >= 0xf0);
    let of_block = |block: &[u8]| usize::from(block.iter().map(units).sum::<u8>());
    let blocks = text.chunks_exact(BLOCK);
    of_block(blocks.remainder()) + blocks.map(of_block).sum::<usize>()
}
