//! How far back messages refer.

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::deflate::decompressor::Decompressor;

/// Writes a block with fixed codes bit by bit (RFC 1951 §3.2.6).
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    bits: usize,
}

impl Block {
    fn new() -> Block {
        let mut block = Block::default();
        block.put(0b010, 3);
        block
    }

    fn put(&mut self, value: usize, bits: usize) {
        for bit in 0..bits {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.bits / 8] |= ((value >> bit & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
    }

    /// Codes are written from their highest bit on.
    fn code(&mut self, code: usize, bits: usize) {
        for bit in (0..bits).rev() {
            self.put(code >> bit, 1);
        }
    }

    fn literals(mut self, bytes: &[u8]) -> Block {
        for byte in bytes {
            assert!(*byte < 144, "one of those with a code of 8 bits");
            self.code(0x30 + usize::from(*byte), 8);
        }
        self
    }

    /// Three bytes, so far back.
    fn match_at(mut self, distance: usize) -> Block {
        self.code(1, 7);
        let (mut code, mut base, mut extra) = (0, 1, 0);
        while distance >= base + (1 << extra) {
            base += 1 << extra;
            code += 1;
            extra = if code < 4 { 0 } else { code / 2 - 1 };
        }
        self.code(code, 5);
        self.put(distance - base, extra);
        self
    }

    /// The end of the block, and the header that the tail belongs to.
    fn end(mut self) -> Vec<u8> {
        self.code(0, 7);
        self.put(0, 3);
        self.bytes
    }
}

fn text(n: usize) -> Vec<u8> {
    json(n).iter().map(|byte| byte & 0x7f).collect()
}

#[test]
fn a_distance_may_be_as_large_as_the_window_and_no_larger() {
    for bits in 9..=15 {
        let size = 1 << bits;
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let all = text(size + 1000);
            let within = Block::new().literals(&all).match_at(size).end();
            let want = [&all[..], &all[1000..1003]].concat();
            assert_eq!(inflate(&mut inflater(bits, takeover), &within), Ok(want), "{bits} bits");
            let beyond = Block::new().literals(&all).match_at((size + 1).min(32_768)).end();
            let verdict = inflate(&mut inflater(bits, takeover), &beyond);
            // Deflate itself has no distance beyond 32 KiB.
            assert_eq!(verdict.is_err(), bits < 15, "{bits} bits");
        }
    }
}

#[test]
fn a_window_of_nine_bits_refuses_the_largest_distance() {
    let beyond = Block::new().literals(&text(32_768)).match_at(32_768).end();
    assert_eq!(inflate(&mut inflater(9, Takeover::Keep), &beyond), Err(Violation::CorruptDeflate));
    assert!(inflate(&mut inflater(15, Takeover::Keep), &beyond).is_ok());
}

#[test]
fn a_message_begins_in_the_window_of_the_one_before_if_that_is_kept() {
    let first = Block::new().literals(&text(600)).end();
    let refer = |distance| Block::new().match_at(distance).end();
    for (takeover, distance, fits) in [
        (Takeover::Keep, 1, true),
        (Takeover::Keep, 512, true),
        (Takeover::Keep, 513, false),
        (Takeover::Keep, 600, false),
        (Takeover::Reset, 1, false),
        (Takeover::Reset, 512, false),
    ] {
        let mut inflater = inflater(9, takeover);
        inflate(&mut inflater, &first).unwrap();
        let second = inflate(&mut inflater, &refer(distance));
        let want = if fits {
            Ok(text(600)[600 - distance..].repeat(3)[..3].to_vec())
        } else {
            Err(Violation::CorruptDeflate)
        };
        assert_eq!(second, want, "{takeover:?}, {distance}");
    }
}

#[test]
fn nothing_was_said_before_the_first_message() {
    for takeover in [Takeover::Keep, Takeover::Reset] {
        let mut inflater = inflater(15, takeover);
        let refer = Block::new().literals(b"abc").match_at(4).end();
        assert_eq!(inflate(&mut inflater, &refer), Err(Violation::CorruptDeflate));
    }
}

/// A context goes from hand to hand, and what it knew from one connection must never be told to another.
#[test]
fn a_window_is_not_shared_with_other_connections() {
    let options = DeflateOptions::default();
    let agreed = direction(9, Takeover::Keep);
    let (mut one, mut other) = (Inflater::new(&options, agreed), Inflater::new(&options, agreed));
    inflate(&mut one, &Block::new().literals(b"secret").end()).unwrap();
    let refer = Block::new().literals(b"a").match_at(3).end();
    assert_eq!(inflate(&mut other, &refer), Err(Violation::CorruptDeflate));
    assert_eq!(inflate(&mut one, &refer).unwrap(), b"aeta");
}

/// What one window of ours holds, another one's decompressor, made for exactly that many bytes, can read.
#[test]
fn our_deflater_keeps_to_its_window() {
    for bits in 8..=15 {
        // Each of the ways in which matches are looked for.
        for level in [1, 2, 3, 6, 7, 9] {
            let options = DeflateOptions { level, ..DeflateOptions::default() };
            let mut deflater = Deflater::new(&options, direction(bits, Takeover::Keep));
            let mut exact = Decompressor::new(WindowBits::new(bits).unwrap());
            let far = noise(3, (1 << bits) + 900);
            for message in [&far[..], &json(3000), &far[..700], &far[..], b"", &vec![7; 40_000]] {
                let wire = [&deflate(&mut deflater, message)[..], &[0, 0, 0xff, 0xff]].concat();
                let (mut rest, mut out) = (&wire[..], Vec::new());
                loop {
                    let step = exact.step(rest).unwrap_or_else(|_| panic!("{bits} bits, level {level}"));
                    if step.output.is_empty() {
                        break;
                    }
                    out.extend_from_slice(step.output);
                    rest = &rest[step.consumed..];
                }
                assert!(out == message && exact.is_between_blocks(), "{bits} bits, level {level}");
            }
        }
    }
}

#[test]
fn what_is_taken_over_makes_messages_smaller() {
    let (mut keeping, mut resetting) = (deflater(12, Takeover::Keep), deflater(12, Takeover::Reset));
    let message = json(300);
    let first = deflate(&mut keeping, &message);
    assert_eq!(first, deflate(&mut resetting, &message));
    assert!(3 * deflate(&mut keeping, &message).len() < deflate(&mut resetting, &message).len());
}

#[test]
fn what_is_taken_over_costs_a_window_and_no_more() {
    for bits in 9..=15 {
        let (mut deflater, mut inflater) = (deflater(bits, Takeover::Keep), inflater(bits, Takeover::Keep));
        for n in [1, 40, 300, 5000, 100_000, 10, 700] {
            let wire = deflate(&mut deflater, &json(n));
            inflate(&mut inflater, &wire).unwrap();
            assert!(
                deflater.memory() <= 1 << bits && inflater.memory() <= 1 << bits,
                "{bits} bits, {n} bytes"
            );
        }
        assert_eq!((deflater.memory(), inflater.memory()), (1 << bits, 1 << bits));
    }
}
