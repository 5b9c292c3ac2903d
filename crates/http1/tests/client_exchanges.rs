//! Requests are sent one at a time, and each gets its answer.

use sansocket_core::{Machine, Request, Response, Version};
use sansocket_http1::client::{ClientClosed, Fault, RequestError};
use sansocket_http1::{BodyError, BodyLimits, ClientConnection, ClientOptions, Delivery, Framing, HeadError};
use sansocket_testkit::http::{Answered, Talk, get};

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn talk() -> Talk<ClientConnection> {
    Talk::client(ClientOptions::default())
}

fn asked(request: &Request) -> Talk<ClientConnection> {
    let mut talk = talk();
    talk.ask(request).unwrap();
    talk
}

fn done() -> Answered {
    Answered::Closed(ClientClosed::Done)
}

fn fault(fault: impl Into<Fault>) -> Answered {
    Answered::Closed(ClientClosed::Fault(fault.into()))
}

#[test]
fn one_connection_serves_one_request_after_the_other() {
    let mut talk = talk();
    assert_eq!(talk.ask(&get("/a")).unwrap(), "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(!talk.side.machine.is_ready());
    assert_eq!(talk.ask(&get("/b")), Err(RequestError::Busy));
    talk.say("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhel").say("lo");
    let mut expected = Response::new(200).with_body("hello");
    expected.headers = [("A", "b"), ("Content-Length", "5")].into();
    assert_eq!(talk.response(), expected);
    assert!(talk.side.machine.is_ready() && talk.side.machine.wants_input());
    assert_eq!(talk.side.input.memory(), 0);

    let post = Request { method: "POST".into(), body: "data".into(), ..get("/b") };
    assert_eq!(talk.ask(&post).unwrap(), "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\ndata");
    talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    assert_eq!(talk.response().body, "ok");
}

#[test]
fn what_is_no_request_is_not_sent() {
    let mut talk = talk();
    let connect = Request { method: "CONNECT".into(), ..get("a:1") };
    assert_eq!(talk.ask(&connect), Err(RequestError::Connect));
    assert_eq!(talk.ask(&Request::get("/")), Err(RequestError::Host));
    let two = Request { headers: [("Host", "a"), ("host", "b")].into(), ..Request::get("/") };
    assert_eq!(talk.ask(&two), Err(RequestError::Host));
    assert!(matches!(talk.ask(&get("/ b")), Err(RequestError::Encode(_))));
    assert!(talk.side.machine.is_ready());
    assert!(talk.ask(&Request { version: Version::Http10, ..Request::get("/") }).is_ok());
}

#[test]
fn an_answer_may_come_in_pieces() {
    let mut talk = Talk::client(ClientOptions { delivery: Delivery::Pieces, ..ClientOptions::default() });
    talk.ask(&get("/")).unwrap();
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").say("pa").say("ge");
    let heard = talk.heard();
    assert!(matches!(&heard[0], Answered::Head(response, Framing::Length(4)) if response.status == 200));
    assert_eq!(heard[1..], [Answered::Body(b"pa".into()), Answered::Body(b"ge".into()), Answered::End]);
    talk.ask(&get("/")).unwrap();
    talk.say(NO_CONTENT);
    assert!(matches!(&talk.heard()[..], [Answered::Head(_, Framing::Length(0)), Answered::End]));
}

#[test]
fn answers_without_bodies_end_with_their_heads() {
    let head = Request { method: "HEAD".into(), ..get("/") };
    let cases =
        [(&head, "200 OK\r\nContent-Length: 9"), (&get("/"), "304 Not Modified\r\nContent-Length: 9")];
    for (request, start) in cases {
        let mut talk = asked(request);
        talk.say(format!("HTTP/1.1 {start}\r\n\r\n"));
        assert_eq!(talk.response().body, "");
        assert!(talk.side.machine.is_ready());
    }
}

#[test]
fn interim_answers_are_skipped_up_to_a_limit() {
    let mut talk = asked(&get("/"));
    talk.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(8))
        .say(NO_CONTENT);
    assert_eq!(talk.response().status, 204);
    let mut talk = asked(&get("/"));
    talk.say("HTTP/1.1 100 Continue\r\n\r\n".repeat(17));
    assert_eq!(talk.only(), fault(Fault::TooManyInterim));
}

#[test]
fn a_body_may_end_with_the_stream() {
    for delivery in [Delivery::Whole, Delivery::Pieces] {
        let mut talk = Talk::client(ClientOptions { delivery, ..ClientOptions::default() });
        talk.ask(&get("/")).unwrap();
        talk.say("HTTP/1.0 200 OK\r\n\r\npa").say("ge");
        assert!(!talk.heard().iter().any(|event| matches!(event, Answered::Whole(_) | Answered::End)));
        talk.hang_up();
        let heard = talk.heard();
        match &heard[0] {
            Answered::Whole(response) => assert_eq!(response.body, "page"),
            end => assert_eq!(*end, Answered::End),
        }
        assert_eq!(heard[1..], [done()]);
        talk.answers();
        assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
    }
}

#[test]
fn either_side_may_say_that_it_is_the_last_exchange() {
    let mut last = get("/");
    last.headers.add("Connection", "close");
    let old = "HTTP/1.0 204 No Content\r\n\r\n";
    let close = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    for (request, answer) in [(&last, NO_CONTENT), (&get("/"), close), (&get("/"), old)] {
        let mut talk = asked(request);
        talk.say(answer);
        assert!(matches!(&talk.heard()[..], [Answered::Whole(_), closed] if *closed == done()));
        assert_eq!(talk.ask(&get("/")), Err(RequestError::Closed));
        talk.answers();
        assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
    }
    let mut kept = asked(&get("/"));
    kept.say("HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n").response();
    assert!(kept.side.machine.is_ready());
}

#[test]
fn what_answers_nothing_ends_the_connection_before_it_is_taken_for_an_answer() {
    let mut before = talk();
    before.say(NO_CONTENT);
    assert_eq!(before.only(), fault(Fault::Unasked));

    let mut behind = asked(&get("/"));
    behind.say([NO_CONTENT, "HTTP/1.1 200 OK\r\n"].concat());
    assert!(matches!(&behind.heard()[..], [Answered::Whole(_), closed] if *closed == fault(Fault::Unasked)));
    assert_eq!(behind.ask(&get("/")), Err(RequestError::Closed));

    let mut between = asked(&get("/"));
    between.say(NO_CONTENT).say("\r\n");
    assert!(matches!(&between.heard()[..], [Answered::Whole(_), closed] if *closed == fault(Fault::Unasked)));
}

#[test]
fn an_answer_that_does_not_wait_for_its_request_is_the_last() {
    let mut talk = talk();
    let post = Request { method: "POST".into(), body: vec![b'x'; 100_000].into(), ..get("/") };
    talk.side.machine.send(&post, talk.clock.now()).unwrap();
    talk.side.write(1000);
    talk.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    let heard = talk.heard();
    assert!(matches!(&heard[..], [Answered::Whole(response), _] if response.status == 413));
    assert_eq!((&heard[1], talk.answers()), (&done(), String::new()));
}

#[test]
fn what_passes_a_limit_or_is_no_http_ends_the_connection() {
    let body = BodyLimits { body: Some(4), ..BodyLimits::default() };
    let cases: [(&str, Fault); 4] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", BodyError::TooLarge.into()),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", BodyError::TooLarge.into()),
        ("HTTP/1.1 200 OK\r\n\r\nhello", BodyError::TooLarge.into()),
        ("HTTP/2 200\r\n\r\n", HeadError::VersionNotSupported.into()),
    ];
    for (answer, expected) in cases {
        let mut talk = Talk::client(ClientOptions { body, ..ClientOptions::default() });
        talk.ask(&get("/")).unwrap();
        talk.say(answer);
        assert_eq!((talk.only(), talk.side.input.memory()), (fault(expected), 0), "{answer}");
        talk.answers();
        assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
    }
}

#[test]
fn a_connection_may_go_on_in_another_protocol() {
    let mut upgrade = get("/");
    upgrade.headers = [("Host", "h"), ("Connection", "Upgrade"), ("Upgrade", "echo")].into();
    let mut talk = asked(&upgrade);
    talk.say("HTTP/1.1 100 Continue\r\n\r\n");
    talk.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly");
    assert!(matches!(talk.only(), Answered::Switched(response) if response.status == 101));
    assert_eq!((talk.side.machine.poll_timeout(), talk.side.machine.wants_input()), (None, false));
    assert_eq!(talk.side.input.raw(), b"early");
    assert_eq!(talk.ask(&get("/")), Err(RequestError::Closed));
    let parts = talk.side.machine.into_parts().unwrap();
    assert!(parts.out.is_empty() && !parts.has_ended);

    // Or not: any other answer is one.
    let mut talk = asked(&upgrade);
    talk.say(NO_CONTENT).response();
    assert!(talk.side.machine.is_ready() && talk.side.machine.into_parts().is_err());
}

#[test]
fn nobody_switches_who_was_not_asked_to() {
    let mut upgrade = get("/");
    upgrade.headers = [("Host", "h"), ("Connection", "Upgrade"), ("Upgrade", "echo")].into();
    let right = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    let mute = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
    for (request, answer) in [(&get("/"), right), (&upgrade, mute)] {
        let mut talk = asked(request);
        talk.say(answer);
        assert_eq!(talk.only(), fault(Fault::Switched));
    }
}

#[test]
fn the_user_may_close_at_any_time() {
    for busy in [false, true] {
        let mut talk = talk();
        if busy {
            talk.side.machine.send(&get("/"), talk.clock.now()).unwrap();
        }
        talk.side.machine.close();
        talk.side.machine.close();
        talk.say(NO_CONTENT);
        assert_eq!((talk.only(), talk.answers()), (done(), String::new()));
        assert!(talk.side.machine.is_finished() && talk.side.input.memory() == 0);
    }
}
