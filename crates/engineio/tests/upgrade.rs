//! From polls to a WebSocket, with nothing lost.
mod support;

use std::time::Duration;

use sansocket_core::{Data, Message};
use sansocket_engineio::server::{ServerOptions, SessionId};
use sansocket_engineio::{Protocol, Reason, Transport};
use support::{Heard, House, body, options, text};

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

#[test]
fn a_session_moves_to_a_websocket() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let parked = house.poll(&sid);
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    assert!(house.sends(websocket).is_empty());
    assert_eq!(house.server.transport(session), Some(Transport::Polling));

    house.says(websocket, "2probe");
    assert_eq!(house.sends_text(websocket), ["3probe"]);
    // U-011: the client waits for this one before it goes over.
    assert_eq!(body(&house.answer(parked).unwrap()), "6");

    house.says(websocket, "5");
    assert_eq!(house.hears(session), [Heard::Upgraded]);
    assert_eq!(house.server.transport(session), Some(Transport::WebSocket));
    house.server.send(session, "hello".into()).unwrap();
    house.says(websocket, "4hi");
    assert_eq!(house.sends_text(websocket), ["4hello"]);
    assert_eq!(house.hears(session), [text("hi")]);
}

#[test]
fn every_poll_of_the_way_is_released() {
    let mut house = House::default();
    let (sid, _) = house.open(Protocol::V4);
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    house.says(websocket, "2probe");
    for _ in 0..5 {
        let poll = house.poll(&sid);
        assert_eq!(house.answer(poll), None);
        house.passes(TICK);
        assert_eq!(body(&house.answer(poll).unwrap()), "6");
    }
    let last = house.poll(&sid);
    house.says(websocket, "5");
    assert_eq!(body(&house.answer(last).unwrap()), "6");
}

#[test]
fn what_is_sent_on_the_way_leaves_by_polls_or_after_the_switch_and_in_order() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let send = |house: &mut House, message: &str| house.server.send(session, message.into()).unwrap();
    send(&mut house, "a");
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    send(&mut house, "b");
    house.says(websocket, "2probe");
    assert_eq!(house.sends_text(websocket), ["3probe"]);
    let poll = house.poll(&sid);
    assert_eq!(body(&house.answer(poll).unwrap()), "4a\u{1e}4b");
    send(&mut house, "c");
    assert!(house.sends_text(websocket).is_empty(), "not before the switch");
    house.says(websocket, "5");
    send(&mut house, "d");
    assert_eq!(house.sends_text(websocket), ["4c", "4d"]);
}

#[test]
fn what_was_posted_before_the_switch_comes_before_what_is_said_after_it() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    house.says(websocket, "2probe");
    let post = House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), "4a\u{1e}4b".as_bytes());
    // U-010; nobody looks at it before the switch.
    house.server.handle_request(post, house.now);
    for said in ["5", "4c", "bBAU="] {
        assert_eq!(house.server.handle_message(websocket, Data::Text(said.into()), house.now), None);
    }
    let expected = [text("a"), text("b"), Heard::Upgraded, text("c"), Heard::Binary(vec![4, 5])];
    assert_eq!(house.hears(session), expected);
    assert_eq!(house.post(&sid, "4late").status, 400);
    assert!(house.hears(session).is_empty());
}

#[test]
fn a_probe_that_says_nothing_more_is_dropped_and_the_session_goes_on() {
    let mut house = House::new(ServerOptions { upgrade_timeout: 2 * TICK, ..options() });
    let (sid, session) = house.open(Protocol::V4);
    for round in 0..10_000 {
        let websocket = house.probe(&sid, Protocol::V4).unwrap();
        if round % 2 == 0 {
            house.says(websocket, "2probe");
            house.sends(websocket);
        }
        house.passes(house.server.options().upgrade_timeout);
        assert_eq!(house.sends_text(websocket), ["close"], "U-006: after {round}");
        // The heartbeat has gone on.
        let poll = house.poll(&sid);
        if house.answer(poll).is_some_and(|answer| body(&answer) == "2") {
            house.post(&sid, "3");
            continue;
        }
        house.server.send(session, "x".into()).unwrap();
        house.turn();
        assert!(house.answer(poll).is_some());
    }
    assert!(house.hears(session).is_empty());
}

#[test]
fn the_heartbeat_is_kept_while_a_probe_waits() {
    let mut house = House::new(ServerOptions { upgrade_timeout: 100 * SECOND, ..options() });
    let (sid, session) = house.open(Protocol::V4);
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    house.says(websocket, "2probe");
    house.passes(45 * SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
    assert_eq!(house.sends_text(websocket), ["close"]);
    assert!(house.server.is_empty());
}

#[test]
fn anything_else_from_a_probe_ends_it_alone() {
    let wrong: [&[&str]; 9] = [
        &["5"], // U-005: it was not probed
        &["2"],
        &["2prob"],
        &["2probe", "2probe"], // U-007
        &["2probe", "4hello"],
        &["2probe", "1"],
        &["hello"],
        &[""],
        &["bAQID"],
    ];
    for said in wrong {
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        let websocket = house.probe(&sid, Protocol::V4).unwrap();
        said.iter().for_each(|message| house.says(websocket, message));
        assert_eq!(house.sends_text(websocket), ["close"], "{said:?}");
        assert_eq!(house.post(&sid, "4still here").status, 200);
        assert_eq!(house.hears(session), [text("still here")], "{said:?}");
        // And another one may try.
        let websocket = house.probe(&sid, Protocol::V4).unwrap();
        house.says(websocket, "2probe");
        house.says(websocket, "5");
        assert_eq!(house.hears(session), [Heard::Upgraded]);
    }
}

#[test]
fn a_second_websocket_is_closed_and_the_first_goes_on() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let first = house.probe(&sid, Protocol::V4).unwrap();
    let second = house.probe(&sid, Protocol::V4).unwrap();
    assert_eq!(house.sends_text(second), ["close"], "U-008");
    house.says(first, "2probe");
    house.says(first, "5");
    let third = house.probe(&sid, Protocol::V4).unwrap();
    house.says(third, "2probe");
    house.says(third, "4not me");
    assert_eq!(house.sends_text(third), ["close"]);
    house.says(first, "4me");
    assert_eq!(house.hears(session), [Heard::Upgraded, text("me")]);
}

#[test]
fn a_probe_that_breaks_anywhere_leaves_the_session_where_it_is() {
    let dialogue = ["2probe", "5", "4over there"];
    for broken_after in 0..=dialogue.len() {
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        let websocket = house.probe(&sid, Protocol::V4).unwrap();
        dialogue[..broken_after].iter().for_each(|said| house.says(websocket, said));
        house.server.handle_close(websocket, Reason::TransportError);
        // U-012, U-013
        if broken_after < 2 {
            assert!(house.hears(session).is_empty());
            assert_eq!(body(&house.post(&sid, "4here")), "ok");
            assert_eq!(house.hears(session), [text("here")]);
        } else {
            assert_eq!(house.hears(session).last(), Some(&Heard::Closed(Reason::TransportError)));
            assert!(house.server.is_empty());
        }
    }
}

#[test]
fn the_third_protocol_upgrades_alike() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V3);
    let websocket = house.probe(&sid, Protocol::V3).unwrap();
    house.says(websocket, "2probe");
    assert_eq!(house.sends_text(websocket), ["3probe"]);
    house.says(websocket, "5");
    house.server.send(session, Message::binary(vec![1, 2])).unwrap();
    assert_eq!(house.sends_text(websocket), ["[04, 01, 02]"]);
    house.says_data(websocket, Data::Binary(&[4, 9]));
    assert_eq!(house.hears(session), [Heard::Upgraded, Heard::Binary(vec![9])]);
}

#[test]
fn where_upgrades_are_not_allowed_none_is_offered() {
    let mut house = House::new(ServerOptions { allow_upgrades: false, ..options() });
    let answer = house.answered(House::request("GET", "EIO=4&transport=polling", b""));
    assert!(body(&answer).contains(r#""upgrades":[]"#));
    let session: SessionId = *house.heard.keys().next().unwrap();
    let sid = house.server.sid(session).unwrap().to_string();
    let websocket = house.probe(&sid, Protocol::V4).unwrap();
    assert_eq!(house.sends_text(websocket), ["close"]);
}
