//! `=ideal`: all that a strict codec must do (the rules of headers, unmasking, putting together in place, UTF-8 with an
//! ASCII test fused into the unmasking), by hand with vector instructions, without report of errors, callbacks or control frames.
//! Sending: header, payload copied (masked: in the same pass) into 64 KiB; above 4 KiB a server gathers.

use sansocket_websocket::{Kind, Role};

use super::vector::{SLACK, Vector};
use crate::codec::case::Case;
use crate::codec::content::Random;
use crate::codec::frames::FIN;
use crate::codec::peers::{BATCH, Decoder, Encoder, Peer, Seen};
use crate::codec::wire::{READ, Wire};

pub(super) struct Ideal<V>(pub(super) V);

impl<V: Vector> Peer for Ideal<V> {
    fn name(&self) -> &'static str {
        "=ideal"
    }

    fn notes(&self) -> &'static str {
        "a strict codec by hand, in place"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        case.is_plain().then(|| match case.role {
            Role::Server => decoder::<true>(self.0, wire),
            Role::Client => decoder::<false>(self.0, wire),
        })
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        case.is_plain().then(|| encoder(self.0, case, wire))
    }
}

fn decoder<const SERVER: bool>(vector: impl Vector, wire: Wire) -> Decoder {
    let mut decoding = Decoding::<SERVER> {
        wire,
        room: vec![0; 2 * READ + SLACK],
        start: 0,
        end: 0,
        message: 0,
        message_end: 0,
        opcode: 0,
        non_ascii: 0,
        rest: None,
    };
    Box::new(move |n, seen| vector.with(|| decoding.messages(vector, n, seen)))
}

struct Decoding<const SERVER: bool> {
    wire: Wire,
    room: Vec<u8>,
    /// Bytes that were not looked at: `start..end`.
    start: usize,
    end: usize,
    /// The message under way is `message..message_end`, before `start`.
    message: usize,
    message_end: usize,
    opcode: u8,
    non_ascii: u64,
    /// Of a frame whose payload has not all come.
    rest: Option<Frame>,
}

#[derive(Clone, Copy)]
struct Frame {
    len: usize,
    key: u32,
    fin: bool,
}

impl<const SERVER: bool> Decoding<SERVER> {
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        let rest = self.rest.map_or(0, |frame| frame.len);
        if self.opcode == 0 && self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.spare() < READ.max(rest) {
            // What is kept goes to the front, and with it the gap between the message and the input.
            let from = if self.opcode != 0 { self.message } else { self.start };
            self.room.copy_within(from..self.end, 0);
            self.start -= from;
            self.end -= from;
            self.message = self.message.saturating_sub(from);
            self.message_end = self.message_end.saturating_sub(from);
            if self.spare() < READ.max(rest) {
                self.room.resize((2 * self.room.len()).max(self.end + rest + READ + SLACK), 0);
            }
        }
        let most = self.end + self.spare();
        self.end += self.wire.read_into(&mut self.room[self.end..most]);
    }

    fn spare(&self) -> usize {
        self.room.len() - SLACK - self.end
    }

    #[inline(always)]
    fn messages(&mut self, vector: impl Vector, n: usize, seen: &mut Seen) {
        let mut left = n;
        while left > 0 {
            let Some(frame) = self.rest.or_else(|| self.header()) else {
                self.refill();
                continue;
            };
            let is_whole = self.end - self.start >= frame.len;
            // A part of a frame ends where the key begins again.
            let take = if is_whole { frame.len } else { (self.end - self.start) & !3 };
            let (from, to) = (self.start, self.message_end);
            if SERVER {
                // SAFETY: `to <= from`, and both ranges lie in `room`.
                self.non_ascii |= unsafe {
                    let room = self.room.as_mut_ptr();
                    vector.over(room.add(to), room.add(from), take, frame.key)
                };
            } else if from != to {
                self.room.copy_within(from..from + take, to);
            }
            self.message_end += take;
            self.start += take;
            if !is_whole {
                self.rest = Some(Frame { len: frame.len - take, ..frame });
                self.refill();
                continue;
            }
            self.rest = None;
            if frame.fin {
                let message = &self.room[self.message..self.message_end];
                let kind = if self.opcode == 1 { Kind::Text } else { Kind::Binary };
                if kind == Kind::Text && (!SERVER || self.non_ascii != 0) {
                    assert!(simdutf8::basic::from_utf8(message).is_ok());
                }
                self.opcode = 0;
                seen.message(kind, message);
                left -= 1;
            }
        }
    }

    /// The next header, if it is all there.
    #[inline(always)]
    fn header(&mut self) -> Option<Frame> {
        let have = self.end - self.start;
        let mut header = if SERVER { 6 } else { 2 };
        if have < header {
            return None;
        }
        // SAFETY: slack makes these loads good; `have` says what of them means anything.
        let load = |at: usize| unsafe { self.room.as_ptr().add(self.start + at) };
        // SAFETY: as above.
        let first = unsafe { load(0).cast::<u32>().read_unaligned() };
        let (head, length) = (first as u8, (first >> 8) as u8);
        let opcode = head & 0xf;
        let is_bad = head & 0x70 != 0
            || (length >> 7 != 0) != SERVER
            || (opcode == 0) == (self.opcode == 0)
            || opcode > 2;
        assert!(!is_bad);
        let mut len = usize::from(length & 0x7f);
        if len > 125 {
            header += if len == 126 { 2 } else { 8 };
            if have < header {
                return None;
            }
            if len == 126 {
                len = usize::from(((first >> 16) as u16).swap_bytes());
                assert!(len > 125);
            } else {
                // SAFETY: as above.
                len = unsafe { load(2).cast::<u64>().read_unaligned() }.swap_bytes() as usize;
                assert!(len > 0xffff && len < 1 << 40);
            }
        }
        // SAFETY: as above.
        let key = if SERVER { unsafe { load(header - 4).cast::<u32>().read_unaligned() } } else { 0 };
        self.start += header;
        if opcode != 0 {
            self.opcode = opcode;
            self.message = self.start;
            self.message_end = self.start;
            self.non_ascii = 0;
        }
        Some(Frame { len, key, fin: head & FIN != 0 })
    }
}

/// From here on a server gathers payloads instead of copying them.
const GATHER: usize = 4096;
/// Bytes that are written at once.
const OUT: usize = 64 * 1024;

fn encoder(vector: impl Vector, case: &Case, mut wire: Wire) -> Encoder {
    let mut turn = case.turn(|_, message| message.clone());
    let (mut out, mut random) = (vec![0; OUT], Random::new(7));
    let head = FIN | case.kind().opcode() as u8;
    let is_client = case.role == Role::Client;
    Box::new(move |n| {
        let mut end = 0;
        for i in 1..=n {
            let mut payload: &[u8] = turn.take();
            if OUT - end < 14 {
                wire.write_all([&out[..end]]);
                end = 0;
            }
            end += put_header(&mut out[end..], head, u8::from(is_client) << 7, payload.len());
            if is_client {
                let key = random.draw();
                out[end..end + 4].copy_from_slice(&key.to_ne_bytes());
                end += 4;
                loop {
                    // Parts end where the key begins again.
                    let part = if payload.len() <= OUT - end { payload.len() } else { (OUT - end) & !3 };
                    // SAFETY: `part` bytes fit behind `end`.
                    unsafe { vector.over(out.as_mut_ptr().add(end), payload.as_ptr(), part, key) };
                    end += part;
                    payload = &payload[part..];
                    if payload.is_empty() {
                        break;
                    }
                    wire.write_all([&out[..end]]);
                    end = 0;
                }
            } else if payload.len() > GATHER {
                wire.write_all([&out[..end], payload]);
                end = 0;
            } else {
                if OUT - end < payload.len() {
                    wire.write_all([&out[..end]]);
                    end = 0;
                }
                out[end..end + payload.len()].copy_from_slice(payload);
                end += payload.len();
            }
            if i % BATCH == 0 || i == n {
                wire.write_all([&out[..end]]);
                end = 0;
            }
        }
    })
}

fn put_header(out: &mut [u8], head: u8, mask: u8, len: usize) -> usize {
    out[0] = head;
    match len {
        ..126 => {
            out[1] = mask | len as u8;
            2
        }
        126..0x1_0000 => {
            out[1] = mask | 126;
            out[2..4].copy_from_slice(&(len as u16).to_be_bytes());
            4
        }
        _ => {
            out[1] = mask | 127;
            out[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    }
}
