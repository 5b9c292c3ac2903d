//! Names of sessions.

use core::fmt;
use core::hash::{BuildHasherDefault, Hash, Hasher};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// 120 bits: nobody guesses one, and they make 20 characters without padding. Other implementations count on 20.
const BYTES: usize = 15;
/// As text.
const CHARACTERS: usize = 20;

/// The id of a session, as its client knows it: 20 characters that cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sid([u8; BYTES]);

impl Sid {
    /// Reads what a client sent; `None` if it is no id of ours.
    pub fn parse(text: &str) -> Option<Sid> {
        let mut bytes = [0; BYTES];
        let whole = text.len() == CHARACTERS;
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok().filter(|_| whole)?;
        (length == BYTES).then_some(Sid(bytes))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; CHARACTERS];
        // Three bytes are four characters, so there is room for exactly these.
        let length = BASE64_URL_SAFE_NO_PAD.encode_slice(self.0, &mut text).unwrap_or_default();
        f.write_str(core::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

/// Whoever has an id has the session: it is not written to logs in full.
impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

impl Hash for Sid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [first @ .., _, _, _, _, _, _, _] = self.0;
        state.write_u64(u64::from_le_bytes(first));
    }
}

/// Ids are drawn at random by us, and nobody else puts one into a map: their own bits are a hash as good as any.
#[derive(Default)]
pub(crate) struct Drawn(u64);

impl Hasher for Drawn {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, drawn: u64) {
        self.0 = drawn;
    }
}

pub(crate) type SidMap<T> = hashbrown::HashMap<Sid, T, BuildHasherDefault<Drawn>>;

/// Draws ids from a seed.
#[derive(Debug)]
pub(crate) struct Sids(ChaCha12Rng);

impl Sids {
    pub(crate) fn new(seed: [u8; 32]) -> Sids {
        Sids(ChaCha12Rng::from_seed(seed))
    }

    pub(crate) fn draw(&mut self) -> Sid {
        let mut bytes = [0; BYTES];
        self.0.fill_bytes(&mut bytes);
        Sid(bytes)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn ids_are_twenty_characters_and_come_back() {
        let mut sids = Sids::new([1; 32]);
        for _ in 0..1000 {
            let sid = sids.draw();
            let text = sid.to_string();
            assert_eq!(text.len(), 20);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert_eq!(Sid::parse(&text), Some(sid));
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        let odd = [
            "",
            "nope",
            "__proto__",
            "constructor",
            "%00",
            "[]",
            "../x",
            "aaaaaaaaaaaaaaaaaaa=",
            "aaaaaaaaaaaaaaaaaa/+",
        ];
        for text in odd {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
        assert_eq!(Sid::parse(&"a".repeat(4096)), None);
    }
}
