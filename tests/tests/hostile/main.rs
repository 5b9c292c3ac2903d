//! The hostile list (`tests/hostile/inputs.json`): inputs that broke something somewhere once, each with what has to
//! happen and what it may cost.
//!
//! Entries in bytes run from the data: whole, cut in two at every place, and byte by byte, against the machine and
//! against both adapters' servers. The others are tests with the entry's id in their name. [`coverage`] knows that
//! none is missing.

mod bytes;
mod coverage;
mod crowd;
mod deflate;
mod driver;
mod engineio;
mod expected;
mod frame;
mod loopback;
mod process;
mod script;
mod socketio;
mod sockets;

use sansocket_testkit::CountingAlloc;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// In how many rounds a flood comes: `usual`, or as many as the `list` says if `SANSOCKET_FULL` is set, as
/// `cargo xtask test --full` does.
fn how_many(usual: usize, list: usize) -> usize {
    if std::env::var_os("SANSOCKET_FULL").is_some() { list } else { usual }
}
