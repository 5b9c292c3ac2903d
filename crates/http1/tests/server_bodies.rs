//! Bodies come whole, or in pieces; they are wanted first, or refused, or thrown away.

use std::time::Duration;

use sansocket_core::{Machine, Response};
use sansocket_http1::server::{Fault, ServerClosed};
use sansocket_http1::{BodyError, BodyLimits, Delivery, Framing, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Asked, Talk};

const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

fn post(length: usize) -> String {
    format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n")
}

fn patient_post(length: usize) -> String {
    post(length).replace("Host: h", "Host: h\r\nExpect: 100-Continue")
}

fn whole() -> Talk<ServerConnection> {
    Talk::server(ServerOptions::default())
}

fn in_pieces() -> Talk<ServerConnection> {
    Talk::server(ServerOptions { delivery: Delivery::Pieces, ..ServerOptions::default() })
}

fn too_large() -> Asked {
    Asked::Closed(ServerClosed::Fault(BodyError::TooLarge.into()))
}

#[test]
fn a_body_comes_with_its_request() {
    let mut talk = whole();
    talk.say(post(11)).say("hello");
    assert_eq!(talk.heard(), []);
    talk.say(" worldGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(talk.request().body, "hello world");
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.request().body, "");
}

#[test]
fn chunks_are_one_body() {
    let mut talk = whole();
    for piece in [CHUNKED, "5;a=b\r\nhel", "lo\r\n6\r", "\n world\r\n0\r\nX: y\r\n", "\r\n"] {
        assert_eq!(talk.heard(), []);
        talk.say(piece);
    }
    let request = talk.request();
    assert_eq!((&request.body[..], request.headers.contains("x")), (&b"hello world"[..], false));
}

#[test]
fn a_body_may_come_in_pieces() {
    let mut talk = in_pieces();
    talk.say(post(11)).say("hello").say(" world").say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let heard = talk.heard();
    assert!(matches!(&heard[0], Asked::Head(request, Framing::Length(11)) if request.body.is_empty()));
    assert_eq!(heard[1..], [Asked::Body(b"hello".into()), Asked::Body(b" world".into()), Asked::End]);
    talk.respond(&Response::new(204)).unwrap();
    assert!(matches!(&talk.heard()[..], [Asked::Head(_, Framing::Length(0)), Asked::End]));
}

#[test]
fn a_client_that_waits_for_it_is_told_to_continue_once() {
    let mut talk = whole();
    talk.say(patient_post(2));
    assert_eq!((talk.answers(), talk.heard()), (CONTINUE.into(), vec![]));
    talk.say("o");
    talk.say("k");
    assert_eq!(talk.request().body, "ok");
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\n\r\n");
}

#[test]
fn who_does_not_wait_is_told_nothing() {
    let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok";
    let empty = patient_post(0);
    for request in [old, &empty] {
        let mut talk = whole();
        talk.say(request).request();
        assert_eq!(talk.answers(), "", "{request}");
    }
}

#[test]
fn another_expectation_is_refused() {
    let mut talk = whole();
    talk.say(patient_post(2).replace("100-Continue", "200-ok"));
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Fault(Fault::Expectation)));
    assert!(talk.answers().starts_with("HTTP/1.1 417 Expectation Failed\r\n"));
}

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_comes() {
    for request in [post(1_000_001), patient_post(1_000_001)] {
        let mut talk = whole();
        talk.say(request);
        assert_eq!((talk.only(), talk.side.input.memory()), (too_large(), 0));
        let answer = talk.answers();
        assert!(answer.starts_with("HTTP/1.1 413 Content Too Large\r\n"), "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n") && talk.side.is_shut_down());
    }
}

#[test]
fn a_body_that_grows_too_large_is_refused_when_it_does() {
    let body = BodyLimits { body: Some(10), ..BodyLimits::default() };
    for delivery in [Delivery::Whole, Delivery::Pieces] {
        let mut talk = Talk::server(ServerOptions { delivery, body, ..ServerOptions::default() });
        talk.say(CHUNKED).say("a\r\n0123456789\r\n").say("1\r\n");
        let heard = talk.heard();
        assert_eq!(heard.last(), Some(&too_large()));
        // What the user knew of is taken back.
        assert_eq!(heard.contains(&Asked::Aborted), delivery == Delivery::Pieces);
        assert!(talk.answers().starts_with("HTTP/1.1 413 "));
        assert_eq!(talk.side.input.memory(), 0);
    }
}

#[test]
fn the_user_may_refuse_a_body_that_nobody_asked_for_yet() {
    let mut talk = in_pieces();
    let now = talk.clock.now();
    talk.side.input.fill(patient_post(5).as_bytes(), &mut talk.side.pool);
    assert!(talk.side.listen_once(now));
    assert!(matches!(talk.only(), Asked::Head(_, Framing::Length(5))));
    talk.respond(&Response::new(413)).unwrap();
    // It was not told to continue, and may or may not send the body: there is no going on.
    assert_eq!(
        talk.answers(),
        "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
}

#[test]
fn a_client_is_told_to_continue_when_the_user_asks_for_the_body() {
    let mut talk = in_pieces();
    let now = talk.clock.now();
    talk.side.input.fill(patient_post(2).as_bytes(), &mut talk.side.pool);
    talk.side.listen_once(now);
    assert_eq!(talk.answers(), "");
    talk.side.listen(now);
    assert_eq!(talk.answers(), CONTINUE);
    talk.say("ok");
    assert_eq!(talk.heard()[1..], [Asked::Body(b"ok".into()), Asked::End]);
}

#[test]
fn a_little_of_an_unread_body_is_thrown_away_and_the_connection_goes_on() {
    let refuse = Response::new(400);
    for request in [[&post(10), "0123"].concat(), [CHUNKED, "a\r\n0123"].concat()] {
        let mut talk = in_pieces();
        talk.say(&request).heard();
        talk.respond(&refuse).unwrap();
        assert_eq!(talk.answers(), "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        talk.say("45678").say(if request.starts_with(CHUNKED) { "9\r\n0\r\n\r\n" } else { "9" });
        assert_eq!(talk.heard(), [], "nobody wants it any more");
        talk.say("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
        assert!(matches!(&talk.heard()[0], Asked::Head(request, _) if request.target == "/next"));
    }
}

#[test]
fn for_a_lot_of_an_unread_body_the_connection_ends() {
    let options = || ServerOptions { delivery: Delivery::Pieces, drain: 8, ..ServerOptions::default() };
    let mut announced = Talk::server(options());
    announced.say(post(9)).heard();
    announced.respond(&Response::new(400)).unwrap();
    assert!(announced.answers().contains("Connection: close"));
    assert_eq!(announced.only(), Asked::Closed(ServerClosed::Done));

    let mut unknown = Talk::server(options());
    unknown.say(CHUNKED).heard();
    unknown.respond(&Response::new(400)).unwrap();
    assert!(!unknown.answers().contains("Connection: close"));
    unknown.say("8\r\n01234567\r\n");
    assert_eq!(unknown.heard(), []);
    unknown.say("1\r\n8\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(unknown.only(), Asked::Closed(ServerClosed::Done));
    assert_eq!(unknown.answers(), "", "there is no second answer");
}

#[test]
fn what_is_wrong_with_a_body_behind_its_answer_is_answered_no_more() {
    let mut talk = in_pieces();
    talk.say(CHUNKED).heard();
    talk.respond(&Response::new(204)).unwrap();
    talk.answers();
    talk.say("x");
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Fault(BodyError::ChunkSize.into())));
    assert_eq!(talk.answers(), "");
    assert!(talk.side.is_shut_down());
}

#[test]
fn a_body_in_the_works_holds_no_more_than_twice_its_bytes() {
    let mut talk = whole();
    talk.say(CHUNKED);
    for received in 1..=3000 {
        talk.say("1\r\nx\r\n");
        assert!(talk.side.input.memory() <= 2 * 6 * received + 4096, "{:?}", talk.side.input);
    }
    talk.say("0\r\n\r\n");
    assert_eq!(talk.request().body.len(), 3000);
    assert_eq!(talk.side.input.memory(), 0);
    talk.wait(Duration::from_secs(60));
    assert!(talk.side.machine.poll_timeout().is_none(), "an unanswered request waits for its user only");
}
