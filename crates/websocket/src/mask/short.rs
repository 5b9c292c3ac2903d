//! Up to 64 bytes, or 128: the first and the last half, which overlap, each in registers of 8 bytes. The last one's key is
//! turned to its place, so there is neither a tail nor a loop, nor a wait for bytes that were just stored.

use super::run::Run;
use super::{Seen, rotate};

/// XORs a run of up to [`Run::SHORT`] bytes.
#[inline(always)]
pub(super) fn xor<R: Run>(mut run: R, key: u32) -> Seen {
    debug_assert!(run.len() <= R::SHORT);
    let seen = match run.len() {
        65.. => ends::<8>(&mut run, key),
        32.. => ends::<4>(&mut run, key),
        16.. => ends::<2>(&mut run, key),
        8.. => ends::<1>(&mut run, key),
        4.. => ends_of_four(&mut run, key),
        _ => one_by_one(&mut run, key),
    };
    if R::LOOKS && seen & 0x8080_8080_8080_8080 == 0 { Seen::Ascii } else { Seen::Any }
}

/// `8 * N` to `16 * N` bytes. Answers the OR of all.
#[inline(always)]
fn ends<const N: usize>(run: &mut impl Run, key: u32) -> u64 {
    let behind_first = run.len() - 8 * N;
    let (key, turned) = (twice(key), twice(rotate(key, behind_first)));
    let (mut first, mut last, mut seen) = ([0; N], [0; N], 0);
    for i in 0..N {
        first[i] = u64::from_le_bytes(run.load(8 * i)) ^ key;
        last[i] = u64::from_le_bytes(run.load(behind_first + 8 * i)) ^ turned;
        seen |= first[i] | last[i];
    }
    for (i, lane) in first.iter().enumerate() {
        run.store(8 * i, &lane.to_le_bytes());
    }
    for (i, lane) in last.iter().enumerate() {
        run.store(behind_first + 8 * i, &lane.to_le_bytes());
    }
    seen
}

/// 4 to 8 bytes.
#[inline(always)]
fn ends_of_four(run: &mut impl Run, key: u32) -> u64 {
    let behind_first = run.len() - 4;
    let first = u32::from_le_bytes(run.load(0)) ^ key;
    let last = u32::from_le_bytes(run.load(behind_first)) ^ rotate(key, behind_first);
    run.store(0, &first.to_le_bytes());
    run.store(behind_first, &last.to_le_bytes());
    u64::from(first | last)
}

#[inline(always)]
fn one_by_one(run: &mut impl Run, key: u32) -> u64 {
    let mut seen = 0;
    for i in 0..run.len() {
        let [byte] = run.load(i);
        let byte = byte ^ rotate(key, i) as u8;
        run.store(i, &[byte]);
        seen |= byte;
    }
    u64::from(seen)
}

const fn twice(key: u32) -> u64 {
    key as u64 | (key as u64) << 32
}
