extern crate std;

use std::string::String;
use std::vec;

use super::*;

fn written(out: &Outbox) -> String {
    let mut slices = [&[][..]; sansocket_core::OUTBOX_SLICES];
    let filled = out.slices(&mut slices);
    String::from_utf8(slices[..filled].concat()).unwrap()
}

fn response(response: &Response, method: &str) -> String {
    let mut out = Outbox::default();
    encode_response(response, method, &mut out).unwrap();
    written(&out)
}

#[test]
fn a_request_is_written() {
    let mut request = Request::get("/a?b");
    request.headers.add("Host", "h");
    let mut out = Outbox::default();
    encode_request(&request, &mut out).unwrap();
    assert_eq!(written(&out), "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n");
    out.written(out.len());
    request.body = "body".into();
    encode_request(&request, &mut out).unwrap();
    assert_eq!(written(&out), "GET /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
}

#[test]
fn a_request_that_means_to_send_something_says_that_it_is_nothing() {
    let mut out = Outbox::default();
    encode_request(&Request { method: "POST".into(), ..Request::get("/") }, &mut out).unwrap();
    assert_eq!(written(&out), "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn a_response_is_written_with_its_own_length() {
    let page = Response::new(200).with_header("content-length", "99").with_header("A", "b").with_body("page");
    assert_eq!(response(&page, "GET"), "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 4\r\n\r\npage");
    assert_eq!(response(&page, "HEAD"), "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 4\r\n\r\n");
    assert_eq!(response(&Response::new(101), "GET"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert_eq!(response(&Response::new(204), "GET"), "HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(response(&Response::new(599), "GET"), "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn a_large_body_goes_by_reference() {
    let page = Response::new(200).with_body(vec![b'x'; 100_000]);
    let mut out = Outbox::default();
    encode_response(&page, "GET", &mut out).unwrap();
    let mut slices = [&[][..]; sansocket_core::OUTBOX_SLICES];
    assert_eq!(out.slices(&mut slices), 2);
    assert_eq!(slices[1].as_ptr(), page.body.as_ptr());
}

#[test]
fn what_would_not_be_what_it_says_is_not_written() {
    let mut out = Outbox::default();
    let get = |target: &str| Request::get(target);
    let with =
        |name: &str, value: &str| Request { headers: [(name, String::from(value))].into(), ..get("/") };
    let cases = [
        (Request { method: "GE T".into(), ..get("/") }, EncodeError::Method("GE T".into())),
        (Request { method: String::new(), ..get("/") }, EncodeError::Method(String::new())),
        (get(""), EncodeError::Target(String::new())),
        (get("/ b"), EncodeError::Target("/ b".into())),
        (get("/\r\nX: y"), EncodeError::Target("/\r\nX: y".into())),
        (with("A B", "c"), EncodeError::Name("A B".into())),
        (with("", "c"), EncodeError::Name(String::new())),
        (with(":protocol", "c"), EncodeError::Name(":protocol".into())),
        (with("A", "b\r\nX: y"), EncodeError::Value("A".into())),
        (with("A", "b\n"), EncodeError::Value("A".into())),
        (with("A", " b"), EncodeError::Value("A".into())),
        (with("A", "\0"), EncodeError::Value("A".into())),
        (Request { version: Version::Http2, ..get("/") }, EncodeError::Version(Version::Http2)),
    ];
    for (request, error) in cases {
        assert_eq!(encode_request(&request, &mut out), Err(error));
    }
    assert_eq!(encode_response(&Response::new(99), "GET", &mut out), Err(EncodeError::Status(99)));
    let split = Response::new(200).with_header("A", "b\r\nX: y");
    assert_eq!(encode_response(&split, "GET", &mut out), Err(EncodeError::Value("A".into())));
    assert!(out.is_empty());
}
