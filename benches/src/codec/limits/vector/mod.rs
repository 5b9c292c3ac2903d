//! Unmasking with vector instructions, as fast as we know how.

use std::arch::x86_64::*;

mod avx2;
mod avx512;

pub(super) use avx2::Avx2;
pub(super) use avx512::Avx512;

/// Bytes beyond the end that [`Vector::spill`] may read and write.
pub(super) const SLACK: usize = 64;

/// A set of instructions that this processor has: a value of it is the proof.
pub(super) trait Vector: Copy + 'static {
    /// Does `work` with functions of these instructions inlined.
    fn with<R>(self, work: impl FnOnce() -> R) -> R;

    /// `to[i] = from[i] ^ key`, forwards; `to` may lie before `from` and overlap it, or be it. Gives bits that are 0
    /// exactly if all that was written is ASCII.
    ///
    /// # Safety
    /// `n` bytes can be read at `from` and written at `to`.
    unsafe fn over(self, to: *mut u8, from: *const u8, n: usize, key: u32) -> u64;

    /// As [`over`](Vector::over), 64 bytes at a time whatever comes of it.
    ///
    /// # Safety
    /// The ranges do not overlap, and `n` + [`SLACK`] bytes can be read at `from` and written at `to`.
    unsafe fn spill(self, to: *mut u8, from: *const u8, n: usize, key: u32) -> u64;
}

/// Long runs begin with a part up to the next line of the cache: stores over the ends of lines halve the rate.
const LONG: usize = 768;

/// Fewer than 64 bytes: two blocks that overlap, the second with the key turned to its place. One masked store would do,
/// but the load of the next header, inside that store's footprint, would wait for it.
///
/// # Safety
/// There is AVX2, and `n` bytes can be read at `from` and written at `to`.
#[target_feature(enable = "avx2")]
unsafe fn rest(to: *mut u8, from: *const u8, n: usize, key: u32) -> u64 {
    let turned = key.rotate_right(8 * (n as u32 & 3));
    // SAFETY: each branch touches `n` bytes at most.
    unsafe {
        match n {
            32.. => {
                let a = _mm256_xor_si256(_mm256_loadu_si256(from.cast()), _mm256_set1_epi32(key as i32));
                let last = _mm256_loadu_si256(from.add(n - 32).cast());
                let b = _mm256_xor_si256(last, _mm256_set1_epi32(turned as i32));
                _mm256_storeu_si256(to.cast(), a);
                _mm256_storeu_si256(to.add(n - 32).cast(), b);
                u64::from(_mm256_movemask_epi8(_mm256_or_si256(a, b)) as u32)
            }
            16.. => {
                let a = _mm_xor_si128(_mm_loadu_si128(from.cast()), _mm_set1_epi32(key as i32));
                let b =
                    _mm_xor_si128(_mm_loadu_si128(from.add(n - 16).cast()), _mm_set1_epi32(turned as i32));
                _mm_storeu_si128(to.cast(), a);
                _mm_storeu_si128(to.add(n - 16).cast(), b);
                _mm_movemask_epi8(_mm_or_si128(a, b)) as u64
            }
            8.. => {
                let twice = |key: u32| u64::from(key) | u64::from(key) << 32;
                let a = from.cast::<u64>().read_unaligned() ^ twice(key);
                let b = from.add(n - 8).cast::<u64>().read_unaligned() ^ twice(turned);
                to.cast::<u64>().write_unaligned(a);
                to.add(n - 8).cast::<u64>().write_unaligned(b);
                (a | b) & 0x8080_8080_8080_8080
            }
            4.. => {
                let a = from.cast::<u32>().read_unaligned() ^ key;
                let b = from.add(n - 4).cast::<u32>().read_unaligned() ^ turned;
                to.cast::<u32>().write_unaligned(a);
                to.add(n - 4).cast::<u32>().write_unaligned(b);
                u64::from((a | b) & 0x8080_8080)
            }
            _ => {
                let mut or = 0;
                for i in 0..n {
                    let a = *from.add(i) ^ (key >> (8 * i)) as u8;
                    *to.add(i) = a;
                    or |= a;
                }
                u64::from(or & 0x80)
            }
        }
    }
}
