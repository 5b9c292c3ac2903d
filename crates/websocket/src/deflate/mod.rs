//! permessage-deflate, RFC 7692.
//!
//! Put [`DeflateOptions`] into [`Options::deflate`](crate::Options::deflate); a handshake then negotiates
//! [`DeflateParams`], and the [`WebSocket`](crate::WebSocket) made with them inflates and deflates by itself.
//!
//! # What it costs in memory
//! A context is needed only while a message is under way: connections borrow one from the [`Contexts`] that they share.
//! From message to message a connection keeps nothing, or, with [`Takeover::Keep`], the last bytes of its messages as
//! far as the window reaches, so that the next message may refer to them. In bytes, measured by
//! `tests/deflate_memory.rs`, everything included:
//!
//! | window bits | idle connection, [`Reset`](Takeover::Reset) both ways | idle connection, [`Keep`](Takeover::Keep) both ways | one deflater and one inflater, shared |
//! |---|---|---|---|
//! | 9 | 616 | 1,640 | 179,536 |
//! | 10 | 616 | 2,664 | 182,096 |
//! | 11 | 616 | 4,712 | 187,216 |
//! | 12 | 616 | 8,808 | 197,456 |
//! | 13 | 616 | 17,000 | 217,936 |
//! | 14 | 616 | 33,384 | 258,896 |
//! | 15 | 616 | 66,152 | 357,200 |
//!
//! Of a pair the inflater takes 8 KiB, its window, and as much again (at least 16 KiB) for what comes out; 12 bits: 28
//! KiB. A message that arrives in pieces holds an inflater until it ends, one that is sent in pieces a deflater.
//!
//! # What it costs in time, and why level 1 and 12 bits
//! JSON of short records, each message for itself, in µs of one core and in the size that is left:
//!
//! | level, window bits | 200 bytes | 1 KiB | 4 KiB | 16 KiB | 64 KiB |
//! |---|---|---|---|---|---|
//! | 1, 9 | 2.5, 59 % | 5.6, 37 % | 22, 33 % | 87, 32 % | 347, 32 % |
//! | **1, 12** | **2.5, 59 %** | **4.0, 34 %** | **10, 28 %** | **39, 26 %** | **154, 26 %** |
//! | 1, 15 | 2.5, 59 % | 4.0, 34 % | 10, 28 % | 33, 25 % | 116, 22 % |
//! | 2, 12 | 7.2, 54 % | 11, 27 % | 21, 21 % | 73, 19 % | 266, 18 % |
//! | 3, 12 | 7.5, 54 % | 13, 26 % | 29, 20 % | 101, 18 % | 386, 17 % |
//! | 6, 12 | 7.5, 54 % | 13, 26 % | 33, 18 % | 129, 16 % | 503, 16 % |
//! | 9, 12 | 8.1, 55 % | 17, 25 % | 48, 18 % | 191, 15 % | 752, 15 % |
//!
//! Level 1 takes most of what there is to take in a third of the time; whoever pays for bandwidth more than for cores
//! wants 3. Past 12 bits messages of the usual sizes gain nothing. Below about 1 KiB, the default
//! [`threshold`](DeflateOptions::threshold), a packet on the wire is hardly shorter for it.
//!
//! Keeping the window makes small messages much smaller (200 bytes: 29 % instead of 59 %). A connection that finds its
//! own context again goes on where it stood; where more connections than there are contexts take turns, each has to take
//! its window up again: about 5 µs a message for 12 bits, 50 µs for 15.
//!
//! # What a peer may do
//! * Its messages are refused, with close code 1007, when they refer to anything before the agreed window, to the byte;
//!   but a window of 8 bits is taken as one of 9, which old deflaters use when asked for 8.
//! * Blocks with BFINAL are blocks like others (RFC 7692 §7.2.3.4): what follows begins with the next byte, and the window
//!   is still that of the connection. A message may also end right behind one.
//! * A message ends between two blocks, or it is corrupt; with no payload at all it is too (the empty message is the byte
//!   `00`, §7.2.3.6).
//! * Inflating stops at [`max_message`](crate::Options::max_message), exactly, and after at most 16 KiB of work in vain.

mod compressor;
mod contexts;
mod decompressor;
mod deflater;
mod history;
mod inflater;
mod options;
mod params;

pub use contexts::Contexts;
pub(crate) use deflater::{Deflater, Part, compress, takes_prepared};
pub(crate) use inflater::Inflater;
pub use options::DeflateOptions;
pub use params::{DeflateParams, Direction, Takeover, WindowBits};

#[cfg(test)]
mod tests;
