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
//! | 9 | 480 | 1,616 | 179,680 |
//! | 10 | 480 | 2,640 | 182,240 |
//! | 11 | 480 | 4,688 | 187,360 |
//! | 12 | 480 | 8,784 | 197,600 |
//! | 13 | 480 | 16,976 | 218,080 |
//! | 14 | 480 | 33,360 | 259,040 |
//! | 15 | 480 | 66,128 | 357,344 |
//!
//! Connections that keep their windows share up to eight pairs, so that the busiest find their own again. Of a pair the
//! inflater takes 8 KiB, its window, and as much again (at least 16 KiB) for what comes out; 12 bits: 28 KiB. A message
//! that arrives in pieces holds an inflater until it ends, one that is sent in pieces a deflater.
//!
//! # What it costs in time, and why level 1 and 12 bits
//! JSON of short records that do not repeat, in µs of one core and in the size that is left; each message for itself, or
//! in the window of those before:
//!
//! | level, window bits | reset: 100 bytes | 1 KiB | 16 KiB | keep: 100 bytes | 1 KiB | 16 KiB |
//! |---|---|---|---|---|---|---|
//! | 1, 9 | 2.5, 98 % | 8.3, 45 % | 93, 39 % | 0.7, 38 % | 6.2, 43 % | 90, 39 % |
//! | **1, 12** | **2.5, 98 %** | **4.6, 39 %** | **39, 27 %** | **0.3, 27 %** | **2.8, 27 %** | **38, 27 %** |
//! | 1, 15 | 2.5, 98 % | 4.7, 39 % | 35, 27 % | 0.3, 25 % | 2.4, 25 % | 34, 25 % |
//! | 2, 12 | 8.0, 94 % | 13, 33 % | 73, 20 % | 3.1, 26 % | 9.0, 22 % | 70, 19 % |
//! | 3, 12 | 7.5, 94 % | 15, 31 % | 100, 18 % | 3.1, 25 % | 10, 19 % | 97, 17 % |
//! | 4, 12 | 7.5, 94 % | 15, 31 % | 110, 17 % | 3.1, 23 % | 11, 18 % | 108, 16 % |
//! | 5, 12 | 7.5, 94 % | 15, 31 % | 118, 17 % | 3.2, 23 % | 11, 18 % | 116, 16 % |
//! | 6, 12 | 7.6, 94 % | 15, 31 % | 118, 17 % | 3.2, 23 % | 11, 18 % | 117, 16 % |
//! | 7, 12 | 7.8, 94 % | 17, 31 % | 184, 16 % | 3.5, 22 % | 16, 17 % | 185, 15 % |
//! | 8, 12 | 7.7, 94 % | 17, 31 % | 193, 16 % | 3.7, 22 % | 16, 17 % | 199, 15 % |
//! | 9, 12 | 7.4, 92 % | 18, 31 % | 182, 16 % | 3.7, 22 % | 16, 18 % | 182, 15 % |
//! | 6, 15 | 7.6, 94 % | 16, 31 % | 134, 17 % | 3.7, 21 % | 19, 18 % | 205, 15 % |
//!
//! Level 1 takes most of what there is to take, in a third of the time of 6, the usual default; whoever pays for
//! bandwidth more than for cores wants 3, beyond which up to twice the time buys one or two parts in a hundred. Below 12
//! bits matches are lost, past them messages of the usual sizes gain next to nothing. Of a small message that stands for
//! itself 2.2 µs are the empty tables it needs, and hardly any of it can be left out: hence the default
//! [`threshold`](DeflateOptions::threshold), below which a packet on the wire is hardly shorter either.
//!
//! Keeping the window is what makes small messages small, and quick. A connection that finds its own context again goes
//! on where it stood; where more connections than there are contexts take turns, each has to take its window up again:
//! about 5 µs a message for 12 bits, 50 µs for 15.
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
