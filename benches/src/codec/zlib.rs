//! The compressor alone, as everyone here is set: the reference, and the limit, of permessage-deflate.

use sansocket_websocket::deflate::Takeover;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush};

/// The level that everyone is set to who lets himself be set.
pub const LEVEL: u8 = 6;
/// The window, too: what holds when nothing was agreed on.
const WINDOW: u8 = 15;
/// What a sync flush ends with, and a message leaves out (RFC 7692 §7.2.1).
const MARKER: [u8; 4] = [0, 0, 0xff, 0xff];

/// Deflates messages.
pub struct Deflater {
    deflate: Deflate,
    takeover: Takeover,
    out: Vec<u8>,
}

impl Deflater {
    /// One for messages of at most `most` bytes.
    pub fn new(takeover: Takeover, level: u8, most: usize) -> Deflater {
        let deflate = Deflate::new_with_config(DeflateConfig {
            level: level.into(),
            window_bits: -i32::from(WINDOW), // negative: no zlib header
            ..DeflateConfig::default()
        });
        Deflater { deflate, takeover, out: vec![0; 2 * most + 64] }
    }

    /// What travels of `message`.
    pub fn deflate(&mut self, message: &[u8]) -> &[u8] {
        if self.takeover == Takeover::Reset {
            self.deflate.reset();
        }
        let before = self.deflate.total_out();
        self.deflate.compress(message, &mut self.out, DeflateFlush::SyncFlush).expect("any bytes");
        let written = (self.deflate.total_out() - before) as usize;
        self.out[..written].strip_suffix(&MARKER).expect("room for a whole message")
    }
}

/// Inflates messages.
pub struct Inflater {
    inflate: Inflate,
    takeover: Takeover,
    whole: Vec<u8>,
    out: Vec<u8>,
}

impl Inflater {
    /// One for messages of at most `most` bytes.
    pub fn new(takeover: Takeover, most: usize) -> Inflater {
        let inflate = Inflate::new(false, WINDOW);
        Inflater { inflate, takeover, whole: Vec::new(), out: vec![0; most + 64] }
    }

    /// The message that travelled as `deflated`.
    pub fn inflate(&mut self, deflated: &[u8]) -> &[u8] {
        if self.takeover == Takeover::Reset {
            self.inflate.reset(false);
        }
        // A copy of what is small is cheaper than a second call for the marker.
        self.whole.clear();
        self.whole.extend_from_slice(deflated);
        self.whole.extend_from_slice(&MARKER);
        let before = self.inflate.total_out();
        self.inflate
            .decompress(&self.whole, &mut self.out, InflateFlush::SyncFlush)
            .expect("it was deflated");
        &self.out[..(self.inflate.total_out() - before) as usize]
    }
}
