//! Nothing is waited for without end, and the server's end is heard.

use std::time::Duration;

use sansocket_core::{Instant, Machine, Request};
use sansocket_http1::client::{ClientClosed, RequestError};
use sansocket_http1::{ClientConnection, ClientOptions, Deadline};
use sansocket_testkit::http::{Answered, Talk, get};

const SECOND: Duration = Duration::from_secs(1);

fn asked() -> Talk<ClientConnection> {
    let mut talk = Talk::client(ClientOptions::default());
    talk.ask(&get("/")).unwrap();
    talk
}

fn late(deadline: Deadline) -> Answered {
    Answered::Closed(ClientClosed::Timeout(deadline))
}

#[test]
fn an_answer_may_take_a_minute_to_begin() {
    let mut talk = asked();
    talk.wait(59 * SECOND).say("HTTP/1.1 100 Continue\r\n\r\n").say("HT");
    assert_eq!(talk.heard(), []);
    talk.wait(SECOND);
    assert_eq!(talk.only(), late(Deadline::Head));
    talk.answers();
    assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
}

#[test]
fn or_as_long_as_it_likes() {
    let options = ClientOptions { head_timeout: None, write_timeout: SECOND, ..ClientOptions::default() };
    let mut talk = Talk::client(options);
    talk.ask(&get("/")).unwrap();
    talk.wait(3600 * SECOND).say("HTTP/1.1 204 No Content\r\n\r\n").response();
}

#[test]
fn a_body_has_thirty_seconds_however_it_drips() {
    let mut talk = asked();
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for _ in 0..29 {
        talk.say("x").wait(SECOND);
    }
    assert_eq!(talk.heard(), []);
    talk.wait(SECOND);
    assert_eq!((talk.only(), talk.side.input.memory()), (late(Deadline::Body), 0));
}

#[test]
fn a_connection_that_nobody_uses_is_given_up_before_the_server_does() {
    let mut fresh = Talk::client(ClientOptions::default());
    let mut used = asked();
    used.say("HTTP/1.1 204 No Content\r\n\r\n").response();
    for talk in [&mut fresh, &mut used] {
        talk.wait(3 * SECOND);
        assert!(talk.heard().is_empty() && talk.side.machine.is_ready());
        talk.wait(SECOND);
        assert_eq!(talk.only(), late(Deadline::Idle));
        assert_eq!(talk.ask(&get("/")), Err(RequestError::Closed));
    }
}

#[test]
fn a_server_that_takes_nothing_of_a_request_is_given_up() {
    let mut talk = Talk::client(ClientOptions { head_timeout: None, ..ClientOptions::default() });
    let post = Request { method: "POST".into(), body: vec![b'x'; 100_000].into(), ..get("/") };
    talk.side.machine.send(&post, talk.clock.now()).unwrap();
    for _ in 0..10 {
        talk.side.write(1000);
        talk.wait(29 * SECOND);
    }
    assert_eq!(talk.heard(), [], "a slow reader is a reader");
    talk.wait(31 * SECOND).wait(31 * SECOND);
    assert_eq!((talk.only(), talk.answers()), (late(Deadline::Write), String::new()));
    assert!(talk.side.machine.is_finished());
}

#[test]
fn a_server_may_leave_before_it_answers_or_while_it_does() {
    let cases = [
        ("", ClientClosed::Unanswered),
        ("H", ClientClosed::Lost),
        ("HTTP/1.1 100 Continue\r\n\r\n", ClientClosed::Lost),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", ClientClosed::Lost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n", ClientClosed::Lost),
    ];
    for (said, why) in cases {
        let mut talk = asked();
        talk.say(said).hang_up();
        assert_eq!(talk.only(), Answered::Closed(why), "{said}");
    }
    let mut idle = Talk::client(ClientOptions::default());
    idle.side.machine.handle_eof(idle.clock.now());
    assert_eq!(idle.ask(&get("/")), Err(RequestError::Closed), "nobody would answer");
    idle.hang_up();
    assert_eq!(idle.only(), Answered::Closed(ClientClosed::Done));
}

#[test]
fn an_answer_that_lies_there_is_heard_though_the_stream_has_ended() {
    let mut talk = asked();
    let now = talk.clock.now();
    talk.side.input.fill(b"HTTP/1.1 204 No Content\r\n\r\n", &mut talk.side.pool);
    talk.side.machine.handle_eof(now);
    talk.side.listen(now);
    let heard = talk.heard();
    assert!(matches!(&heard[..], [Answered::Whole(_), Answered::Closed(ClientClosed::Done)]), "{heard:?}");
}

#[test]
fn early_and_repeated_calls_are_no_ops() {
    let mut talk = asked();
    talk.side.machine.handle_timeout(Instant::ZERO);
    assert!(talk.side.machine.poll_transmit().is_none());
    talk.hang_up().hang_up().wait(60 * SECOND).hang_up();
    assert_eq!(talk.only(), Answered::Closed(ClientClosed::Unanswered));
}
