//! Where a client's masking keys come from.

use alloc::boxed::Box;
use core::fmt;

use rand_chacha::ChaCha8Core;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::rand_core::block::Generator;

/// A source of masking keys, one for every frame.
///
/// RFC 6455 §10.3: the key "MUST be unpredictable", or a page could choose payloads that look like requests to an
/// intermediary. ChaCha with 8 rounds over a seed that the caller drew from the system is that, for about 2 ns a key:
/// it makes 64 keys at a time, and keeps them in a box, for most connections are servers' and have none.
pub(crate) struct MaskKeys(Box<Keys>);

struct Keys {
    source: ChaCha8Core,
    /// `ready[next..]` were not used.
    ready: [u32; READY],
    next: usize,
}

/// Four blocks of ChaCha, which vectors make side by side.
const READY: usize = 64;

impl MaskKeys {
    /// Keys that follow from `seed`, which nobody else may know.
    pub(crate) fn new(seed: [u8; 32]) -> MaskKeys {
        let source = ChaCha8Core::from_seed(seed);
        MaskKeys(Box::new(Keys { source, ready: [0; READY], next: READY }))
    }

    /// The next key, as [`mask_into`](super::mask_into) takes it; on the wire it stands in little-endian order.
    pub(crate) fn next(&mut self) -> u32 {
        if self.0.next == READY {
            self.0.source.generate(&mut self.0.ready);
            self.0.next = 0;
        }
        self.ready().expect("some were just made")
    }

    /// The next key, if it is made: one in 64 times it is not, and [`next`](MaskKeys::next) has to be called.
    #[inline(always)]
    pub(crate) fn ready(&mut self) -> Option<u32> {
        let key = *self.0.ready.get(self.0.next)?;
        self.0.next += 1;
        Some(key)
    }
}

impl fmt::Debug for MaskKeys {
    /// Tells nothing of the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskKeys(..)")
    }
}
