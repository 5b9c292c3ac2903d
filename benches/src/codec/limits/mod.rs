//! Physical limits, as peers whose names begin with `=`. They are no libraries: they say how fast the machine is, and
//! only here may anything be `unsafe`.
//!
//! * `=memcpy`: the copy out of the socket alone. Sending: one copy of the payloads.
//! * `=xor`: that copy and one pass of XOR over everything. Sending: copy and XOR in one.
//! * `=walk`: that copy, and the headers read, payloads untouched.
//! * `=utf8`: simdutf8 over the payloads alone.
//! * [`=ideal`](ideal): the copy and all that a strict codec must do, in place.
//! * [`=arena`](arena): the same duties out of place. Servers only.
//! * `=zlib-rs`, `=libdeflate`: the compressors alone, at everyone's level.
//!
//! What a row is measured against is the best of those in [`STRICT`]; the others say where the time goes. `=xor`,
//! `=ideal` and `=arena` take AVX-512 or, where that is missing, AVX2; they are not there without.

use super::peers::Peer;

#[cfg(target_arch = "x86_64")]
mod arena;
mod bare;
mod compressors;
#[cfg(target_arch = "x86_64")]
mod ideal;
#[cfg(target_arch = "x86_64")]
mod vector;

/// The limits that do all that has to be done.
pub const STRICT: [&str; 4] = ["=ideal", "=arena", "=zlib-rs", "=libdeflate"];

/// All that this processor can do.
pub fn all() -> Vec<Box<dyn Peer>> {
    let mut limits: Vec<Box<dyn Peer>> = vec![
        Box::new(bare::Memcpy),
        Box::new(bare::Walk),
        Box::new(bare::Utf8),
        Box::new(compressors::ZlibRs),
        Box::new(compressors::Libdeflate),
    ];
    #[cfg(target_arch = "x86_64")]
    if let Some(vector) = vector::Avx512::new() {
        limits.extend(vectored(vector));
    } else if let Some(vector) = vector::Avx2::new() {
        limits.extend(vectored(vector));
    }
    limits
}

#[cfg(target_arch = "x86_64")]
fn vectored<V: vector::Vector>(vector: V) -> [Box<dyn Peer>; 3] {
    [Box::new(bare::Xor(vector)), Box::new(ideal::Ideal(vector)), Box::new(arena::Arena(vector))]
}
