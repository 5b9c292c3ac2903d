//! Requests and responses.

use sansocket_core::{Message, Response, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::client::{Client, ClientOptions, Fault};

use crate::support::{Heard, Talk, handshake, ok};

#[test]
fn one_poll_and_one_post_are_under_way_at_a_time() {
    let (mut talk, poll) = Talk::polling("");
    talk.send("one");
    talk.send("two");
    let (post, body) = talk.post();
    assert_eq!(body, "4one\x1e4two");
    talk.send("three");
    assert_eq!(talk.request(), None);
    talk.answer(poll, "4hello");
    assert_eq!(talk.request(), None, "what came is read first");
    assert_eq!(talk.heard(), [Heard::text("hello")]);
    talk.get();
    talk.answer(post, "ok");
    assert_eq!(talk.post().1, "4three");
}

#[test]
fn the_next_poll_leaves_when_the_last_packet_was_lent() {
    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "4a\x1e4b");
    assert!(talk.client.poll_event(talk.now).is_some());
    assert_eq!(talk.request(), None);
    assert!(talk.client.poll_event(talk.now).is_some());
    talk.get();
}

#[test]
fn no_post_is_larger_than_the_server_takes() {
    let (mut talk, _) = Talk::polling("");
    // 100 bytes are taken: two packets of 40 with what surrounds them, and one of 300 by itself.
    for _ in 0..3 {
        talk.send(&"x".repeat(40));
    }
    talk.send(&"y".repeat(300));
    talk.client.send(Message::from(vec![0; 70])).expect("room");
    talk.send("z");
    let mut sizes = Vec::new();
    while talk.client.waiting_bytes() > 0 {
        let (post, body) = talk.post();
        sizes.push((body.len(), body.matches('\x1e').count() + 1));
        talk.answer(post, "ok");
    }
    assert_eq!(sizes, [(83, 2), (41, 1), (301, 1), (100, 2)]);
}

#[test]
fn a_full_queue_blocks_until_there_is_room() {
    let mut talk = Talk::new(ClientOptions { high_water: 10, ..ClientOptions::default() });
    let poll = talk.get();
    talk.answer(poll, format!("0{}", handshake("")));
    assert_eq!(talk.heard(), [Heard::Opened]);
    talk.send("more than ten bytes");
    assert!(!talk.client.has_room());
    assert_eq!(talk.client.send(Message::text("x")), Err(SendError::Blocked(Message::text("x"))));
    assert_eq!(talk.heard(), []);
    talk.post();
    assert_eq!(talk.heard(), [Heard::Room]);
    talk.send("x");
}

#[test]
fn any_other_status_is_the_end() {
    for status in [204, 400, 404, 413, 500, 503] {
        let (mut talk, poll) = Talk::polling("");
        talk.client.handle_response(poll, Response::new(status), talk.now);
        assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
        assert_eq!(talk.client.fault(), Some(Fault::Status(status)));

        let (mut talk, _) = Talk::polling("");
        talk.send("x");
        let (post, _) = talk.post();
        talk.client.handle_response(post, Response::new(status), talk.now);
        assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
        assert!(talk.client.is_finished());
    }
}

#[test]
fn what_was_said_before_the_end_is_heard() {
    let (mut talk, poll) = Talk::polling("");
    talk.send("x");
    let (post, _) = talk.post();
    talk.answer(poll, "4a\x1e4b\x1e2\x1e4c");
    talk.client.handle_failure(post, talk.now);
    let said = ["a", "b", "c"].map(Heard::text).to_vec();
    assert_eq!(talk.heard(), [said, vec![Heard::Closed(Reason::TransportError)]].concat());
    assert_eq!(talk.request(), None);
}

#[test]
fn what_stands_behind_a_fault_is_not_heard() {
    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "4a\x1ezzz\x1e4b");
    assert_eq!(talk.heard(), [Heard::text("a"), Heard::Closed(Reason::ParseError)]);
}

#[test]
fn a_request_may_take_too_long() {
    let timeout = core::time::Duration::from_secs(3);
    let mut talk = Talk::new(ClientOptions { request_timeout: Some(timeout), ..ClientOptions::default() });
    let poll = talk.get();
    talk.answer(poll, format!("0{}", handshake("")));
    assert_eq!(talk.heard(), [Heard::Opened]);
    let poll = talk.get();
    talk.send("x");
    talk.sleep(timeout / 2);
    let (post, _) = talk.post();
    talk.answer(poll, "6");
    assert_eq!(talk.heard(), []);
    talk.wait(timeout / 2);
    assert_eq!(talk.heard(), [], "the poll was answered");
    talk.wait(timeout / 2);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
    assert_eq!(talk.client.fault(), Some(Fault::RequestTimeout));
    talk.answer(post, "ok");
    assert!(talk.client.is_finished());
}

#[test]
fn a_server_that_ends_it_is_believed() {
    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "4bye\x1e1\x1e4never");
    assert_eq!(talk.heard(), [Heard::text("bye"), Heard::Closed(Reason::TransportClose)]);
    assert_eq!(talk.client.send(Message::text("x")), Err(SendError::Closed(Message::text("x"))));
    assert!(talk.client.is_finished());
}

#[test]
fn answers_to_nothing_are_no_ops() {
    let (mut talk, poll) = Talk::polling("");
    let mut other: Client = Client::new(ClientOptions::default(), talk.now);
    let (foreign, _) = other.poll_request(talk.now).expect("a poll");
    talk.client.handle_response(foreign, ok("1"), talk.now);
    talk.client.handle_failure(foreign, talk.now);
    assert_eq!(talk.heard(), []);
    talk.answer(poll, "4a");
    talk.answer(poll, "4b");
    assert_eq!(talk.heard(), [Heard::text("a")]);
}
