//! Messages that go out, RFC 7692 §7.2.1.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::compressor::{Compressor, MARKER, Settings};
use super::contexts::Taken;
use super::history::History;
use super::{Contexts, DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

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
    history: Option<Box<History>>,
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

    /// Does what it deflates stay in the peer's window, for later messages to refer to?
    pub(crate) fn keeps_window(&self) -> bool {
        self.history.is_some()
    }

    /// Appends what `input` becomes to `out`: payload of the message under way, to be cut into frames at will.
    pub(crate) fn deflate(&mut self, input: &[u8], part: Part, out: &mut Vec<u8>) {
        if !input.is_empty() {
            let mut compressor = self.compressor.take().unwrap_or_else(|| self.start());
            compressor.flush(input, out);
            self.compressor = Some(compressor);
            if let Some(history) = &mut self.history {
                history.push(input);
            }
        }
        if part == Part::Last {
            end(input, out);
            if let Some(compressor) = self.compressor.take() {
                self.put_back(compressor);
            }
        }
    }

    /// The compressor that was put back, if it still knows this connection's window; else one that gets to know it.
    fn start(&mut self) -> Box<Compressor> {
        let settings = self.settings;
        let ticket = self.history.as_mut().and_then(|history| history.take_ticket());
        let spare = match self.contexts.compressors().take(ticket, |spare| spare.settings() == settings) {
            Some(Taken::Same(compressor)) => return compressor,
            Some(Taken::Other(compressor)) => Some(compressor),
            None => None,
        };
        let mut compressor = spare.unwrap_or_else(|| Box::new(Compressor::new(settings)));
        compressor.begin(self.history.as_mut().map_or(&[], |history| history.bytes()));
        compressor
    }

    fn put_back(&mut self, compressor: Box<Compressor>) {
        match &mut self.history {
            Some(history) => history.set_ticket(self.contexts.compressors().leave(compressor)),
            None => self.contexts.compressors().give(compressor),
        }
    }

    /// Bytes that are kept from one message to the next.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.history.as_ref().map_or(0, |history| history.memory())
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

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater")
            .field("settings", &self.settings)
            .field("in_message", &self.compressor.is_some())
            .field("history", &self.history.as_ref().map(|history| history.len()))
            .finish()
    }
}
