//! Unmasking with AVX-512, as fast as we know how.

use std::arch::x86_64::*;

/// Has this processor what the functions here, `ideal` and `arena` need?
pub(super) fn is_possible() -> bool {
    is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("bmi2")
}

/// `to[i] = from[i] ^ key`, forwards; `to` may lie before `from` and overlap it, or be it. Gives bits that are 0 exactly
/// if all that was written is ASCII.
///
/// # Safety
/// [`is_possible`], and `n` bytes can be read at `from` and written at `to`.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
pub(super) unsafe fn over(mut to: *mut u8, mut from: *const u8, mut n: usize, mut key: u32) -> u64 {
    let mut keys = _mm512_set1_epi32(key as i32);
    let mut or = _mm512_setzero_si512();
    // SAFETY: `n` counts down by what `to` and `from` advance, and no access goes beyond it.
    unsafe {
        // Stores over the ends of cache lines halve the rate: long runs begin with a part up to the next line.
        let to_line = to as usize & 63;
        if n >= 768 && to_line != 0 {
            let head = 64 - to_line;
            let mask = _bzhi_u64(!0, head as u32);
            or = _mm512_maskz_mov_epi8(
                mask,
                _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, from.cast()), keys),
            );
            _mm512_mask_storeu_epi8(to.cast(), mask, or);
            key = key.rotate_right(8 * (head as u32 & 3));
            keys = _mm512_set1_epi32(key as i32);
            from = from.add(head);
            to = to.add(head);
            n -= head;
        }
        while n >= 256 {
            let a = _mm512_xor_si512(_mm512_loadu_si512(from.cast()), keys);
            let b = _mm512_xor_si512(_mm512_loadu_si512(from.add(64).cast()), keys);
            let c = _mm512_xor_si512(_mm512_loadu_si512(from.add(128).cast()), keys);
            let d = _mm512_xor_si512(_mm512_loadu_si512(from.add(192).cast()), keys);
            _mm512_storeu_si512(to.cast(), a);
            _mm512_storeu_si512(to.add(64).cast(), b);
            _mm512_storeu_si512(to.add(128).cast(), c);
            _mm512_storeu_si512(to.add(192).cast(), d);
            let ab = _mm512_ternarylogic_epi64(a, b, c, 0xfe);
            or = _mm512_ternarylogic_epi64(or, ab, d, 0xfe);
            from = from.add(256);
            to = to.add(256);
            n -= 256;
        }
        while n >= 64 {
            let a = _mm512_xor_si512(_mm512_loadu_si512(from.cast()), keys);
            _mm512_storeu_si512(to.cast(), a);
            or = _mm512_or_si512(or, a);
            from = from.add(64);
            to = to.add(64);
            n -= 64;
        }
        _mm512_movepi8_mask(or) | rest(to, from, n, key)
    }
}

/// Fewer than 64 bytes: two blocks that overlap, the second with the key turned to its place. One masked store would do,
/// but the load of the next header, inside that store's footprint, would wait for it.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
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

/// Bytes beyond `n` that [`spill`] may read and write.
pub(super) const SLACK: usize = 64;

/// As [`over`], 64 bytes at a time whatever comes of it.
///
/// # Safety
/// [`is_possible`], the ranges do not overlap, and `n` + [`SLACK`] bytes can be read at `from` and written at `to`.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
pub(super) unsafe fn spill(mut to: *mut u8, mut from: *const u8, mut n: usize, key: u32) -> u64 {
    let keys = _mm512_set1_epi32(key as i32);
    let mut or = _mm512_setzero_si512();
    // SAFETY: `n` counts down by what `to` and `from` advance, and no access goes more than `SLACK` beyond it.
    unsafe {
        while n > 64 {
            let a = _mm512_xor_si512(_mm512_loadu_si512(from.cast()), keys);
            _mm512_storeu_si512(to.cast(), a);
            or = _mm512_or_si512(or, a);
            from = from.add(64);
            to = to.add(64);
            n -= 64;
        }
        let a = _mm512_xor_si512(_mm512_loadu_si512(from.cast()), keys);
        _mm512_storeu_si512(to.cast(), a);
        _mm512_movepi8_mask(or) | (_mm512_movepi8_mask(a) & _bzhi_u64(!0, n as u32))
    }
}
