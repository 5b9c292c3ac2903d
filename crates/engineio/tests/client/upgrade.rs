//! From polling to a WebSocket.

use core::time::Duration;

use sansocket_core::{Data, Message};
use sansocket_engineio::client::{ClientOptions, ConnectionId, RequestId};
use sansocket_engineio::{Reason, Transport};

use crate::support::{CLOSE, Heard, Talk, handshake};

/// A client that polls, with a WebSocket that has said `2probe`.
fn probing() -> (Talk, RequestId, ConnectionId) {
    let (mut talk, poll) = Talk::polling("\"websocket\"");
    let probe = talk.connect();
    assert_eq!(talk.sent(probe), []);
    talk.client.handle_open(probe, talk.now);
    assert_eq!(talk.sent(probe), [Message::from("2probe")]);
    (talk, poll, probe)
}

#[test]
fn it_takes_over_when_no_request_is_under_way() {
    let (mut talk, poll, probe) = probing();
    talk.send("by post");
    let (post, _) = talk.post();
    talk.send("by websocket");
    assert_eq!(talk.say(probe, "3probe"), []);
    assert_eq!(talk.sent(probe), [], "two requests are under way");
    talk.answer(poll, "4last\x1e6");
    assert_eq!(talk.heard(), [Heard::text("last")]);
    assert_eq!(talk.request(), None, "polling pauses");
    assert_eq!(talk.sent(probe), []);
    assert_eq!(talk.client.transport(), Transport::Polling);
    talk.answer(post, "ok");
    assert_eq!(talk.sent(probe), [Message::from("5"), Message::from("4by websocket")]);
    assert_eq!(talk.heard(), [Heard::Upgraded]);
    assert_eq!(talk.client.transport(), Transport::WebSocket);
    assert_eq!((talk.request(), talk.client.poll_connect(talk.now)), (None, None));
    assert_eq!(talk.say(probe, "4first"), [Heard::text("first")]);
}

#[test]
fn order_is_kept_when_nobody_reads() {
    let (mut talk, poll, probe) = probing();
    talk.say(probe, "3probe");
    talk.answer(poll, "4a\x1e4b");
    assert_eq!(talk.sent(probe), [Message::from("5")]);
    // Messages that come now wait behind what was polled.
    for text in ["4c", "bZA==", "4e"] {
        assert_eq!(talk.client.handle_message(probe, Data::from(text), talk.now), None);
    }
    let polled = [Heard::text("a"), Heard::text("b"), Heard::Upgraded, Heard::text("c")];
    let then = [Heard::Said(Message::from(&b"d"[..])), Heard::text("e")];
    assert_eq!(talk.heard(), [&polled[..], &then].concat());
}

#[test]
fn u_015_a_probe_that_is_never_answered_is_given_up() {
    let (mut talk, poll, probe) = probing();
    talk.wait(Duration::from_millis(9_999));
    assert_eq!(talk.sent(probe), []);
    talk.wait(Duration::from_millis(1));
    assert_eq!(talk.sent(probe), [CLOSE]);
    assert_eq!(talk.say(probe, "3probe"), [], "too late");
    talk.answer(poll, "4still here");
    assert_eq!(talk.heard(), [Heard::text("still here")]);
    talk.get();
    assert_eq!(talk.client.poll_connect(talk.now), None, "once is enough");
}

#[test]
fn u_016_a_probe_with_another_answer_is_given_up() {
    let open = format!("0{}", handshake(""));
    for answer in ["3x", "3", "4probe", "2probe", "5", "6", "1", "", "zzz", "bAQID", open.as_str()] {
        let (mut talk, poll, probe) = probing();
        assert_eq!(talk.say(probe, answer), [], "{answer}");
        assert_eq!(talk.sent(probe), [CLOSE], "{answer}");
        talk.answer(poll, "4a");
        assert_eq!(talk.heard(), [Heard::text("a")]);
        talk.get();
    }
    let (mut talk, _, probe) = probing();
    assert_eq!(talk.client.handle_message(probe, Data::Binary(b"3probe"), talk.now), None);
    assert_eq!(talk.sent(probe), [CLOSE]);
}

#[test]
fn an_answer_before_the_question_is_none() {
    let (mut talk, _) = Talk::polling("\"websocket\"");
    let probe = talk.connect();
    assert_eq!(talk.say(probe, "3probe"), []);
    assert_eq!(talk.sent(probe), [CLOSE]);
}

#[test]
fn a_probe_that_fails_changes_nothing() {
    for reason in [Reason::TransportError, Reason::TransportClose] {
        let (mut talk, poll, probe) = probing();
        talk.client.handle_close(probe, reason, talk.now);
        assert_eq!(talk.sent(probe), []);
        talk.answer(poll, "4a");
        assert_eq!(talk.heard(), [Heard::text("a")]);
        talk.get();
    }
}

#[test]
fn polling_goes_on_if_the_probe_ends_while_it_pauses() {
    let (mut talk, poll, probe) = probing();
    talk.say(probe, "3probe");
    talk.client.handle_close(probe, Reason::TransportError, talk.now);
    talk.answer(poll, "4a");
    assert_eq!(talk.heard(), [Heard::text("a")]);
    talk.get();
}

#[test]
fn a_server_that_does_not_let_go_of_the_poll_stops_the_upgrade() {
    let (mut talk, _, probe) = probing();
    talk.say(probe, "3probe");
    talk.send("waiting");
    assert_eq!(talk.request(), None);
    talk.wait(Duration::from_secs(10));
    assert_eq!(talk.sent(probe), [CLOSE]);
    assert_eq!(talk.post().1, "4waiting");
}

#[test]
fn what_is_not_offered_or_not_wanted_is_not_tried() {
    for (options, offered) in [
        (ClientOptions { upgrade: false, ..ClientOptions::default() }, "\"websocket\""),
        (ClientOptions { transports: vec![Transport::Polling], ..ClientOptions::default() }, "\"websocket\""),
        (ClientOptions::default(), "\"webtransport\""),
    ] {
        let mut talk = Talk::new(options);
        let poll = talk.get();
        talk.answer(poll, format!("0{}", handshake(offered)));
        assert_eq!(talk.heard(), [Heard::Opened]);
        assert_eq!(talk.client.poll_connect(talk.now), None);
    }
}

#[test]
fn the_heartbeat_goes_on_during_an_upgrade() {
    let (mut talk, poll, probe) = probing();
    talk.say(probe, "3probe");
    talk.answer(poll, "2");
    assert_eq!(talk.heard(), [Heard::Upgraded]);
    assert_eq!(talk.sent(probe), [Message::from("5"), Message::from("3")]);
}
