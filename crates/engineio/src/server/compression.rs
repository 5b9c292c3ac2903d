//! Answers made smaller.

use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::{Request, Response};
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status};

/// How a body is written (RFC 9110 §8.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
}

/// Payloads are made once and sent once: the fastest level that looks for repetitions.
const LEVEL: i32 = 1;
/// Of `window_bits`, 15 is the largest window, and 16 more asks for gzip's frame instead of zlib's.
const ZLIB: i32 = 15;
const GZIP: i32 = ZLIB + 16;

/// How answers to one request are made smaller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Smaller {
    coding: Coding,
    /// From so many bytes on.
    threshold: Option<usize>,
}

impl Smaller {
    pub(crate) fn new(request: &Request, threshold: Option<usize>) -> Smaller {
        Smaller { coding: Coding::of(request), threshold }
    }

    /// The response with this body, smaller if that is worth it.
    pub(crate) fn apply(self, response: Response, body: Bytes) -> Response {
        match self.threshold {
            Some(threshold) if body.len() >= threshold => self.coding.apply(response, body),
            _ => response.with_body(body),
        }
    }
}

impl Coding {
    /// What the client likes best of those we know (RFC 9110 §12.5.3).
    fn of(request: &Request) -> Coding {
        let listed =
            request.headers.get_all("accept-encoding").flat_map(|value| value.split(|byte| *byte == b','));
        let wishes = listed.filter_map(|item| {
            let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let coding = Coding::named(parts.next()?)?;
            let weight = parts.find_map(|part| part.strip_prefix(b"q=").or(part.strip_prefix(b"Q=")));
            Some((coding, weight.map_or(1000, thousandths)))
        });
        // Of equal wishes the first one counts: `max_by_key` would take the last.
        let best = wishes.fold((Coding::Identity, 0), |best, wish| if wish.1 > best.1 { wish } else { best });
        best.0
    }

    fn named(name: &[u8]) -> Option<Coding> {
        if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") {
            Some(Coding::Gzip)
        } else if name.eq_ignore_ascii_case(b"deflate") {
            Some(Coding::Deflate)
        } else {
            None
        }
    }

    /// The response with this body, smaller if that can be.
    fn apply(self, response: Response, body: Bytes) -> Response {
        let (name, window_bits) = match self {
            Coding::Identity => return response.with_body(body),
            Coding::Gzip => ("gzip", GZIP),
            Coding::Deflate => ("deflate", ZLIB),
        };
        match compressed(&body, window_bits) {
            Some(smaller) => response.with_header("Content-Encoding", name).with_body(smaller),
            None => response.with_body(body),
        }
    }
}

/// `body` in less room than it has; `None` if it takes more.
fn compressed(body: &[u8], window_bits: i32) -> Option<Vec<u8>> {
    let config = DeflateConfig { level: LEVEL, window_bits, ..DeflateConfig::default() };
    let mut deflate = Deflate::new_with_config(config);
    let mut smaller = alloc::vec![0; body.len()];
    let status = deflate.compress(body, &mut smaller, DeflateFlush::Finish).ok()?;
    smaller.truncate(deflate.total_out() as usize);
    (status == Status::StreamEnd).then_some(smaller)
}

/// `0.8` as 800; what is no weight (RFC 9110 §12.4.2) wishes for nothing.
fn thousandths(weight: &[u8]) -> u32 {
    let (whole, fraction) = match weight {
        [whole] => (whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
        _ => return 0,
    };
    if !whole.is_ascii_digit() || !fraction.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    let padded = fraction.iter().copied().chain(core::iter::repeat(b'0'));
    let all = core::iter::once(*whole).chain(padded.take(3));
    all.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(header: &str) -> Coding {
        let mut request = Request::get("/");
        request.headers.add("Accept-Encoding", header.as_bytes().to_vec());
        Coding::of(&request)
    }

    #[test]
    fn the_best_liked_coding_is_taken() {
        assert_eq!(wished("gzip, deflate, br"), Coding::Gzip);
        assert_eq!(wished("br, deflate;q=0.9, gzip;q=0.8"), Coding::Deflate);
        assert_eq!(wished("gzip;q=0"), Coding::Identity);
        assert_eq!(wished("gzip;q=0.001"), Coding::Gzip);
        assert_eq!(wished("gzip;q=high"), Coding::Identity);
        assert_eq!(wished("identity, *"), Coding::Identity);
        assert_eq!(Coding::of(&Request::get("/")), Coding::Identity);
    }

    #[test]
    fn what_would_grow_stays_as_it_is() {
        let noise: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(compressed(&noise[..40], GZIP), None);
        assert!(compressed(&[7; 2000], ZLIB).unwrap().len() < 100);
        assert_eq!(compressed(&[7; 2000], GZIP).unwrap()[..2], [0x1f, 0x8b]);
    }
}
