//! Tables by names that peers choose, and by keys that we give.

use core::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{Equivalent, HashMap, HashSet};
use sansocket_core::Utf8Bytes;
use siphasher::sip::SipHasher13;

use super::ids::SocketId;

/// By a name that a peer may have chosen.
pub(crate) type ByName<T> = HashMap<Utf8Bytes, T, Keyed>;
/// By a key that we gave.
pub(crate) type ByKey<K, T> = HashMap<K, T, Given>;
/// Some of the sockets.
pub(crate) type Members = HashSet<SocketId, Given>;

/// Hashes names, so that nobody who does not know the key can choose names that fall on each other.
#[derive(Clone, Debug)]
pub(crate) struct Keyed([u64; 2]);

impl Keyed {
    pub(crate) const fn new(key: [u64; 2]) -> Keyed {
        Keyed(key)
    }
}

impl BuildHasher for Keyed {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_keys(self.0[0], self.0[1])
    }
}

/// Hashes keys that we give: nobody else chooses them.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Given;

/// 2^64 divided by the golden ratio: multiples of it lie far from each other.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Default)]
pub(crate) struct GivenHasher(u64);

impl BuildHasher for Given {
    type Hasher = GivenHasher;

    fn build_hasher(&self) -> GivenHasher {
        GivenHasher::default()
    }
}

impl Hasher for GivenHasher {
    fn finish(&self) -> u64 {
        // A table takes the place from the lower bits and a check from the upper ones.
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(SPREAD);
    }
}

/// A name to look for that nobody owns.
pub(crate) struct Name<'n>(pub(crate) &'n str);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // As an owned one.
        self.0.as_bytes().hash(state);
    }
}

impl Equivalent<Utf8Bytes> for Name<'_> {
    fn equivalent(&self, owned: &Utf8Bytes) -> bool {
        owned.as_str() == self.0
    }
}

/// Is a table that had room for `capacity` worth moving into a smaller one? Not for each that leaves.
const fn is_large(capacity: usize, len: usize) -> bool {
    len == 0 || (capacity > 8 && len * 4 < capacity)
}

/// Gives memory back, if enough of it lies empty.
pub(crate) fn shrink<K: Eq + Hash, T, S: BuildHasher>(table: &mut HashMap<K, T, S>) {
    if is_large(table.capacity(), table.len()) {
        table.shrink_to(table.len() * 2);
    }
}

/// The same of a set.
pub(crate) fn shrink_set<K: Eq + Hash, S: BuildHasher>(table: &mut HashSet<K, S>) {
    if is_large(table.capacity(), table.len()) {
        table.shrink_to(table.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_name_is_found_by_its_text() {
        let mut table = ByName::with_hasher(Keyed::new([1, 2]));
        for name in ["", "a", "a room whose name is longer than a payload holds by itself"] {
            table.insert(name.into(), name.to_string());
            assert_eq!(table.get(&Name(name)).map(|found| &**found), Some(name));
        }
        assert!(!table.contains_key(&Name("b")));
    }

    #[test]
    fn memory_comes_back() {
        let mut table = ByKey::<u64, u64>::default();
        table.extend((0..10_000).map(|key| (key, key)));
        for key in 0..9_990 {
            table.remove(&key);
            shrink(&mut table);
        }
        assert!(table.capacity() < 64, "{}", table.capacity());
        table.clear();
        shrink(&mut table);
        assert_eq!(table.capacity(), 0);
    }
}
