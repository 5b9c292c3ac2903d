//! With AVX2.

use std::arch::x86_64::*;

use super::{LONG, Vector, rest};

/// AVX2 is here.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx2(());

impl Avx2 {
    /// If this processor has it.
    pub(in super::super) fn new() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2")).then_some(Avx2(()))
    }
}

impl Vector for Avx2 {
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

#[target_feature(enable = "avx2,bmi2")]
unsafe fn with<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[target_feature(enable = "avx2,bmi2")]
unsafe fn over(mut to: *mut u8, mut from: *const u8, mut n: usize, mut key: u32) -> u64 {
    let mut or = _mm256_setzero_si256();
    let mut bits = 0;
    // SAFETY: `n` counts down by what `to` and `from` advance, and no access goes beyond it.
    unsafe {
        let to_line = to as usize & 31;
        if n >= LONG && to_line != 0 {
            let head = 32 - to_line;
            bits = rest(to, from, head, key);
            key = key.rotate_right(8 * (head as u32 & 3));
            from = from.add(head);
            to = to.add(head);
            n -= head;
        }
        let keys = _mm256_set1_epi32(key as i32);
        while n >= 128 {
            let a = _mm256_xor_si256(_mm256_loadu_si256(from.cast()), keys);
            let b = _mm256_xor_si256(_mm256_loadu_si256(from.add(32).cast()), keys);
            let c = _mm256_xor_si256(_mm256_loadu_si256(from.add(64).cast()), keys);
            let d = _mm256_xor_si256(_mm256_loadu_si256(from.add(96).cast()), keys);
            _mm256_storeu_si256(to.cast(), a);
            _mm256_storeu_si256(to.add(32).cast(), b);
            _mm256_storeu_si256(to.add(64).cast(), c);
            _mm256_storeu_si256(to.add(96).cast(), d);
            let abcd = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
            or = _mm256_or_si256(or, abcd);
            from = from.add(128);
            to = to.add(128);
            n -= 128;
        }
        if n >= 64 {
            let a = _mm256_xor_si256(_mm256_loadu_si256(from.cast()), keys);
            let b = _mm256_xor_si256(_mm256_loadu_si256(from.add(32).cast()), keys);
            _mm256_storeu_si256(to.cast(), a);
            _mm256_storeu_si256(to.add(32).cast(), b);
            or = _mm256_or_si256(or, _mm256_or_si256(a, b));
            from = from.add(64);
            to = to.add(64);
            n -= 64;
        }
        bits | u64::from(_mm256_movemask_epi8(or) as u32) | rest(to, from, n, key)
    }
}

#[target_feature(enable = "avx2,bmi2")]
unsafe fn spill(mut to: *mut u8, mut from: *const u8, mut n: usize, key: u32) -> u64 {
    let keys = _mm256_set1_epi32(key as i32);
    let mut or = _mm256_setzero_si256();
    // SAFETY: `n` counts down by what `to` and `from` advance, and no access goes more than `SLACK` beyond it.
    unsafe {
        loop {
            let a = _mm256_xor_si256(_mm256_loadu_si256(from.cast()), keys);
            let b = _mm256_xor_si256(_mm256_loadu_si256(from.add(32).cast()), keys);
            _mm256_storeu_si256(to.cast(), a);
            _mm256_storeu_si256(to.add(32).cast(), b);
            if n <= 64 {
                let last = u64::from(_mm256_movemask_epi8(a) as u32)
                    | u64::from(_mm256_movemask_epi8(b) as u32) << 32;
                return u64::from(_mm256_movemask_epi8(or) as u32) | (last & _bzhi_u64(!0, n as u32));
            }
            or = _mm256_or_si256(or, _mm256_or_si256(a, b));
            from = from.add(64);
            to = to.add(64);
            n -= 64;
        }
    }
}
