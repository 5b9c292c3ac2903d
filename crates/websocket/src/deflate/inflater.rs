//! Messages that come in, RFC 7692 §7.2.2.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::history::History;
use super::{Contexts, DeflateOptions, Direction, Takeover};
use crate::Violation;

/// RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Inflates the messages of one connection, in any pieces.
///
/// Between messages it owns no context, and of the window only what was agreed to be taken over: at most `2^window`
/// bytes.
pub(crate) struct Inflater {
    contexts: Contexts,
    direction: Direction,
    /// While a message is under way.
    decompressor: Option<Box<Decompressor>>,
    /// What the peer's deflater may refer to, if that is kept.
    history: Option<History>,
    /// Bytes of the tail that were fed to the message under way.
    tail: usize,
}

/// One step of inflating.
pub(crate) struct Step<'a> {
    /// So many bytes of the input are done with: go on behind them.
    pub(crate) consumed: usize,
    /// What came of them, at most [`CHUNK`] bytes. Nothing: all input is consumed, and nothing waits.
    pub(crate) output: &'a [u8],
}

/// At most so many bytes come of one step: a limit is known to be passed that much too late at worst.
pub(crate) const CHUNK: usize = 16 * 1024;

impl Inflater {
    /// For messages under what was agreed on for `peers`.
    pub(crate) fn new(options: &DeflateOptions, peers: Direction) -> Inflater {
        Inflater {
            contexts: options.contexts.clone(),
            direction: peers,
            decompressor: None,
            history: (peers.takeover == Takeover::Keep).then(|| History::new(peers.window)),
            tail: 0,
        }
    }

    /// Inflates `input`, a piece of the message under way, to the end: `sink` gets all that comes of it.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`], or what `sink` says; then nothing more can be inflated.
    #[cfg(test)]
    pub(crate) fn inflate(
        &mut self,
        mut input: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        loop {
            let step = self.step(input)?;
            if step.output.is_empty() {
                return Ok(());
            }
            sink(step.output)?;
            input = &input[step.consumed..];
        }
    }

    /// Ends the message: `sink` gets what was still to come.
    ///
    /// # Errors
    /// As [`inflate`](Inflater::inflate); an incomplete message is corrupt.
    #[cfg(test)]
    pub(crate) fn finish(
        &mut self,
        mut sink: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        loop {
            let output = self.finish_step()?;
            if output.is_empty() {
                return Ok(());
            }
            sink(output)?;
        }
    }

    /// Inflates some of `input`: call it again with the rest until it gives nothing.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`]; then nothing more can be inflated.
    pub(crate) fn step(&mut self, input: &[u8]) -> Result<Step<'_>, Violation> {
        if input.is_empty() && self.decompressor.is_none() {
            return Ok(Step { consumed: 0, output: &[] });
        }
        let known = self.history.as_ref().map_or(&[][..], History::bytes);
        let decompressor = self
            .decompressor
            .get_or_insert_with(|| Decompressor::take(&self.contexts, self.direction, known));
        let step = decompressor.step(input)?;
        if let Some(history) = &mut self.history {
            history.push(step.output);
        }
        Ok(step)
    }

    /// Inflates some of what the end of the message brings: call it until it gives nothing, which ends the message.
    ///
    /// # Errors
    /// [`Violation::CorruptDeflate`], also if the message is incomplete.
    pub(crate) fn finish_step(&mut self) -> Result<&[u8], Violation> {
        // RFC 7692 §7.2.3.6: even an empty message is one byte long. Without it the tail would end no block.
        let mut decompressor = self.decompressor.take().ok_or(Violation::CorruptDeflate)?;
        let step = decompressor.step(&TAIL[self.tail..])?;
        let (consumed, n) = (step.consumed, step.output.len());
        if let Some(history) = &mut self.history {
            history.push(step.output);
        }
        self.tail += consumed;
        if n > 0 {
            return Ok(&self.decompressor.insert(decompressor).scratch[..n]);
        }
        self.tail = 0;
        self.contexts.decompressors().give(decompressor);
        Ok(&[])
    }
}

/// A context that inflates.
pub(super) struct Decompressor {
    inflate: Inflate,
    scratch: Box<[u8]>,
    ended: bool,
}

impl Decompressor {
    fn take(contexts: &Contexts, _direction: Direction, known: &[u8]) -> Box<Decompressor> {
        let mut decompressor = match contexts.decompressors().take(|_| true) {
            Some(spare) => spare,
            None => Box::new(Decompressor {
                inflate: Inflate::new(false, 15),
                scratch: vec![0; CHUNK].into_boxed_slice(),
                ended: false,
            }),
        };
        decompressor.inflate.reset(false);
        decompressor.ended = false;
        if !known.is_empty() {
            decompressor.inflate.set_dictionary(known).expect("a fresh inflater takes a dictionary");
        }
        decompressor
    }

    fn step(&mut self, input: &[u8]) -> Result<Step<'_>, Violation> {
        let mut consumed = 0;
        loop {
            if self.ended && consumed < input.len() {
                self.inflate.reset(false);
                self.ended = false;
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(&input[consumed..], &mut self.scratch, InflateFlush::NoFlush)
                .map_err(|_| Violation::CorruptDeflate)?;
            consumed += (self.inflate.total_in() - read) as usize;
            let n = (self.inflate.total_out() - written) as usize;
            self.ended = status == Status::StreamEnd;
            if n > 0 || consumed == input.len() {
                return Ok(Step { consumed, output: &self.scratch[..n] });
            }
        }
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("direction", &self.direction)
            .field("in_message", &self.decompressor.is_some())
            .field("history", &self.history.as_ref().map(|history| history.bytes().len()))
            .finish()
    }
}
