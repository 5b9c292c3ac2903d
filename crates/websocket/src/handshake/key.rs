//! Keys and what is answered to them (RFC 6455 §1.3).

use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// RFC 6455 §1.3: what is joined to the key before it is hashed.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The key of 16 bytes that a client must choose at random (RFC 6455 §4.1): `Sec-WebSocket-Key`.
pub(crate) fn encode(key: [u8; 16]) -> String {
    STANDARD.encode(key)
}

/// Is this the base64 of 16 bytes, written as an encoder writes it (RFC 6455 §4.2.1 (5))?
pub(crate) fn is_valid(key: &[u8]) -> bool {
    // Room for what 24 characters without padding decode to.
    let mut bytes = [0; 18];
    key.len() == 24 && STANDARD.decode_slice(key, &mut bytes) == Ok(16)
}

/// `Sec-WebSocket-Accept`: what a server answers to this key (RFC 6455 §4.2.2 (5.4)).
pub(crate) fn accept(key: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    STANDARD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_rfc() {
        // RFC 6455 §1.3
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(encode(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
    }

    #[test]
    fn a_key_is_16_bytes_in_canonical_base64() {
        assert!(is_valid(b"dGhlIHNhbXBsZSBub25jZQ=="));
        let wrong = [
            "",
            "abc",
            "AAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25jZ_==",
            "dGhlIHNhbXBs ZSBub25jZ=",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
        ];
        wrong.iter().for_each(|key| assert!(!is_valid(key.as_bytes()), "{key}"));
    }
}
