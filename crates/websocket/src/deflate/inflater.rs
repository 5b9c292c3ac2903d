//! Messages that come in, RFC 7692 §7.2.2.

use alloc::boxed::Box;
use core::fmt;

use super::contexts::Taken;
use super::decompressor::{Corrupt, Decompressor, Step};
use super::history::History;
use super::{Contexts, DeflateOptions, Direction, Takeover, WindowBits};
use crate::Violation;

/// RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Inflates the messages of one connection, in any pieces.
///
/// Between messages it owns no context, and of the window only what was agreed to be taken over: at most `2^window`
/// bytes.
pub(crate) struct Inflater {
    contexts: Contexts,
    window: WindowBits,
    /// While a message is under way.
    decompressor: Option<Box<Decompressor>>,
    /// What the peer's deflater may refer to, if that is kept.
    history: Option<Box<History>>,
    /// Bytes that came of the message under way.
    fresh: usize,
    /// Bytes of the tail that were fed to the message under way.
    tail: usize,
}

impl Inflater {
    /// For messages under what was agreed on for `peers`.
    pub(crate) fn new(options: &DeflateOptions, peers: Direction) -> Inflater {
        // Deflaters that are asked for 256 bytes commonly use 512.
        let window = peers.window.max(WindowBits::NINE);
        Inflater {
            contexts: options.contexts.clone(),
            window,
            decompressor: None,
            history: (peers.takeover == Takeover::Keep).then(|| History::new(window)),
            fresh: 0,
            tail: 0,
        }
    }

    /// Inflates some of `input`: call it again with the rest until it gives nothing.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`]; then nothing more can be inflated.
    pub(crate) fn step(&mut self, input: &[u8]) -> Result<Step<'_>, Violation> {
        let mut decompressor = match self.decompressor.take() {
            Some(busy) => busy,
            None if input.is_empty() => return Ok(Step { consumed: 0, output: &[] }),
            None => self.start(),
        };
        match decompressor.step(input).map(|step| (step.consumed, step.output.len())) {
            Ok((consumed, n)) => {
                self.fresh += n;
                Ok(Step { consumed, output: self.decompressor.insert(decompressor).newest(n) })
            }
            Err(corrupt) => {
                self.contexts.decompressors().give(decompressor);
                Err(corrupt.into())
            }
        }
    }

    /// Inflates some of what the end of the message brings: call it until it gives nothing, which ends the message.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`], also if the message is incomplete.
    pub(crate) fn finish_step(&mut self) -> Result<&[u8], Violation> {
        // RFC 7692 §7.2.3.6: even an empty message is one byte long. Without it the tail would end no block.
        let mut decompressor = self.decompressor.take().ok_or(Violation::CorruptDeflate)?;
        // Whether the stream ended itself shows when all that came of it is out.
        if self.tail == 0 && decompressor.is_within_data() {
            let n = decompressor.step(&[])?.output.len();
            if n > 0 {
                self.fresh += n;
                return Ok(self.decompressor.insert(decompressor).newest(n));
            }
        }
        // The tail is no news to a stream that ended itself: by a block with BFINAL (§7.2.3.4), or because the peer
        // left it on, which is one more empty block.
        if self.tail > 0 || !decompressor.is_between_blocks() {
            let step = decompressor.step(&TAIL[self.tail..])?;
            self.tail += step.consumed;
            let n = step.output.len();
            if n > 0 {
                self.fresh += n;
                return Ok(self.decompressor.insert(decompressor).newest(n));
            }
        }
        self.tail = 0;
        if !decompressor.is_between_blocks() {
            return Err(Violation::CorruptDeflate);
        }
        self.put_back(decompressor);
        Ok(&[])
    }

    /// The decompressor that was put back, if it still knows this connection's window; else one that gets to know it.
    fn start(&mut self) -> Box<Decompressor> {
        let size = 1 << self.window.get();
        let ticket = self.history.as_mut().and_then(|history| history.take_ticket());
        let spare = match self.contexts.decompressors().take(ticket, |spare| spare.window_size() == size) {
            Some(Taken::Same(decompressor)) => return decompressor,
            Some(Taken::Other(decompressor)) => Some(decompressor),
            None => None,
        };
        let mut decompressor = spare.unwrap_or_else(|| Box::new(Decompressor::new(self.window)));
        decompressor.reset(self.history.as_mut().map_or(&[], |history| history.bytes()));
        decompressor
    }

    fn put_back(&mut self, decompressor: Box<Decompressor>) {
        let fresh = core::mem::take(&mut self.fresh);
        match &mut self.history {
            Some(history) => {
                let reach = decompressor.reach();
                history.push(&reach[reach.len().saturating_sub(fresh)..]);
                history.set_ticket(self.contexts.decompressors().leave(decompressor));
            }
            None => self.contexts.decompressors().give(decompressor),
        }
    }

    /// Bytes that are kept from one message to the next.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.history.as_ref().map_or(0, |history| history.memory())
    }
}

impl From<Corrupt> for Violation {
    fn from(Corrupt: Corrupt) -> Violation {
        Violation::CorruptDeflate
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("window", &self.window)
            .field("in_message", &self.decompressor.is_some())
            .field("history", &self.history.as_ref().map(|history| history.len()))
            .finish()
    }
}
