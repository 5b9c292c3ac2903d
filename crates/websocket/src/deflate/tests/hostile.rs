//! What nobody sends who means well.

use alloc::vec;
use alloc::vec::Vec;

use zlib_rs::{Deflate, DeflateFlush};

use super::*;

const MIB: usize = 1 << 20;

/// One stream that ends itself: BFINAL set on its last block.
fn final_stream(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = Deflate::new(6, false, 15);
    let mut wire = vec![0; bytes.len() + 100];
    deflate.compress(bytes, &mut wire, DeflateFlush::Finish).unwrap();
    wire.truncate(deflate.total_out() as usize);
    wire
}

/// `times` MiB of zeros, in blocks that do not refer to each other, cheap to make.
fn zeros(times: usize) -> Vec<u8> {
    let mut deflate = Deflate::new(9, false, 15);
    let mut wire = vec![0; 4096];
    deflate.compress(&vec![0; MIB], &mut wire, DeflateFlush::FullFlush).unwrap();
    wire.truncate(deflate.total_out() as usize);
    let mut wire = wire.repeat(times);
    wire.truncate(wire.len() - 4);
    wire
}

#[test]
fn a_bomb_is_put_out_at_the_limit() {
    for times in [8, 1024] {
        let bomb = zeros(times);
        let (mut seen, mut inflater) = (0, inflater(15, Takeover::Reset));
        let verdict = inflater.inflate(&bomb, |chunk| {
            seen += chunk.len();
            if seen > MIB { Err(Violation::MessageTooBig) } else { Ok(()) }
        });
        assert_eq!(verdict, Err(Violation::MessageTooBig));
        // The work is that of the limit, not of the bomb.
        assert!(seen > MIB && seen <= MIB + CHUNK, "{times} MiB: {seen}");
    }
}

#[test]
fn the_limit_is_exact() {
    for (n, most, fits) in
        [(MIB, MIB, true), (MIB + 1, MIB, false), (5, 5, true), (5, 4, false), (0, 0, true)]
    {
        let wire = deflate(&mut deflater(15, Takeover::Reset), &vec![0; n]);
        assert!(wire.len() <= n.max(1), "on the wire it is within the limit");
        let verdict = inflate_up_to(&mut inflater(15, Takeover::Reset), &[&wire], most);
        assert_eq!(
            verdict.map(|message| message.len()),
            if fits { Ok(n) } else { Err(Violation::MessageTooBig) }
        );
    }
}

#[test]
fn a_bomb_out_of_the_window_is_put_out_too() {
    let (mut deflater, mut inflater) = (deflater(15, Takeover::Keep), inflater(15, Takeover::Keep));
    let random = noise(9, 32 * 1024 - 300);
    let first = deflate(&mut deflater, &random);
    assert_eq!(inflate(&mut inflater, &first).unwrap(), random);
    let second = deflate(&mut deflater, &random.repeat(64));
    assert!(second.len() < 64 * 1024);
    assert_eq!(inflate_up_to(&mut inflater, &[&second], MIB), Err(Violation::MessageTooBig));
}

#[test]
fn what_is_no_deflate_stream_is_corrupt() {
    let corrupt: [(&str, &[u8]); 11] = [
        ("a block of the kind that does not exist", &[0x07, 0x00]),
        ("a length without its complement", &[0x00, 0x05, 0x00, 0x00, 0x00, 0x61, 0x62, 0x63, 0x64, 0x65]),
        ("codes that say more than there is room for", &[0x04, 0x00, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("a zlib header", &[0x78, 0x9c, 0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x04, 0x00, 0x00, 0xff, 0xff]),
        ("a gzip header", &[0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48]),
        ("a last block, then text", b"\xcb\x48\xcd\xc9\xc9\x07\x00garbage"),
        ("a match before anything was said", &[0x02, 0x01, 0x00, 0x00]),
        ("no payload at all", &[]),
        ("a block cut off", &[0xca, 0x48, 0xcd, 0xc9]),
        ("a block without compression cut off", &[0x00, 0x10, 0x00, 0xef, 0xff, 0x61]),
        ("a distance of the kind that does not exist", &[0x62, 0x7a, 0x1f, 0x00]),
    ];
    for (what, message) in corrupt {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let whole = inflate(&mut inflater(15, takeover), message);
            assert_eq!(whole, Err(Violation::CorruptDeflate), "{what}");
            let bytes: Vec<&[u8]> = message.chunks(1).collect();
            let dripping = inflate_up_to(&mut inflater(15, takeover), &bytes, 100);
            assert_eq!(dripping, Err(Violation::CorruptDeflate), "{what}, byte by byte");
        }
    }
}

#[test]
fn a_message_that_ends_too_early_is_corrupt_wherever_that_is() {
    let wire = deflate(&mut deflater(15, Takeover::Reset), &json(2000));
    for end in 0..wire.len() - 1 {
        // Only a few cuts, those after which zeros make sense, leave something that is whole; never the message.
        if let Ok(message) = inflate(&mut inflater(15, Takeover::Reset), &wire[..end]) {
            assert!(message.len() < 2000, "cut at {end}");
        }
    }
    assert_eq!(
        inflate(&mut inflater(15, Takeover::Reset), &wire[..wire.len() / 2]),
        Err(Violation::CorruptDeflate)
    );
}

#[test]
fn blocks_with_bfinal_are_blocks() {
    let (a, b) = (final_stream(b"a"), final_stream(b"b"));
    for (message, want) in [
        ([&a[..], &b, &[0x00]].concat(), &b"ab"[..]),
        ([&a[..], &[0x00]].concat(), b"a"),
        // Without the empty block that RFC 7692 §7.2.1 asks for: nothing is missing, so nothing is refused.
        (a.clone(), b"a"),
        ([&a[..], &b].concat(), b"ab"),
    ] {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let mut inflater = inflater(15, takeover);
            for _ in 0..2 {
                assert_eq!(inflate(&mut inflater, &message).unwrap(), want, "{message:02x?}");
            }
            assert_eq!(inflate(&mut inflater, HELLO[0]).unwrap(), b"Hello");
        }
    }
}

/// RFC 7692 ties the window to the connection, not to blocks: what a last block said may be referred to.
#[test]
fn a_last_block_leaves_the_window_as_it_is() {
    let mut inflater = inflater(15, Takeover::Keep);
    assert_eq!(inflate(&mut inflater, HELLO[3]).unwrap(), b"Hello");
    assert_eq!(inflate(&mut inflater, HELLO[1]).unwrap(), b"Hello");
}

#[test]
fn a_marker_that_was_left_on_is_an_empty_block() {
    let wire = [&HELLO[0][..6], &[0x00, 0x00, 0x00, 0xff, 0xff], &[0x00]].concat();
    assert_eq!(inflate(&mut inflater(15, Takeover::Reset), &wire).unwrap(), b"Hello");
    let kept = [HELLO[0], &[0x00, 0x00, 0xff, 0xff, 0x00]].concat();
    assert_eq!(inflate(&mut inflater(15, Takeover::Reset), &kept).unwrap(), b"Hello");
}

/// A block of 10 bits: a million of them cost no stack, and no tables.
#[test]
fn a_million_empty_blocks_are_nothing() {
    // Four blocks with fixed codes, 40 bits: 010 0000000 each, the next begins where the last one ends.
    let four = [0x02, 0x08, 0x20, 0x80, 0x00];
    let wire = [&four.repeat(250_000)[..], &[0x00]].concat();
    assert_eq!(inflate_up_to(&mut inflater(15, Takeover::Reset), &[&wire], 0), Ok(vec![]));
    let last = [0x03, 0x00].repeat(250_000);
    assert_eq!(inflate_up_to(&mut inflater(15, Takeover::Keep), &[&last], 0), Ok(vec![]));
}

#[test]
fn a_failed_message_leaves_nothing_to_the_next_connection() {
    let options = DeflateOptions::default();
    let agreed = direction(12, Takeover::Reset);
    for _ in 0..3 {
        let mut failing = Inflater::new(&options, agreed);
        assert_eq!(inflate(&mut failing, &[0xca, 0x48, 0xcd]), Err(Violation::CorruptDeflate));
        assert_eq!(inflate(&mut Inflater::new(&options, agreed), HELLO[0]).unwrap(), b"Hello");
    }
}
