//! Sessions end once, with a reason, and leave nothing behind.
mod support;

use std::time::Duration;

use sansocket_core::{Data, SendError};
use sansocket_engineio::server::ServerOptions;
use sansocket_engineio::{Protocol, Reason};
use support::{Heard, House, body, options, text};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_client_that_polls_says_goodbye() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    assert_eq!(body(&house.post(&sid, "4last words\u{1e}1\u{1e}4never said")), "ok");
    assert_eq!(body(&house.answer(poll).unwrap()), "6");
    assert_eq!(house.hears(session), [text("last words"), Heard::Closed(Reason::TransportClose)], "E-006");
    assert_eq!(house.post(&sid, "4a").status, 400);
    assert!(house.server.is_empty());
}

#[test]
fn a_client_over_a_websocket_says_goodbye() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.says(websocket, "1");
    assert_eq!(house.sends_text(websocket), ["close"]);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportClose)]);
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.server.handle_close(websocket, Reason::TransportClose);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportClose)]);
    assert!(house.server.is_empty());
}

#[test]
fn we_say_goodbye_to_a_poll_behind_the_one_with_what_waits() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    house.server.send(session, "last words".into()).unwrap();
    house.server.close(session, house.now);
    assert_eq!(house.server.send(session, "too late".into()), Err(SendError::Closed("too late".into())));
    // It has half a minute to come for them.
    house.passes(29 * SECOND);
    assert!(house.hears(session).is_empty());
    let poll = house.poll(&sid);
    assert_eq!(body(&house.answer(poll).unwrap()), "4last words");
    assert!(house.hears(session).is_empty());
    let poll = house.poll(&sid);
    assert_eq!(body(&house.answer(poll).unwrap()), "1", "alone, for JavaScript clients would hear it first");
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    assert!(house.server.is_empty());
}

#[test]
fn who_does_not_come_for_our_goodbye_is_gone_without() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    house.server.close(session, house.now);
    assert_eq!(body(&house.post(&sid, "4not heard any more")), "ok");
    house.passes(30 * SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    assert!(house.server.is_empty());
}

#[test]
fn we_close_a_websocket_behind_what_waits() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.server.send(session, "last words".into()).unwrap();
    house.server.close(session, house.now);
    house.server.close(session, house.now);
    assert_eq!(house.server.poll_dirty(), Some(websocket));
    assert_eq!(house.sends_text(websocket), ["4last words", "close"]);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    assert!(house.server.is_empty());
}

#[test]
fn closing_while_upgrading_closes_both() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    house.server.close(session, house.now);
    assert_eq!(body(&house.answer(poll).unwrap()), "1");
    assert_eq!(house.sends_text(websocket), ["close"]);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    assert!(house.server.is_empty());
}

#[test]
fn everybody_can_be_sent_home() {
    let mut house = House::default();
    let (_, polls) = house.open(Protocol::V4);
    let (websocket, carried) = house.open_websocket(Protocol::V4);
    house.server.close_all(house.now);
    assert_eq!(house.sends_text(websocket), ["close"]);
    house.passes(30 * SECOND);
    for session in [polls, carried] {
        assert_eq!(house.hears(session), [Heard::Closed(Reason::ForcedClose)]);
    }
    assert!(house.server.is_empty());
}

#[test]
fn what_is_no_packet_ends_the_session_behind_what_came_before() {
    let wrong: [&[u8]; 11] = [
        b"",                   // E-001
        b"zzz",                // E-002
        b"\x1e",               // E-003
        b"7",                  // E-012
        "\u{664}a".as_bytes(), // E-013
        b"b!!!!",              // E-015
        b"bAQ ID",             // E-017
        b"b-_-_",
        b"bAQJ=",
        b"4\xff\xfe", // E-018
        b"\x1e4a",
    ];
    for body in wrong {
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        let poll = house.poll(&sid);
        let whole = [b"4before\x1e", body].concat();
        assert_eq!(house.post(&sid, &whole).status, 400, "{body:?}");
        assert_eq!(house.hears(session), [text("before"), Heard::Closed(Reason::ParseError)], "{body:?}");
        assert_eq!(support::body(&house.answer(poll).unwrap()), "1");
        assert!(house.server.is_empty());
    }
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    assert_eq!(house.post(&sid, b"").status, 400, "E-001");
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ParseError)]);
}

#[test]
fn what_means_nothing_from_a_client_is_passed_over() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    // E-005, E-008, E-010, E-011, E-016
    for packet in ["0{}", "3", "5", "6"] {
        assert_eq!(body(&house.post(&sid, packet)), "ok");
    }
    assert_eq!(body(&house.post(&sid, "b")), "ok");
    assert_eq!(house.hears(session), [Heard::Binary(vec![])]);
}

#[test]
fn a_websocket_that_says_what_is_no_packet_is_closed() {
    // E-056, and others.
    for said in ["", "9", "x", "b!"] {
        let mut house = House::default();
        let (websocket, session) = house.open_websocket(Protocol::V4);
        house.says(websocket, said);
        house.says(websocket, "4never heard");
        assert_eq!(house.hears(session), [Heard::Closed(Reason::ParseError)], "{said:?}");
        assert_eq!(house.sends_text(websocket), ["close"]);
        assert!(house.server.is_empty());
    }
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.says(websocket, "0{}"); // E-058
    house.says(websocket, "bAQID"); // E-061: as bytes
    house.says_data(websocket, Data::Binary(&[])); // E-062
    assert_eq!(house.hears(session), [Heard::Binary(vec![1, 2, 3]), Heard::Binary(vec![])]);
}

#[test]
fn more_packets_in_one_body_than_are_allowed_end_the_session() {
    let mut house = House::new(ServerOptions { max_packets: Some(100), ..options() });
    let (sid, session) = house.open(Protocol::V4);
    let many = vec!["6"; 100].join("\u{1e}");
    assert_eq!(body(&house.post(&sid, &many)), "ok");
    assert_eq!(house.post(&sid, format!("{many}\u{1e}6")).status, 400);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::ParseError)]);
}

#[test]
fn a_body_that_came_whole_is_heard_although_its_sender_left() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let poll = house.poll(&sid);
    let post =
        House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), "4a\u{1e}2\u{1e}4b".as_bytes());
    house.server.handle_request(post, house.now);
    house.server.handle_abort(poll);
    assert_eq!(house.hears(session), [text("a"), text("b"), Heard::Closed(Reason::TransportError)]);
    assert!(house.server.is_empty());
}

#[test]
fn reasons_are_said_in_the_words_that_programs_compare() {
    let words = [
        (Reason::TransportError, "transport error"),
        (Reason::TransportClose, "transport close"),
        (Reason::ForcedClose, "forced close"),
        (Reason::PingTimeout, "ping timeout"),
        (Reason::ParseError, "parse error"),
    ];
    words.iter().for_each(|(reason, words)| assert_eq!(reason.to_string(), *words));
}
