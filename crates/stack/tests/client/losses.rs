//! Streams that break, and what is said again.

use std::time::Duration;

use sansocket_engineio::client::{ClientOptions as SessionOptions, Fault};
use sansocket_engineio::{Reason, Transport};

use super::meeting::{Habits, Meeting};
use super::polling::polling;

/// A session that polls and has both its streams, one of them with nothing to do.
fn at_rest() -> Meeting {
    let mut meeting = Meeting::new(polling(), Habits::default());
    meeting.send("hello").drive();
    assert_eq!((meeting.heard(), meeting.streams.len()), (vec!["hello".into()], 2));
    meeting.written();
    meeting
}

#[test]
fn an_idle_stream_that_is_given_up_is_replaced_when_it_is_needed() {
    let mut meeting = at_rest();
    // Ours wait for four seconds.
    meeting.wait(Duration::from_secs(5));
    assert_eq!((meeting.streams.len(), meeting.dialled), (1, 2));
    meeting.send("again").drive();
    assert_eq!((meeting.heard(), meeting.dialled), (vec!["again".into()], 3));
}

#[test]
fn a_poll_on_a_kept_stream_that_is_lost_is_asked_once_more() {
    let mut meeting = at_rest();
    let polls = meeting.streams_that_wait();
    assert_eq!(polls.len(), 1);
    // The server does not know of the poll, for it gave the stream up before.
    meeting.lose(polls[0]);
    meeting.turn_a_little();
    let said = meeting.written();
    assert!(said.starts_with("GET /engine.io/") && said.matches("HTTP/1.1").count() == 1, "{said}");
    assert_eq!(meeting.dialled, 3);

    // Once, for over a fresh stream it is no coincidence.
    let polls = meeting.streams_that_wait();
    meeting.lose(polls[0]);
    meeting.drive();
    assert_eq!(meeting.client.session().fault(), Some(Fault::Request));
    assert_eq!(meeting.closed, Some(Reason::TransportError));
}

#[test]
fn what_brings_packets_is_not_said_twice() {
    let mut meeting = at_rest();
    meeting.send("once").feed();
    let said = meeting.written();
    assert!(said.starts_with("POST ") && said.ends_with("4once"), "{said}");
    let posts = meeting.streams_that_wait();
    meeting.lose(posts[1]);
    meeting.drive();
    assert!(!meeting.written().contains("4once"));
    assert_eq!(meeting.closed, Some(Reason::TransportError));
}

#[test]
fn what_was_not_written_is_said_over_another_stream() {
    let mut meeting = at_rest();
    meeting.send("once");
    // The idle stream ends before the message is given to it.
    meeting.lose_idle();
    meeting.drive();
    assert_eq!((meeting.heard(), meeting.closed), (vec!["once".into()], None));
    assert_eq!(meeting.written().matches("4once").count(), 1);
}

#[test]
fn who_cannot_be_reached_has_no_session() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        let options = SessionOptions { transports: vec![transport], ..SessionOptions::default() };
        let mut meeting = Meeting::new(options, Habits::default());
        let now = meeting.clock.now();
        let id = meeting.client.poll_dial(now).expect("a stream");
        meeting.client.handle_loss(id, now);
        meeting.drive().assert_over(Reason::TransportError);
    }
}

#[test]
fn who_gives_up_wants_no_stream_any_more() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        let options = SessionOptions { transports: vec![transport], ..SessionOptions::default() };
        let mut meeting = Meeting::new(options, Habits::default());
        let now = meeting.clock.now();
        let id = meeting.client.poll_dial(now).expect("a stream");
        assert!(meeting.client.is_wanted(id));
        meeting.client.close(now);
        assert_eq!(meeting.client.poll_dial(now), None);
        assert!(!meeting.client.is_wanted(id));
        assert!(meeting.client.handle_stream(id, now).is_none());
        meeting.drive().assert_over(Reason::ForcedClose);
    }
}

#[test]
fn a_websocket_that_is_lost_is_the_end() {
    let mut meeting = Meeting::new(SessionOptions::default(), Habits::default());
    meeting.drive();
    assert_eq!(meeting.transport(), Transport::WebSocket);
    meeting.wait(Duration::from_secs(5));
    meeting.lose(meeting.streams[0].id);
    // As others see it: who ends a stream has closed it.
    meeting.drive().assert_over(Reason::TransportClose);
}
