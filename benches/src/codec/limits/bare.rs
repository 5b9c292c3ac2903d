//! Single duties of a codec: copying, XORing, walking over headers, checking UTF-8.

use std::hint::black_box;

use sansocket_websocket::{Kind, Role};

#[cfg(target_arch = "x86_64")]
use super::vector::Vector;
use crate::codec::case::Case;
use crate::codec::peers::{Decoder, Encoder, Peer};
use crate::codec::wire::{READ, Wire};

pub(super) struct Memcpy;

impl Peer for Memcpy {
    fn name(&self) -> &'static str {
        "=memcpy"
    }

    fn notes(&self) -> &'static str {
        "the copy out of the socket; sending: the payloads copied once"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        case.is_plain().then(|| reading(case, wire, |bytes| _ = black_box(bytes)))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        case.is_plain().then(|| copying(case, wire, <[u8]>::copy_from_slice))
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) struct Xor<V>(pub(super) V);

#[cfg(target_arch = "x86_64")]
impl<V: Vector> Peer for Xor<V> {
    fn name(&self) -> &'static str {
        "=xor"
    }

    fn notes(&self) -> &'static str {
        "the copy and a pass of XOR; sending: both in one"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let vector = (case.is_plain() && case.role == Role::Server).then_some(self.0)?;
        Some(reading(case, wire, move |bytes| {
            // SAFETY: both ranges are `bytes`.
            black_box(unsafe { vector.over(bytes.as_mut_ptr(), bytes.as_ptr(), bytes.len(), KEY) });
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let vector = (case.is_plain() && case.role == Role::Client).then_some(self.0)?;
        Some(copying(case, wire, move |to, from| {
            // SAFETY: `to` is as long as `from`.
            unsafe { vector.over(to.as_mut_ptr(), from.as_ptr(), from.len(), KEY) };
        }))
    }
}

/// Any key is as good.
#[cfg(target_arch = "x86_64")]
const KEY: u32 = 0x1234_5678;

pub(super) struct Walk;

impl Peer for Walk {
    fn name(&self) -> &'static str {
        "=walk"
    }

    fn notes(&self) -> &'static str {
        "the copy, and the headers read"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        // Where the next header is, from the start of the read; and one that the last read ended in.
        let (mut next, mut cut) = (0, Vec::new());
        case.is_plain().then(|| {
            reading(case, wire, move |bytes| {
                while next < bytes.len() {
                    let rest = &bytes[next..];
                    if rest.len() >= LONGEST_HEADER && cut.is_empty() {
                        next += frame_len(rest).expect("a whole header");
                        continue;
                    }
                    let before = cut.len();
                    cut.extend_from_slice(&rest[..rest.len().min(LONGEST_HEADER - before)]);
                    let Some(len) = frame_len(&cut) else { break };
                    cut.clear();
                    next += len - before;
                }
                next = next.saturating_sub(bytes.len());
            })
        })
    }

    fn encoder(&self, _: &Case, _: Wire) -> Option<Encoder> {
        None
    }
}

pub(super) struct Utf8;

impl Peer for Utf8 {
    fn name(&self) -> &'static str {
        "=utf8"
    }

    fn notes(&self) -> &'static str {
        "simdutf8 over the payloads"
    }

    fn decoder(&self, case: &Case, _: Wire) -> Option<Decoder> {
        let mut turn = case.turn(|_, message| message.clone());
        (case.is_plain() && case.kind() == Kind::Text).then(|| -> Decoder {
            Box::new(move |n, seen| {
                for _ in 0..n {
                    let text = simdutf8::basic::from_utf8(turn.take()).expect("a text");
                    seen.bytes += black_box(text.len()) as u64;
                }
                seen.messages += n;
            })
        })
    }

    fn encoder(&self, _: &Case, _: Wire) -> Option<Encoder> {
        None
    }
}

/// Reads as many bytes as `n` messages take on the average, and gives each read to `each`.
fn reading(case: &Case, mut wire: Wire, mut each: impl FnMut(&mut [u8]) + 'static) -> Decoder {
    let (period, count) = (wire.period() as i64, case.wire().1 as i64);
    let mut room = vec![0; READ];
    // What was read, less what was asked for, in bytes times messages of a period.
    let mut ahead = 0;
    Box::new(move |n, seen| {
        ahead -= n as i64 * period;
        while ahead < 0 {
            let read = wire.read_into(&mut room);
            each(&mut room[..read]);
            ahead += read as i64 * count;
        }
        seen.messages += n;
    })
}

/// Copies payloads side by side, and writes whenever the room is full.
fn copying(case: &Case, mut wire: Wire, copy: impl Fn(&mut [u8], &[u8]) + 'static) -> Encoder {
    let mut turn = case.turn(|_, message| message.clone());
    let mut room = vec![0; READ];
    Box::new(move |n| {
        let mut end = 0;
        for _ in 0..n {
            for part in turn.take().chunks(READ) {
                if end + part.len() > READ {
                    wire.write_all([&room[..end]]);
                    end = 0;
                }
                copy(&mut room[end..end + part.len()], part);
                end += part.len();
            }
        }
        wire.write_all([&room[..end]]);
    })
}

const LONGEST_HEADER: usize = 14;

/// Header and payload of the frame that begins `bytes`, if its length is in them.
#[inline(always)]
fn frame_len(bytes: &[u8]) -> Option<usize> {
    let length = *bytes.get(1)?;
    let key = usize::from(length >> 7) * 4;
    Some(match length & 0x7f {
        126 => 4 + key + usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        127 => 10 + key + u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize,
        n => 2 + key + usize::from(n),
    })
}
