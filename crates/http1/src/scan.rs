//! Where a head ends, and that every byte up to there may stand where it does.

use crate::bytes::{may_be_target, may_be_token, may_be_value};
use crate::{HeadError, Limits};

/// Empty lines that are skipped before a request: RFC 9112 §2.2 asks for one, some clients send one too many.
const EMPTY_LINES: u8 = 2;

/// A walk over a head that remembers where it stands, so that each byte is looked at once however the head is cut,
/// and the first byte that cannot be right ends it.
#[derive(Debug)]
pub(crate) struct Scan {
    state: State,
    /// Bytes before the start line.
    skipped: usize,
    /// Bytes looked at.
    looked: usize,
    /// Bytes of the line under way.
    line: usize,
    headers: usize,
    empty_lines: u8,
}

/// What the next byte is, or may be.
#[derive(Clone, Copy, PartialEq, Debug)]
enum State {
    /// The first byte of a request, or of an empty line before it.
    RequestStart,
    /// LF of an empty line before a request.
    EmptyLineLf,
    Method,
    TargetStart,
    Target,
    /// Byte `n` of a request's `HTTP/1.1`, or the CR behind it.
    RequestVersion(u8),
    /// Byte `n` of a response's `HTTP/1.1`, or the space behind it.
    ResponseVersion(u8),
    /// Digit `n` of the status code, or what follows them.
    Status(u8),
    ReasonPhrase,
    /// LF of the start line.
    StartLf,
    /// The first byte of a field, or the CR of the empty line.
    FieldStart,
    Name,
    Value,
    /// LF of a field.
    FieldLf,
    /// LF of the empty line.
    EndLf,
    End,
}

/// A head that is complete: where it stands in the bytes that were scanned, and how many fields it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) headers: usize,
}

impl Scan {
    pub(crate) const fn request() -> Scan {
        Scan::from(State::RequestStart)
    }

    pub(crate) const fn response() -> Scan {
        Scan::from(State::ResponseVersion(0))
    }

    /// Has any byte been looked at?
    pub(crate) const fn has_begun(&self) -> bool {
        self.looked > 0
    }

    /// Looks at the bytes of `raw` that it has not seen; `raw` begins with those that it has.
    pub(crate) fn read(&mut self, raw: &[u8], limits: &Limits) -> Result<Option<Found>, HeadError> {
        while self.looked < raw.len() {
            self.check(limits)?;
            let next = self.state.step(raw[self.looked])?;
            self.enter(next, limits)?;
            if next == State::End {
                return Ok(Some(Found { start: self.skipped, end: self.looked, headers: self.headers }));
            }
            self.pass(&raw[self.looked..], limits);
        }
        Ok(None)
    }

    /// Goes over the bytes that change nothing, which most of a head are, as far as there is room.
    fn pass(&mut self, raw: &[u8], limits: &Limits) {
        let room = (limits.line.saturating_sub(self.line))
            .min(limits.head.saturating_sub(self.looked - self.skipped))
            .min(raw.len());
        let raw = &raw[..room];
        let n = match self.state {
            State::Target => count(raw, may_be_target),
            State::Name => count(raw, may_be_token),
            State::Value | State::ReasonPhrase => count(raw, may_be_value),
            _ => 0,
        };
        self.looked += n;
        self.line += n;
    }

    const fn from(state: State) -> Scan {
        Scan { state, skipped: 0, looked: 0, line: 0, headers: 0, empty_lines: 0 }
    }

    /// Is there room for one byte more?
    fn check(&self, limits: &Limits) -> Result<(), HeadError> {
        if self.line >= limits.line {
            return Err(if self.state.is_request_line() {
                HeadError::TargetTooLong
            } else {
                HeadError::LineTooLong
            });
        }
        if self.looked - self.skipped >= limits.head {
            return Err(HeadError::TooLarge);
        }
        Ok(())
    }

    fn enter(&mut self, next: State, limits: &Limits) -> Result<(), HeadError> {
        match (self.state, next) {
            (State::FieldStart, State::Name) if self.headers == limits.headers => {
                return Err(HeadError::TooManyHeaders);
            }
            (State::RequestStart, State::EmptyLineLf) if self.empty_lines == EMPTY_LINES => {
                return Err(HeadError::EmptyLines);
            }
            _ => {}
        }
        self.looked += 1;
        self.line += 1;
        match (self.state, next) {
            (State::EmptyLineLf, State::RequestStart) => {
                self.empty_lines += 1;
                (self.skipped, self.line) = (self.looked, 0);
            }
            (_, State::FieldStart) => self.line = 0,
            (State::FieldStart, State::Name) => self.headers += 1,
            _ => {}
        }
        self.state = next;
        Ok(())
    }
}

impl State {
    /// The state behind `byte`, if it may stand here.
    fn step(self, byte: u8) -> Result<State, HeadError> {
        use State::*;
        Ok(match (self, byte) {
            (RequestStart, b'\r') => EmptyLineLf,
            (RequestStart | Method, byte) if may_be_token(byte) => Method,
            (Method, b' ') => TargetStart,
            (TargetStart | Target, byte) if may_be_target(byte) => Target,
            (Target, b' ') => RequestVersion(0),
            (RequestVersion(8), b'\r') => StartLf,
            (RequestVersion(n), byte) if n < 8 => RequestVersion(version_byte(n, byte)?),
            (ResponseVersion(8), b' ') => Status(0),
            (ResponseVersion(n), byte) if n < 8 => ResponseVersion(version_byte(n, byte)?),
            (Status(0), b'1'..=b'9') => Status(1),
            (Status(n @ 1..=2), b'0'..=b'9') => Status(n + 1),
            (Status(3), b' ') => ReasonPhrase,
            // RFC 9112 §4 wants the space even before an empty phrase, but servers leave it out, and nothing is
            // ambiguous without it.
            (Status(3) | ReasonPhrase, b'\r') => StartLf,
            (ReasonPhrase, byte) if may_be_value(byte) => ReasonPhrase,
            (StartLf | FieldLf, b'\n') => FieldStart,
            (FieldStart, b'\r') => EndLf,
            (FieldStart | Name, byte) if may_be_token(byte) => Name,
            (Name, b':') => Value,
            (Value, b'\r') => FieldLf,
            (Value, byte) if may_be_value(byte) => Value,
            (EmptyLineLf, b'\n') => RequestStart,
            (EndLf, b'\n') => End,
            (state, byte) => return Err(state.refuse(byte)),
        })
    }

    /// What is wrong with `byte` here.
    #[cold]
    fn refuse(self, byte: u8) -> HeadError {
        match (self, byte) {
            (State::StartLf | State::FieldLf | State::EndLf | State::EmptyLineLf, _) => HeadError::BareCr,
            (_, b'\n') => HeadError::BareLf,
            // RFC 9112 §5.2: a server that gets a folded line rejects the message.
            (State::FieldStart, b' ' | b'\t') => HeadError::Folded,
            (State::FieldStart | State::Name, _) => HeadError::Name,
            (State::Value | State::End, _) => HeadError::Value,
            (State::RequestStart | State::Method, _) => HeadError::Method,
            (State::TargetStart | State::Target, _) => HeadError::Target,
            (State::RequestVersion(_) | State::ResponseVersion(_), _) => HeadError::Version,
            (State::Status(_), _) => HeadError::Status,
            (State::ReasonPhrase, _) => HeadError::ReasonPhrase,
        }
    }

    fn is_request_line(self) -> bool {
        matches!(self, State::Method | State::TargetStart | State::Target | State::RequestVersion(_))
    }
}

/// How many of the first bytes may stand there.
#[inline(always)]
fn count(raw: &[u8], may_stand: impl Fn(u8) -> bool) -> usize {
    raw.iter().position(|byte| !may_stand(*byte)).unwrap_or(raw.len())
}

/// The place behind byte `n` of `HTTP/1.0` or `HTTP/1.1`, if `byte` may stand there.
fn version_byte(n: u8, byte: u8) -> Result<u8, HeadError> {
    match (n, byte) {
        (5, b'1') | (6, b'.') | (7, b'0' | b'1') => Ok(n + 1),
        // The preface of HTTP/2 ends here as well: `PRI * HTTP/2.0`.
        (5 | 7, b'0'..=b'9') => Err(HeadError::VersionNotSupported),
        (0..=4, byte) if byte == b"HTTP/"[n as usize] => Ok(n + 1),
        (_, b'\n') => Err(HeadError::BareLf),
        _ => Err(HeadError::Version),
    }
}

#[cfg(test)]
mod tests;
