use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use sansocket_testkit::{deflate_final, deflate_message};

use super::decompressor::CHUNK;
use super::*;
use crate::Violation;

mod hostile;
mod windows;

impl Inflater {
    /// Inflates a piece of the message under way to the end: `sink` gets all that comes of it.
    fn inflate(
        &mut self,
        mut input: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        loop {
            let step = self.step(input)?;
            if step.output.is_empty() {
                return Ok(());
            }
            sink(step.output)?;
            input = &input[step.consumed..];
        }
    }

    /// Ends the message: `sink` gets what was still to come.
    fn finish(&mut self, mut sink: impl FnMut(&[u8]) -> Result<(), Violation>) -> Result<(), Violation> {
        loop {
            let output = self.finish_step()?;
            if output.is_empty() {
                return Ok(());
            }
            sink(output)?;
        }
    }
}

/// Inflates a message that comes in `pieces`, and takes no more than `most` bytes of it.
fn inflate_up_to(inflater: &mut Inflater, pieces: &[&[u8]], most: usize) -> Result<Vec<u8>, Violation> {
    let mut message = Vec::new();
    let mut keep = |chunk: &[u8]| {
        assert!(!chunk.is_empty() && chunk.len() <= CHUNK);
        if message.len() + chunk.len() > most {
            return Err(Violation::MessageTooBig);
        }
        message.extend_from_slice(chunk);
        Ok(())
    };
    for piece in pieces {
        inflater.inflate(piece, &mut keep)?;
    }
    inflater.finish(keep)?;
    Ok(message)
}

/// Inflates a message whose end is known as soon as its last byte was taken, whatever still comes of it.
fn inflate_at_once(inflater: &mut Inflater, message: &[u8]) -> Result<Vec<u8>, Violation> {
    let (mut rest, mut inflated) = (message, Vec::new());
    while !rest.is_empty() {
        let step = inflater.step(rest)?;
        inflated.extend_from_slice(step.output);
        rest = &rest[step.consumed..];
    }
    inflater.finish(|chunk| {
        inflated.extend_from_slice(chunk);
        Ok(())
    })?;
    Ok(inflated)
}

fn inflate(inflater: &mut Inflater, message: &[u8]) -> Result<Vec<u8>, Violation> {
    inflate_up_to(inflater, &[message], usize::MAX)
}

fn deflate(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    deflater.deflate(message, Part::Last, &mut wire);
    wire
}

fn direction(bits: u8, takeover: Takeover) -> Direction {
    Direction { takeover, window: WindowBits::new(bits).unwrap() }
}

fn inflater(bits: u8, takeover: Takeover) -> Inflater {
    Inflater::new(&DeflateOptions::default(), direction(bits, takeover))
}

fn deflater(bits: u8, takeover: Takeover) -> Deflater {
    Deflater::new(&DeflateOptions::default(), direction(bits, takeover))
}

/// What chats are made of.
fn json(n: usize) -> Vec<u8> {
    let line = |i: usize| {
        alloc::format!("{{\"id\":{i},\"user\":\"u{}\",\"ok\":{}}},", i * i % 977, i.is_multiple_of(3))
    };
    (0..).flat_map(|i| line(i).into_bytes()).take(n).collect()
}

fn noise(seed: u64, n: usize) -> Vec<u8> {
    let step = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((*state >> 56) as u8)
    };
    core::iter::repeat_n((), n).scan(seed, |state, ()| step(state)).collect()
}

/// Messages that say "Hello" to a fresh window, or one that said "Hello" before.
const HELLO: [&[u8]; 5] = [
    // RFC 7692 §7.2.3.1: one block with fixed codes.
    &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
    // §7.2.3.2: the same out of the window that was taken over.
    &[0xf2, 0x00, 0x11, 0x00, 0x00],
    // §7.2.3.3: a block without compression.
    &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
    // §7.2.3.4: a block with BFINAL set.
    &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
    // §7.2.3.5: two blocks.
    &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
];

/// RFC 7692 §7.2.3.4: a message may end with a block that has BFINAL. The four bytes that others strip are no part of it,
/// although more than one step's output comes behind its last byte.
#[test]
fn a_message_that_ends_itself_may_be_larger_than_a_step() {
    for size in [CHUNK - 300, CHUNK, CHUNK + 1, 4 * CHUNK] {
        let message = vec![b'a'; size];
        for wire in [deflate_final(&message), deflate_message(&message)] {
            for takeover in [Takeover::Keep, Takeover::Reset] {
                let mut inflater = inflater(15, takeover);
                for _ in 0..3 {
                    let inflated = inflate_at_once(&mut inflater, &wire);
                    assert!(
                        inflated.as_ref() == Ok(&message),
                        "{size} bytes: {:?}",
                        inflated.map(|it| it.len())
                    );
                }
            }
        }
    }
}

#[test]
fn the_examples_of_the_rfc_say_hello() {
    let mut inflater = inflater(15, Takeover::Keep);
    for message in HELLO {
        assert_eq!(inflate(&mut inflater, message).unwrap(), b"Hello", "{message:02x?}");
    }
    // §7.2.3.6: an empty message.
    assert_eq!(inflate(&mut inflater, &[0x00]).unwrap(), b"");
}

#[test]
fn the_examples_may_be_cut_anywhere() {
    for cut in 0..HELLO.concat().len() {
        let mut inflater = inflater(9, Takeover::Keep);
        let mut before = 0;
        for message in HELLO {
            let (head, rest) = message.split_at(cut.saturating_sub(before).min(message.len()));
            before += message.len();
            let pieces = [&[][..], head, &[], rest];
            assert_eq!(inflate_up_to(&mut inflater, &pieces, 5).unwrap(), b"Hello", "cut at {cut}");
        }
    }
}

#[test]
fn our_own_hello_is_that_of_the_rfc() {
    let mut resetting = deflater(15, Takeover::Reset);
    assert_eq!(deflate(&mut resetting, b"Hello"), HELLO[0]);
    assert_eq!(deflate(&mut resetting, b"Hello"), HELLO[0]);
    let mut keeping = deflater(15, Takeover::Keep);
    assert_eq!(deflate(&mut keeping, b"Hello"), HELLO[0]);
    // One match instead of a literal and a match: shorter still than the example.
    assert_eq!(deflate(&mut keeping, b"Hello"), [0x02, 0x13, 0x00, 0x00]);
}

#[test]
fn an_empty_message_is_one_byte() {
    for takeover in [Takeover::Keep, Takeover::Reset] {
        let mut deflater = deflater(15, takeover);
        assert_eq!(deflate(&mut deflater, b""), [0x00]);
        assert_eq!(deflate(&mut deflater, b"Hello"), HELLO[0]);
        assert_eq!(deflate(&mut deflater, b""), [0x00]);
        let mut wire = Vec::new();
        deflater.deflate(b"", Part::More, &mut wire);
        assert!(wire.is_empty(), "nothing to send yet");
        deflater.deflate(b"", Part::Last, &mut wire);
        assert_eq!(wire, [0x00]);
    }
}

#[test]
fn what_was_sent_in_part_can_be_read_before_the_rest() {
    let (mut deflater, mut inflater) = (deflater(12, Takeover::Reset), inflater(12, Takeover::Reset));
    for last in [&b"and the rest"[..], b""] {
        let mut read = Vec::new();
        for part in [&b"one line\n"[..], b"another line\n"] {
            let mut wire = Vec::new();
            deflater.deflate(part, Part::More, &mut wire);
            read.clear();
            inflater
                .inflate(&wire, |chunk| {
                    read.extend_from_slice(chunk);
                    Ok(())
                })
                .unwrap();
            assert_eq!(read, part, "a part is flushed");
        }
        let wire = deflate(&mut deflater, last);
        read.clear();
        inflater
            .inflate(&wire, |chunk| {
                read.extend_from_slice(chunk);
                Ok(())
            })
            .unwrap();
        assert_eq!(read, last);
        inflater.finish(|_| panic!("the end brings nothing more")).unwrap();
    }
}

#[test]
fn a_marker_inside_a_message_stays() {
    // Blocks without compression show the data as it is: the message itself ends with what a flush ends with.
    let message = [noise(1, 3000), vec![0x00, 0x00, 0xff, 0xff]].concat();
    let wire = deflate(&mut deflater(15, Takeover::Reset), &message);
    assert_eq!(inflate(&mut inflater(15, Takeover::Reset), &wire).unwrap(), message);
}

#[test]
fn an_idle_connection_keeps_no_context() {
    let options = DeflateOptions::default();
    let both = direction(12, Takeover::Reset);
    let mut connections: Vec<_> =
        (0..100).map(|_| (Deflater::new(&options, both), Inflater::new(&options, both))).collect();
    for (deflater, inflater) in &mut connections {
        let wire = deflate(deflater, &json(2000));
        inflate(inflater, &wire).unwrap();
    }
    // One served them all.
    let spares = alloc::format!("{:?}", options.contexts);
    assert_eq!(spares, "Contexts { compressors: 1 spare, decompressors: 1 spare }");
    assert!(size_of::<(Deflater, Inflater)>() <= 128);
}

#[test]
fn a_message_under_way_has_a_context_of_its_own() {
    let options = DeflateOptions::default();
    let both = direction(12, Takeover::Reset);
    let wire = deflate(&mut Deflater::new(&options, both), &json(2000));
    let mut connections: Vec<_> = (0..20).map(|_| Inflater::new(&options, both)).collect();
    for inflater in &mut connections {
        inflater.inflate(&wire[..100], |_| Ok(())).unwrap();
    }
    for inflater in &mut connections {
        inflater.inflate(&wire[100..], |_| Ok(())).unwrap();
        inflater.finish(|_| Ok(())).unwrap();
    }
    // More than are worth keeping.
    assert!(alloc::format!("{:?}", options.contexts).ends_with("decompressors: 8 spare }"));
}

#[test]
fn what_is_prepared_fits_only_where_nothing_is_taken_over() {
    let options = DeflateOptions::default();
    let prepared_for = WindowBits::new(12).unwrap();
    let wire = compress(&options, prepared_for, &json(9000));
    for bits in 9..=15 {
        let ours = direction(bits, Takeover::Reset);
        let agreed = DeflateParams { ours, peers: ours };
        assert_eq!(takes_prepared(&agreed, prepared_for), bits >= 12);
        assert_eq!(inflate(&mut inflater(bits, Takeover::Reset), &wire).is_ok(), bits >= 12);
        let agreed = DeflateParams { ours: direction(bits, Takeover::Keep), ..agreed };
        assert!(!takes_prepared(&agreed, prepared_for));
    }
}

/// Cuts `bytes` at the given places.
fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let starts = core::iter::once(0).chain(places.iter().copied());
    let ends = places.iter().copied().chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0usize..6000).prop_map(json),
        (any::<u64>(), 0usize..3000).prop_map(|(seed, n)| noise(seed, n)),
        (any::<u8>(), 0usize..50_000).prop_map(|(byte, n)| vec![byte; n]),
        prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    /// A connection's messages, sent in parts, arriving in pieces, under every agreement.
    #[test]
    fn what_is_deflated_inflates_again(
        messages in prop::collection::vec(message(), 1..5), bits in 8u8..=15, level in 0u8..=9, keep: bool,
        parts: Vec<prop::sample::Index>, pieces: Vec<prop::sample::Index>,
    ) {
        let agreed = direction(bits, if keep { Takeover::Keep } else { Takeover::Reset });
        let options = DeflateOptions { level, ..DeflateOptions::default() };
        let (mut deflater, mut inflater) = (Deflater::new(&options, agreed), Inflater::new(&options, agreed));
        for message in messages {
            let mut wire = Vec::new();
            let parts = cut(&message, &parts);
            for part in &parts[..parts.len() - 1] {
                deflater.deflate(part, Part::More, &mut wire);
            }
            deflater.deflate(parts[parts.len() - 1], Part::Last, &mut wire);
            prop_assert_eq!(inflate_up_to(&mut inflater, &cut(&wire, &pieces), message.len()), Ok(message));
        }
    }

    /// Noise on the wire gives the same bytes or the same refusal however it is cut.
    #[test]
    fn pieces_change_nothing(
        wire: Vec<u8>, first in 0u8..8, pieces: Vec<prop::sample::Index>, known in 0usize..2000,
    ) {
        let mut wire = wire;
        if let Some(byte) = wire.first_mut() {
            *byte = *byte & !7 | first;
        }
        let (mut whole, mut cut_up) = (inflater(10, Takeover::Keep), inflater(10, Takeover::Keep));
        let before = deflate(&mut deflater(10, Takeover::Keep), &json(known));
        for inflater in [&mut whole, &mut cut_up] {
            inflate(inflater, &before).unwrap();
        }
        prop_assert_eq!(inflate_up_to(&mut cut_up, &cut(&wire, &pieces), 1 << 20), inflate_up_to(&mut whole, &[&wire], 1 << 20));
    }
}

proptest! {
    // Every context costs a table to clear, and every turn two of them.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Contexts that go from hand to hand, and those that are found again, more of either than are kept.
    #[test]
    fn connections_that_share_contexts_do_not_notice_each_other(
        turns in prop::collection::vec((0usize..12, 0usize..12, (0usize..700)), 1..40), bits in 9u8..=12, level in 1u8..=9,
    ) {
        let options = DeflateOptions { level, ..DeflateOptions::default() };
        let mut connections: Vec<_> = (0..12)
            .map(|i| {
                // Some keep no window, some have another one.
                let takeover = if i % 5 == 4 { Takeover::Reset } else { Takeover::Keep };
                let agreed = direction(bits + (i % 7 == 6) as u8, takeover);
                (Deflater::new(&options, agreed), Inflater::new(&options, agreed))
            })
            .collect();
        for (one, other, n) in turns {
            let message = json(n);
            // The one is in the middle of a message when the other takes its turn.
            let (start, rest) = message.split_at(message.len() / 2);
            let mut wire = Vec::new();
            connections[one].0.deflate(start, Part::More, &mut wire);
            if other != one {
                let (deflater, inflater) = &mut connections[other];
                let whole = deflate(deflater, &message);
                prop_assert_eq!(inflate(inflater, &whole), Ok(message.clone()));
            }
            let (deflater, inflater) = &mut connections[one];
            deflater.deflate(rest, Part::Last, &mut wire);
            prop_assert_eq!(inflate(inflater, &wire), Ok(message));
        }
    }
}
