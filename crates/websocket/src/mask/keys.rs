//! Where a client's masking keys come from.

use alloc::boxed::Box;
use core::fmt;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of masking keys, one for every frame.
///
/// RFC 6455 §10.3: the key "MUST be unpredictable", or a page could choose payloads that look like requests to an
/// intermediary. ChaCha with 8 rounds over a seed that the caller drew from the system is that, for about 2 ns a key:
/// it makes 64 keys at a time, and keeps them in a box, for most connections are servers' and have none.
pub(crate) struct MaskKeys(Box<ChaCha8Rng>);

impl MaskKeys {
    /// Keys that follow from `seed`, which nobody else may know.
    pub(crate) fn new(seed: [u8; 32]) -> MaskKeys {
        MaskKeys(Box::new(ChaCha8Rng::from_seed(seed)))
    }

    /// The next key, as [`mask_into`](super::mask_into) takes it; on the wire it stands in little-endian order.
    #[inline]
    pub(crate) fn next(&mut self) -> u32 {
        self.0.next_u32()
    }
}

impl fmt::Debug for MaskKeys {
    /// Tells nothing of the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskKeys(..)")
    }
}
