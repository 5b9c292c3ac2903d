//! A context that compresses, for whichever connection needs one.

use alloc::vec::Vec;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush};

use super::WindowBits;

/// What a sync flush ends with. RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
pub(super) const MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// Symbols are collected for a block of codes of its own: 2^(level + 6) of them, here 2,048, in 7 bytes each. The usual
/// 8 takes 100 KiB more and makes JSON of 64 KiB smaller by a tenth of a percent; 4 makes it larger by as much.
const MEM_LEVEL: i32 = 5;
/// Room is made, and cleared, in steps of this many bytes.
const ROOM: usize = 16 * 1024;

/// A context that compresses.
pub(super) struct Compressor {
    deflate: Deflate,
    settings: Settings,
}

impl Compressor {
    /// A new one.
    pub(super) fn new(settings: Settings) -> Compressor {
        let deflate = Deflate::new_with_config(DeflateConfig {
            level: i32::from(settings.level),
            window_bits: -i32::from(settings.window.get()), // negative: no zlib header
            mem_level: MEM_LEVEL,
            ..DeflateConfig::default()
        });
        Compressor { deflate, settings }
    }

    /// What it was made for.
    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// Starts a message that goes on behind `known`.
    pub(super) fn begin(&mut self, known: &[u8]) {
        self.deflate.reset(); // of what the message before left
        if !known.is_empty() {
            self.deflate.set_dictionary(known).expect("a fresh deflater takes a dictionary");
        }
    }

    /// Appends all that `input` becomes, and the marker.
    pub(super) fn flush(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        // What no small message exceeds, marker included; where it is too little there is another round.
        let room = (input.len() + 64).min(ROOM);
        loop {
            let start = out.len();
            out.resize(start + room, 0);
            let (read, written) = (self.deflate.total_in(), self.deflate.total_out());
            self.deflate
                .compress(input, &mut out[start..], DeflateFlush::SyncFlush)
                .expect("a deflater takes any bytes");
            input = &input[(self.deflate.total_in() - read) as usize..];
            let written = (self.deflate.total_out() - written) as usize;
            out.truncate(start + written);
            // Room left: the flush is complete. That is what tells, never what the bytes look like.
            if written < room {
                return;
            }
        }
    }
}

/// What a compressor was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Settings {
    level: u8,
    window: WindowBits,
}

impl Settings {
    pub(super) fn new(level: u8, window: WindowBits) -> Settings {
        match window.get() {
            // 256 bytes are less than one match and its look-ahead. Blocks without compression refer to nothing.
            ..9 => Settings { level: 0, window: WindowBits::NINE },
            _ => Settings { level: level.clamp(1, 9), window },
        }
    }
}
