use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use super::*;

/// What zlib makes of `data`: all that came out, and whether it stands between two blocks (or ended) at the end.
fn zlib(data: &[u8]) -> Result<(Vec<u8>, usize), Vec<u8>> {
    let mut inflate = Inflate::new(false, 15);
    let (mut out, mut chunk) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let (read, written) = (inflate.total_in() as usize, inflate.total_out());
        let result = inflate.decompress(&data[read..], &mut chunk, InflateFlush::NoFlush);
        let n = (inflate.total_out() - written) as usize;
        out.extend_from_slice(&chunk[..n]);
        match result {
            Err(_) => return Err(out),
            Ok(Status::StreamEnd) => return Ok((out, inflate.total_in() as usize)),
            Ok(_) if n == 0 && inflate.total_in() as usize == data.len() => return Ok((out, data.len())),
            Ok(_) => {}
        }
    }
}

/// What we make of it, in pieces of at most `piece` bytes.
fn ours(data: &[u8], piece: usize) -> Result<Vec<u8>, Vec<u8>> {
    let mut decompressor = Decompressor::new(WindowBits::MAX);
    let mut out = Vec::new();
    for piece in data.chunks(piece) {
        let mut rest = piece;
        loop {
            let Ok(step) = decompressor.step(rest) else { return Err(out) };
            assert!(step.output.len() <= CHUNK);
            if step.output.is_empty() {
                assert_eq!(step.consumed, rest.len());
                break;
            }
            out.extend_from_slice(step.output);
            rest = &rest[step.consumed..];
        }
    }
    Ok(out)
}

/// Equal verdicts and equal bytes; where both fail, zlib may have told of a few bytes before the fault that we did not
/// reach, for we lend a chunk only as a whole.
fn assert_agree(data: &[u8], piece: usize) {
    match (zlib(data), ours(data, piece)) {
        (Ok((theirs, end)), Ok(ours)) if end == data.len() => assert_eq!(theirs, ours, "{data:02x?}"),
        // zlib stops behind a last block, we go on.
        (Ok((theirs, end)), Ok(ours) | Err(ours)) if end < data.len() => {
            let n = theirs.len().min(ours.len());
            assert_eq!(theirs[..n], ours[..n], "{data:02x?}");
        }
        // Without a code for the codes' lengths we refuse at once, zlib when it has made do with that for all of them.
        (Ok(_), Err(_)) => assert!(zlib(&[data, &[0; 64]].concat()).is_err(), "{data:02x?}"),
        (Err(theirs), Err(ours)) => assert!(theirs.starts_with(&ours), "{data:02x?}"),
        (theirs, ours) => panic!("zlib {theirs:?}, ours {ours:?}: {data:02x?}"),
    }
}

/// Bytes with something of everything: runs, near and far repetition, text, noise.
fn mixture(seed: u64, n: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < n {
        let length = next() % 300;
        match next() % 4 {
            0 => bytes.extend((0..length).map(|_| next() as u8)),
            1 => bytes.extend(core::iter::repeat_n(next() as u8, length)),
            2 => bytes.extend((0..length).map(|_| b"etaoin shrdlu"[next() % 13])),
            _ => {
                let distance = 1 + next() % bytes.len().clamp(1, 40_000);
                for _ in 0..length {
                    bytes.push(bytes.len().checked_sub(distance).map_or(0, |from| bytes[from]));
                }
            }
        }
    }
    bytes.truncate(n);
    bytes
}

fn compressed(bytes: &[u8], level: i32, strategy: Strategy) -> Vec<u8> {
    let config = DeflateConfig { level, window_bits: -15, strategy, ..DeflateConfig::default() };
    let mut deflate = Deflate::new_with_config(config);
    let mut out = vec![0; bytes.len() + bytes.len() / 8 + 1000];
    let status = deflate.compress(bytes, &mut out, DeflateFlush::Finish).unwrap();
    assert_eq!(status, Status::StreamEnd);
    out.truncate(deflate.total_out() as usize);
    out
}

const STRATEGIES: [Strategy; 5] =
    [Strategy::Default, Strategy::Filtered, Strategy::HuffmanOnly, Strategy::Rle, Strategy::Fixed];

/// HCLEN lengths of 0: nothing can follow that would mean anything.
#[test]
fn a_block_without_a_code_for_code_lengths_is_refused_at_once() {
    assert_agree(&[0x05, 0x81, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x90, 0x09, 0xff], 1);
}

/// Literals, then the longest match, as close to the end of a chunk as can be.
#[test]
fn the_longest_match_fits_wherever_a_chunk_ends() {
    for literals in CHUNK - 310..CHUNK - 250 {
        // Each shifts the places at which the loop looks at its room.
        for short_matches in 0..3 {
            let mut bits: Vec<u8> = vec![1, 1, 0];
            // The codes of RFC 1951 §3.2.6, most significant bit first.
            let mut code = |code: usize, n: usize| bits.extend((0..n).rev().map(|i| (code >> i & 1) as u8));
            for _ in 0..short_matches {
                // One literal, and 3 bytes from one byte ago.
                code(0x30, 8);
                code(1, 7);
                code(0, 5);
            }
            (0..literals).for_each(|i| code(0x30 + i % 100, 8));
            // 258 bytes, from 3 bytes ago.
            code(0b1100_0101, 8);
            code(2, 5);
            (0..10).for_each(|_| code(0x30, 8));
            code(0, 7);
            let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
            let data: Vec<u8> = bits.chunks(8).map(byte).collect();
            assert_agree(&data, usize::MAX);
        }
    }
}

/// RFC 1951 §3.2.7: "If only one distance code is used, it is encoded using one bit". Here it takes more.
#[test]
fn a_single_code_of_more_than_one_bit_is_refused() {
    let data = [
        0x75, 0xc9, 0xb1, 0x09, 0x00, 0x30, 0x08, 0x04, 0xc0, 0x55, 0x7e, 0x80, 0x2c, 0xf5, 0x10, 0x51, 0x0b,
        0x6d, 0x74, 0x7f, 0x2c, 0xac, 0xed, 0x02, 0x00, 0x33, 0x00,
    ];
    for piece in [usize::MAX, 1] {
        assert_agree(&data, piece);
        assert_eq!(ours(&data, piece), Err(vec![]));
    }
}

#[test]
fn all_that_zlib_writes_is_read() {
    for (seed, n) in [(1, 0), (2, 1), (3, 300), (4, 30_000)] {
        let bytes = mixture(seed, n);
        for level in 0..=9 {
            for strategy in STRATEGIES {
                let data = compressed(&bytes, level, strategy);
                for piece in [usize::MAX, 1, 1000] {
                    assert_eq!(
                        ours(&data, piece).as_ref(),
                        Ok(&bytes),
                        "{n} bytes, level {level}, {strategy:?}"
                    );
                }
            }
        }
    }
}

/// Codes of every shape, two tables deep: literals whose counts are powers of two get codes of every length.
#[test]
fn the_longest_codes_are_read() {
    let mut bytes = Vec::new();
    for symbol in 0..18u8 {
        bytes.extend(core::iter::repeat_n(symbol * 13, 1 << symbol.min(15)));
    }
    bytes.extend(0..=255);
    for start in 0..32 {
        bytes.swap(start, 4000 - start);
    }
    let data = compressed(&bytes, 6, Strategy::HuffmanOnly);
    assert_eq!(ours(&data, 7), Ok(bytes));
}

proptest! {
    #[test]
    fn noise_gets_the_verdict_of_zlib(data: Vec<u8>, kind in 0u8..8, piece in 1usize..40) {
        let mut data = data;
        if let Some(first) = data.first_mut() {
            // Any kind of block; noise alone would mostly be of the kind that does not exist.
            *first = *first & !7 | kind;
        }
        assert_agree(&data, piece);
    }

    #[test]
    fn a_flipped_bit_gets_the_verdict_of_zlib(
        seed: u64, n in 0usize..3000, level in 1i32..=9, strategy in 0usize..5, flips: Vec<prop::sample::Index>,
        piece in 1usize..300,
    ) {
        let mut data = compressed(&mixture(seed, n), level, STRATEGIES[strategy]);
        for flip in flips.iter().take(3) {
            let bit = flip.index(8 * data.len());
            data[bit / 8] ^= 1 << (bit % 8);
        }
        assert_agree(&data, piece);
    }

    #[test]
    fn pieces_change_nothing(seed: u64, n in 0usize..40_000, piece in 1usize..200) {
        let bytes = mixture(seed, n);
        let data = compressed(&bytes, 6, Strategy::Default);
        prop_assert_eq!(ours(&data, piece), Ok(bytes));
    }
}
