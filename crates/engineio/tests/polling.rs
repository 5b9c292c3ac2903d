//! Sessions that poll.
mod support;

use std::time::Duration;

use sansocket_core::{Message, SendError};
use sansocket_engineio::server::{Cookie, ServerOptions};
use sansocket_engineio::{Protocol, Reason};
use support::{Heard, House, body, header, options, text};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_session_opens_with_what_its_client_has_to_know() {
    let mut house = House::default();
    let answer = house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    let open = body(&answer);
    let (sid, rest) = open.strip_prefix(r#"0{"sid":""#).unwrap().split_at(20);
    assert!(sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(
        rest,
        r#"","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
    );
    assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=UTF-8"));
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    assert_eq!(header(&answer, "set-cookie"), None);
}

#[test]
fn a_message_goes_with_the_poll_that_waits_or_with_the_next() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    assert_eq!(house.answer(poll), None);
    house.server.send(session, "hello".into()).unwrap();
    house.server.send(session, Message::binary(vec![1, 2, 3, 4])).unwrap();
    assert_eq!(body(&house.answer(poll).unwrap()), "4hello\u{1e}bAQIDBA==");

    house.server.send(session, "again".into()).unwrap();
    let poll = house.poll(&sid);
    assert_eq!(body(&house.answer(poll).unwrap()), "4again");
}

#[test]
fn what_is_said_at_once_goes_with_the_handshake() {
    let mut house = House::default();
    let exchange =
        house.server.handle_request(House::request("GET", "EIO=4&transport=polling", b""), house.now);
    let session = house.server.poll_ready().unwrap();
    house.server.send(session, "welcome".into()).unwrap();
    let (open, welcome) = body(&house.answer(exchange).unwrap())
        .split_once('\u{1e}')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(open.starts_with("0{"));
    assert_eq!(welcome, "4welcome");
}

#[test]
fn a_body_of_many_packets_is_taken_when_it_was_read() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let request = House::request(
        "POST",
        &format!("EIO=4&transport=polling&sid={sid}"),
        "4a\u{1e}bAQID\u{1e}6\u{1e}4ü".as_bytes(),
    );
    let exchange = house.server.handle_request(request, house.now);
    // Nobody looked: the client waits.
    assert!(house.server.poll_response().is_none());
    assert_eq!(house.hears(session), [text("a"), Heard::Binary(vec![1, 2, 3]), text("ü")]);
    let answer = house.answer(exchange).unwrap();
    assert_eq!(
        (answer.status, body(&answer).as_str(), header(&answer, "content-type")),
        (200, "ok", Some("text/html"))
    );
}

#[test]
fn answers_are_no_larger_than_the_client_was_told_but_for_a_lone_packet() {
    let mut house = House::new(ServerOptions { max_payload: 10, ..options() });
    let (sid, session) = house.open(Protocol::V4);
    for message in ["1234", "1234", "1234567890", "12"] {
        house.server.send(session, message.into()).unwrap();
    }
    let mut bodies = Vec::new();
    while house.server.waiting_bytes(session) > 0 {
        let poll = house.poll(&sid);
        bodies.push(body(&house.answer(poll).unwrap()));
    }
    assert_eq!(bodies, ["41234", "41234", "41234567890", "412"]);
}

#[test]
fn a_second_poll_ends_the_session() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let (first, second) = (house.poll(&sid), house.poll(&sid));
    let refused = house.answer(second).unwrap();
    assert_eq!((refused.status, body(&refused).as_str()), (400, ""), "I-012");
    assert_eq!(body(&house.answer(first).unwrap()), "1");
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)]);
    assert!(house.server.is_empty());
}

#[test]
fn a_second_body_ends_the_session() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let head = || House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), b"");
    let first = house.server.handle_head(head(), house.now);
    let second = house.server.handle_head(head(), house.now);
    assert_eq!(house.answer(second).unwrap().status, 400, "I-013");
    assert_eq!(house.answer(first).unwrap().status, 400);
    house.server.handle_body(first, "4late".into());
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)]);
    assert!(house.server.is_empty());
}

#[test]
fn a_body_that_is_too_large_is_refused_and_the_session_goes_on() {
    let mut house = House::new(ServerOptions { max_payload: 10, ..options() });
    let (sid, session) = house.open(Protocol::V4);
    let refused = house.post(&sid, "4234567890a");
    assert_eq!((refused.status, body(&refused).as_str()), (413, ""));
    assert_eq!(body(&house.post(&sid, "4234567890")), "ok");
    assert_eq!(house.hears(session), [text("234567890")]);
}

#[test]
fn who_leaves_while_a_poll_waits_ends_the_session() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    house.server.handle_abort(poll);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)], "I-015");
    assert!(house.server.is_empty());
}

#[test]
fn a_client_that_does_not_poll_is_not_written_for_without_end() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let large = Message::text("x".repeat(1 << 20));
    house.server.send(session, large.clone()).expect("an empty queue takes any one message");
    for _ in 0..100 {
        assert_eq!(
            house.server.send(session, large.clone()),
            Err(SendError::Blocked(large.clone())),
            "I-021"
        );
    }
    assert!(house.server.waiting_bytes(session) <= (1 << 20) + 1);
    let poll = house.poll(&sid);
    assert_eq!(house.answer(poll).unwrap().body.len(), (1 << 20) + 1);
    assert_eq!(house.hears(session), [Heard::Room]);
    house.server.send(session, "on it goes".into()).unwrap();
}

#[test]
fn a_balancer_finds_its_cookie_in_the_first_answer_only() {
    let mut house = House::new(ServerOptions { cookie: Some(Cookie::default()), ..options() });
    let answer = house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    let cookie = header(&answer, "set-cookie").unwrap();
    let sid = cookie.strip_prefix("io=").unwrap().strip_suffix("; Path=/; HttpOnly; SameSite=Lax").unwrap();
    assert!(body(&answer).contains(sid));
    assert_eq!(header(&house.post(sid, "4a"), "set-cookie"), None);
}

#[test]
fn the_third_protocol_has_payloads_of_its_own() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V3);
    let query = format!("EIO=3&transport=polling&sid={sid}");
    let poll = |house: &mut House| house.ask(House::request("GET", &query, b""));

    house.server.send(session, "€😀".into()).unwrap();
    let exchange = poll(&mut house);
    assert_eq!(body(&house.answer(exchange).unwrap()), "4:4€😀", "lengths are UTF-16's");

    house.server.send(session, "hello".into()).unwrap();
    house.server.send(session, Message::binary(vec![1, 2, 3, 4])).unwrap();
    let exchange = poll(&mut house);
    let answer = house.answer(exchange).unwrap();
    let golden = b"\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04";
    assert_eq!(
        (&answer.body[..], header(&answer, "content-type")),
        (&golden[..], Some("application/octet-stream"))
    );

    let mut post = House::request("POST", &query, golden);
    post.headers.add("Content-Type", "application/octet-stream");
    assert_eq!(body(&house.answered(post)), "ok");
    assert_eq!(body(&house.answered(House::request("POST", &query, "3:4ü!8:b4AQID==".as_bytes()))), "");
    assert_eq!(house.hears(session)[..3], [text("hello"), Heard::Binary(vec![1, 2, 3, 4]), text("ü!")]);
}

#[test]
fn a_client_of_the_third_protocol_that_reads_no_bytes_gets_base64() {
    let mut house = House::default();
    house.answered(House::request("GET", "EIO=3&transport=polling&b64=1", b""));
    let session = *house.heard.keys().next().unwrap();
    let sid = house.server.sid(session).unwrap();
    house.server.send(session, Message::binary(vec![1, 2, 3, 4])).unwrap();
    // What it said at first counts, whatever its requests say later.
    let poll = house.ask(House::request("GET", &format!("EIO=3&transport=polling&sid={sid}"), b""));
    assert_eq!(body(&house.answer(poll).unwrap()), "10:b4AQIDBA==");
}

#[test]
fn bytes_of_the_fourth_protocol_are_no_body() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let mut post = House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), &[1, 2, 3]);
    post.headers.add("Content-Type", "application/octet-stream");
    let refused = house.answered(post);
    assert_eq!((refused.status, body(&refused).as_str()), (400, ""), "E-020");
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)]);
    assert!(house.server.is_empty());
}

#[test]
fn polls_may_be_answered_as_scripts() {
    let mut house = House::default();
    // E-037: what is no digit is not said back.
    let answer = house.answered(House::request("GET", "EIO=3&transport=polling&j=alert(1)//", b""));
    assert!(body(&answer).starts_with(r#"___eio[1](""#), "{answer:?}");
    assert!(!body(&answer).contains("alert"));
    let session = *house.heard.keys().next().unwrap();
    let sid = house.server.sid(session).unwrap();
    // E-038
    house.server.send(session, "\u{2028}</script>\"".into()).unwrap();
    let query = format!("EIO=3&transport=polling&j=0&sid={sid}");
    let poll = house.ask(House::request("GET", &query, b""));
    let script = body(&house.answer(poll).unwrap());
    assert_eq!(script, r#"___eio[0]("12:4\u2028\u003c/script\u003e\"");"#);

    let posted = house.answered(House::request("POST", &query, b"d=6%3A4hello"));
    assert_eq!(body(&posted), "ok");
    assert_eq!(house.hears(session)[1..], [text("hello")]);
}

#[cfg(feature = "compression")]
#[test]
fn long_answers_are_compressed_for_who_can_read_that() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = |house: &mut House, coding: &'static str| {
        let mut request = House::request("GET", &format!("EIO=4&transport=polling&sid={sid}"), b"");
        request.headers.add("Accept-Encoding", coding);
        let exchange = house.ask(request);
        house.answer(exchange).unwrap()
    };
    let long = Message::text("long ".repeat(1000));
    for (coding, used) in [("gzip, deflate, br", Some("gzip")), ("deflate", Some("deflate")), ("br", None)] {
        house.server.send(session, long.clone()).unwrap();
        let answer = poll(&mut house, coding);
        assert_eq!(header(&answer, "content-encoding"), used, "{coding}");
        assert_eq!(used.is_some(), answer.body.len() < 200);
    }
    house.server.send(session, "short".into()).unwrap();
    assert_eq!(header(&poll(&mut house, "gzip"), "content-encoding"), None);
    house.server.send_with(session, long.clone(), sansocket_engineio::server::Compress::No).unwrap();
    assert_eq!(header(&poll(&mut house, "gzip"), "content-encoding"), None);
}

#[test]
fn old_browsers_are_told_not_to_mangle_answers() {
    let mut house = House::default();
    let mut request = House::request("GET", "EIO=4&transport=polling", b"");
    request.headers.add("User-Agent", "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko");
    assert_eq!(header(&house.answered(request), "x-xss-protection"), Some("0"));
}

#[test]
fn sessions_that_nobody_uses_are_forgotten() {
    let mut house = House::default();
    for _ in 0..1000 {
        house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    }
    house.passes(44 * SECOND);
    assert_eq!(house.server.len(), 1000);
    house.passes(SECOND);
    assert!(house.server.is_empty(), "I-016: {:?}", house.server);
    assert!(house.heard.values().all(|heard| heard.last() == Some(&Heard::Closed(Reason::PingTimeout))));
}

#[test]
fn calls_for_what_is_gone_do_nothing() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    house.server.close(session, house.now);
    assert_eq!(body(&house.answer(poll).unwrap()), "1");
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    house.server.handle_abort(poll);
    house.server.handle_body(poll, "4a".into());
    house.server.close(session, house.now);
    assert_eq!(house.server.send(session, "a".into()), Err(SendError::Closed("a".into())));
    assert_eq!(house.server.poll_event(session, house.now), None);
    assert_eq!(house.post(&sid, "4a").status, 400, "I-023");
    assert!(house.server.is_empty());
}
