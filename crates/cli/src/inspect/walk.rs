//! From frame to frame: the headers as they stand, and what the connection machine makes of them.

use std::fmt::Display;
use std::io::{self, Write};

use sansocket_core::{Decoded, Input, Instant, Machine, Pool, Transmit};
use sansocket_websocket::frame::{self, Header, Opcode};
use sansocket_websocket::{Closed, Event, Violation, WebSocket};

use crate::close::meaning;
use crate::exit::Exit;
use crate::terminal::{Escaped, Preview};

use super::words::{Shortened, bytes, counted, line};

/// One walk through a stream. The machine gets it byte by byte, so that the byte at which it finds a fault is the
/// place of the fault.
pub(super) struct Walk<'a, W> {
    stream: &'a [u8],
    /// How much of it the machine has got.
    at: usize,
    machine: WebSocket,
    input: Input,
    pool: Pool,
    frames: usize,
    messages: usize,
    /// The message under way.
    message: Option<Fragments>,
    reading: Reading,
    out: W,
}

/// What the machine is being given.
#[derive(Clone, Copy)]
enum Reading {
    /// The header that begins at this byte: its faults are told of the whole of it.
    Header(usize),
    /// A payload: its faults have a byte of their own.
    Payload,
}

/// The frames of a message under way.
#[derive(Clone, Copy)]
struct Fragments {
    count: usize,
    compressed: bool,
    payload: u64,
}

/// How the walk goes on after some bytes.
enum Pace {
    On,
    Closed(Closed),
}

impl<'a, W: Write> Walk<'a, W> {
    /// Begins at the byte `at` of `stream`, from which on `machine` shall read.
    pub(super) fn new(stream: &'a [u8], at: usize, machine: WebSocket, out: W) -> Self {
        let (input, pool) = (Input::default(), Pool::default());
        Walk {
            stream,
            at,
            machine,
            input,
            pool,
            frames: 0,
            messages: 0,
            message: None,
            reading: Reading::Payload,
            out,
        }
    }

    /// Explains everything up to the end, the close frame, or the first violation.
    pub(super) fn run(mut self) -> io::Result<Exit> {
        while self.at < self.stream.len() {
            if let Pace::Closed(closed) = self.frame()? {
                return self.closed(&closed);
            }
        }
        if let Some(message) = self.message {
            writeln!(self.out, "the stream ends inside a message of {} so far", frames(message.count))?;
        }
        self.summary("no violation")?;
        Ok(Exit::Done)
    }

    fn frame(&mut self) -> io::Result<Pace> {
        let start = self.at;
        let rest = &self.stream[start..];
        self.frames += 1;
        self.reading = Reading::Header(start);
        writeln!(self.out, "frame {}, at byte {start}", self.frames)?;
        match frame::decode(rest) {
            Ok(Decoded::Complete { value, len }) => self.whole_header(&value, &rest[..len]),
            Ok(Decoded::Incomplete { at_least }) => {
                self.bits(rest)?;
                let pace = self.feed(rest.len())?;
                if let Pace::On = pace {
                    let missing = at_least - rest.len();
                    self.line(
                        b"",
                        format_args!("the stream ends inside the header: {} missing", bytes(missing)),
                    )?;
                }
                Ok(pace)
            }
            Err(_) => {
                let pace = self.feed(rest.len())?;
                self.bits(&self.stream[start..self.at])?;
                Ok(pace)
            }
        }
    }

    fn whole_header(&mut self, header: &Header, wire: &[u8]) -> io::Result<Pace> {
        self.header(header, wire)?;
        if let Pace::Closed(closed) = self.feed(wire.len())? {
            return Ok(Pace::Closed(closed));
        }
        let there = &self.stream[self.at..];
        let whole = usize::try_from(header.len).ok().filter(|len| *len <= there.len());
        let there = &there[..whole.unwrap_or(there.len())];
        self.payload(header, there)?;
        self.reading = Reading::Payload;
        let pace = self.feed(there.len())?;
        if let (Pace::On, None) = (&pace, whole) {
            let missing = header.len - there.len() as u64;
            self.line(b"", format_args!("the stream ends inside the payload: {} missing", bytes(missing)))?;
        }
        Ok(pace)
    }
}

/// What stands there.
impl<W: Write> Walk<'_, W> {
    fn header(&mut self, header: &Header, wire: &[u8]) -> io::Result<()> {
        let Header { fin, rsv, opcode, mask, len } = *header;
        let (first, rest) = wire.split_at(1);
        let (length, key) = rest.split_at(rest.len() - mask.map_or(0, |key| key.len()));
        let form = match length.len() {
            1 => "7-bit form",
            3 => "16-bit form",
            _ => "64-bit form",
        };
        let (fin, name) = (u8::from(fin), name(opcode));
        self.line(first, format_args!("fin {fin}, rsv {rsv:03b}, opcode {} ({name})", opcode as u8))?;
        self.line(length, format_args!("mask {}, length {len} ({form})", u8::from(mask.is_some())))?;
        if mask.is_some() {
            self.line(key, "mask key")?;
        }
        if !opcode.is_control() {
            let message =
                self.message.get_or_insert(Fragments { count: 0, compressed: rsv & 4 != 0, payload: 0 });
            message.count += 1;
            message.payload = message.payload.saturating_add(len);
        }
        Ok(())
    }

    fn payload(&mut self, header: &Header, wire: &[u8]) -> io::Result<()> {
        if wire.is_empty() {
            return Ok(());
        }
        let mut plain = wire.to_vec();
        let unmasked = if let Some(key) = header.mask {
            // RFC 6455 §5.3
            plain.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
            ", unmasked"
        } else {
            ""
        };
        let compressed =
            !header.opcode.is_control() && self.message.is_some_and(|message| message.compressed);
        if compressed {
            self.line(wire, format_args!("payload{unmasked}, compressed: {}", Shortened(&plain)))
        } else {
            self.line(wire, format_args!("payload{unmasked}: {}", Preview(&plain)))
        }
    }

    /// A header that is cut or wrong, as bits.
    fn bits(&mut self, wire: &[u8]) -> io::Result<()> {
        let bits: Vec<_> =
            wire.iter().take(2).map(|byte| format!("{:04b} {:04b}", byte >> 4, byte & 15)).collect();
        self.line(wire, format_args!("begins with the bits {}", bits.join("  ")))
    }

    fn line(&mut self, wire: &[u8], words: impl Display) -> io::Result<()> {
        line(&mut self.out, wire, words)
    }
}

/// What the machine makes of it.
impl<W: Write> Walk<'_, W> {
    /// Gives the machine the next `n` bytes, or as many as it takes until the connection ends.
    fn feed(&mut self, n: usize) -> io::Result<Pace> {
        for _ in 0..n {
            self.input.fill(&self.stream[self.at..=self.at], &mut self.pool);
            self.at += 1;
            while let Some(event) = self.machine.poll_event(&mut self.input, Instant::ZERO) {
                let said = match event {
                    Event::Closed(closed) => return Ok(Pace::Closed(closed)),
                    event => explain(&event, &mut self.messages, &mut self.message),
                };
                self.line(b"", said)?;
            }
            // What it would answer goes nowhere.
            while let Some(Transmit::Bytes(answer)) = self.machine.poll_transmit() {
                answer.written(answer.len());
            }
            self.input.release(&mut self.pool);
        }
        Ok(Pace::On)
    }

    fn closed(mut self, closed: &Closed) -> io::Result<Exit> {
        match closed {
            Closed::Violation(violation) => {
                self.violation(*violation)?;
                self.summary("one violation")?;
                Ok(Exit::Violation)
            }
            Closed::ByPeer(frame) | Closed::ByUs(frame) => {
                let code = frame.code();
                let reason = match frame.reason() {
                    "" => "no reason".to_owned(),
                    reason => format!("reason \"{}\"", Escaped(reason)),
                };
                self.line(
                    b"",
                    format_args!("close {code} ({}), {reason}: nothing may follow", meaning(code)),
                )?;
                self.rest("after the close frame, which the reader ignores (RFC 6455 §5.5.1)")?;
                self.summary("no violation")?;
                Ok(Exit::Done)
            }
            other => {
                self.summary(&other.to_string())?;
                Ok(Exit::Done)
            }
        }
    }

    fn violation(&mut self, violation: Violation) -> io::Result<()> {
        let code = violation.close_code();
        match (self.reading, self.at - 1) {
            (Reading::Header(start), _) => {
                writeln!(self.out, "  VIOLATION in the header at byte {start} ({start:#x})")?
            }
            (Reading::Payload, at) => {
                writeln!(self.out, "  VIOLATION at byte {at} ({at:#x}), which is {:#04x}", self.stream[at])?;
            }
        }
        writeln!(self.out, "    {violation} ({})", violation.section())?;
        writeln!(self.out, "    the reader closes with {code} ({})", meaning(code))?;
        if matches!(violation, Violation::FrameTooBig | Violation::MessageTooBig) {
            writeln!(self.out, "    this limit is ours: --max-message raises it")?;
        }
        self.rest("behind it, which nobody reads")
    }

    fn rest(&mut self, words: &str) -> io::Result<()> {
        match self.stream.len() - self.at {
            0 => Ok(()),
            rest => writeln!(self.out, "    {} {words}", bytes(rest)),
        }
    }

    fn summary(&mut self, end: &str) -> io::Result<()> {
        writeln!(
            self.out,
            "\n{}, {}, {}: {end}",
            frames(self.frames),
            counted(self.messages, "message"),
            bytes(self.at)
        )
    }
}

fn explain(event: &Event<'_>, messages: &mut usize, under_way: &mut Option<Fragments>) -> String {
    let (kind, payload) = match event {
        Event::Text(text) => ("text", text.as_bytes()),
        Event::Binary(payload) => ("binary", *payload),
        Event::Ping(_) => return "a pong with the same payload is due (RFC 6455 §5.5.3)".to_owned(),
        Event::Pong(_) => return "answers a ping, or is a sign of life (RFC 6455 §5.5.3)".to_owned(),
        // The machine was not asked for pieces, and its end is told elsewhere.
        Event::Chunk(_) | Event::Closed(_) => return String::new(),
    };
    *messages += 1;
    let whole = format!("message {messages}: {kind}, {}", bytes(payload.len()));
    let Some(message) = under_way.take() else { return whole };
    let from = if message.count > 1 { format!(", in {}", frames(message.count)) } else { String::new() };
    match message {
        Fragments { compressed: true, payload: compressed, .. } => {
            format!("{whole}{from}, inflated from {compressed}: {}", Preview(payload))
        }
        Fragments { count: 1, .. } => whole,
        _ => format!("{whole}{from}: {}", Preview(payload)),
    }
}

fn name(opcode: Opcode) -> &'static str {
    match opcode {
        Opcode::Continuation => "continuation",
        Opcode::Text => "text",
        Opcode::Binary => "binary",
        Opcode::Close => "close",
        Opcode::Ping => "ping",
        Opcode::Pong => "pong",
    }
}

fn frames(count: usize) -> String {
    counted(count, "frame")
}
