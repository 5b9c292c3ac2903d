//! Is anybody there?
mod support;

use std::time::Duration;

use sansocket_engineio::server::ServerOptions;
use sansocket_engineio::{Protocol, Reason};
use support::{Heard, House, body, eio, options, text};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn we_ping_and_the_client_answers() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    for _ in 0..10 {
        house.passes(25 * SECOND);
        assert_eq!(house.sends_text(websocket), ["2"]);
        house.passes(19 * SECOND);
        house.says(websocket, "3");
        assert!(house.sends_text(websocket).is_empty());
    }
    assert!(house.hears(session).is_empty());
}

#[test]
fn who_does_not_answer_is_gone() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.passes(25 * SECOND);
    house.passes(20 * SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
    assert_eq!(house.sends_text(websocket), ["close"]);
    assert!(house.server.is_empty());
}

#[test]
fn who_says_something_else_gets_more_time_once() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.passes(25 * SECOND);
    for second in 0..20 {
        house.says(websocket, "4x");
        assert_eq!(house.hears(session), [text("x")], "I-017: after {second} s");
        house.passes(SECOND);
    }
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn a_late_word_extends_by_a_full_timeout() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.passes(44 * SECOND);
    house.says(websocket, "6");
    house.passes(19 * SECOND);
    assert!(house.hears(session).is_empty());
    house.says(websocket, "3");
    house.passes(44 * SECOND);
    assert!(house.hears(session).is_empty());
    house.passes(SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn pongs_that_nobody_asked_for_harm_nobody() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.says(websocket, "3");
    house.passes(25 * SECOND);
    (0..3).for_each(|_| house.says(websocket, "3"));
    assert!(house.hears(session).is_empty(), "I-018");
}

#[test]
fn the_heartbeat_has_a_direction() {
    for (protocol, turned) in [(Protocol::V4, "2"), (Protocol::V4, "2probe"), (Protocol::V3, "3")] {
        let mut house = House::default();
        let (websocket, session) = house.open_websocket(protocol);
        house.says(websocket, turned);
        assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)], "E-057, E-060");
        assert_eq!(house.sends_text(websocket), ["close"]);

        let (sid, session) = house.open(protocol);
        let turned =
            if protocol == Protocol::V3 { format!("{}:{turned}", turned.len()) } else { turned.into() };
        let query = format!("{}&transport=polling&sid={sid}", eio(protocol));
        house.answered(House::request("POST", &query, turned.as_bytes()));
        assert_eq!(house.hears(session), [Heard::Closed(Reason::TransportError)], "E-007");
    }
}

#[test]
fn clients_of_the_third_protocol_ping_themselves() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V3);
    for _ in 0..3 {
        house.passes(44 * SECOND);
        house.says(websocket, "2again");
        assert_eq!(house.sends_text(websocket), ["3again"]);
    }
    house.passes(45 * SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn many_pings_are_answered_by_one_pong_while_nobody_fetches_it() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V3);
    let query = format!("EIO=3&transport=polling&sid={sid}");
    for _ in 0..100 {
        assert_eq!(
            body(&house.answered(House::request("POST", &query, "1:2".repeat(1000).as_bytes()))),
            "ok"
        );
    }
    assert!(house.server.waiting_bytes(session) < 10);
    let poll = house.ask(House::request("GET", &query, b""));
    assert_eq!(body(&house.answer(poll).unwrap()), "1:3");
}

#[test]
fn a_ping_waits_for_the_next_poll() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    house.passes(30 * SECOND);
    let poll = house.poll(&sid);
    assert_eq!(body(&house.answer(poll).unwrap()), "2");
    house.post(&sid, "3");
    house.passes(44 * SECOND);
    assert!(house.hears(session).is_empty());
}

#[test]
fn an_answer_that_we_did_not_look_at_is_not_missing() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    house.passes(25 * SECOND);
    let post =
        House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), "4slow\u{1e}3".as_bytes());
    house.server.handle_request(post, house.now);
    // The user is busy for a minute.
    house.now = house.now + 60 * SECOND;
    house.server.handle_timeout(house.now);
    assert_eq!(house.hears(session), [text("slow")]);
    house.passes(24 * SECOND);
    assert!(house.hears(session).is_empty());
}

#[test]
fn a_heart_that_has_no_time_beats_all_the_same() {
    let options = ServerOptions { ping_interval: Duration::ZERO, ping_timeout: Duration::ZERO, ..options() };
    let mut house = House::new(options);
    let (sid, session) = house.open(Protocol::V4);
    let post = House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), b"4unread");
    house.server.handle_request(post, house.now);
    // Whose message nobody looks at is not missed, and time goes on.
    for _ in 0..100 {
        let next = house.server.poll_timeout().expect("a heart beats");
        assert!(next <= house.now || next <= house.now + Duration::from_millis(1));
        house.now = house.now.max(next);
        house.server.handle_timeout(house.now);
    }
    assert_eq!(house.hears(session), [text("unread")]);
}
