//! The receiving half: from raw bytes to messages (RFC 6455 §5 and §8.1).
//!
//! ```text
//!              header of a data frame            fin, all payload here
//!   between ─────────────────────────▶ in frame ────────────────────▶ ended ──▶ between
//!      ▲  ▲                              │    ▲                      (delivered)
//!      │  └───── control frame ──────────┼────┼── (only between frames)
//!      │         payload here, not fin   │    │ header of a continuation
//!      └────────────── in message ◀──────┘    │
//!                          └──────────────────┘
//! ```

mod fragments;

#[cfg(feature = "deflate")]
use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Decoded, Input};

use super::shape::{Shape, Whole, kind};
use crate::frame::{self, FIN, Header, MASK, Opcode, RSV1};
use crate::{Delivery, Kind, Leniency, Options, Position, Role, Violation, mask};

/// What lies in the input now, to be lent.
pub(super) enum Found {
    /// A whole message is held.
    Message(Kind),
    /// A piece of one is held, to be taken up to the chunk size.
    Chunk(Kind, Position),
    /// A whole control frame's payload comes next.
    Control { opcode: Opcode, len: usize, key: u32 },
}

/// What the receiving half has to judge by, beside the state.
pub(super) struct Rules {
    pub(super) options: Arc<Options>,
    pub(super) role: Role,
    /// Frames so far that were not a whole message.
    pub(super) fragments: u64,
    #[cfg(feature = "deflate")]
    pub(super) inflater: Option<Box<crate::deflate::Inflater>>,
}

/// The message under way.
struct Message {
    kind: Kind,
    compressed: bool,
    /// A chunk of it was delivered.
    begun: bool,
    empty_frames: u32,
    /// Bytes of payload so far, inflated ones if it is compressed.
    total: u64,
}

/// The state of the receiving half.
pub(super) struct Receive {
    /// Bytes of payload of the frame under way that are still raw.
    left: u64,
    /// The key, turned to the next raw byte that is not unmasked.
    key: u32,
    /// So many raw bytes of a compressed frame are unmasked already.
    #[cfg(feature = "deflate")]
    unmasked: u32,
    /// The most bytes of a frame that may pass [`Receive::whole_frame`].
    fast_max: u32,
    /// [`MASK`] in a server, 0 in a client: what the second byte of a proper frame has in that place.
    mask: u8,
    /// Nothing is under way, and whole messages are wanted.
    fast: bool,
    in_frame: bool,
    fin: bool,
    /// The message is complete, but not all of it was delivered.
    ended: bool,
    message: Option<Message>,
}

/// A message of more bytes than this does not fit an [`Input`], whose offsets have 32 bits.
const LARGEST: u64 = 1 << 30;

impl Rules {
    fn max_message(&self) -> u64 {
        let unlimited = match self.options.delivery {
            Delivery::Messages => LARGEST,
            Delivery::Chunks(_) => u64::MAX,
        };
        self.options.max_message.map_or(unlimited, |max| (max as u64).min(unlimited))
    }

    fn max_frame(&self) -> u64 {
        self.options.max_frame.map_or(self.max_message(), |max| max as u64)
    }

    /// Bytes after which a piece is delivered.
    pub(super) fn chunk(&self) -> usize {
        match self.options.delivery {
            Delivery::Messages => usize::MAX,
            // The longest character has 4 bytes: smaller chunks could never hold it.
            Delivery::Chunks(bytes) => bytes.max(4),
        }
    }

    fn inflates(&self) -> bool {
        #[cfg(feature = "deflate")]
        return self.inflater.is_some();
        #[cfg(not(feature = "deflate"))]
        return false;
    }
}

impl Receive {
    pub(super) fn new(rules: &Rules) -> Receive {
        let fast = rules.options.delivery == Delivery::Messages;
        Receive {
            left: 0,
            key: 0,
            #[cfg(feature = "deflate")]
            unmasked: 0,
            fast_max: rules.max_frame().min(rules.max_message()).min(LARGEST) as u32,
            mask: if rules.role == Role::Server { MASK } else { 0 },
            fast,
            in_frame: false,
            fin: false,
            ended: false,
            message: None,
        }
    }

    pub(super) fn is_masked(&self) -> bool {
        self.mask != 0
    }

    /// Bytes of the frame under way that have not come.
    pub(super) fn lacks(&self) -> u64 {
        if self.in_frame { self.left } else { 0 }
    }

    /// Nothing more is wanted.
    pub(super) fn stop(&mut self) {
        self.fast = false;
    }

    /// Looks for what most traffic consists of: a whole message in one frame, all of it here. Anything else, faults
    /// included, is left to [`Receive::step`].
    #[inline(always)]
    pub(super) fn whole_frame(&self, input: &Input) -> Option<Whole> {
        if !self.fast {
            return None;
        }
        const TEXT: u8 = FIN | Opcode::Text as u8;
        const BINARY: u8 = FIN | Opcode::Binary as u8;
        self.shape().frame(input, |first| (first == TEXT) | (first == BINARY))
    }

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape { mask: self.mask, longest: self.fast_max }
    }

    /// Goes on until something is found, or the input runs dry (`None`).
    pub(super) fn step(&mut self, input: &mut Input, rules: &mut Rules) -> Result<Option<Found>, Violation> {
        loop {
            if let Some(found) = self.deliver(input, rules) {
                return Ok(Some(found));
            }
            if !self.in_frame {
                let joins = input.has_raw() && rules.chunk() == usize::MAX;
                if joins && self.fragments(input, rules)? {
                    continue;
                }
                match self.header(input, rules)? {
                    Head::Dry => return Ok(None),
                    Head::Control(found) => return Ok(Some(found)),
                    Head::Data => {}
                }
            }
            if !self.payload(input, rules)? {
                return Ok(None);
            }
        }
    }

    /// Is something complete enough to be handed on?
    fn deliver(&mut self, input: &Input, rules: &Rules) -> Option<Found> {
        let message = self.message.as_mut()?;
        let chunk = rules.chunk();
        let (held, kind, begun) = (input.held_len(), message.kind, message.begun);
        if self.ended && held <= chunk {
            self.ended = false;
            self.message = None;
            self.fast = chunk == usize::MAX;
            return Some(match (self.fast, begun) {
                (true, _) => Found::Message(kind),
                (false, true) => Found::Chunk(kind, Position::Last),
                (false, false) => Found::Chunk(kind, Position::Only),
            });
        }
        // Also at a frame's end, for whoever sends a piece now wants it to be seen now.
        let whole = if kind == Kind::Text { input.text_len() } else { held };
        let at_end_of_frame = chunk < usize::MAX && !self.in_frame && whole > 0;
        if held < chunk && !at_end_of_frame {
            return None;
        }
        message.begun = true;
        Some(Found::Chunk(kind, if begun { Position::Middle } else { Position::First }))
    }
}

enum Head {
    Dry,
    Data,
    Control(Found),
}

/// Headers.
impl Receive {
    fn header(&mut self, input: &mut Input, rules: &mut Rules) -> Result<Head, Violation> {
        let raw = input.raw();
        let Some(start) = raw.first_chunk::<2>() else { return Ok(Head::Dry) };
        // What two bytes show is judged by two bytes, however many have come: chunking changes nothing.
        frame::decode_lenient(start)?;
        self.judge(*start, rules)?;
        let Decoded::Complete { value, len: header_len } = frame::decode_lenient(raw)? else {
            return Ok(Head::Dry);
        };
        if !value.is_minimal && rules.options.relaxed.length == Leniency::Refuse {
            return Err(Violation::LengthNotMinimal);
        }
        let Header { opcode, len, fin, rsv, .. } = value.header;
        let key = value.header.mask.map_or(0, u32::from_le_bytes);
        if opcode.is_control() {
            let len = len as usize;
            if raw.len() < header_len + len {
                return Ok(Head::Dry);
            }
            input.skip(header_len);
            return Ok(Head::Control(Found::Control { opcode, len, key }));
        }
        let compressed = rsv != 0;
        let message = self.message.get_or_insert(Message { compressed, ..Message::new(kind(opcode as u8)) });
        message.admit(&value.header, rules)?;
        rules.fragments += u64::from(!fin || opcode == Opcode::Continuation);
        input.skip(header_len);
        (self.left, self.key, self.fin, self.in_frame, self.fast) = (len, key, fin, true, false);
        Ok(Head::Data)
    }

    /// What the connection's state makes of a frame's first two bytes.
    fn judge(&self, [first, second]: [u8; 2], rules: &Rules) -> Result<(), Violation> {
        let opcode = first & 0x0f;
        let begins = opcode == Opcode::Text as u8 || opcode == Opcode::Binary as u8;
        // RFC 7692 §6.1: RSV1 is set on the first frame of a compressed message, and on no other.
        let allowed = if begins && rules.inflates() { RSV1 } else { 0 };
        if first & 0x70 & !allowed != 0 {
            return Err(Violation::ReservedBit);
        }
        // RFC 6455 §5.1: "The server MUST close the connection upon receiving a frame that is not masked", and "a
        // client MUST close a connection if it detects a masked frame".
        match (rules.role, second & MASK) {
            (Role::Server, 0) if rules.options.relaxed.unmasked == Leniency::Refuse => {
                return Err(Violation::Unmasked);
            }
            (Role::Client, MASK) => return Err(Violation::Masked),
            _ => {}
        }
        match (opcode == Opcode::Continuation as u8, &self.message) {
            (true, None) => Err(Violation::UnexpectedContinuation),
            (false, Some(_)) if begins => Err(Violation::ExpectedContinuation),
            _ => Ok(()),
        }
    }
}

impl Message {
    fn new(kind: Kind) -> Message {
        Message { kind, compressed: false, begun: false, empty_frames: 0, total: 0 }
    }

    /// Limits act here, before any memory is taken for the payload.
    fn admit(&mut self, header: &Header, rules: &Rules) -> Result<(), Violation> {
        if header.len > rules.max_frame() {
            return Err(Violation::FrameTooBig);
        }
        // What a compressed frame becomes is seen only as it is inflated.
        if !self.compressed && self.total.saturating_add(header.len) > rules.max_message() {
            return Err(Violation::MessageTooBig);
        }
        if header.len == 0 && !header.fin {
            self.empty_frames += 1;
            if rules.options.max_empty_frames.is_some_and(|max| self.empty_frames > max) {
                return Err(Violation::TooManyEmptyFrames);
            }
        }
        Ok(())
    }

    /// RFC 6455 §8.1: fails on the first byte that makes the message no text; at its `end`, also if a character is
    /// cut.
    #[inline(always)]
    fn check(&mut self, input: &mut Input, rules: &Rules, end: End) -> Result<(), Violation> {
        // What was seen to be ASCII on the way is text already.
        if self.kind == Kind::Binary || input.text_len() == input.held_len() {
            return Ok(());
        }
        self.check_text(input, rules, end)
    }

    #[inline(never)]
    fn check_text(&mut self, input: &mut Input, rules: &Rules, end: End) -> Result<(), Violation> {
        let fits = input.check_text().is_ok() && (end == End::Open || input.text_len() == input.held_len());
        if fits {
            return Ok(());
        }
        match rules.options.relaxed.utf8 {
            Leniency::Refuse => Err(Violation::NotUtf8),
            Leniency::Accept => {
                self.kind = Kind::Binary;
                Ok(())
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Open,
    Reached,
}

/// Kinds.
impl Receive {
    /// Takes payload from the raw bytes. `false`: more of them are needed.
    fn payload(&mut self, input: &mut Input, rules: &mut Rules) -> Result<bool, Violation> {
        match &self.message {
            #[cfg(feature = "deflate")]
            Some(message) if message.compressed => self.inflate(input, rules),
            _ => self.hold(input, rules),
        }
    }

    fn hold(&mut self, input: &mut Input, rules: &Rules) -> Result<bool, Violation> {
        let Some(message) = &mut self.message else { return Ok(false) };
        let room = rules.chunk() - input.held_len();
        let n = self.left.min(input.raw_len().min(room) as u64) as usize;
        if n == 0 && self.left > 0 {
            return Ok(false);
        }
        mask::unmask_held(input, n, self.key);
        self.key = mask::rotate(self.key, n);
        self.left -= n as u64;
        message.total += n as u64;
        message.check(input, rules, End::Open)?;
        if self.left == 0 {
            self.in_frame = false;
            if self.fin {
                message.check(input, rules, End::Reached)?;
                self.ended = true;
            }
        }
        Ok(true)
    }

    #[cfg(feature = "deflate")]
    fn inflate(&mut self, input: &mut Input, rules: &mut Rules) -> Result<bool, Violation> {
        let max = rules.max_message();
        let (Some(message), Some(inflater)) = (&mut self.message, &mut rules.inflater) else {
            return Ok(false);
        };
        let output = if self.left > 0 {
            let n = self.left.min(input.raw_len() as u64) as usize;
            if n == 0 {
                return Ok(false);
            }
            let fresh = &mut input.raw_mut()[self.unmasked as usize..n];
            mask::unmask(fresh, self.key);
            self.key = mask::rotate(self.key, fresh.len());
            let step = inflater.step(&input.raw()[..n])?;
            input.skip(step.consumed);
            self.unmasked = (n - step.consumed) as u32;
            self.left -= step.consumed as u64;
            step.output
        } else {
            let rest = if self.fin { inflater.finish_step()? } else { inflater.step(&[])?.output };
            if rest.is_empty() {
                self.in_frame = false;
                self.ended = self.fin;
            }
            rest
        };
        message.total += output.len() as u64;
        if message.total > max {
            return Err(Violation::MessageTooBig);
        }
        if !output.is_empty() {
            input.derive(output);
        }
        message.check(input, rules, if self.ended { End::Reached } else { End::Open })?;
        Ok(true)
    }
}
