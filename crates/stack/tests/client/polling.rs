//! Sessions that poll.

use std::time::Duration;

use sansocket_core::{Headers, Message};
use sansocket_engineio::client::ClientOptions as SessionOptions;
use sansocket_engineio::{Protocol, Reason, Transport};
use sansocket_stack::client::ClientOptions;

use super::meeting::{Habits, Meeting, Persistence};

pub(crate) fn polling() -> SessionOptions {
    SessionOptions { transports: vec![Transport::Polling], ..SessionOptions::default() }
}

fn some_messages() -> Vec<Message> {
    vec!["hello".into(), Message::from(vec![0, 1, 2, 0x1e, 255]), "\u{20ac}".into(), Message::from(vec![])]
}

#[test]
fn two_streams_are_enough_for_a_whole_session() {
    let mut meeting = Meeting::new(polling(), Habits::default());
    for message in some_messages() {
        meeting.send(message);
    }
    meeting.drive();
    assert_eq!(meeting.heard(), some_messages());
    for number in 0..100 {
        meeting.send(number.to_string()).drive();
        assert_eq!(meeting.heard(), [number.to_string().into()]);
    }
    assert_eq!((meeting.dialled, meeting.transport()), (2, Transport::Polling));
    meeting.client.close(meeting.clock.now());
    meeting.drive().assert_over(Reason::ForcedClose);
}

#[test]
fn a_server_that_closes_each_stream_is_as_good() {
    for protocol in [Protocol::V4, Protocol::V3] {
        let options = SessionOptions { protocol, ..polling() };
        let mut meeting =
            Meeting::new(options, Habits { persistence: Persistence::Close, ..Habits::default() });
        for message in some_messages() {
            meeting.send(message).drive();
        }
        assert_eq!(meeting.heard(), some_messages());
        assert!(meeting.dialled > 8, "{}", meeting.dialled);
        // Heartbeats, too.
        meeting.wait(Duration::from_secs(300));
        meeting.send("still here").drive();
        assert_eq!(meeting.heard(), ["still here".into()]);
        meeting.client.close(meeting.clock.now());
        meeting.drive().assert_over(Reason::ForcedClose);
    }
}

#[test]
fn a_server_says_when_it_is_over() {
    let mut meeting = Meeting::new(polling(), Habits::default());
    meeting.send("hello").drive();
    meeting.hub.close_all(meeting.clock.now());
    meeting.drive();
    assert_eq!(meeting.heard(), ["hello".into()]);
    meeting.assert_over(Reason::TransportClose);
}

#[test]
fn requests_say_who_is_meant_and_what_the_user_adds() {
    let headers = Headers::from([("Origin", "https://example.net"), ("X-Key", "1")]);
    let session = SessionOptions { headers, query: vec![("room".into(), "a b".into())], ..polling() };
    let options = ClientOptions { session, ..ClientOptions::default() };
    let mut meeting = Meeting::at("https://example.org:8443", options, Habits::default());
    let said = meeting.drive().written();
    assert!(said.starts_with("GET /engine.io/?room=a%20b&EIO=4&transport=polling"), "{said}");
    for line in ["\r\nHost: example.org:8443\r\n", "\r\nOrigin: https://example.net\r\n", "\r\nX-Key: 1\r\n"]
    {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn a_path_in_the_url_is_the_path() {
    for (url, target) in [
        ("http://a", "/engine.io/?EIO=4"),
        ("http://a/", "/engine.io/?EIO=4"),
        ("ws://a?token=1", "/engine.io/?token=1&EIO=4"),
        ("http://a/chat/?token=1", "/chat/?token=1&EIO=4"),
    ] {
        let options = ClientOptions { session: polling(), ..ClientOptions::default() };
        let said = Meeting::at(url, options, Habits::default()).drive().written();
        assert!(said.starts_with(&format!("GET {target}&transport=polling")), "{url}: {said}");
    }
}
