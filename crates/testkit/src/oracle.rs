//! RFC 6455 from the receiver's side, as naively as it can be written: the whole input at once, one byte after the
//! other, `std`'s UTF-8. What it says is what the machine has to say.

use sansocket_websocket::{Closed, Role, Violation};

use crate::frame::{Frame, RSV1, mask, opcode};
use crate::inflate::inflate_message;
use crate::{Heard, close_frame, pong};

/// What the rules and limits are.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// Who receives.
    pub role: Role,
    /// `Options::max_message`
    pub max_message: usize,
    /// `Options::max_frame`
    pub max_frame: usize,
    /// `Options::max_empty_frames`
    pub max_empty_frames: usize,
    /// The peer's window in bytes and whether it is kept, if permessage-deflate was negotiated.
    pub inflate: Option<(usize, Kept)>,
}

/// Whether a window outlives its message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// `context takeover`
    Kept,
    /// `no_context_takeover`
    Emptied,
}

/// What comes of an input.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// What the user hears, in order.
    pub heard: Vec<Heard>,
    /// The frames that go back, in order: pongs, and at most one close frame.
    pub answers: Vec<Frame>,
}

/// A message under way.
struct Message {
    opcode: u8,
    compressed: bool,
    payload: Vec<u8>,
    empty_frames: usize,
}

/// How much of a frame's payload has come.
#[derive(Clone, Copy, PartialEq)]
enum Here {
    Whole,
    Part,
}

struct Listener<'o> {
    oracle: &'o Oracle,
    verdict: Verdict,
    message: Option<Message>,
    history: Vec<u8>,
}

impl Oracle {
    /// With the limits of `Options::default()`, without extensions.
    pub fn new(role: Role) -> Oracle {
        let mib = 1 << 20;
        Oracle { role, max_message: mib, max_frame: mib, max_empty_frames: 1024, inflate: None }
    }

    /// What comes of `input`, if it is all that was received so far.
    pub fn judge(&self, input: &[u8]) -> Verdict {
        let mut listener =
            Listener { oracle: self, verdict: Verdict::default(), message: None, history: Vec::new() };
        let mut rest = input;
        loop {
            match listener.next_frame(rest) {
                Ok(Some(len)) => rest = &rest[len..],
                Ok(None) => break,
                Err(closed) => {
                    listener.end(closed);
                    break;
                }
            }
        }
        listener.verdict
    }
}

impl Listener<'_> {
    fn end(&mut self, closed: Closed) {
        // RFC 6455 §5.5.1: a close frame is answered with one, typically of the same code. §7.1.7: a fault is
        // answered with the code that fits it.
        self.verdict.answers.push(match &closed {
            Closed::ByPeer(frame) if frame.code().get() == 1005 => crate::bare_close(),
            Closed::ByPeer(frame) => crate::close(frame.code().get(), frame.reason()),
            Closed::Violation(violation) => crate::close(violation.close_code().get(), ""),
            _ => unreachable!("the oracle knows of no other end"),
        });
        self.verdict.heard.push(Heard::Closed(closed));
    }

    /// The length of the frame that `bytes` begin with, if it is whole and right.
    fn next_frame(&mut self, bytes: &[u8]) -> Result<Option<usize>, Closed> {
        let (Some(first), Some(second)) = (bytes.first().copied(), bytes.get(1).copied()) else {
            return Ok(None);
        };
        self.check_start(first, second).map_err(Closed::Violation)?;
        let (masked, extended) =
            (second & 0x80 != 0, [0, 2, 8][usize::from(second & 127).saturating_sub(125)]);
        let start = 2 + extended + if masked { 4 } else { 0 };
        // §5.2: "the most significant bit MUST be 0", which the third byte shows; judged with the length.
        if extended == 8 && bytes.len() >= 10 && bytes[2] & 0x80 != 0 {
            return Err(Closed::Violation(Violation::LengthTooLarge));
        }
        if bytes.len() < start {
            return Ok(None);
        }
        let len = bytes[2..2 + extended].iter().fold(0, |len, byte| len << 8 | u64::from(*byte));
        let len = if extended == 0 { u64::from(second & 127) } else { len };
        self.check_length(first, extended, len).map_err(Closed::Violation)?;
        let len = usize::try_from(len).expect("checked against the limits");
        let have = &bytes[start..bytes.len().min(start + len)];
        let key = if masked { *bytes[start - 4..].first_chunk().expect("four bytes") } else { [0; 4] };
        let payload = mask(have, key);
        let whole = have.len() == len;
        if first & 8 != 0 {
            if whole {
                self.control(first & 15, payload)?;
            }
        } else {
            let here = if whole { Here::Whole } else { Here::Part };
            self.data(first, &payload, here).map_err(Closed::Violation)?;
        }
        Ok(whole.then_some(start + len))
    }

    /// What the first two bytes of a frame already tell.
    fn check_start(&self, first: u8, second: u8) -> Result<(), Violation> {
        let (fin, opcode, control) = (first & 0x80 != 0, first & 15, first & 8 != 0);
        // §5.2: reserved bits are 0 unless an extension defines them; RFC 7692 §6.1: RSV1 stands on first frames.
        let rsv1_defined = self.oracle.inflate.is_some() && matches!(opcode, opcode::TEXT | opcode::BINARY);
        let undefined = if rsv1_defined { 0x30 } else { 0x70 };
        let masked = second & 0x80 != 0;
        match (self.message.is_some(), opcode) {
            (_, 3..=7 | 11..) => Err(Violation::ReservedOpcode),
            _ if control && !fin => Err(Violation::ControlFragmented),
            _ if control && second & 127 > 125 => Err(Violation::ControlTooLong),
            _ if first & undefined != 0 => Err(Violation::ReservedBit),
            _ if self.oracle.role == Role::Server && !masked => Err(Violation::Unmasked),
            _ if self.oracle.role == Role::Client && masked => Err(Violation::Masked),
            (false, opcode::CONTINUATION) => Err(Violation::UnexpectedContinuation),
            (true, opcode::TEXT | opcode::BINARY) => Err(Violation::ExpectedContinuation),
            _ => Ok(()),
        }
    }

    fn check_length(&self, first: u8, extended: usize, len: u64) -> Result<(), Violation> {
        let before = self.message.as_ref().map_or(0, |message| message.payload.len());
        let limit = |limit: usize, before: usize| len > limit as u64 - before as u64;
        match extended {
            2 if len < 126 => Err(Violation::LengthNotMinimal),
            8 if len < 65_536 => Err(Violation::LengthNotMinimal),
            // A control frame has a limit of its own, which its first two bytes were judged by.
            _ if first & 8 != 0 => Ok(()),
            _ if limit(self.oracle.max_frame, 0) => Err(Violation::FrameTooBig),
            _ if limit(self.oracle.max_message, before) => Err(Violation::MessageTooBig),
            _ => Ok(()),
        }
    }

    fn control(&mut self, opcode: u8, payload: Vec<u8>) -> Result<(), Closed> {
        match opcode {
            opcode::PING => {
                self.verdict.answers.push(pong(&payload));
                self.verdict.heard.push(Heard::Ping(payload));
            }
            opcode::PONG => self.verdict.heard.push(Heard::Pong(payload)),
            _ => return Err(closed(&payload)),
        }
        Ok(())
    }

    /// A data frame of which `payload` is here.
    fn data(&mut self, first: u8, payload: &[u8], here: Here) -> Result<(), Violation> {
        let mut message = self.message.take().unwrap_or_else(|| Message {
            opcode: first & 15,
            compressed: first & RSV1 != 0,
            payload: Vec::new(),
            empty_frames: 0,
        });
        message.payload.extend_from_slice(payload);
        let ended = here == Here::Whole && first & 0x80 != 0;
        if here == Here::Whole && !ended && payload.is_empty() {
            message.empty_frames += 1;
        }
        if message.empty_frames > self.oracle.max_empty_frames {
            return Err(Violation::TooManyEmptyFrames);
        }
        if !message.compressed && message.opcode == opcode::TEXT {
            // §8.1: fail on what can never become UTF-8 as soon as it is here.
            let cut = std::str::from_utf8(&message.payload).err();
            if cut.is_some_and(|fault| ended || fault.error_len().is_some()) {
                return Err(Violation::NotUtf8);
            }
        }
        if ended {
            let heard = self.finish(message)?;
            self.verdict.heard.push(heard);
        } else {
            self.message = Some(message);
        }
        Ok(())
    }

    fn finish(&mut self, message: Message) -> Result<Heard, Violation> {
        let payload = match self.oracle.inflate {
            Some((window, kept)) if message.compressed => {
                let inflated = inflate_message(&message.payload, &self.history, window)
                    .map_err(|_| Violation::CorruptDeflate)?;
                if kept == Kept::Kept {
                    self.history.extend_from_slice(&inflated);
                }
                inflated
            }
            _ => message.payload,
        };
        if payload.len() > self.oracle.max_message {
            return Err(Violation::MessageTooBig);
        }
        match message.opcode {
            opcode::TEXT => String::from_utf8(payload).map(Heard::Text).map_err(|_| Violation::NotUtf8),
            _ => Ok(Heard::Binary(payload)),
        }
    }
}

/// What a close frame with this payload ends a connection with (§5.5.1, §7.4).
fn closed(payload: &[u8]) -> Closed {
    let (Some(code), reason) = (payload.first_chunk().copied().map(u16::from_be_bytes), payload.get(2..))
    else {
        return match payload {
            [] => Closed::ByPeer(Box::new(close_frame(1005, ""))),
            _ => Closed::Violation(Violation::CloseTruncated),
        };
    };
    let valid = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    match std::str::from_utf8(reason.unwrap_or_default()) {
        _ if !valid => Closed::Violation(Violation::CloseCode),
        Err(_) => Closed::Violation(Violation::NotUtf8),
        Ok(reason) => Closed::ByPeer(Box::new(close_frame(code, reason))),
    }
}
