//! Who is turned away, and how: what the JavaScript server answers, row by row.
mod support;

use sansocket_engineio::server::{Asks, Cors, Origins, Purpose, Refusal, ServerOptions};
use sansocket_engineio::{Protocol, Transport};
use support::{House, body, header, options};

const JSON: Option<&str> = Some("application/json");

/// What is asked for, with `{sid}` for a session of protocol 4 that polls, `{ws}` for one over a WebSocket, and `{old}`
/// for one of protocol 3; and what it gets.
struct Row {
    what: &'static str,
    method: &'static str,
    query: &'static str,
    status: u16,
    body: &'static str,
    kind: Option<&'static str>,
}

const fn row(
    what: &'static str,
    asked: (&'static str, &'static str),
    status: u16,
    body: &'static str,
    kind: Option<&'static str>,
) -> Row {
    Row { what, method: asked.0, query: asked.1, status, body, kind }
}

const UNKNOWN_TRANSPORT: &str = r#"{"code":0,"message":"Transport unknown"}"#;
const UNKNOWN_SESSION: &str = r#"{"code":1,"message":"Session ID unknown"}"#;
const METHOD: &str = r#"{"code":2,"message":"Bad handshake method"}"#;
const BAD_REQUEST: &str = r#"{"code":3,"message":"Bad request"}"#;
const VERSION: &str = r#"{"code":5,"message":"Unsupported protocol version"}"#;

const ROWS: &[Row] = &[
    row("no transport (E-051)", ("GET", "EIO=4&x=1"), 400, UNKNOWN_TRANSPORT, JSON),
    row("an unknown transport (E-045)", ("GET", "EIO=4&transport=foo"), 400, UNKNOWN_TRANSPORT, JSON),
    row(
        "a property of objects (E-046)",
        ("GET", "EIO=4&transport=constructor"),
        400,
        UNKNOWN_TRANSPORT,
        JSON,
    ),
    row("their prototype (E-047)", ("GET", "EIO=4&transport=__proto__"), 400, UNKNOWN_TRANSPORT, JSON),
    row(
        "WebTransport over HTTP (E-050)",
        ("GET", "EIO=4&transport=webtransport"),
        400,
        UNKNOWN_TRANSPORT,
        JSON,
    ),
    row(
        "two transports (E-048)",
        ("GET", "EIO=4&transport=polling&transport=websocket"),
        400,
        BAD_REQUEST,
        JSON,
    ),
    row(
        "an unknown session (I-001)",
        ("GET", "EIO=4&transport=polling&sid=nope"),
        400,
        UNKNOWN_SESSION,
        JSON,
    ),
    row("a prototype (I-002)", ("GET", "EIO=4&transport=polling&sid=__proto__"), 400, UNKNOWN_SESSION, JSON),
    row(
        "a constructor (I-003)",
        ("GET", "EIO=4&transport=polling&sid=constructor"),
        400,
        UNKNOWN_SESSION,
        JSON,
    ),
    row("a zero byte (I-005)", ("GET", "EIO=4&transport=polling&sid=%00"), 400, UNKNOWN_SESSION, JSON),
    row("brackets (I-007)", ("GET", "EIO=4&transport=polling&sid=[]"), 400, UNKNOWN_SESSION, JSON),
    row("a path (I-008)", ("GET", "EIO=4&transport=polling&sid=../x"), 400, UNKNOWN_SESSION, JSON),
    row("an empty id", ("GET", "EIO=4&transport=polling&sid="), 400, UNKNOWN_SESSION, JSON),
    row("handshake by POST (E-052)", ("POST", "EIO=4&transport=polling"), 400, METHOD, JSON),
    row("handshake by PUT (E-053)", ("PUT", "EIO=4&transport=polling"), 400, METHOD, JSON),
    row("handshake by DELETE (E-055)", ("DELETE", "EIO=4&transport=polling"), 400, METHOD, JSON),
    row("a WebSocket without an upgrade", ("GET", "EIO=4&transport=websocket"), 400, BAD_REQUEST, JSON),
    row("another transport", ("GET", "EIO=4&transport=websocket&sid={sid}"), 400, BAD_REQUEST, JSON),
    row(
        "polling what has a WebSocket (I-011)",
        ("GET", "EIO=4&transport=polling&sid={ws}"),
        400,
        BAD_REQUEST,
        JSON,
    ),
    row("another protocol (I-010)", ("POST", "EIO=3&transport=polling&sid={sid}"), 400, BAD_REQUEST, JSON),
    row("no protocol (I-010)", ("GET", "transport=polling&sid={sid}"), 400, BAD_REQUEST, JSON),
    row("a newer protocol", ("GET", "EIO=4&transport=polling&sid={old}"), 400, BAD_REQUEST, JSON),
    row("protocol 5 (E-040)", ("GET", "EIO=5&transport=polling"), 400, VERSION, JSON),
    row("protocol 4x (E-041)", ("GET", "EIO=4x&transport=polling"), 400, VERSION, JSON),
    row("an empty protocol (E-042)", ("GET", "EIO=&transport=polling"), 400, VERSION, JSON),
    row("PUT in a session", ("PUT", "EIO=4&transport=polling&sid={sid}"), 500, "", None),
    row("DELETE in a session", ("DELETE", "EIO=4&transport=polling&sid={sid}"), 500, "", None),
];

#[test]
fn every_wrong_request_gets_the_status_and_body_that_clients_know() {
    for row in ROWS {
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        let (old, _) = house.open(Protocol::V3);
        let (_, websocket) = house.open_websocket(Protocol::V4);
        let websocket = house.server.sid(websocket).unwrap().to_string();
        let query = row.query.replace("{sid}", &sid).replace("{ws}", &websocket).replace("{old}", &old);
        let answer = house.answered(House::request(row.method, &query, b""));
        assert_eq!((answer.status, body(&answer).as_str()), (row.status, row.body), "{}", row.what);
        assert_eq!(header(&answer, "content-type"), row.kind, "{}", row.what);
        // Also who is turned away may read why.
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"), "{}", row.what);
        assert_eq!(house.server.len(), 3, "{}: no session begins or ends", row.what);
        assert!(house.hears(session).is_empty(), "{}", row.what);
    }
}

#[test]
fn a_very_long_id_is_unknown() {
    let mut house = House::default();
    let query = format!("EIO=4&transport=polling&sid={}", "a".repeat(4096));
    let answer = house.answered(House::request("GET", &query, b""));
    assert_eq!((answer.status, body(&answer).as_str()), (400, UNKNOWN_SESSION), "I-006");
}

#[test]
fn the_protocol_may_be_missing_only_where_the_third_is_allowed() {
    for (query, allowed) in
        [("transport=polling", false), ("EIO=3&transport=polling", false), ("transport=polling", true)]
    {
        let mut house = House::new(ServerOptions { allow_eio3: allowed, ..ServerOptions::default() });
        let answer = house.answered(House::request("GET", query, b""));
        match allowed {
            false => assert_eq!((answer.status, body(&answer).as_str()), (400, VERSION), "E-043"),
            // The third protocol's payload begins with a length.
            true => assert!(body(&answer).split_once(':').unwrap().1.starts_with("0{"), "{answer:?}"),
        }
    }
}

#[test]
fn an_origin_that_is_no_header_is_a_bad_request() {
    let mut house = House::default();
    let mut request = House::request("GET", "EIO=4&transport=polling", b"");
    request.headers.add("Origin", "http://a\u{1}");
    let answer = house.answered(request);
    assert_eq!((answer.status, body(&answer).as_str()), (400, BAD_REQUEST));
}

#[test]
fn a_websocket_is_refused_in_words_before_it_is_one() {
    let mut house = House::default();
    let (sid, _) = house.open(Protocol::V4);
    let asked = [
        ("EIO=4&transport=websocket&sid=zz".to_owned(), "Session ID unknown"), // U-001
        (format!("transport=websocket&sid={sid}"), "Bad request"),             // U-002
        (format!("EIO=3&transport=websocket&sid={sid}"), "Bad request"),       // U-002
        ("EIO=4&transport=polling".to_owned(), "Bad request"),                 // U-003
        (format!("EIO=4&transport=polling&sid={sid}"), "Bad request"),         // U-003
        ("EIO=4&transport=nope".to_owned(), "Transport unknown"),
        ("EIO=9&transport=websocket".to_owned(), "Unsupported protocol version"),
    ];
    for (query, words) in asked {
        let refused = house.server.handle_upgrade(House::request("GET", &query, b""), house.now).unwrap_err();
        assert_eq!((refused.status, body(&refused).as_str()), (400, words), "{query}");
        assert_eq!(header(&refused, "content-type"), Some("text/html"));
        assert_eq!(header(&refused, "connection"), Some("close"));
    }
    assert_eq!(house.server.len(), 1);
}

#[test]
fn who_decides_may_refuse_a_handshake_and_nothing_else() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let handshake = House::request("GET", "EIO=4&transport=polling", b"");
    let poll = House::request("GET", &format!("EIO=4&transport=polling&sid={sid}"), b"");
    assert_eq!(house.server.check(&handshake, Purpose::Exchange), Ok(Asks::Handshake));
    assert_eq!(house.server.check(&poll, Purpose::Exchange), Ok(Asks::Session(session)));
    assert_eq!(house.server.check(&poll, Purpose::WebSocket), Err(Refusal::BadRequest));

    let refused = house.server.refuse(&handshake, Purpose::Exchange, "not \"you\"");
    let said = r#"{"code":4,"message":"not \"you\""}"#;
    assert_eq!((refused.status, body(&refused).as_str()), (403, said));
    assert_eq!(header(&refused, "access-control-allow-origin"), Some("*"));
    let refused = house.server.refuse(&handshake, Purpose::WebSocket, "not you");
    assert_eq!((refused.status, body(&refused).as_str()), (400, "not you"));
}

#[test]
fn a_full_house_asks_to_come_again() {
    let mut house = House::new(ServerOptions { max_sessions: Some(1), ..options() });
    house.open(Protocol::V4);
    let answer = house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    assert_eq!((answer.status, header(&answer, "retry-after")), (503, Some("5")));
}

#[test]
fn a_transport_that_is_not_offered_is_unknown() {
    let mut house = House::new(ServerOptions { transports: vec![Transport::WebSocket], ..options() });
    let answer = house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    assert_eq!(body(&answer), UNKNOWN_TRANSPORT);
    house.open_websocket(Protocol::V4);
}

#[test]
fn a_browser_learns_beforehand_what_it_may_do() {
    let mut house = House::default();
    let mut request = House::request("OPTIONS", "EIO=4&transport=polling&sid=whatever", b"");
    request.headers.add("Origin", "https://example.org");
    request.headers.add("Access-Control-Request-Headers", "x-one, x-two");
    let answer = house.answered(request.clone());
    assert_eq!(answer.status, 204);
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&answer, "access-control-allow-headers"), Some("x-one, x-two"));
    assert_eq!(header(&answer, "access-control-allow-methods"), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));

    let cors = Cors {
        origins: Origins::List(vec!["https://example.org".into()]),
        credentials: true,
        ..Cors::default()
    };
    let mut house = House::new(ServerOptions { cors: Some(cors), ..options() });
    let answer = house.answered(request.clone());
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://example.org"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"));
    request.method = "GET".into();
    request.headers = [("Origin", "https://evil.example")].into();
    let answer = house.answered(request);
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
    assert_eq!(header(&answer, "vary"), Some("Origin"));
}
