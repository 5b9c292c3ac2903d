//! Messages that go out, RFC 7692 §7.2.1.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush};

use super::history::History;
use super::{Contexts, DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

/// What a sync flush ends with. RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
const MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// RFC 7692 §7.2.3.6: an empty block without compression, and its marker taken away.
const EMPTY: u8 = 0x00;

/// Does more of the message follow?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// It does. What came so far is flushed and can be inflated at once, for about 5 bytes more.
    More,
    /// This is the last of it.
    Last,
}

/// Compresses the messages of one connection, whole (one [`Part::Last`]) or in parts.
///
/// Between messages it owns no context, and of the window only what was agreed to be taken over: at most
/// `2^window` bytes.
pub(crate) struct Deflater {
    contexts: Contexts,
    settings: Settings,
    /// While a message is under way.
    compressor: Option<Box<Compressor>>,
    /// What the peer's window holds, if it is kept.
    history: Option<History>,
}

impl Deflater {
    /// For messages under what was agreed on for `ours`.
    pub(crate) fn new(options: &DeflateOptions, ours: Direction) -> Deflater {
        Deflater {
            contexts: options.contexts.clone(),
            settings: Settings::new(options.level, ours.window),
            compressor: None,
            history: (ours.takeover == Takeover::Keep).then(|| History::new(ours.window)),
        }
    }

    /// Appends what `input` becomes to `out`: payload of the message under way, to be cut into frames at will.
    pub(crate) fn deflate(&mut self, input: &[u8], part: Part, out: &mut Vec<u8>) {
        let Deflater { contexts, settings, compressor, history } = self;
        if !input.is_empty() {
            let known = history.as_ref().map_or(&[][..], History::bytes);
            compressor.get_or_insert_with(|| Compressor::take(contexts, *settings, known)).flush(input, out);
            if let Some(history) = history {
                history.push(input);
            }
        }
        if part == Part::Last {
            end(input, out);
            if let Some(compressor) = compressor.take() {
                contexts.compressors().give(compressor);
            }
        }
    }

    /// Bytes that are kept from one message to the next.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.history.as_ref().map_or(0, History::memory)
    }
}

/// Compresses `message` for many connections, once.
///
/// It refers to nothing but itself, in a window of `window` bits, so it is right on every connection that
/// [`takes_prepared`].
pub(crate) fn compress(options: &DeflateOptions, window: WindowBits, message: &[u8]) -> Vec<u8> {
    let ours = Direction { takeover: Takeover::Reset, window };
    let mut out = Vec::new();
    Deflater::new(options, ours).deflate(message, Part::Last, &mut out);
    out
}

/// May a connection send what [`compress`] made for `window`?
///
/// Only without takeover. The peer would put the message into its window, where the connection's own deflater knows
/// nothing of it: all that it sent later would refer to the wrong bytes.
pub(crate) fn takes_prepared(agreed: &DeflateParams, window: WindowBits) -> bool {
    agreed.ours.takeover == Takeover::Reset && window <= agreed.ours.window
}

/// Ends a message whose last part, `input`, is flushed.
fn end(input: &[u8], out: &mut Vec<u8>) {
    if input.is_empty() {
        // Nothing was flushed now, so nothing now is a marker; what may have been before it stays in the message.
        return out.push(EMPTY);
    }
    debug_assert!(out.ends_with(&MARKER));
    out.truncate(out.len() - MARKER.len());
}

/// What a compressor was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Settings {
    level: u8,
    window: WindowBits,
}

impl Settings {
    fn new(level: u8, window: WindowBits) -> Settings {
        match window.get() {
            // 256 bytes are less than one match and its look-ahead. Blocks without compression refer to nothing.
            ..9 => Settings { level: 0, window: WindowBits::NINE },
            _ => Settings { level: level.clamp(1, 9), window },
        }
    }
}

/// A context that compresses.
pub(super) struct Compressor {
    deflate: Deflate,
    settings: Settings,
}

impl Compressor {
    /// One from the shelf, or a new one, that goes on behind `known`.
    fn take(contexts: &Contexts, settings: Settings, known: &[u8]) -> Box<Compressor> {
        let mut compressor = match contexts.compressors().take(|spare| spare.settings == settings) {
            Some(mut spare) => {
                spare.deflate.reset();
                spare
            }
            None => Box::new(Compressor::new(settings)),
        };
        if !known.is_empty() {
            compressor.deflate.set_dictionary(known).expect("a fresh deflater takes a dictionary");
        }
        compressor
    }

    fn new(settings: Settings) -> Compressor {
        let deflate = Deflate::new_with_config(DeflateConfig {
            level: i32::from(settings.level),
            window_bits: -i32::from(settings.window.get()), // negative: no zlib header
            mem_level: MEM_LEVEL,
            ..DeflateConfig::default()
        });
        Compressor { deflate, settings }
    }

    /// Appends all that `input` becomes, and the marker.
    fn flush(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        // What JSON becomes, and a marker; where it is too little there is another round.
        let room = (input.len() / 4 + 64).min(ROOM);
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

/// How much of the output a compressor collects before it writes: see the table in the module's documentation.
const MEM_LEVEL: i32 = 8;
/// Room is made, and cleared, in steps of this many bytes.
const ROOM: usize = 16 * 1024;

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater")
            .field("settings", &self.settings)
            .field("in_message", &self.compressor.is_some())
            .field("history", &self.history.as_ref().map(|history| history.bytes().len()))
            .finish()
    }
}
