//! Names of sessions.

use core::fmt;
use core::hash::{Hash, Hasher};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hashbrown::HashTable;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::ids::SessionId;

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

impl Sid {
    /// Ids are drawn at random by us, and nobody else puts one into a table: their own bits are a hash as good as any.
    fn drawn(&self) -> u64 {
        let [first @ .., _, _, _, _, _, _, _] = self.0;
        u64::from_le_bytes(first)
    }
}

impl Hash for Sid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.drawn());
    }
}

/// Sessions by their ids, which stand in the sessions alone: whoever asks says where.
#[derive(Debug, Default)]
pub(crate) struct BySid(HashTable<SessionId>);

impl BySid {
    pub(crate) fn find(&self, sid: Sid, sid_of: impl Fn(SessionId) -> Option<Sid>) -> Option<SessionId> {
        self.0.find(sid.drawn(), |session| sid_of(*session) == Some(sid)).copied()
    }

    /// The id must not be there yet.
    pub(crate) fn insert(&mut self, sid: Sid, session: SessionId, sid_of: impl Fn(SessionId) -> Option<Sid>) {
        let hash_of = |session: &SessionId| sid_of(*session).map_or(0, |sid| sid.drawn());
        self.0.insert_unique(sid.drawn(), session, hash_of);
    }

    pub(crate) fn remove(&mut self, sid: Sid, session: SessionId) {
        if let Ok(found) = self.0.find_entry(sid.drawn(), |one| *one == session) {
            found.remove();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

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
