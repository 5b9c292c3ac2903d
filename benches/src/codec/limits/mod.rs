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
//! What a row is measured against is the best of those in [`STRICT`]; the others say where the time goes. `=ideal` and
//! `=arena` are for AVX-512 and missing without.

use super::peers::Peer;

#[cfg(target_arch = "x86_64")]
mod arena;
mod bare;
mod compressors;
#[cfg(target_arch = "x86_64")]
mod ideal;
#[cfg(target_arch = "x86_64")]
mod xor;

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
    if xor::is_possible() {
        limits.push(Box::new(bare::Xor));
        limits.push(Box::new(ideal::Ideal));
        limits.push(Box::new(arena::Arena));
    }
    limits
}
