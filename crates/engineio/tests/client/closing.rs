//! How a session ends.

use core::time::Duration;

use sansocket_core::{Message, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::client::ClientOptions;

use crate::support::{CLOSE, Heard, Talk};

const FORCED: [Heard; 1] = [Heard::Closed(Reason::ForcedClose)];

#[test]
fn what_waits_is_posted_before_the_goodbye() {
    let (mut talk, poll) = Talk::polling("");
    talk.send("last words");
    talk.client.close(talk.now);
    talk.client.close(talk.now);
    assert_eq!(talk.client.send(Message::text("x")), Err(SendError::Closed(Message::text("x"))));
    let (post, body) = talk.post();
    assert_eq!(body, "4last words");
    assert_eq!(talk.request(), None);
    talk.answer(poll, "4meanwhile");
    assert_eq!(talk.heard(), [Heard::text("meanwhile")]);
    talk.get();
    talk.answer(post, "ok");
    let (post, body) = talk.post();
    assert_eq!(body, "1");
    assert_eq!((talk.heard(), talk.request()), (vec![], None));
    talk.answer(post, "ok");
    assert_eq!(talk.heard(), FORCED);
    assert!(talk.client.is_finished());
}

#[test]
fn a_goodbye_counts_however_it_is_taken() {
    let (mut talk, _) = Talk::polling("");
    talk.client.close(talk.now);
    let (post, _) = talk.post();
    talk.client.handle_failure(post, talk.now);
    assert_eq!(talk.heard(), FORCED);
}

#[test]
fn what_waits_is_sent_before_a_websocket_closes() {
    let (mut talk, connection) = Talk::websocket();
    talk.send("last words");
    talk.client.close(talk.now);
    assert_eq!(talk.sent(connection), [Message::from("4last words"), CLOSE]);
    assert_eq!(talk.say(connection, "4yours"), [Heard::text("yours")]);
    talk.client.handle_close(connection, Reason::TransportClose, talk.now);
    assert_eq!(talk.heard(), FORCED);
    assert!(talk.client.is_finished());
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let (mut talk, connection) = Talk::websocket();
    talk.client.close(talk.now);
    assert_eq!(talk.sent(connection), [CLOSE]);
    talk.wait(Duration::from_secs(10));
    assert_eq!(talk.heard(), FORCED);
    assert_eq!(talk.sent(connection), [], "it knows");
    assert!(talk.client.is_finished());

    let (mut talk, _) = Talk::polling("");
    talk.client.close(talk.now);
    talk.post();
    talk.wait(Duration::from_secs(10));
    assert_eq!(talk.heard(), FORCED);
    assert!(talk.client.is_finished());
}

#[test]
fn before_it_is_open_there_is_nothing_to_wait_for() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.client.close(talk.now);
    assert_eq!((talk.heard(), talk.request()), (FORCED.to_vec(), None));
    assert!(talk.client.is_finished());
}

#[test]
fn an_upgrade_is_given_up() {
    let (mut talk, poll) = Talk::polling("\"websocket\"");
    let probe = talk.connect();
    talk.client.handle_open(probe, talk.now);
    assert_eq!(talk.sent(probe), [Message::from("2probe")]);
    assert_eq!(talk.say(probe, "3probe"), []);
    talk.send("last words");
    talk.client.close(talk.now);
    assert_eq!(talk.sent(probe), [CLOSE]);
    talk.answer(poll, "6");
    assert_eq!(talk.heard(), []);
    assert_eq!(talk.post().1, "4last words");
}

#[test]
fn a_websocket_that_was_not_asked_for_yet_is_not_closed() {
    let (mut talk, _) = Talk::polling("\"websocket\"");
    talk.client.close(talk.now);
    assert_eq!(talk.client.poll_connect(talk.now), None);
    let (post, _) = talk.post();
    talk.answer(post, "ok");
    assert_eq!(talk.heard(), FORCED);
    assert!(talk.client.is_finished());
}

#[test]
fn a_websocket_ends_the_session_with_it() {
    for reason in [Reason::TransportClose, Reason::TransportError] {
        let (mut talk, connection) = Talk::websocket();
        talk.client.handle_close(connection, reason, talk.now);
        talk.client.handle_close(connection, Reason::TransportClose, talk.now);
        assert_eq!(talk.heard(), [Heard::Closed(reason)]);
        assert_eq!(talk.sent(connection), []);
        assert!(talk.client.is_finished());
    }
    // Some say it as a packet.
    let (mut talk, connection) = Talk::websocket();
    assert_eq!(talk.say(connection, "1"), [Heard::Closed(Reason::TransportClose)]);
    assert_eq!(talk.sent(connection), [CLOSE]);
}
