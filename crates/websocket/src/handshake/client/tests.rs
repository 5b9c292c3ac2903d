use alloc::string::ToString;

use super::*;

const NONCE: &[u8; 16] = b"the sample nonce";

fn offer() -> Offer {
    Offer::new("wss://example.org:444/chat?a=b".parse().unwrap())
}

fn opening(offer: &Offer) -> Opening {
    Opening::new(offer, *NONCE, &Options::default()).unwrap()
}

fn right() -> Vec<(&'static str, &'static str)> {
    alloc::vec![
        ("Upgrade", "WebSocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ]
}

/// A right response in which the field `name` has these values instead.
fn with(name: &'static str, values: &[&'static str]) -> Response {
    let mut fields = right();
    fields.retain(|(field, _)| *field != name);
    fields.extend(values.iter().map(|value| (name, *value)));
    Response { headers: fields.into_iter().collect(), ..Response::new(101) }
}

#[test]
fn a_request_says_all_that_is_wanted() {
    let offer = offer().with_protocol("b").with_protocol("a").with_header("Origin", "https://x");
    let request = opening(&offer).request().clone();
    let fields: Vec<_> =
        request.headers.iter().map(|(name, value)| (name, value.escape_ascii().to_string())).collect();
    let expected = [
        ("Host", "example.org:444"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "b, a"),
        ("Origin", "https://x"),
    ];
    assert_eq!(fields, expected.map(|(name, value)| (name, String::from(value))));
    assert_eq!((&*request.method, &*request.target, request.version), ("GET", "/chat?a=b", Version::Http11));
}

#[test]
fn an_offer_that_cannot_be_made_says_why() {
    let cases = [
        (offer().with_protocol(""), OfferError::Protocol(String::new())),
        (offer().with_protocol("a,b"), OfferError::Protocol("a,b".into())),
        (offer().with_protocol("a").with_protocol("a"), OfferError::Protocol("a".into())),
        (offer().with_header("Host", "b"), FieldError::Reserved("Host".into()).into()),
        (
            offer().with_header("sec-websocket-key", "b"),
            FieldError::Reserved("sec-websocket-key".into()).into(),
        ),
        (
            offer().with_header("Transfer-Encoding", "chunked"),
            FieldError::Reserved("Transfer-Encoding".into()).into(),
        ),
        (offer().with_header("A", "b\r\nC: d"), FieldError::Value("A".into()).into()),
    ];
    for (offer, error) in cases {
        assert_eq!(Opening::new(&offer, *NONCE, &Options::default()).unwrap_err(), error);
        assert_eq!(Opening::extended(&offer, Version::Http2, &Options::default()).unwrap_err(), error);
    }
}

#[test]
fn a_right_response_is_agreed_to() {
    let opening = opening(&offer().with_protocol("a").with_protocol("b"));
    let check = |response: &Response| opening.check(response, &Options::default());
    assert_eq!(check(&with("X", &[])), Ok(Agreed::default()));
    assert_eq!(check(&with("Connection", &["keep-alive", "foo, upgrade"])), Ok(Agreed::default()));
    let agreed = check(&with("Sec-WebSocket-Protocol", &["b"])).unwrap();
    assert_eq!(agreed.protocol.as_deref(), Some("b"));
}

#[test]
fn every_wrong_response_has_its_reason() {
    let opening = opening(&offer().with_protocol("a"));
    let cases = [
        (Response::new(404), Mismatch::Status(404)),
        (Response { status: 200, ..with("X", &[]) }, Mismatch::Status(200)),
        (Response { version: Version::Http10, ..with("X", &[]) }, Mismatch::Version),
        (with("Upgrade", &[]), Mismatch::Upgrade),
        (with("Upgrade", &["websocket, h2c"]), Mismatch::Upgrade),
        (with("Connection", &["close"]), Mismatch::Upgrade),
        (with("Sec-WebSocket-Accept", &[]), Mismatch::Accept),
        (with("Sec-WebSocket-Accept", &["S3PPLMBITXAQ9KYGZZHZRBK+XOO="]), Mismatch::Accept),
        (with("Sec-WebSocket-Protocol", &["b"]), Mismatch::Protocol),
        (with("Sec-WebSocket-Protocol", &["A"]), Mismatch::Protocol),
        (with("Sec-WebSocket-Protocol", &["a", "a"]), Mismatch::Protocol),
        (with("Sec-WebSocket-Protocol", &["a, a"]), Mismatch::Protocol),
        (with("Sec-WebSocket-Protocol", &[""]), Mismatch::Protocol),
        (with("Sec-WebSocket-Extensions", &["permessage-deflate"]), Mismatch::Extensions),
        (with("Sec-WebSocket-Extensions", &[""]), Mismatch::Extensions),
    ];
    for (response, mismatch) in cases {
        assert_eq!(opening.check(&response, &Options::default()), Err(mismatch), "{response:?}");
    }
}

#[test]
fn an_extended_connect_is_made_and_checked() {
    let options = Options::default();
    for version in [Version::Http2, Version::Http3] {
        let opening = Opening::extended(&offer().with_protocol("a"), version, &options).unwrap();
        let request = opening.request();
        assert_eq!((&*request.method, &*request.target, request.version), ("CONNECT", "/chat?a=b", version));
        assert_eq!(request.headers.get_only(":protocol"), Some(&b"websocket"[..]));
        assert!(
            ["host", "upgrade", "connection", "sec-websocket-key"]
                .iter()
                .all(|name| !request.headers.contains(name))
        );
        // What a server of ours makes of it, a client of ours takes.
        let upgrade = crate::handshake::server::check(request).unwrap();
        let choice =
            crate::handshake::server::Choice { protocol: upgrade.prefer(&["a"]), ..Default::default() };
        let accepted = upgrade.accept(&choice, &options).unwrap();
        assert_eq!(opening.check(&accepted.response, &options), Ok(accepted.agreed));
        let answer = |status| Response { version, ..Response::new(status) };
        assert_eq!(opening.check(&answer(101), &options), Err(Mismatch::Status(101)));
        assert_eq!(opening.check(&answer(403), &options), Err(Mismatch::Status(403)));
        assert_eq!(opening.check(&Response::new(200), &options), Err(Mismatch::Version));
    }
    let error = Opening::extended(&offer(), Version::Http11, &options).unwrap_err();
    assert_eq!(error, OfferError::Version(Version::Http11));
}
