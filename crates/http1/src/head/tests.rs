extern crate std;

use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use proptest::prelude::*;
use sansocket_core::Pool;

use super::*;
use crate::{encode_request, encode_response};

fn read_request(bytes: &[u8]) -> Result<Option<Request>, HeadError> {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(bytes, &mut pool);
    RequestReader::new(Limits::default()).read(&mut input)
}

fn request_error(lines: &str) -> HeadError {
    read_request(format!("{lines}\r\n\r\n").as_bytes()).unwrap_err()
}

#[test]
fn a_request_is_read_as_it_came() {
    let head = b"OPTIONS * HTTP/1.1\r\nhost:a:1\r\nX-Latin: \t caf\xe9 \t\r\nx-empty:\r\nx-latin: 2\r\n\r\n";
    let request = read_request(head).unwrap().unwrap();
    assert_eq!((&*request.method, &*request.target, request.version), ("OPTIONS", "*", Version::Http11));
    let fields: Vec<_> = request.headers.iter().collect();
    let expected: [(&str, &[u8]); 4] =
        [("host", b"a:1"), ("X-Latin", b"caf\xe9"), ("x-empty", b""), ("x-latin", b"2")];
    assert_eq!(fields, expected);
}

#[test]
fn a_response_is_read_as_it_came() {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(b"HTTP/1.0 404 Not  Found\r\nA: b\r\n\r\nHTTP/1.1 200\r\n\r\nbody", &mut pool);
    let mut reader = ResponseReader::new(Limits::default());
    let first = reader.read(&mut input).unwrap().unwrap();
    let expected = Response { version: Version::Http10, ..Response::new(404).with_header("A", "b") };
    assert_eq!(first, expected);
    assert_eq!(reader.read(&mut input), Ok(Some(Response::new(200))));
    assert_eq!(input.raw(), b"body");
}

#[test]
fn requests_follow_one_another() {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let mut reader = RequestReader::new(Limits::default());
    assert!(!reader.has_begun());
    input.fill(b"\r\nGET /1 HTTP/1.0\r\n\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost:\r\n\r\nG", &mut pool);
    assert_eq!(reader.read(&mut input).unwrap().unwrap().target, "/1");
    assert_eq!(reader.read(&mut input).unwrap().unwrap().target, "/2");
    assert_eq!((reader.read(&mut input), reader.has_begun()), (Ok(None), true));
}

#[test]
fn an_http_1_1_request_has_one_right_host() {
    assert_eq!(request_error("GET / HTTP/1.1"), HeadError::HostMissing);
    assert_eq!(request_error("GET / HTTP/1.1\r\nHost: a\r\nhost: a"), HeadError::HostRepeated);
    assert_eq!(request_error("GET / HTTP/1.0\r\nHost: a\r\nhost: b"), HeadError::HostRepeated);
    for host in ["a b", "a/b", "u@a", "a,b", "a?b", "\u{e9}"] {
        assert_eq!(request_error(&format!("GET / HTTP/1.1\r\nHost: {host}")), HeadError::Host, "{host}");
    }
    for host in ["", "a", "a.example:8080", "[::1]:80", "127.0.0.1", "a_b~c"] {
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert!(read_request(head.as_bytes()).is_ok(), "{host}");
    }
}

#[test]
fn a_target_has_the_form_that_goes_with_its_method() {
    let target = |line: &str| {
        let head = format!("{line} HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n");
        let request = read_request(head.as_bytes())?.unwrap();
        let host = String::from_utf8(request.headers.get_only("host").unwrap().to_vec()).unwrap();
        Ok((request.target, host))
    };
    let is = |target: &str, host: &str| Ok((target.into(), host.into()));
    assert_eq!(target("GET /a?b"), is("/a?b", "h"));
    assert_eq!(target("OPTIONS *"), is("*", "h"));
    assert_eq!(target("CONNECT a:1"), is("a:1", "h"));
    assert_eq!(target("GET http://a:1/b?c"), is("/b?c", "a:1"));
    assert_eq!(target("GET WS://a"), is("/", "a"));
    assert_eq!(target("GET https://a?b"), is("/?b", "a"));
    for wrong in [
        "GET *",
        "GET a",
        "GET a:1",
        "CONNECT /",
        "GET ftp://a/",
        "GET http:///",
        "GET http://u@a/",
        "GET ://a",
    ] {
        assert_eq!(target(wrong), Err(HeadError::Target), "{wrong}");
    }
}

#[test]
fn every_error_has_a_status_and_a_section() {
    assert_eq!(HeadError::VersionNotSupported.status(), 505);
    assert_eq!(HeadError::TargetTooLong.status(), 414);
    assert_eq!(HeadError::TooManyHeaders.status(), 431);
    assert_eq!((HeadError::Folded.status(), HeadError::Folded.section()), (400, "RFC 9112 §5.2"));
}

fn token() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let inside = prop_oneof![Just(b' '), Just(b'\t'), 0x21..=0x7e_u8, 0x80..=0xff_u8];
    proptest::collection::vec(inside, 0..20).prop_map(|value| value.trim_ascii().to_vec())
}

fn headers_strategy() -> impl Strategy<Value = Headers> {
    let own = ["host", "content-length", "transfer-encoding"];
    let name =
        token().prop_filter("written by the encoder", move |name| !own.contains(&&*name.to_lowercase()));
    proptest::collection::vec((name, value()), 0..10).prop_map(Headers::from_iter)
}

fn write_all(out: &mut sansocket_core::Outbox) -> Vec<u8> {
    let bytes = out.flat().map(<[u8]>::to_vec).unwrap_or_default();
    out.written(bytes.len());
    bytes
}

/// What comes of `bytes` in pieces of these sizes, over and over.
fn in_pieces<T>(
    bytes: &[u8],
    sizes: &[usize],
    mut read: impl FnMut(&mut Input) -> Result<Option<T>, HeadError>,
) -> Result<Option<T>, HeadError> {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (piece, behind) = rest.split_at(rest.len().min(*size));
        input.fill(piece, &mut pool);
        rest = behind;
        match read(&mut input) {
            Ok(None) if rest.is_empty() => return Ok(None),
            Ok(None) => {}
            found => return found,
        }
    }
    Ok(None)
}

proptest! {
    #[test]
    fn what_is_written_is_read_again_however_it_is_cut(
        method in token(), path in "/[!-\"$-~]{0,30}", headers in headers_strategy(),
        sizes in proptest::collection::vec(1..40_usize, 1..5), status in 200..999_u16,
    ) {
        prop_assume!(method != "CONNECT");
        let mut request = Request { method, headers: headers.clone(), ..Request::get(path) };
        request.headers.add("Host", "a");
        let mut out = sansocket_core::Outbox::default();
        encode_request(&request, &mut out).unwrap();
        let bytes = write_all(&mut out);
        let mut reader = RequestReader::new(Limits::default());
        prop_assert_eq!(in_pieces(&bytes, &sizes, |input| reader.read(input)), Ok(Some(request)));

        let response = Response { headers, ..Response::new(status) };
        encode_response(&response, "GET", &mut out).unwrap();
        let bytes = write_all(&mut out);
        let mut reader = ResponseReader::new(Limits::default());
        let mut expected = response;
        if ![204, 304].contains(&status) {
            expected.headers.add("Content-Length", "0");
        }
        prop_assert_eq!(in_pieces(&bytes, &sizes, |input| reader.read(input)), Ok(Some(expected)));
    }

    #[test]
    fn a_head_means_the_same_however_it_is_cut(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..4), at in 0..60_usize,
        sizes in proptest::collection::vec(1..30_usize, 1..5),
    ) {
        let right = b"GET /a HTTP/1.1\r\nHost: a\r\nAccept: x, y\r\n\r\n";
        let (before, behind) = right.split_at(at.min(right.len()));
        bytes = [before, &bytes, behind].concat();
        let mut reader = RequestReader::new(Limits::default());
        prop_assert_eq!(in_pieces(&bytes, &sizes, |input| reader.read(input)), read_request(&bytes));
    }
}

#[test]
fn values_share_one_copy_of_the_head() {
    let request = read_request(b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n").unwrap().unwrap();
    let places: Vec<usize> = request.headers.iter().map(|(_, value)| value.as_ptr() as usize).collect();
    assert_eq!(places[1] - places[0], "a\r\nA: ".len());
    assert_eq!(vec!["Host", "A"], request.headers.iter().map(|(name, _)| name).collect::<Vec<_>>());
}
