//! Names for what a server keeps.

use core::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sansocket_core::{Seated, Utf8Bytes};
use slotmap::{Key, KeyData};

slotmap::new_key_type! {
    /// A connection: what one client's packets come by, for all the namespaces it joined.
    pub struct ConnectionId;
    /// A socket: a client in a namespace. Never given twice, so that nobody is taken for who was there before.
    pub struct SocketId;
    /// A namespace that was added, or a [pattern](super::Server::add_dynamic): whatever namespaces come of it have the
    /// same, for they share what happens in them.
    pub struct NamespaceId;
    /// A namespace that there is.
    pub(crate) struct NspKey;
}

impl Seated for ConnectionId {
    fn seat(self) -> u32 {
        seat(self.data())
    }
}

impl Seated for SocketId {
    fn seat(self) -> u32 {
        seat(self.data())
    }
}

impl Seated for NspKey {
    fn seat(self) -> u32 {
        seat(self.data())
    }
}

/// The lower half is the place in the table.
fn seat(key: KeyData) -> u32 {
    key.as_ffi() as u32
}

/// Of random bytes, for a socket's id: 20 characters, which nodes of a cluster know one by.
const ID: usize = 15;
/// For a private id, which whoever has it is taken for its socket's client: 192 bits.
const PRIVATE: usize = 24;
/// For the name of a node: 16 characters of hexadecimal, as others have.
const NODE: usize = 8;

/// Draws names from a seed.
pub(crate) struct Draws(ChaCha12Rng);

impl Draws {
    pub(crate) fn new(seed: [u8; 32]) -> Draws {
        Draws(ChaCha12Rng::from_seed(seed))
    }

    /// What a socket is known by.
    pub(crate) fn id(&mut self) -> Utf8Bytes {
        self.base64::<ID>()
    }

    /// What a client proves with who it was.
    pub(crate) fn private_id(&mut self) -> Utf8Bytes {
        self.base64::<PRIVATE>()
    }

    /// What a node is known by.
    pub(crate) fn node(&mut self) -> Utf8Bytes {
        Utf8Bytes::from(alloc::format!("{:0width$x}", self.0.next_u64(), width = 2 * NODE))
    }

    /// A key for [tables](super::maps::Keyed).
    pub(crate) fn key(&mut self) -> [u64; 2] {
        [self.0.next_u64(), self.0.next_u64()]
    }

    fn base64<const BYTES: usize>(&mut self) -> Utf8Bytes {
        let mut bytes = [0; BYTES];
        self.0.fill_bytes(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes).into()
    }
}

impl fmt::Debug for Draws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever knows the state knows all that is drawn from it.
        f.write_str("Draws")
    }
}
