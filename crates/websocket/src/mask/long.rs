//! More than 64 bytes: blocks of 64. One body of safe code, which becomes what the features that it is compiled for
//! make of it; a call is dispatched to the widest that the processor has. So may be more than one run: the whole loop over
//! fragments, say.

use super::run::Run;
use super::{SHORT, Seen, rotate};

const BLOCK: usize = 64;
const _: () = assert!(BLOCK <= SHORT, "a long run has at least one block");

/// From here on it is worth beginning with a part that ends where a line of the cache begins: stores that lie across
/// two lines take twice as long.
const ALIGNED: usize = 768;

/// XORs a run of more than [`Run::SHORT`] bytes.
#[inline]
pub(super) fn xor<R: Run>(run: R, key: u32) -> Seen {
    widest(Blocks(run, key))
}

/// Something that is worth being compiled for vectors of every width.
pub(crate) trait Work {
    type Output;

    /// Does it. Has to be `#[inline(always)]`, as all it calls that is to gain from it.
    fn run(self) -> Self::Output;
}

/// Does `work` with the widest vectors that the processor has.
#[inline]
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pub(crate) fn widest<W: Work>(work: W) -> W::Output {
    cpufeatures::new!(has_avx512, "avx512f", "avx512bw", "avx512vl", "bmi2");
    cpufeatures::new!(has_avx2, "avx2", "bmi2");

    if cfg!(sansocket_portable) {
        // For who counts what processors without these vectors get (`tests/counts`).
        portable(work)
    } else if has_avx512::get() {
        // SAFETY: the processor has the features, as asked in the line above. The body is safe code.
        unsafe { avx512(work) }
    } else if has_avx2::get() {
        // SAFETY: as before.
        unsafe { avx2(work) }
    } else {
        portable(work)
    }
}

/// Does `work`. What the target always has (NEON, for one) is used without asking.
#[inline]
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
pub(crate) fn widest<W: Work>(work: W) -> W::Output {
    portable(work)
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi2")]
pub(super) fn avx512<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[target_feature(enable = "avx2,bmi2")]
pub(super) fn avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[inline(never)]
pub(super) fn portable<W: Work>(work: W) -> W::Output {
    work.run()
}

/// A run, and its key.
pub(super) struct Blocks<R>(pub(super) R, pub(super) u32);

impl<R: Run> Work for Blocks<R> {
    type Output = Seen;

    #[inline(always)]
    fn run(self) -> Seen {
        blocks(self.0, self.1)
    }
}

/// Byte arrays, not words: this is the shape that compilers turn into vectors of any width.
#[inline(always)]
pub(super) fn blocks<R: Run>(mut run: R, key: u32) -> Seen {
    let mut seen = [0; BLOCK];
    let mut masked = |mut block: [u8; BLOCK], key: &[u8; BLOCK]| {
        for i in 0..BLOCK {
            block[i] ^= key[i];
            if R::LOOKS {
                seen[i] |= block[i];
            }
        }
        block
    };
    // The last block, which may overlap the one before it: loaded before anything can be stored over it, stored last.
    let behind = run.len() - BLOCK;
    let last = masked(run.load(behind), &spread(rotate(key, behind)));
    let mut at = 0;
    let mut turned = spread(key);
    if run.len() >= ALIGNED {
        // The first two overlap as well, so that the second begins with a line. Both loaded first, as above.
        let line = run.to_line();
        let first = masked(run.load(0), &turned);
        turned = spread(rotate(key, line));
        let second = masked(run.load(line), &turned);
        run.store(0, &first);
        run.store(line, &second);
        at = line + BLOCK;
    }
    run.each(at, |block| masked(block, &turned));
    run.store(behind, &last);
    if R::LOOKS && is_ascii(&seen) { Seen::Ascii } else { Seen::Any }
}

#[inline(always)]
fn spread(key: u32) -> [u8; BLOCK] {
    let lanes = [key.to_le_bytes(); BLOCK / 4];
    *lanes.as_flattened().first_chunk().expect("a block is full of keys")
}

/// Folded by words, not bytes: half the steps, and one test of all at once where the processor has it.
#[inline(always)]
fn is_ascii(seen: &[u8; BLOCK]) -> bool {
    let words = seen.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word));
    words.fold(0, |or, word| or | word) & 0x8080_8080_8080_8080 == 0
}
