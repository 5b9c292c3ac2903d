//! Requests are heard one at a time, and answered in order.

use std::time::Duration;

use sansocket_core::{Machine, Request, Response};
use sansocket_http1::server::{AnswerError, ServerClosed, Wording};
use sansocket_http1::{HeadError, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Asked, Talk};

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn talk() -> Talk<ServerConnection> {
    Talk::server(ServerOptions::default())
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")
}

fn done() -> Asked {
    Asked::Closed(ServerClosed::Done)
}

#[test]
fn a_connection_takes_one_request_after_the_other() {
    let mut talk = talk();
    for target in ["/a", "/b?c=d"] {
        talk.say(get(target));
        assert_eq!(talk.request(), Request { headers: [("Host", "h")].into(), ..Request::get(target) });
        talk.respond(&Response::new(200).with_header("A", "b").with_body(target)).unwrap();
        let length = target.len();
        let answer = format!("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: {length}\r\n\r\n{target}");
        assert_eq!(talk.answers(), answer);
        assert!(talk.side.machine.wants_input() && talk.side.input.memory() == 0);
    }
}

#[test]
fn pipelined_requests_are_answered_in_order_and_wait_unread() {
    let mut talk = talk();
    talk.say([get("/1"), get("/2"), get("/3")].concat());
    for target in ["/1", "/2", "/3"] {
        assert_eq!(talk.request().target, target, "one is in progress, the others wait");
        talk.wait(Duration::from_secs(25));
        talk.respond(&Response::new(200).with_body(target)).unwrap();
        assert!(talk.answers().ends_with(target));
    }
    assert_eq!(talk.heard(), []);
}

#[test]
fn nothing_can_be_answered_twice_or_before_it_was_asked() {
    let mut talk = talk();
    assert_eq!(talk.respond(&Response::new(204)), Err(AnswerError::NotAsked));
    talk.say("GET / HT");
    assert_eq!(talk.respond(&Response::new(204)), Err(AnswerError::NotAsked));
    talk.say("TP/1.1\r\nHost: h\r\n\r\n").request();
    assert_eq!(talk.respond(&Response::new(100)), Err(AnswerError::Interim(100)));
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.respond(&Response::new(204)), Err(AnswerError::NotAsked));
    assert_eq!(talk.answers(), NO_CONTENT);
}

#[test]
fn a_response_that_cannot_be_written_leaves_the_request_waiting() {
    let mut talk = talk();
    talk.say(get("/")).request();
    let split = Response::new(200).with_header("A", "b\r\nC: d");
    assert!(matches!(talk.respond(&split), Err(AnswerError::Encode(_))));
    assert_eq!(talk.answers(), "");
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), NO_CONTENT);
}

#[test]
fn what_follows_a_held_request_is_not_read_past_a_limit() {
    let mut talk = Talk::server(ServerOptions { pipelined: 100, ..ServerOptions::default() });
    talk.say(get("/1")).say(get("/2"));
    assert!(talk.side.machine.wants_input(), "the end of the stream would matter");
    talk.say(get("/3").repeat(3));
    assert!(!talk.side.machine.wants_input(), "back-pressure");
    let mut targets = Vec::new();
    while let Some(Asked::Whole(request)) = talk.heard().pop() {
        targets.push(request.target);
        talk.respond(&Response::new(204)).unwrap();
    }
    assert_eq!(targets, ["/1", "/2", "/3", "/3", "/3"]);
    assert!(talk.side.machine.wants_input());
    assert_eq!(talk.answers(), NO_CONTENT.repeat(5));
}

#[test]
fn who_does_not_read_the_answers_is_not_asked_for_more_requests() {
    let mut talk = Talk::server(ServerOptions { high_water: 100, ..ServerOptions::default() });
    talk.say(get("/").repeat(20));
    let mut answered = 0;
    while let Some(Asked::Whole(_)) = talk.heard().pop() {
        talk.respond(&Response::new(204)).unwrap();
        answered += 1;
    }
    assert_eq!((answered, talk.side.machine.unwritten()), (4, 4 * NO_CONTENT.len()));
    assert!(!talk.side.machine.wants_input(), "back-pressure");
    // It says nothing more: what it said is still answered, as it reads.
    let now = talk.clock.now();
    talk.side.machine.handle_eof(now);
    let mut answers = String::new();
    while !talk.side.machine.is_finished() {
        answers += &talk.answers();
        if talk.side.listen_once(now) {
            match talk.only() {
                Asked::Whole(_) => talk.side.machine.respond(&Response::new(204), now).unwrap(),
                end => assert_eq!(end, done()),
            }
        }
    }
    assert_eq!(answers, NO_CONTENT.repeat(20));
}

#[test]
fn a_client_of_http_1_0_has_to_ask_to_go_on() {
    let mut talk = talk();
    talk.say("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").request();
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    talk.say("GET / HTTP/1.0\r\n\r\n").request();
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_eq!(talk.only(), done());
}

#[test]
fn either_side_may_say_that_it_is_the_last_exchange() {
    let close = Response::new(204).with_header("Connection", "close");
    for (field, response) in [("Connection: x, close", Response::new(204)), ("A: b", close)] {
        let mut talk = talk();
        talk.say(format!("GET / HTTP/1.1\r\nHost: h\r\n{field}\r\n\r\n")).request();
        // Whatever follows is not a request any more.
        talk.say(get("/2"));
        talk.respond(&response).unwrap();
        assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        assert_eq!(talk.only(), done());
        assert!(talk.side.is_shut_down() && !talk.side.machine.is_finished());
        talk.say(get("/3")).hang_up();
        assert_eq!((talk.heard(), talk.side.input.memory()), (vec![], 0));
        assert!(talk.side.machine.is_finished());
    }
}

#[test]
fn the_user_may_close_between_and_in_requests() {
    let mut idle = talk();
    idle.side.machine.close(idle.clock.now());
    idle.say("");
    assert_eq!((idle.only(), idle.answers()), (done(), String::new()));
    // Nobody waits for who has nothing to come: he may keep the connection in store for long.
    assert!(idle.side.is_shut_down() && idle.side.machine.is_finished());

    let mut stored = talk();
    stored.say(get("/")).request();
    stored.respond(&Response::new(204)).unwrap();
    assert_eq!(stored.answers(), NO_CONTENT);
    stored.side.machine.close(stored.clock.now());
    stored.say("");
    assert_eq!((stored.only(), stored.answers()), (done(), String::new()));
    assert!(stored.side.is_shut_down() && stored.side.machine.is_finished());

    let mut busy = talk();
    busy.say(get("/")).request();
    busy.side.machine.close(busy.clock.now());
    busy.side.machine.close(busy.clock.now());
    busy.say("");
    assert_eq!(busy.heard(), []);
    busy.respond(&Response::new(204)).unwrap();
    assert_eq!(busy.answers(), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_eq!(busy.only(), done());
    assert!(busy.side.is_shut_down() && !busy.side.machine.is_finished());
}

#[test]
fn what_is_wrong_is_answered_once_behind_what_was_right() {
    let mut talk = talk();
    talk.say([&get("/1"), "GET /2 HTTP/1.1\nHost: h\r\n\r\n", &get("/3")].concat());
    assert_eq!(talk.request().target, "/1");
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Fault(HeadError::BareLf.into())));
    let answers = talk.answers();
    let refusal = answers.strip_prefix(NO_CONTENT).unwrap();
    assert_eq!(
        refusal,
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\
         Content-Length: 29\r\n\r\na line ends in LF without CR\n"
    );
    assert!(talk.side.is_shut_down());
}

#[test]
fn what_is_wrong_may_be_answered_without_words() {
    let options = ServerOptions { wording: Wording::Nothing, ..ServerOptions::default() };
    let mut talk = Talk::server(options);
    talk.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000001\r\n\r\n");
    let answer = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(talk.answers(), answer);
}

#[test]
fn options_is_a_request_as_any_other_and_trace_and_connect_are_none() {
    let mut talk = talk();
    talk.say("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(talk.request().method, "OPTIONS");
    talk.respond(&Response::new(204).with_header("Allow", "GET")).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n");
    for request in ["TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"] {
        let mut talk = Talk::server(ServerOptions::default());
        talk.say(request);
        assert!(matches!(talk.only(), Asked::Closed(ServerClosed::Fault(_))));
        assert!(talk.answers().starts_with("HTTP/1.1 501 Not Implemented\r\n"));
    }
}
