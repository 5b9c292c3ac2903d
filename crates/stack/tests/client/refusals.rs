//! Servers that do not want to.

use std::time::Duration;

use sansocket_core::Headers;
use sansocket_engineio::client::{ClientOptions as SessionOptions, Fault};
use sansocket_engineio::{Reason, Transport};
use sansocket_stack::client::{LineClosed, Trouble};
use sansocket_websocket::handshake::client::ClientError;

use super::meeting::{Habits, Meeting, Welcome};

fn no_websockets() -> Habits {
    Habits { websockets: Welcome::No, ..Habits::default() }
}

#[test]
fn without_websockets_polling_goes_on() {
    let mut meeting = Meeting::new(SessionOptions::default(), no_websockets());
    meeting.send("hello").drive();
    assert_eq!((meeting.heard(), meeting.upgraded), (vec!["hello".into()], None));
    meeting.wait(Duration::from_secs(60));
    meeting.send("again").drive();
    assert_eq!((meeting.heard(), meeting.transport()), (vec!["again".into()], Transport::Polling));
    meeting.client.close(meeting.clock.now());
    meeting.drive().assert_over(Reason::ForcedClose);
}

#[test]
fn who_can_only_use_a_websocket_learns_what_the_server_said() {
    let options = SessionOptions { transports: vec![Transport::WebSocket], ..SessionOptions::default() };
    let mut meeting = Meeting::new(options, no_websockets());
    meeting.drive();
    assert_eq!(meeting.client.session().fault(), Some(Fault::Socket));
    let Some(Trouble::Closed(LineClosed::Handshake(ClientError::Refused(response)))) =
        meeting.client.trouble()
    else {
        panic!("{meeting:?}");
    };
    assert_eq!((response.status, &response.body[..]), (403, &b"no WebSockets here"[..]));
    meeting.assert_over(Reason::TransportError);
}

#[test]
fn who_can_do_both_tries_both() {
    let transports = vec![Transport::WebSocket, Transport::Polling];
    let options = SessionOptions { transports, try_all_transports: true, ..SessionOptions::default() };
    let mut meeting = Meeting::new(options, no_websockets());
    meeting.send("hello").drive();
    assert_eq!((meeting.heard(), meeting.transport()), (vec!["hello".into()], Transport::Polling));
}

#[test]
fn a_refusal_is_kept_with_its_words() {
    let options =
        SessionOptions { query: vec![("sid".into(), "unknown".into())], ..super::polling::polling() };
    let mut meeting = Meeting::new(options, Habits::default());
    meeting.drive();
    assert_eq!(meeting.client.session().fault(), Some(Fault::Status(400)));
    let Some(Trouble::Refused(response)) = meeting.client.trouble() else { panic!("{meeting:?}") };
    assert_eq!(response.body, r#"{"code":1,"message":"Session ID unknown"}"#);
    meeting.assert_over(Reason::TransportError);
}

#[test]
fn what_cannot_be_asked_is_the_callers_fault_and_not_written() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        for (name, value) in [("X", "a\r\nY: b"), ("no token", "x")] {
            let options = SessionOptions {
                headers: Headers::from([(name, value)]),
                transports: vec![transport],
                ..SessionOptions::default()
            };
            let mut meeting = Meeting::new(options, Habits::default());
            meeting.drive();
            assert_eq!(meeting.written(), "");
            assert!(matches!(meeting.client.trouble(), Some(Trouble::Request(_) | Trouble::Offer(_))));
            meeting.assert_over(Reason::TransportError);
        }
    }
}
