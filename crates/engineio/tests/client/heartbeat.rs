//! Is anybody there?

use core::time::Duration;

use sansocket_core::Message;
use sansocket_engineio::Reason;

use crate::support::{CLOSE, Heard, INTERVAL, TIMEOUT, Talk, handshake, v3};

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(45);

#[test]
fn a_ping_is_answered_with_what_it_said() {
    let (mut talk, connection) = Talk::websocket();
    assert_eq!(talk.say(connection, "2"), []);
    assert_eq!(talk.say(connection, "2once more"), []);
    assert_eq!(talk.sent(connection), [Message::from("3")], "one answer waits, others would say nothing new");
    assert_eq!(talk.say(connection, "2x"), []);
    assert_eq!(talk.sent(connection), [Message::from("3x")]);

    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "2");
    assert_eq!(talk.heard(), []);
    assert_eq!(talk.post().1, "3");
}

#[test]
fn e_067_a_server_that_never_pings_is_gone() {
    let (mut talk, connection) = Talk::websocket();
    talk.wait(PATIENCE - SECOND);
    // Only a ping counts.
    assert_eq!(talk.say(connection, "4hi"), [Heard::text("hi")]);
    talk.wait(SECOND);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
    assert_eq!(talk.sent(connection), [CLOSE]);
    assert!(talk.client.is_finished());
}

#[test]
fn each_ping_gives_more_time() {
    let (mut talk, connection) = Talk::websocket();
    for _ in 0..3 {
        talk.wait(PATIENCE - SECOND);
        assert_eq!(talk.say(connection, "2"), []);
    }
    talk.wait(PATIENCE);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn a_machine_that_slept_notices_at_the_first_call() {
    // Nobody called `handle_timeout`.
    let (mut talk, connection) = Talk::websocket();
    talk.sleep(1000 * PATIENCE);
    assert_eq!(talk.say(connection, "4from before"), [Heard::Closed(Reason::PingTimeout)]);

    let (mut talk, poll) = Talk::polling("");
    talk.sleep(PATIENCE);
    talk.answer(poll, "4from before");
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);

    let (mut talk, _) = Talk::polling("");
    talk.sleep(PATIENCE);
    assert_eq!(talk.request(), None);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn what_nobody_looked_at_may_be_a_ping() {
    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "4a\x1e2");
    talk.wait(PATIENCE);
    talk.wait(PATIENCE);
    assert_eq!(talk.heard(), [Heard::text("a")]);
    assert_eq!(talk.post().1, "3");
    talk.wait(PATIENCE);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn a_ping_may_lie_unread_in_a_websocket_too() {
    let (mut talk, connection) = Talk::websocket();
    talk.client.hold();
    talk.wait(PATIENCE);
    talk.wait(PATIENCE);
    assert_eq!(talk.heard(), []);
    // From here on the server has its usual time, and no less.
    talk.client.resume(talk.now);
    talk.wait(TIMEOUT - SECOND);
    assert_eq!(talk.say(connection, "2"), []);
    talk.client.resume(talk.now);
    talk.wait(PATIENCE - SECOND);
    assert_eq!(talk.heard(), [], "it takes nothing away");
    talk.wait(SECOND);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
    assert!(talk.client.has_ended());
}

#[test]
fn in_protocol_3_the_client_asks() {
    let mut talk = Talk::new(v3());
    let poll = talk.get();
    let open = format!("0{}", handshake(""));
    talk.answer(poll, format!("{}:{open}", open.len()));
    assert_eq!(talk.heard(), [Heard::Opened]);
    for _ in 0..3 {
        let poll = talk.get();
        talk.wait(INTERVAL - SECOND);
        assert_eq!(talk.client.waiting_bytes(), 0);
        talk.wait(SECOND);
        let (post, body) = talk.post();
        assert_eq!(body, "1:2");
        talk.answer(post, "ok");
        talk.wait(TIMEOUT - SECOND);
        talk.answer(poll, "1:3");
        assert_eq!(talk.heard(), []);
    }
    talk.get();
    talk.wait(INTERVAL);
    talk.post();
    talk.wait(TIMEOUT);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::PingTimeout)]);
}
