//! How a session begins.

use core::time::Duration;

use sansocket_core::{Headers, Message, Response};
use sansocket_engineio::client::{Client, ClientOptions, Fault, UpgradeMemory};
use sansocket_engineio::{Binary, OpenError, Reason, Transport};

use crate::support::{CLOSE, Heard, Talk, handshake, ok, v3, websocket_only};

#[test]
fn polling_is_begun_with() {
    let mut talk = Talk::new(ClientOptions { timestamp: None, ..ClientOptions::default() });
    let (poll, request) = talk.request().expect("a poll");
    assert_eq!(request.target, "/engine.io/?EIO=4&transport=polling");
    assert_eq!(request.headers.get("accept"), Some(&b"*/*"[..]));
    assert_eq!(talk.request(), None, "one at a time");
    assert_eq!(talk.client.poll_connect(talk.now), None);

    talk.send("before it was open");
    assert_eq!(talk.request(), None, "nothing leaves before it is open");
    talk.answer(poll, format!("0{}\x1e4hi\x1ebAQID", handshake("")));
    assert_eq!(talk.heard(), [Heard::Opened, Heard::text("hi"), Heard::Said(Message::from(&[1, 2, 3][..]))]);
    assert_eq!((talk.client.sid(), talk.client.transport()), (Some("abc"), Transport::Polling));
    assert_eq!(talk.post().1, "4before it was open");
    let (_, request) = talk.request().expect("the next poll");
    assert_eq!(request.target, "/engine.io/?EIO=4&transport=polling&sid=abc");
}

#[test]
fn a_websocket_can_be_begun_with() {
    let mut talk = Talk::new(websocket_only());
    assert_eq!(talk.request(), None);
    let (connection, request) = talk.client.poll_connect(talk.now).expect("a WebSocket");
    assert_eq!(request.target, "/engine.io/?EIO=4&transport=websocket");
    assert_eq!(talk.client.poll_connect(talk.now), None);
    talk.send("early");
    talk.client.handle_open(connection, talk.now);
    assert_eq!(talk.sent(connection), []);
    assert_eq!(talk.say(connection, &format!("0{}", handshake(""))), [Heard::Opened]);
    assert_eq!(talk.sent(connection), [Message::from("4early")]);
    assert_eq!(talk.say(connection, "4hi"), [Heard::text("hi")]);
    assert_eq!(talk.client.transport(), Transport::WebSocket);
}

#[test]
fn requests_carry_what_they_are_told_to() {
    let mut talk = Talk::new(ClientOptions {
        path: "/my/path".into(),
        query: vec![("to ken".into(), "a&b=ü".into())],
        headers: Headers::from([("Authorization", "yes"), ("Accept", "text/plain")]),
        binary: Binary::Base64,
        ..v3()
    });
    let (poll, request) = talk.request().expect("a poll");
    let begin = "/my/path?to%20ken=a%26b%3D%C3%BC&EIO=3&transport=polling&t=";
    assert!(request.target.starts_with(begin) && request.target.ends_with("&b64=1"), "{}", request.target);
    let cookies = Response::new(200).with_header("Set-Cookie", "node=7; Path=/");
    let open = r#"0{"sid":"a/b+","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#;
    talk.client.handle_response(poll, cookies.with_body(format!("{}:{open}", open.len())), talk.now);
    assert_eq!(talk.heard(), [Heard::Opened]);

    let (_, request) = talk.request().expect("a poll");
    assert!(
        request.target.ends_with("&sid=a%2Fb%2B") && !request.target.contains("b64"),
        "{}",
        request.target
    );
    let (_, upgrade) = talk.client.poll_connect(talk.now).expect("a WebSocket");
    assert!(upgrade.target.ends_with("&transport=websocket&b64=1&sid=a%2Fb%2B"), "{}", upgrade.target);
    for request in [request, upgrade] {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name, value.to_vec())).collect();
        let expected = [("Authorization", "yes"), ("Accept", "text/plain"), ("Cookie", "node=7")];
        assert_eq!(headers, expected.map(|(name, value)| (name, value.as_bytes().to_vec())));
    }
}

#[test]
fn no_two_polls_look_alike() {
    let (mut talk, poll) = Talk::polling("");
    let mut targets = std::collections::BTreeSet::new();
    talk.answer(poll, "6");
    for _ in 0..10 {
        assert_eq!(talk.heard(), []);
        let (poll, request) = talk.request().expect("a poll");
        assert!(targets.insert(request.target));
        talk.answer(poll, "6");
    }
}

#[test]
fn a_transport_that_fails_is_the_end() {
    let mut talk = Talk::new(ClientOptions::default());
    let poll = talk.get();
    talk.client.handle_failure(poll, talk.now);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
    assert_eq!(talk.client.fault(), Some(Fault::Request));
    assert!(talk.client.is_finished());
}

#[test]
fn unless_all_transports_are_to_be_tried() {
    let all = ClientOptions { try_all_transports: true, ..ClientOptions::default() };
    let failures: [fn(&mut Talk); 4] = [
        |talk| {
            let poll = talk.get();
            talk.client.handle_failure(poll, talk.now);
        },
        |talk| {
            let poll = talk.get();
            talk.client.handle_response(poll, Response::new(400), talk.now);
        },
        |talk| {
            let poll = talk.get();
            talk.answer(poll, "4not an open packet\x1e4more");
            assert_eq!(talk.heard(), []);
        },
        |talk| {
            talk.get();
            talk.wait(Duration::from_secs(20));
        },
    ];
    for fail in failures {
        let mut talk = Talk::new(all.clone());
        talk.send("kept");
        fail(&mut talk);
        assert_eq!(talk.heard(), []);
        assert_eq!(talk.request(), None);
        let connection = talk.connect();
        talk.client.handle_open(connection, talk.now);
        assert_eq!(talk.say(connection, &format!("0{}", handshake(""))), [Heard::Opened]);
        assert_eq!(talk.sent(connection), [Message::from("4kept")]);
    }
    // All of them.
    let mut talk = Talk::new(all);
    let poll = talk.get();
    talk.client.handle_failure(poll, talk.now);
    let connection = talk.connect();
    talk.client.handle_close(connection, Reason::TransportError, talk.now);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
    assert!(talk.client.is_finished());
}

#[test]
fn a_session_that_does_not_open_in_time_is_given_up() {
    let mut talk = Talk::new(websocket_only());
    let connection = talk.connect();
    talk.client.handle_open(connection, talk.now);
    talk.wait(Duration::from_secs(20));
    assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
    assert_eq!(talk.client.fault(), Some(Fault::OpenTimeout));
    assert!(!talk.client.is_finished());
    assert_eq!(talk.sent(connection), [CLOSE]);
    assert!(talk.client.is_finished());
}

#[test]
fn an_upgrade_that_worked_is_remembered() {
    let memory = UpgradeMemory::default();
    let options = || ClientOptions { remember_upgrade: Some(memory.clone()), ..ClientOptions::default() };
    let begins_with = || Client::new(options(), Talk::new(options()).now).transport();
    assert_eq!(begins_with(), Transport::Polling);

    let mut talk = Talk::new(options());
    let poll = talk.get();
    talk.answer(poll, format!("0{}", handshake("\"websocket\"")));
    assert_eq!(talk.heard(), [Heard::Opened]);
    let probe = talk.connect();
    talk.client.handle_open(probe, talk.now);
    assert_eq!(talk.sent(probe), [Message::from("2probe")]);
    talk.say(probe, "3probe");
    assert_eq!(begins_with(), Transport::WebSocket);

    // It does not work any more.
    let mut talk = Talk::new(options());
    let connection = talk.connect();
    talk.client.handle_close(connection, Reason::TransportError, talk.now);
    assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
    assert_eq!(begins_with(), Transport::Polling);
}

#[test]
fn protocol_3_is_spoken() {
    let mut talk = Talk::new(v3());
    let poll = talk.get();
    let open = format!("0{}", handshake(""));
    talk.answer(poll, format!("{}:{open}3:4€!", open.len()));
    assert_eq!(talk.heard(), [Heard::Opened, Heard::text("€!")]);
    talk.send("a");
    assert_eq!(talk.post().1, "2:4a");
    let poll = talk.get();
    let binary = ok(vec![1, 3, 0xff, 4, 7, 8]).with_header("Content-Type", "application/octet-stream");
    talk.client.handle_response(poll, binary, talk.now);
    assert_eq!(talk.heard(), [Heard::Said(Message::from(&[7, 8][..]))]);
}

#[test]
fn protocol_3_posts_bytes_as_they_are() {
    for (binary, content_type, body) in [
        (Binary::Raw, "application/octet-stream", &b"\x01\x02\xff\x04\x07"[..]),
        (Binary::Base64, "text/plain;charset=UTF-8", b"6:b4Bw=="),
    ] {
        let mut talk = Talk::new(ClientOptions { binary, ..v3() });
        let poll = talk.get();
        let open = format!("0{}", handshake(""));
        talk.answer(poll, format!("{}:{open}", open.len()));
        assert_eq!(talk.heard(), [Heard::Opened]);
        talk.client.send(Message::from(&[7][..])).expect("room");
        let (_, request) = talk.request().expect("a POST");
        assert_eq!(request.headers.get("content-type"), Some(content_type.as_bytes()));
        assert_eq!(request.body, body);
    }
}

#[test]
fn a_wrong_handshake_over_a_websocket_closes_it() {
    let mut talk = Talk::new(websocket_only());
    let connection = talk.connect();
    talk.client.handle_open(connection, talk.now);
    assert_eq!(talk.say(connection, "0{}"), [Heard::Closed(Reason::ParseError)]);
    assert_eq!(talk.client.fault(), Some(Fault::Handshake(OpenError::Malformed)));
    assert_eq!(talk.sent(connection), [CLOSE]);
}
