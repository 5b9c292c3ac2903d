//! `=arena`: the duties of `=ideal` another way. Payloads are unmasked out of the read buffer into a second one, 64 bytes
//! at a time, over their ends: no load ever waits for a store, and sizes up to 64 take no branch.

use sansocket_websocket::{Kind, Role};

use super::vector::{SLACK, Vector};
use crate::codec::case::Case;
use crate::codec::frames::FIN;
use crate::codec::peers::{Decoder, Encoder, Peer, Seen};
use crate::codec::wire::{READ, Wire};

pub(super) struct Arena<V>(pub(super) V);

impl<V: Vector> Peer for Arena<V> {
    fn name(&self) -> &'static str {
        "=arena"
    }

    fn notes(&self) -> &'static str {
        "a strict decoder by hand, out of place"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut decoding = (case.is_plain() && case.role == Role::Server).then(|| Decoding {
            wire,
            room: vec![0; READ + 4096 + SLACK],
            start: 0,
            end: 0,
            out: vec![0; 2 * READ + SLACK],
            message: 0,
            out_end: 0,
            opcode: 0,
            non_ascii: 0,
            rest: None,
        })?;
        let vector = self.0;
        Some(Box::new(move |n, seen| vector.with(|| decoding.messages(vector, n, seen))))
    }

    fn encoder(&self, _: &Case, _: Wire) -> Option<Encoder> {
        None
    }
}

struct Decoding {
    wire: Wire,
    room: Vec<u8>,
    /// Bytes that were not looked at: `start..end`.
    start: usize,
    end: usize,
    out: Vec<u8>,
    /// The message under way is `out[message..out_end]`.
    message: usize,
    out_end: usize,
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

impl Decoding {
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        self.room.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let most = self.room.len() - SLACK;
        self.end += self.wire.read_into(&mut self.room[self.end..most]);
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
            // SAFETY: behind both ranges is `SLACK`: `refill` leaves it, and `header` made room for the whole frame.
            self.non_ascii |= unsafe {
                let (to, from) =
                    (self.out.as_mut_ptr().add(self.out_end), self.room.as_ptr().add(self.start));
                vector.spill(to, from, take, frame.key)
            };
            self.out_end += take;
            self.start += take;
            if !is_whole {
                self.rest = Some(Frame { len: frame.len - take, ..frame });
                self.refill();
                continue;
            }
            self.rest = None;
            if frame.fin {
                let message = &self.out[self.message..self.out_end];
                let kind = if self.opcode == 1 { Kind::Text } else { Kind::Binary };
                if kind == Kind::Text && self.non_ascii != 0 {
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
        if have < 6 {
            return None;
        }
        // SAFETY: slack makes these loads good; what they mean is checked after.
        let load = |at: usize| unsafe { self.room.as_ptr().add(self.start + at) };
        // SAFETY: as above.
        let first = unsafe { load(0).cast::<u64>().read_unaligned() };
        let (head, length) = (first as u8, (first >> 8) as u8);
        let opcode = head & 0xf;
        let is_bad =
            (head & 0x70 != 0) | (length < 0x80) | ((opcode == 0) == (self.opcode == 0)) | (opcode > 2);
        assert!(!is_bad);
        let short = usize::from(length & 0x7f);
        let is_medium = short == 126;
        let medium = usize::from(((first >> 16) as u16).swap_bytes());
        let mut len = if is_medium { medium } else { short };
        let mut header = 6 + 2 * usize::from(is_medium);
        assert!(!is_medium | (medium > 125));
        if short == 127 {
            header = 14;
        }
        if have < header {
            return None;
        }
        if short == 127 {
            // SAFETY: as above.
            len = unsafe { load(2).cast::<u64>().read_unaligned() }.swap_bytes() as usize;
            assert!(len > 0xffff && len < 1 << 40);
        }
        // SAFETY: as above.
        let key = unsafe { load(header - 4).cast::<u32>().read_unaligned() };
        self.start += header;
        if opcode != 0 {
            self.opcode = opcode;
            self.non_ascii = 0;
            if self.out_end > READ {
                self.out_end = 0;
            }
            self.message = self.out_end;
        }
        if self.out.len() < self.out_end + len + SLACK {
            self.out.resize((2 * self.out.len()).max(self.out_end + len + SLACK), 0);
        }
        Some(Frame { len, key, fin: head & FIN != 0 })
    }
}
