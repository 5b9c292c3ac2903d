use super::*;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A right request.
fn right() -> Vec<(&'static str, &'static str)> {
    alloc::vec![
        ("Host", "a"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Version", "13"),
    ]
}

fn request(fields: &[(&'static str, &'static str)]) -> Request {
    Request { headers: fields.iter().copied().collect(), ..Request::get("/") }
}

/// A right request in which the field `name` has these values instead.
fn with(name: &'static str, values: &[&'static str]) -> Request {
    let mut fields = right();
    fields.retain(|(field, _)| *field != name);
    fields.extend(values.iter().map(|value| (name, *value)));
    request(&fields)
}

fn refusal(request: &Request) -> Refusal {
    check(request).unwrap_err()
}

#[test]
fn a_right_request_is_accepted() {
    let accepted =
        check(&request(&right())).unwrap().accept(&Choice::default(), &Options::default()).unwrap();
    let expected = Response::new(101)
        .with_header("Upgrade", "websocket")
        .with_header("Connection", "Upgrade")
        .with_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(accepted, Accepted { response: expected, agreed: Agreed::default() });
}

#[test]
fn lists_may_hold_more_and_stretch_over_lines() {
    let right = [
        with("Upgrade", &["h2c, WebSocket"]),
        with("Upgrade", &["h2c", "WEBSOCKET"]),
        with("Connection", &["keep-alive, upgrade"]),
        with("Connection", &["keep-alive", "UPGRADE"]),
    ];
    right.iter().for_each(|request| assert!(check(request).is_ok(), "{request:?}"));
}

#[test]
fn every_wrong_field_has_its_refusal() {
    let cases = [
        (with("Host", &[]), Refusal::Host),
        (with("Host", &["a", "b"]), Refusal::Host),
        (with("Upgrade", &[]), Refusal::NotUpgrade),
        (with("Upgrade", &["h2c"]), Refusal::Upgrade),
        (with("Upgrade", &["websocketx"]), Refusal::Upgrade),
        (request(&[("Upgrade", "h2c")]), Refusal::NotUpgrade),
        (with("Connection", &[]), Refusal::Connection),
        (with("Connection", &["Upgradex"]), Refusal::Connection),
        (with("Sec-WebSocket-Version", &[]), Refusal::Version),
        (with("Sec-WebSocket-Version", &["8"]), Refusal::Version),
        (with("Sec-WebSocket-Version", &["13", "13"]), Refusal::Version),
        (with("Sec-WebSocket-Key", &[]), Refusal::Key),
        (with("Sec-WebSocket-Key", &["short"]), Refusal::Key),
        (with("Sec-WebSocket-Key", &[KEY, KEY]), Refusal::Key),
        (with("Content-Length", &["1"]), Refusal::Body),
        (with("Content-Length", &["x"]), Refusal::Body),
        (with("Transfer-Encoding", &["chunked"]), Refusal::Body),
        (with("Sec-WebSocket-Protocol", &["a,,b"]), Refusal::Protocols),
        (with("Sec-WebSocket-Protocol", &["a", "b, a"]), Refusal::Protocols),
        (with("Sec-WebSocket-Protocol", &["a b"]), Refusal::Protocols),
        (with("Sec-WebSocket-Extensions", &["a;"]), Refusal::Extensions),
        (Request { method: "POST".into(), ..request(&right()) }, Refusal::Method),
        (Request { method: "get".into(), ..request(&right()) }, Refusal::Method),
        (Request { version: Version::Http10, ..request(&right()) }, Refusal::HttpVersion),
    ];
    for (request, expected) in cases {
        assert_eq!(refusal(&request), expected, "{request:?}");
    }
    assert!(check(&with("Content-Length", &["0"])).is_ok());
}

#[test]
fn an_old_version_is_told_which_would_do_before_its_key_is_judged() {
    let old = request(&[
        ("Host", "a"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "8"),
    ]);
    assert_eq!(refusal(&old), Refusal::Version);
}

#[test]
fn of_the_subprotocols_both_know_the_clients_favourite_is_preferred() {
    let upgrade = check(&with("Sec-WebSocket-Protocol", &["superchat , chat", "v2"])).unwrap();
    assert_eq!(upgrade.protocols(), ["superchat", "chat", "v2"]);
    assert_eq!(upgrade.prefer(&["v2", "chat"]).as_deref(), Some("chat"));
    assert_eq!(upgrade.prefer(&["Chat"]), None);
    let choose = |protocol: &str| Choice { protocol: Some(protocol.into()), ..Choice::default() };
    let accepted = upgrade.accept(&choose("v2"), &Options::default()).unwrap();
    assert_eq!(accepted.response.headers.get_only("sec-websocket-protocol"), Some(&b"v2"[..]));
    assert_eq!(accepted.agreed.protocol.as_deref(), Some("v2"));
    let error = upgrade.accept(&choose("v3"), &Options::default()).unwrap_err();
    assert_eq!(error, ChoiceError::Protocol("v3".into()));
}

#[test]
fn the_application_adds_headers_but_not_those_of_the_handshake() {
    let upgrade = check(&request(&right())).unwrap();
    let accept = |name: &str, value: &str| {
        let headers = [(name, String::from(value))].into();
        upgrade.accept(&Choice { headers, ..Choice::default() }, &Options::default())
    };
    let accepted = accept("Set-Cookie", "a=b").unwrap();
    assert_eq!(accepted.response.headers.iter().last(), Some(("Set-Cookie", &b"a=b"[..])));
    let reserved =
        ["upgrade", "Connection", "HOST", "sec-websocket-accept", "Sec-WebSocket-Foo", "Content-Length"];
    for name in reserved {
        assert_eq!(accept(name, "x"), Err(FieldError::Reserved(name.into()).into()));
    }
    assert_eq!(accept("A:", "x"), Err(FieldError::Name("A:".into()).into()));
    assert_eq!(accept("A", "x\n"), Err(FieldError::Value("A".into()).into()));
}

fn connect(version: Version) -> Request {
    let headers = Headers::from([
        (":protocol", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "a"),
    ]);
    Request { method: "CONNECT".into(), version, headers, ..Request::get("/chat") }
}

#[test]
fn an_extended_connect_needs_no_key() {
    for version in [Version::Http2, Version::Http3] {
        let upgrade = check(&connect(version)).unwrap();
        let choice = Choice { protocol: upgrade.prefer(&["a"]), ..Choice::default() };
        let response = upgrade.accept(&choice, &Options::default()).unwrap().response;
        let expected = Response { version, ..Response::new(200) }.with_header("Sec-WebSocket-Protocol", "a");
        assert_eq!(response, expected);
    }
}

#[test]
fn what_is_no_extended_connect_for_a_websocket_is_somebody_elses() {
    let mut other = connect(Version::Http2);
    other.headers = [(":protocol", "connect-udp")].into();
    assert_eq!(refusal(&other), Refusal::NotUpgrade);
    assert_eq!(refusal(&Request { method: "GET".into(), ..connect(Version::Http2) }), Refusal::NotUpgrade);
    let mut old = connect(Version::Http3);
    old.headers = [(":protocol", "websocket"), ("sec-websocket-version", "8")].into();
    let response = refusal(&old).response(old.version);
    assert_eq!((response.status, response.version), (426, Version::Http3));
    assert!(!response.headers.contains("connection"));
    assert_eq!(Refusal::NotUpgrade.response(Version::Http2).status, 404);
}

#[test]
fn every_refusal_is_a_response_that_says_why() {
    let header = |refusal: Refusal, name: &str| {
        let response = refusal.response(Version::Http11);
        assert_eq!(response.status, refusal.status());
        assert!(!response.body.is_empty() && response.headers.has_token("connection", "close"));
        response.headers.get_only(name).map(|value| String::from_utf8(value.to_vec()).unwrap())
    };
    assert_eq!(header(Refusal::Method, "allow").as_deref(), Some("GET"));
    assert_eq!(header(Refusal::Version, "sec-websocket-version").as_deref(), Some("13"));
    assert_eq!(header(Refusal::NotUpgrade, "upgrade").as_deref(), Some("websocket"));
    // RFC 9110 §7.8
    assert_eq!(header(Refusal::NotUpgrade, "connection").as_deref(), Some("close, Upgrade"));
    assert_eq!(header(Refusal::Key, "connection").as_deref(), Some("close"));
    assert_eq!(Refusal::Origin.status(), 403);
}

#[test]
fn only_listed_origins_pass() {
    let listed = Origins::Only(alloc::vec!["https://a.example".into(), "http://localhost:8080".into()]);
    for origin in ["https://a.example", "HTTPS://A.example", "http://localhost:8080"] {
        assert_eq!(listed.check(&with("Origin", &[origin])), Ok(()), "{origin}");
    }
    for origin in ["https://a.example.evil", "http://a.example", "https://a.example:444", "null", ""] {
        assert_eq!(listed.check(&with("Origin", &[origin])), Err(Refusal::Origin), "{origin}");
        assert_eq!(Origins::Any.check(&with("Origin", &[origin])), Ok(()));
    }
    let two = with("Origin", &["https://a.example", "https://a.example"]);
    assert_eq!(listed.check(&two), Err(Refusal::Origin));
    assert_eq!(listed.check(&with("Origin", &[])), Ok(()), "no browser");
    assert_eq!(
        Origins::Only(Vec::new()).check(&with("Origin", &["https://a.example"])),
        Err(Refusal::Origin)
    );
}
