//! Packets as MessagePack, as `socket.io-msgpack-parser` writes them: a binary message for each packet, which is a map of
//! `type`, `data`, `nsp` and `id`. Binary data lies in it.
//!
//! What comes is turned into text with attachments, as if it had come in the default encoding, and back: whoever handles an
//! event need not know which of the two it was. What JSON has no words for becomes what JavaScript makes of it:
//!
//! | MessagePack | becomes |
//! |---|---|
//! | `undefined` (extension 0 of 1 byte) | nothing: an object has no such member, an array has `null` |
//! | a date (extension 0 of 8 bytes; a timestamp) | its text, `2026-01-31T12:00:00.000Z` |
//! | an `ArrayBuffer` (extension 0 of other lengths) | binary data |
//! | a number that is not finite | `null` |
//! | a map's key that is a whole number | its digits |
//! | a map's key of another kind, another extension, text that is not UTF-8 | refused |

mod date;
mod decode;
mod encode;
mod head;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
