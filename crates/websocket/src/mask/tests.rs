use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use sansocket_core::{Input, Pool};

use super::long::Blocks;
use super::*;

/// What RFC 6455 §5.3 says, byte by byte.
fn oracle(payload: &[u8], key: u32) -> Vec<u8> {
    let key = key.to_le_bytes();
    payload.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect()
}

fn oracle_seen(payload: &[u8]) -> Seen {
    if payload.is_ascii() { Seen::Ascii } else { Seen::Any }
}

const KEYS: [u32; 4] = [0, 0x8f12_34a5, 0x0102_0304, 0x7f7f_7f7f];
const LENGTHS: [usize; 6] = [1023, 1024, 1025, 4096, 65_535, 65_541];

fn lengths() -> impl Iterator<Item = usize> {
    (0..900).chain(LENGTHS)
}

/// Bytes that are masked ASCII for even seeds, and anything for odd ones.
fn noise(n: usize, seed: usize, key: u32) -> Vec<u8> {
    let high = if seed.is_multiple_of(2) { 0x7f } else { 0xff };
    let plain: Vec<u8> = (0..n).map(|i| (i * 31 + seed * 7 + (i >> 8)) as u8 & high).collect();
    oracle(&plain, key)
}

#[test]
fn every_length_at_every_offset_is_unmasked_and_nothing_else_is_touched() {
    for n in lengths() {
        for offset in [0, 1, 3, 17, 63] {
            let key = KEYS[(n + offset) % 4];
            let mut bytes = noise(offset + n + 70, n / 4, key);
            let before = bytes.clone();
            let want = oracle(&before[offset..offset + n], key);
            let unmasked = unmask(&mut bytes[offset..offset + n], key);
            assert_eq!(unmasked.bytes(), want, "{n} bytes at {offset}");
            assert_eq!(unmasked.seen, oracle_seen(&want), "{n} bytes at {offset}");
            assert_eq!(bytes[..offset], before[..offset]);
            assert_eq!(bytes[offset + n..], before[offset + n..]);
        }
    }
}

#[test]
fn every_length_moves_down_over_every_gap() {
    for n in lengths() {
        for gap in [0, 2, 6, 8, 14, 40, 64, 200] {
            let key = KEYS[(n + gap) % 4];
            let mut bytes = noise(gap + n, n / 4, key);
            let want = oracle(&bytes[gap..], key);
            let seen = xor(Down::new(&mut bytes, gap), key);
            assert_eq!(bytes[..n], want, "{n} bytes over {gap}");
            assert_eq!(seen, oracle_seen(&want), "{n} bytes over {gap}");
        }
    }
}

#[test]
fn every_length_is_masked_into_its_place() {
    for n in lengths() {
        let key = KEYS[n % 4];
        let from = noise(n, n / 4, key);
        let mut to = vec![0xee; n + 70];
        mask_into(&mut to[3..3 + n], &from, key);
        assert_eq!(to[3..3 + n], oracle(&from, key), "{n}");
        assert!(to[..3].iter().chain(&to[3 + n..]).all(|byte| *byte == 0xee), "{n}");
        mask_in_place(&mut to[3..3 + n], key);
        assert_eq!(to[3..3 + n], from, "masking twice is not masking, {n}");
    }
}

/// The bodies of the loop: the dispatched call takes only one of them.
#[derive(Clone, Copy)]
enum Width {
    Portable,
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    Avx2,
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    Avx512,
}

impl Width {
    /// Those that this processor can run.
    fn all() -> Vec<Width> {
        #[cfg_attr(not(any(target_arch = "x86", target_arch = "x86_64")), expect(unused_mut))]
        let mut widths = vec![Width::Portable];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            extern crate std;
            let has_bmi2 = std::is_x86_feature_detected!("bmi2");
            if has_bmi2 && std::is_x86_feature_detected!("avx2") {
                widths.push(Width::Avx2);
            }
            let has_bw = std::is_x86_feature_detected!("avx512bw");
            if has_bmi2 && has_bw && std::is_x86_feature_detected!("avx512vl") {
                widths.push(Width::Avx512);
            }
        }
        widths
    }

    fn xor(self, run: impl Run, key: u32) -> Seen {
        match self {
            Width::Portable => long::portable(Blocks(run, key)),
            // SAFETY: `all` asked the processor.
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Width::Avx2 => unsafe { long::avx2(Blocks(run, key)) },
            // SAFETY: as before.
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Width::Avx512 => unsafe { long::avx512(Blocks(run, key)) },
        }
    }
}

#[test]
fn all_widths_agree() {
    for n in (SHORT + 1..900).chain(LENGTHS) {
        for gap in [0, 1, 6, 63, 64, 130] {
            let key = KEYS[(n + gap) % 4];
            let bytes = noise(gap + n, n / 4, key);
            let want = oracle(&bytes[gap..], key);
            for width in Width::all() {
                let mut there = bytes.clone();
                let seen = width.xor(Down::new(&mut there, gap), key);
                assert_eq!((seen, &there[..n]), (oracle_seen(&want), &want[..]));

                let mut there = bytes.clone();
                let seen = width.xor(InPlace(&mut there[gap..]), key);
                assert_eq!((seen, &there[gap..]), (oracle_seen(&want), &want[..]));

                let mut there = vec![0; gap + n];
                let seen = width.xor(Across::new(&mut there[gap..], &bytes[gap..]), key);
                assert_eq!((seen, &there[gap..]), (Seen::Any, &want[..]), "nobody looks");
            }
        }
    }
}

#[test]
fn a_single_high_byte_is_seen_wherever_it_lies() {
    for n in (1..300).chain([768, 800, 1500]) {
        for at in 0..n {
            let mut payload = vec![b'a'; n];
            payload[at] = 0x80;
            mask_in_place(&mut payload, KEYS[1]);
            let unmasked = unmask(&mut payload, KEYS[1]);
            assert_eq!(unmasked.seen, Seen::Any, "byte {at} of {n}");
            assert_eq!(unmasked.text(), Err(NotUtf8));
        }
    }
}

#[test]
fn the_example_of_the_rfc_says_hello() {
    // RFC 6455 §5.7: "A single-frame masked text message".
    let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let key = u32::from_le_bytes([0x37, 0xfa, 0x21, 0x3d]);
    assert_eq!(unmask(&mut payload, key).text().unwrap(), "Hello");
    assert_eq!(plain(b"Hello").text().unwrap(), "Hello");
    assert_eq!(plain("Grüße".as_bytes()).text().unwrap(), "Grüße");
    assert_eq!(plain(b"\xff").text(), Err(NotUtf8));
}

#[test]
fn keys_differ_and_follow_from_their_seed() {
    let mut keys = MaskKeys::new([7; 32]);
    let mut again = MaskKeys::new([7; 32]);
    let mut others = MaskKeys::new([8; 32]);
    let mut drawn: Vec<u32> = (0..1000).map(|_| keys.next()).collect();
    assert!(drawn.iter().all(|key| *key == again.next()));
    drawn.extend((0..1000).map(|_| others.next()));
    drawn.sort_unstable();
    drawn.dedup();
    // 2,000 draws out of 2^32: a pair that meets by chance is already rare.
    assert!(drawn.len() >= 1998);
    assert_eq!(size_of::<MaskKeys>(), size_of::<usize>());
    assert_eq!(alloc::format!("{keys:?}"), "MaskKeys(..)");
}

proptest! {
    /// A message in frames, each with a header that is skipped and a key of its own, arriving in any pieces.
    #[test]
    fn fragments_come_together(
        frames in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), any::<u32>()), 0..8),
        ascii in any::<bool>(), cut in 1usize..90,
    ) {
        let (mut input, mut pool) = (Input::default(), Pool::default());
        let (mut want, mut wire) = (Vec::new(), Vec::new());
        for (payload, key) in &frames {
            let payload: Vec<u8> = payload.iter().map(|byte| if ascii { byte & 0x7f } else { *byte }).collect();
            wire.extend_from_slice(b"header");
            wire.extend(oracle(&payload, *key));
            want.extend(payload);
        }
        input.fill(&wire, &mut pool);
        for (payload, key) in frames {
            input.skip(6);
            let mut done = 0;
            while done < payload.len() {
                let n = cut.min(payload.len() - done);
                unmask_held(&mut input, n, rotate(key, done));
                done += n;
            }
        }
        prop_assert_eq!(input.held(), &want[..]);
        if ascii {
            prop_assert_eq!(input.text_len(), want.len());
        }
        prop_assert_eq!(input.check_text().is_ok(), Text::longest_prefix(&want).is_ok());
    }

    #[test]
    fn a_key_goes_on_where_it_was_cut(payload: Vec<u8>, key: u32, cut: prop::sample::Index) {
        let cut = cut.index(payload.len() + 1);
        let mut pieces = payload.clone();
        let (head, rest) = pieces.split_at_mut(cut);
        unmask(head, key);
        unmask(rest, rotate(key, cut));
        prop_assert_eq!(pieces, oracle(&payload, key));
    }

    #[test]
    fn text_is_text(text in ".{0,120}", key: u32) {
        let mut payload = oracle(text.as_bytes(), key);
        let unmasked = unmask(&mut payload, key);
        prop_assert_eq!(unmasked.text().unwrap().as_str(), text);
    }
}
