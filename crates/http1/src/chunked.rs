//! The chunked transfer coding (RFC 9112 §7.1), strictly.

use sansocket_core::Input;

use crate::bytes::{may_be_token, may_be_value};
use crate::{BodyError, BodyLimits};

/// Hexadecimal digits of a chunk's size: what a `u64` holds.
const MAX_DIGITS: u8 = 16;

/// Where a walk over chunks stands.
#[derive(Debug)]
pub(crate) struct Chunks {
    state: State,
    /// Bytes of the chunk under way that are still to come; while its size is read, the size so far.
    left: u64,
    /// Digits of the size so far.
    digits: u8,
    /// Bytes that a chunk may have.
    most: u64,
    /// Bytes of extensions and trailers that may still come.
    overhead: usize,
    trailers: usize,
}

/// What the next byte is, or may be.
#[derive(Clone, Copy, PartialEq, Debug)]
enum State {
    SizeStart,
    Size,
    SizeLf,
    ExtensionStart,
    ExtensionName,
    ValueStart,
    Value,
    Quoted,
    QuotedEscape,
    QuotedEnd,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Complete,
}

impl Chunks {
    pub(crate) fn new(limits: &BodyLimits) -> Chunks {
        Chunks {
            state: State::SizeStart,
            left: 0,
            digits: 0,
            most: limits.chunk.unwrap_or(u64::MAX),
            overhead: limits.overhead,
            trailers: limits.trailers,
        }
    }

    /// Reads up to the next data and answers how long that is; 0 if more bytes are needed, or it is the end. A chunk
    /// larger than `budget`, or than any may be, is refused at its size.
    pub(crate) fn read(&mut self, input: &mut Input, budget: u64) -> Result<u64, BodyError> {
        let mut looked = 0;
        let raw = input.raw();
        while !matches!(self.state, State::Data | State::Complete) && looked < raw.len() {
            self.step(raw[looked])?;
            looked += 1;
        }
        input.skip(looked);
        match self.state {
            State::Data if self.left > budget.min(self.most) => Err(BodyError::TooLarge),
            State::Data => Ok(self.left),
            _ => Ok(0),
        }
    }

    /// `n` bytes of data were taken.
    pub(crate) fn took(&mut self, n: u64) {
        self.left -= n;
        if self.left == 0 {
            self.state = State::DataCr;
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    fn step(&mut self, byte: u8) -> Result<(), BodyError> {
        use State::*;
        let next = match (self.state, byte) {
            (SizeStart | Size, byte) if byte.is_ascii_hexdigit() => self.add_digit(byte)?,
            (Size | ExtensionName | Value | QuotedEnd, b'\r') => SizeLf,
            (Size | ExtensionName | Value | QuotedEnd, b';') => ExtensionStart,
            (SizeLf, b'\n') if self.left == 0 => TrailerStart,
            (SizeLf, b'\n') => Data,
            (ExtensionStart | ExtensionName, byte) if may_be_token(byte) => ExtensionName,
            (ExtensionName, b'=') => ValueStart,
            (ValueStart, b'"') => Quoted,
            (ValueStart | Value, byte) if may_be_token(byte) => Value,
            (Quoted, b'"') => QuotedEnd,
            (Quoted, b'\\') => QuotedEscape,
            (Quoted | QuotedEscape, byte) if may_be_value(byte) => Quoted,
            (DataCr, b'\r') => DataLf,
            (DataLf, b'\n') => SizeStart,
            (TrailerStart, b'\r') => EndLf,
            (TrailerStart, byte) if may_be_token(byte) => self.count_trailer()?,
            (TrailerName, byte) if may_be_token(byte) => TrailerName,
            (TrailerName, b':') => TrailerValue,
            (TrailerValue, b'\r') => TrailerLf,
            (TrailerValue, byte) if may_be_value(byte) => TrailerValue,
            (TrailerLf, b'\n') => TrailerStart,
            (EndLf, b'\n') => Complete,
            (state, _) => return Err(state.refuse()),
        };
        if next.is_overhead() {
            self.overhead = self.overhead.checked_sub(1).ok_or(BodyError::TooMuchOverhead)?;
        }
        if next == SizeStart {
            (self.left, self.digits) = (0, 0);
        }
        self.state = next;
        Ok(())
    }

    fn add_digit(&mut self, byte: u8) -> Result<State, BodyError> {
        // RFC 9112 §7.1: recipients must not overflow here. Zeros in front count, or a size could go on for ever.
        self.digits += 1;
        if self.digits > MAX_DIGITS {
            return Err(BodyError::ChunkSize);
        }
        let digit = char::from(byte).to_digit(16).ok_or(BodyError::ChunkSize)?;
        self.left = self.left << 4 | u64::from(digit);
        Ok(State::Size)
    }

    fn count_trailer(&mut self) -> Result<State, BodyError> {
        self.trailers = self.trailers.checked_sub(1).ok_or(BodyError::TooMuchOverhead)?;
        Ok(State::TrailerName)
    }
}

impl State {
    fn is_overhead(self) -> bool {
        use State::*;
        !matches!(self, SizeStart | Size | SizeLf | Data | DataCr | DataLf | EndLf | Complete)
    }

    #[cold]
    fn refuse(self) -> BodyError {
        use State::*;
        match self {
            SizeStart | Size | SizeLf => BodyError::ChunkSize,
            ExtensionStart | ExtensionName | ValueStart | Value => BodyError::ChunkExtension,
            Quoted | QuotedEscape | QuotedEnd => BodyError::ChunkExtension,
            Data | DataCr | DataLf => BodyError::ChunkEnd,
            TrailerStart | TrailerName | TrailerValue | TrailerLf | EndLf | Complete => BodyError::Trailer,
        }
    }
}
