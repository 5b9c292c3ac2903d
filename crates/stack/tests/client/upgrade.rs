//! Sessions that go on over a WebSocket, and those that begin with one.

use std::time::Duration;

use sansocket_core::Message;
use sansocket_engineio::client::ClientOptions as SessionOptions;
use sansocket_engineio::{Binary, Protocol, Reason, Transport};

use super::meeting::{Habits, Meeting, Persistence};

fn websocket_only() -> SessionOptions {
    SessionOptions { transports: vec![Transport::WebSocket], ..SessionOptions::default() }
}

#[test]
fn a_session_goes_on_over_a_websocket_and_nothing_is_lost() {
    for protocol in [Protocol::V4, Protocol::V3] {
        for binary in [Binary::Raw, Binary::Base64] {
            for persistence in [Persistence::Keep, Persistence::Close] {
                let options = SessionOptions { protocol, binary, ..SessionOptions::default() };
                let mut meeting = Meeting::new(options, Habits { persistence, ..Habits::default() });
                let said: Vec<Message> = (0..50u8)
                    .map(|n| if n % 2 == 0 { vec![n].into() } else { n.to_string().into() })
                    .collect();
                // Some before the first answer, the others while it goes on.
                for message in said.clone() {
                    meeting.send(message).turn_a_little();
                }
                meeting.drive();
                assert_eq!(meeting.upgraded, Some(Transport::WebSocket));
                assert_eq!(meeting.heard(), said);
                meeting.send("by WebSocket").drive();
                assert_eq!(meeting.heard(), ["by WebSocket".into()]);
                meeting.wait(Duration::from_secs(300));
                assert_eq!(meeting.streams.len(), 1, "what polled is gone");
                meeting.client.close(meeting.clock.now());
                meeting.drive().assert_over(Reason::ForcedClose);
            }
        }
    }
}

#[test]
fn a_session_may_be_a_websocket_from_the_start() {
    let mut meeting = Meeting::new(websocket_only(), Habits::default());
    meeting.send("hello").drive();
    assert_eq!((meeting.heard(), meeting.dialled), (vec!["hello".into()], 1));
    assert!(meeting.written().starts_with("GET /engine.io/?EIO=4&transport=websocket"));
    meeting.wait(Duration::from_secs(300));
    meeting.hub.close_all(meeting.clock.now());
    meeting.drive().assert_over(Reason::TransportClose);
}

#[test]
fn many_messages_leave_in_one_go() {
    let mut meeting = Meeting::new(websocket_only(), Habits::default());
    meeting.drive();
    meeting.written();
    for number in 0..100 {
        meeting.send(number.to_string());
    }
    meeting.turn_a_little();
    // Each in a frame of its own: two bytes, a key of four, the packet.
    let expected: usize = (0..100).map(|number: usize| 7 + number.to_string().len()).sum();
    assert_eq!(meeting.wrote.len(), expected);
    meeting.drive();
    assert_eq!(meeting.heard().len(), 100);
}

#[test]
fn how_bytes_are_cut_makes_no_difference() {
    let whole = told_in_chunks(usize::MAX);
    assert_eq!(whole.0.len(), 20);
    for chunk in [1, 2, 3, 7, 64] {
        assert_eq!(told_in_chunks(chunk), whole, "in chunks of {chunk}");
    }
}

fn told_in_chunks(chunk: usize) -> (Vec<Message>, Option<Transport>, Option<Reason>) {
    let mut meeting = Meeting::new(SessionOptions::default(), Habits { chunk, ..Habits::default() });
    for number in 0..10u8 {
        meeting.send(number.to_string()).send(vec![number; 200]).drive();
    }
    meeting.client.close(meeting.clock.now());
    meeting.drive();
    (meeting.heard(), meeting.upgraded, meeting.closed)
}
