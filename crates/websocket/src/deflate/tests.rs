use super::inflater::CHUNK;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::Violation;

fn inflated(inflater: &mut Inflater, pieces: &[&[u8]]) -> Result<Vec<u8>, Violation> {
    let mut message = Vec::new();
    let mut keep = |chunk: &[u8]| {
        assert!(chunk.len() <= CHUNK);
        message.extend_from_slice(chunk);
        Ok(())
    };
    for piece in pieces {
        inflater.inflate(piece, &mut keep)?;
    }
    inflater.finish(keep)?;
    Ok(message)
}

fn direction(bits: u8, takeover: Takeover) -> Direction {
    Direction { takeover, window: WindowBits::new(bits).unwrap() }
}

#[test]
fn the_examples_of_the_rfc_say_hello() {
    let options = DeflateOptions::default();
    let mut inflater = Inflater::new(&options, direction(15, Takeover::Keep));
    let hello: &[&[u8]] = &[
        // RFC 7692 §7.2.3.1, a block with fixed codes; cut into its two frames.
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        // §7.2.3.2, the second message of a shared window.
        &[0xf2, 0x00, 0x11, 0x00, 0x00],
        // §7.2.3.3, a block without compression.
        &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        // §7.2.3.4, a block with BFINAL set.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        // §7.2.3.5, two blocks in one message.
        &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ];
    for message in hello {
        assert_eq!(inflated(&mut inflater, &[message]).unwrap(), b"Hello", "{message:02x?}");
        let (head, rest) = message.split_at(3);
        if message.len() > 5 {
            assert_eq!(inflated(&mut inflater, &[head, &[], rest]).unwrap(), b"Hello", "{message:02x?}");
        }
    }
    // §7.2.3.6.
    assert_eq!(inflated(&mut inflater, &[&[0x00]]).unwrap(), b"");
}

#[test]
fn what_is_deflated_inflates_again() {
    let options = DeflateOptions::default();
    for bits in 9..=15 {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let mut deflater = Deflater::new(&options, direction(bits, takeover));
            let mut inflater = Inflater::new(&options, direction(bits, takeover));
            for n in [0, 1, 5, 100, 5000, 70_000] {
                let message: Vec<u8> = (0..n).map(|i: usize| (i * i / 7 % 251) as u8).collect();
                let mut wire = vec![];
                let (head, rest) = message.split_at(n / 3);
                deflater.deflate(head, Part::More, &mut wire);
                deflater.deflate(rest, Part::Last, &mut wire);
                assert_eq!(inflated(&mut inflater, &[&wire]).unwrap(), message);
            }
        }
    }
}
