extern crate std;

use std::format;
use std::vec::Vec;

use proptest::prelude::*;
use sansocket_core::Pool;

use super::*;

/// The body that comes of `bytes` in pieces of these sizes, and what was left behind it.
fn read(
    framing: Framing,
    limits: BodyLimits,
    bytes: &[u8],
    sizes: &[usize],
) -> Result<(Vec<u8>, usize), BodyError> {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let (mut reader, mut body) = (BodyReader::new(framing, limits)?, Vec::new());
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (piece, behind) = rest.split_at(rest.len().min(*size));
        input.fill(piece, &mut pool);
        rest = behind;
        loop {
            match reader.read(&mut input)? {
                Some(Piece::Data(data)) => body.extend_from_slice(data),
                Some(Piece::End) => return Ok((body, input.raw_len() + rest.len())),
                None => break,
            }
        }
        if rest.is_empty() {
            reader.handle_eof()?;
            return Ok((body, 0));
        }
    }
    Ok((body, 0))
}

fn whole(framing: Framing, bytes: &[u8]) -> Result<(Vec<u8>, usize), BodyError> {
    read(framing, BodyLimits::default(), bytes, &[usize::MAX])
}

#[test]
fn a_body_ends_where_it_says() {
    assert_eq!(whole(Framing::Length(0), b"next"), Ok((b"".to_vec(), 4)));
    assert_eq!(whole(Framing::Length(3), b"abcnext"), Ok((b"abc".to_vec(), 4)));
    assert_eq!(whole(Framing::Length(3), b"ab"), Err(BodyError::Truncated));
    assert_eq!(whole(Framing::UntilEof, b"abc"), Ok((b"abc".to_vec(), 0)));
    assert_eq!(whole(Framing::Chunked, b"3\r\nabc\r\n0\r\n\r\nnext"), Ok((b"abc".to_vec(), 4)));
    assert_eq!(whole(Framing::Chunked, b"3\r\nabc\r\n0\r\n\r"), Err(BodyError::Truncated));
    assert_eq!(whole(Framing::Chunked, b""), Err(BodyError::Truncated));
}

#[test]
fn chunks_may_carry_extensions_and_trailers() {
    let bytes = b"00003;a;b=c;d=\"e;\\\"\\\\\r\n\"".as_slice();
    assert_eq!(whole(Framing::Chunked, bytes), Err(BodyError::ChunkExtension), "no line end in quotes");
    let bytes = b"00003;a;b=c;d=\"e;\\\"\\\\\";f\r\nabc\r\n000\r\nX: y\r\nZ:\r\n\r\n";
    assert_eq!(whole(Framing::Chunked, bytes), Ok((b"abc".to_vec(), 0)));
}

#[test]
fn malformed_chunks_are_refused_at_the_first_wrong_byte() {
    let cases: [(&str, BodyError); 12] = [
        ("\r", BodyError::ChunkSize),
        ("g", BodyError::ChunkSize),
        ("1\n", BodyError::ChunkSize),
        ("00000000000000001", BodyError::ChunkSize),
        ("1;;", BodyError::ChunkExtension),
        ("1;a=;", BodyError::ChunkExtension),
        ("1;a=\"b\"c", BodyError::ChunkExtension),
        ("1\r\nab", BodyError::ChunkEnd),
        ("1\r\na\n", BodyError::ChunkEnd),
        ("1\r\na\r\r", BodyError::ChunkEnd),
        ("0\r\n ", BodyError::Trailer),
        ("0\r\nA: b\n", BodyError::Trailer),
    ];
    for (wrong, error) in cases {
        let right = &wrong.as_bytes()[..wrong.len() - 1];
        assert_eq!(whole(Framing::Chunked, right), Err(BodyError::Truncated), "{wrong:?}");
        assert_eq!(whole(Framing::Chunked, wrong.as_bytes()), Err(error), "{wrong:?}");
    }
}

#[test]
fn limits_act_before_the_bytes_come() {
    let limits = BodyLimits { body: Some(5), overhead: 10, trailers: 2, ..BodyLimits::default() };
    let read = |framing, bytes: &[u8]| read(framing, limits, bytes, &[1]);
    assert_eq!(read(Framing::Length(6), b""), Err(BodyError::TooLarge));
    assert!(read(Framing::Length(5), b"12345").is_ok());
    assert_eq!(read(Framing::Chunked, b"6\r\n"), Err(BodyError::TooLarge));
    assert_eq!(read(Framing::Chunked, b"4\r\n1234\r\n2\r\n"), Err(BodyError::TooLarge));
    assert_eq!(read(Framing::Chunked, b"ffffffffffffffff\r\n"), Err(BodyError::TooLarge));
    assert_eq!(read(Framing::UntilEof, b"123456"), Err(BodyError::TooLarge));
    assert_eq!(read(Framing::Chunked, b"0\r\na:\r\nb:\r\nc"), Err(BodyError::TooMuchOverhead));
    assert!(read(Framing::Chunked, b"1;aaaaaaaaa\r\n1\r\n0\r\n\r\n").is_err());
    assert!(read(Framing::Chunked, b"1;a=aaa\r\n1\r\n0\r\n\r\n").is_ok());
}

#[test]
fn a_chunk_may_be_limited_where_the_body_is_not() {
    let limits = BodyLimits { body: None, chunk: Some(4), ..BodyLimits::default() };
    let read = |bytes: &[u8]| read(Framing::Chunked, limits, bytes, &[1]);
    assert!(read(b"4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n").is_ok());
    assert_eq!(read(b"4\r\n1234\r\n5\r\n"), Err(BodyError::TooLarge));
}

#[test]
fn a_body_may_be_endless_where_it_is_thrown_away() {
    let limits = BodyLimits { body: None, ..BodyLimits::default() };
    assert!(BodyReader::new(Framing::Length(u64::MAX), limits).is_ok());
    assert_eq!(read(Framing::Chunked, limits, b"ffffffffffffffff\r\nabc", &[1]), Err(BodyError::Truncated));
}

#[test]
fn the_end_is_said_again_at_every_call() {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(b"0\r\n\r\nnext", &mut pool);
    let mut reader = BodyReader::new(Framing::Chunked, BodyLimits::default()).unwrap();
    for _ in 0..3 {
        assert_eq!(reader.read(&mut input), Ok(Some(Piece::End)));
    }
    assert_eq!((reader.handle_eof(), input.raw()), (Ok(()), &b"next"[..]));
}

proptest! {
    #[test]
    fn a_chunked_body_is_read_again_however_it_is_cut(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..6),
        sizes in proptest::collection::vec(1..50_usize, 1..5),
    ) {
        let mut bytes: Vec<u8> = Vec::new();
        for chunk in &chunks {
            bytes.extend(format!("{:X};a=b\r\n", chunk.len()).bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\nA: b\r\n\r\nnext");
        let expected = Ok((chunks.concat(), 4));
        prop_assert_eq!(read(Framing::Chunked, BodyLimits::default(), &bytes, &sizes), expected);
    }

    #[test]
    fn garbage_means_the_same_however_it_is_cut(
        bytes in proptest::collection::vec(proptest::sample::select(&b"0123ab;=\"\\\r\n :"[..]), 0..60),
        sizes in proptest::collection::vec(1..20_usize, 1..5),
    ) {
        let in_pieces = read(Framing::Chunked, BodyLimits::default(), &bytes, &sizes);
        prop_assert_eq!(in_pieces, whole(Framing::Chunked, &bytes));
    }
}

#[test]
fn what_is_below_the_limit_is_handed_over_however_much_more_comes_with_it() {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let limits = BodyLimits { body: Some(3), ..BodyLimits::default() };
    let mut reader = BodyReader::new(Framing::UntilEof, limits).unwrap();
    input.fill(b"abcd", &mut pool);
    assert_eq!(reader.read(&mut input), Ok(Some(Piece::Data(b"abc"))));
    assert_eq!(reader.read(&mut input), Err(BodyError::TooLarge));
}
