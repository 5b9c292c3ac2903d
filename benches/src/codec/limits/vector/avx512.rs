//! With AVX-512.

use std::arch::x86_64::*;

use super::{LONG, Vector, rest};

/// AVX-512 is here.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx512(());

impl Avx512 {
    /// If this processor has it.
    pub(in super::super) fn new() -> Option<Avx512> {
        (is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("bmi2")).then_some(Avx512(()))
    }
}

impl Vector for Avx512 {
    #[inline(always)]
    fn with<R>(self, work: impl FnOnce() -> R) -> R {
        // SAFETY: `self` is the proof.
        unsafe { with(work) }
    }

    #[inline(always)]
    unsafe fn over(self, to: *mut u8, from: *const u8, n: usize, key: u32) -> u64 {
        // SAFETY: `self` is the proof, and the caller keeps the contract.
        unsafe { over(to, from, n, key) }
    }

    #[inline(always)]
    unsafe fn spill(self, to: *mut u8, from: *const u8, n: usize, key: u32) -> u64 {
        // SAFETY: `self` is the proof, and the caller keeps the contract.
        unsafe { spill(to, from, n, key) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn with<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn over(mut to: *mut u8, mut from: *const u8, mut n: usize, mut key: u32) -> u64 {
    let mut keys = _mm512_set1_epi32(key as i32);
    let mut or = _mm512_setzero_si512();
    // SAFETY: `n` counts down by what `to` and `from` advance, and no access goes beyond it.
    unsafe {
        let to_line = to as usize & 63;
        if n >= LONG && to_line != 0 {
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

#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn spill(mut to: *mut u8, mut from: *const u8, mut n: usize, key: u32) -> u64 {
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
