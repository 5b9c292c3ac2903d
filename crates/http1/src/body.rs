//! Bodies, piece by piece.

use bytes::Bytes;
use sansocket_core::Input;

use crate::chunked::Chunks;
use crate::{BodyError, BodyLimits, Framing};

/// Reads one body. Its pieces are lent as they come; nothing is gathered here.
///
/// ```
/// use sansocket_core::{Input, Pool};
/// use sansocket_http1::{BodyLimits, BodyReader, Framing, Piece};
///
/// let (mut input, mut pool) = (Input::default(), Pool::default());
/// let mut body = BodyReader::new(Framing::Chunked, BodyLimits::default()).unwrap();
/// input.fill(b"3\r\nabc\r\n0\r\n\r\nnext", &mut pool);
/// assert_eq!(body.read(&mut input), Ok(Some(Piece::Data(b"abc"))));
/// assert_eq!(body.read(&mut input), Ok(Some(Piece::End)));
/// assert_eq!(input.raw(), b"next");
/// ```
#[derive(Debug)]
pub struct BodyReader {
    rest: Rest,
    /// Bytes that may still come before the limit.
    budget: u64,
}

/// A piece of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'i> {
    /// The next bytes, never none.
    Data(&'i [u8]),
    /// The body is complete. Said again at every further call.
    End,
}

/// What lies there.
pub(crate) enum Ready {
    /// The next so many raw bytes are of the body.
    Data(usize),
    /// The body is complete.
    End,
    /// More bytes are needed.
    Dry,
}

/// What is still to come.
#[derive(Debug)]
enum Rest {
    Length(u64),
    Chunks(Chunks),
    UntilEof,
}

impl BodyReader {
    /// A reader at the start of a body.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] if the head already announces more than [`BodyLimits::body`].
    pub fn new(framing: Framing, limits: BodyLimits) -> Result<BodyReader, BodyError> {
        let budget = limits.body.unwrap_or(u64::MAX);
        let rest = match framing {
            Framing::Length(length) if length > budget => return Err(BodyError::TooLarge),
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::Chunks(Chunks::new(&limits)),
            Framing::UntilEof => Rest::UntilEof,
        };
        Ok(BodyReader { rest, budget })
    }

    /// The next piece, or `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`BodyError`], which is final: the connection cannot be used any more.
    pub fn read<'i>(&mut self, input: &'i mut Input) -> Result<Option<Piece<'i>>, BodyError> {
        Ok(match self.ready(input)? {
            Ready::Data(n) => Some(Piece::Data(input.take(n))),
            Ready::End => Some(Piece::End),
            Ready::Dry => None,
        })
    }

    /// Gathers the pieces in `input`, as its message under way, and answers them as one when the body is complete.
    pub(crate) fn gather(&mut self, input: &mut Input) -> Result<Option<Bytes>, BodyError> {
        loop {
            match self.ready(input)? {
                // What lay between two pieces, the size of a chunk, is closed up.
                Ready::Data(n) => input.hold(n, |window, raw| window.copy_within(raw.., 0)),
                Ready::End => return Ok(Some(Bytes::copy_from_slice(input.take_held(usize::MAX)))),
                Ready::Dry => return Ok(None),
            }
        }
    }

    /// Goes on to the next data. Whoever asks takes all of it before he asks again.
    pub(crate) fn ready(&mut self, input: &mut Input) -> Result<Ready, BodyError> {
        let length = match &mut self.rest {
            Rest::Length(0) => return Ok(Ready::End),
            Rest::Length(length) => *length,
            Rest::UntilEof => u64::MAX,
            Rest::Chunks(chunks) => {
                let length = chunks.read(input, self.budget)?;
                if chunks.is_complete() {
                    return Ok(Ready::End);
                }
                length
            }
        };
        let ready = length.min(input.raw_len() as u64);
        if ready == 0 {
            return Ok(Ready::Dry);
        }
        if self.budget == 0 {
            return Err(BodyError::TooLarge);
        }
        // What is below the limit is handed over, however much more came with it.
        let ready = ready.min(self.budget);
        self.budget -= ready;
        match &mut self.rest {
            Rest::Length(length) => *length -= ready,
            Rest::Chunks(chunks) => chunks.took(ready),
            Rest::UntilEof => {}
        }
        Ok(Ready::Data(ready as usize))
    }

    /// How many bytes are still to come, if that was said.
    pub(crate) fn left(&self) -> Option<u64> {
        match &self.rest {
            Rest::Length(length) => Some(*length),
            Rest::Chunks(_) | Rest::UntilEof => None,
        }
    }

    /// The stream has ended, and all that came was read.
    ///
    /// # Errors
    /// [`BodyError::Truncated`] if the body was not complete.
    pub fn handle_eof(&mut self) -> Result<(), BodyError> {
        match &self.rest {
            Rest::UntilEof => self.rest = Rest::Length(0),
            Rest::Length(0) => {}
            Rest::Chunks(chunks) if chunks.is_complete() => {}
            Rest::Length(_) | Rest::Chunks(_) => return Err(BodyError::Truncated),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
