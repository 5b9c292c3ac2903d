//! Bytes in a place for text only: base64 (RFC 4648 §4).

use alloc::string::String;
use alloc::vec::Vec;

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine};

/// Writes padding, and reads what lacks it: `atob` and Node's `Buffer` do. Bits that no encoder sets are refused, or
/// one message would have several spellings.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How many characters `len` bytes become.
pub(crate) const fn armored_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

/// Writes `bytes` as text behind what is there.
pub(crate) fn armor_into(bytes: &[u8], to: &mut Vec<u8>) {
    let start = to.len();
    to.resize(start + armored_len(bytes.len()), 0);
    let written = BASE64.encode_slice(bytes, &mut to[start..]);
    debug_assert_eq!(written, Ok(armored_len(bytes.len())));
}

/// The same, where the text is known to be text.
pub(crate) fn armor_onto(bytes: &[u8], to: &mut String) {
    BASE64.encode_string(bytes, to);
}

/// Reads `text` into `to`, whose old content is forgotten.
pub(crate) fn unarmor(text: &str, to: &mut Vec<u8>) -> Result<(), DecodeError> {
    to.clear();
    BASE64.decode_vec(text, to)
}
