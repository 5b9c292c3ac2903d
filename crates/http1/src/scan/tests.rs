extern crate std;

use std::string::String;
use std::vec::Vec;

use super::*;

const HEAD: &[u8] = b"GET /chat HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\n\r\n";

#[test]
fn each_byte_is_looked_at_once_however_the_head_is_cut() {
    let mut scan = Scan::request();
    for end in 0..HEAD.len() {
        assert_eq!(scan.read(&HEAD[..end], &Limits::default()), Ok(None));
        assert_eq!(scan.looked, end);
    }
    let found = Found { start: 0, end: HEAD.len(), headers: 2 };
    assert_eq!(scan.read(HEAD, &Limits::default()), Ok(Some(found)));
}

#[test]
fn a_wrong_byte_ends_the_scan_where_it_stands() {
    let cases: [(&[u8], HeadError); 23] = [
        (b" ", HeadError::Method),
        (b"G\0", HeadError::Method),
        (b"GET  ", HeadError::Target),
        (b"GET /\t", HeadError::Target),
        (b"GET /#", HeadError::Target),
        (b"GET /\xc3", HeadError::Target),
        (b"GET /\r", HeadError::Target),
        (b"GET /\n", HeadError::BareLf),
        (b"GET / h", HeadError::Version),
        (b"GET / HTTP/x", HeadError::Version),
        (b"GET / HTTP/1x", HeadError::Version),
        (b"GET / HTTP/1.1 ", HeadError::Version),
        (b"GET / HTTP/2", HeadError::VersionNotSupported),
        (b"GET / HTTP/1.2", HeadError::VersionNotSupported),
        (b"GET / HTTP/1.1\n", HeadError::BareLf),
        (b"GET / HTTP/1.1\rX", HeadError::BareCr),
        (b"GET / HTTP/1.1\r\n ", HeadError::Folded),
        (b"GET / HTTP/1.1\r\n:", HeadError::Name),
        (b"GET / HTTP/1.1\r\nA ", HeadError::Name),
        (b"GET / HTTP/1.1\r\nA: b\0", HeadError::Value),
        (b"GET / HTTP/1.1\r\nA: b\x7f", HeadError::Value),
        (b"GET / HTTP/1.1\r\nA: b\n", HeadError::BareLf),
        (b"GET / HTTP/1.1\r\n\r\r", HeadError::BareCr),
    ];
    for (wrong, error) in cases {
        let text = wrong.escape_ascii();
        let right = &wrong[..wrong.len() - 1];
        assert_eq!(Scan::request().read(right, &Limits::default()), Ok(None), "{text}");
        assert_eq!(Scan::request().read(wrong, &Limits::default()), Err(error), "{text}");
    }
}

#[test]
fn a_response_line_is_as_strict() {
    let right = ["HTTP/1.1 101 Switching\r", "HTTP/1.0 200 \r", "HTTP/1.1 204\r", "HTTP/1.1 404 \u{e9}\t!\r"];
    for line in right {
        assert_eq!(Scan::response().read(line.as_bytes(), &Limits::default()), Ok(None), "{line}");
    }
    let wrong = [
        ("\r", HeadError::Version),
        ("HTTP/2", HeadError::VersionNotSupported),
        ("HTTP/1.1  ", HeadError::Status),
        ("HTTP/1.1 0", HeadError::Status),
        ("HTTP/1.1 1000", HeadError::Status),
        ("HTTP/1.1 20\r", HeadError::Status),
        ("HTTP/1.1 200 \0", HeadError::ReasonPhrase),
        ("HTTP/1.1 200\n", HeadError::BareLf),
    ];
    for (line, error) in wrong {
        assert_eq!(Scan::response().read(line.as_bytes(), &Limits::default()), Err(error), "{line}");
    }
}

#[test]
fn every_limit_lets_pass_what_just_fits() {
    let limits = Limits { head: HEAD.len(), headers: 2, line: 20 };
    assert!(matches!(Scan::request().read(HEAD, &limits), Ok(Some(_))));
    let tighter = [
        (Limits { head: HEAD.len() - 1, ..limits }, HeadError::TooLarge),
        (Limits { headers: 1, ..limits }, HeadError::TooManyHeaders),
        (Limits { line: 18, ..limits }, HeadError::TargetTooLong),
        (Limits { head: 0, ..limits }, HeadError::TooLarge),
    ];
    for (limits, error) in tighter {
        assert_eq!(Scan::request().read(HEAD, &limits), Err(error));
    }
    let longer = b"GET / HTTP/1.1\r\nHost: example.org.au\r\n\r\n";
    assert_eq!(Scan::request().read(longer, &limits), Err(HeadError::LineTooLong));
}

#[test]
fn an_error_stays_an_error() {
    for cut in [1, 3, 100] {
        let bytes: Vec<u8> = [&b"\r\n\r\n\r\n"[..], HEAD].concat();
        let mut scan = Scan::request();
        let ends = (cut..=bytes.len()).step_by(cut).chain([bytes.len()]);
        let got: Vec<_> = ends.filter_map(|end| scan.read(&bytes[..end], &Limits::default()).err()).collect();
        assert!(!got.is_empty() && got.iter().all(|error| *error == HeadError::EmptyLines), "{got:?}");
    }
}

#[test]
fn garbage_never_passes_and_never_panics() {
    let mut state = 1_u32;
    for _ in 0..20_000 {
        let garbage: Vec<u8> = (0..40)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b"GET /HTTP1.:\r\n\0 aA"[(state >> 24) as usize % 18]
            })
            .collect();
        let whole = Scan::request().read(&garbage, &Limits::default());
        let mut scan = Scan::request();
        let pieces = (1..=garbage.len()).map(|end| scan.read(&garbage[..end], &Limits::default()));
        let first = pieces.into_iter().find(|step| *step != Ok(None)).unwrap_or(Ok(None));
        assert_eq!(first, whole, "{}", String::from_utf8_lossy(&garbage));
    }
}
