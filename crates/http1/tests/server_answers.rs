//! Answers without bodies, in pieces, and in other protocols.

use sansocket_core::{Machine, Response};
use sansocket_http1::server::{AnswerError, ServerClosed, StreamError};
use sansocket_http1::{NotSwitched, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Asked, Talk};

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

fn asked(request: &str) -> Talk<ServerConnection> {
    let mut talk = Talk::server(ServerOptions::default());
    talk.say(request).request();
    talk
}

fn get(method: &str, version: &str) -> Talk<ServerConnection> {
    asked(&format!("{method} / {version}\r\nHost: h\r\n\r\n"))
}

fn switching() -> Response {
    Response::new(101).with_header("Connection", "Upgrade").with_header("Upgrade", "echo")
}

#[test]
fn head_gets_the_head_alone() {
    let mut talk = get("HEAD", "HTTP/1.1");
    talk.respond(&Response::new(200).with_body("page")).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    // The connection goes on.
    talk.say("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").request();
}

#[test]
fn a_refused_head_gets_no_body_either() {
    let mut talk = Talk::server(ServerOptions::default());
    talk.say("HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n");
    let answer = talk.answers();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn the_connection_says_what_connection_says() {
    let mut talk = get("GET", "HTTP/1.1");
    let response = Response::new(426).with_header("Connection", "keep-alive").with_header("Upgrade", "echo");
    talk.respond(&response).unwrap();
    let expected =
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: echo\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(talk.answers(), expected);
}

#[test]
fn an_answer_may_come_in_pieces() {
    let mut talk = get("GET", "HTTP/1.1");
    let now = talk.clock.now();
    talk.side.machine.begin(&Response::new(200).with_body("first"), now).unwrap();
    assert_eq!(talk.respond(&Response::new(204)), Err(AnswerError::Begun));
    assert_eq!(talk.answers(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    talk.side.machine.append(b"", now).unwrap();
    talk.side.machine.append(&[b'x'; 16], now).unwrap();
    talk.side.machine.finish(now).unwrap();
    assert_eq!(talk.answers(), "10\r\nxxxxxxxxxxxxxxxx\r\n0\r\n\r\n");
    assert_eq!(talk.side.machine.append(b"x", now), Err(StreamError::NotBegun));
    assert_eq!(talk.side.machine.finish(now), Err(StreamError::NotBegun));
    talk.say("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(talk.request().target, "/2");
}

#[test]
fn to_http_1_0_the_pieces_end_with_the_stream() {
    let mut talk = asked("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let now = talk.clock.now();
    talk.side.machine.begin(&Response::new(200), now).unwrap();
    talk.side.machine.append(b"page", now).unwrap();
    talk.side.machine.finish(now).unwrap();
    talk.side.listen(now);
    assert_eq!(talk.answers(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npage");
    assert!(talk.side.is_shut_down());
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
}

#[test]
fn pieces_are_left_out_where_there_is_no_body() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let mut talk = get(method, "HTTP/1.1");
        let now = talk.clock.now();
        talk.side.machine.begin(&Response::new(status), now).unwrap();
        talk.side.machine.append(b"page", now).unwrap();
        talk.side.machine.finish(now).unwrap();
        let answer = talk.answers();
        assert!(answer.ends_with("\r\n\r\n") && !answer.contains("Transfer-Encoding"), "{answer}");
        talk.say("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n").request();
    }
}

#[test]
fn who_does_not_read_blocks_the_pieces() {
    let mut talk = get("GET", "HTTP/1.1");
    let now = talk.clock.now();
    talk.side.machine.begin(&Response::new(200), now).unwrap();
    let mut queued = 0;
    while talk.side.machine.append(&[0; 1000], now).is_ok() {
        queued += 1;
    }
    assert!(queued <= 66 && !talk.side.machine.has_room());
    assert_eq!(talk.side.machine.append(b"x", now), Err(StreamError::Blocked));
    talk.side.write(10_000);
    assert_eq!(talk.side.machine.append(b"x", now), Ok(()));
}

#[test]
fn a_connection_may_go_on_in_another_protocol() {
    let mut talk = asked(&[UPGRADE, "early"].concat());
    talk.side.machine.switch(&switching(), talk.clock.now()).unwrap();
    talk.side.listen(talk.clock.now());
    assert!(talk.side.machine.has_switched() && talk.side.machine.poll_timeout().is_none());
    assert!(!talk.side.machine.wants_input() && !talk.side.machine.is_finished());
    assert_eq!(talk.side.write(10), b"HTTP/1.1 1");
    assert_eq!(talk.side.input.raw(), b"early");
    let parts = talk.side.machine.into_parts().unwrap();
    let rest = b"01 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    assert_eq!((parts.out.flat(), parts.has_ended), (Some(&rest[..]), false));
}

#[test]
fn who_has_left_behind_an_upgrade_is_told_to_have() {
    let mut talk = asked(UPGRADE);
    talk.side.machine.handle_eof(talk.clock.now());
    talk.side.machine.switch(&switching(), talk.clock.now()).unwrap();
    assert!(talk.side.machine.into_parts().unwrap().has_ended);
}

#[test]
fn nothing_switches_that_was_not_asked_to() {
    let requests = [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    ];
    for request in requests {
        let mut talk = asked(request);
        let refused = talk.side.machine.switch(&switching(), talk.clock.now());
        assert_eq!(refused, Err(AnswerError::NotUpgrade), "{request}");
        assert!(matches!(talk.side.machine.into_parts(), Err(NotSwitched)));
    }
    let mut talk = asked(UPGRADE);
    let now = talk.clock.now();
    assert_eq!(talk.side.machine.switch(&Response::new(200), now), Err(AnswerError::NotSwitching(200)));
    talk.respond(&Response::new(404)).unwrap();
    assert_eq!(talk.side.machine.switch(&switching(), now), Err(AnswerError::NotAsked));
}
