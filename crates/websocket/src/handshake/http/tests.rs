use alloc::vec::Vec;

use super::*;
use crate::Options;
use crate::handshake::client::{Offer, Opening};
use crate::handshake::server::{self, Choice};

#[test]
fn a_handshake_goes_through_the_types_of_http() {
    let options = Options::default();
    let offer = Offer::new("ws://a/chat?b=c".parse().unwrap()).with_protocol("p");
    let opening = Opening::new(&offer, [7; 16], &options).unwrap();

    let (parts, _) = request_into(opening.request()).unwrap().into_parts();
    assert_eq!((parts.method.as_str(), &parts.uri.to_string()[..]), ("GET", "/chat?b=c"));
    let request = request_from(&parts);
    let upgrade = server::check(&request).unwrap();
    let choice = Choice {
        protocol: upgrade.prefer(&["p"]),
        headers: [("Set-Cookie", "a"), ("Set-Cookie", "b")].into(),
    };
    let accepted = upgrade.accept(&choice, &options).unwrap();

    let (parts, _) = response_into(&accepted.response).unwrap().into_parts();
    assert_eq!(parts.status.as_u16(), 101);
    assert_eq!(parts.headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(opening.check(&response_from(&parts), &options), Ok(accepted.agreed));
}

#[test]
fn an_absolute_uri_keeps_its_path() {
    let (parts, ()) = ::http::Request::get("http://a/b?c").body(()).unwrap().into_parts();
    assert_eq!(
        (request_from(&parts).target.as_str(), request_from(&parts).version),
        ("/b?c", Version::Http11)
    );
}

#[test]
fn versions_and_pseudo_headers_find_their_place() {
    let options = Options::default();
    let offer = Offer::new("wss://a/".parse().unwrap());
    for (ours, theirs) in
        [(Version::Http2, ::http::Version::HTTP_2), (Version::Http3, ::http::Version::HTTP_3)]
    {
        let opening = Opening::extended(&offer, ours, &options).unwrap();
        let (parts, _) = request_into(opening.request()).unwrap().into_parts();
        assert_eq!((parts.version, parts.method.as_str()), (theirs, "CONNECT"));
        let mut request = request_from(&parts);
        request.headers.add(":protocol", "websocket");
        assert!(server::check(&request).is_ok());
    }
}

#[test]
fn what_http_does_not_take_is_an_error() {
    assert!(response_into(&Response::new(99)).is_err());
    assert!(response_into(&Response::new(200).with_header("a b", "c")).is_err());
    assert!(response_into(&Response::new(200).with_header("a", "\n")).is_err());
    assert!(request_into(&Request::get("no uri at all")).is_err());
}
