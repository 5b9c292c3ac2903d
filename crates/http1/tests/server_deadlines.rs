//! Nothing is waited for without end, and the peer's end is heard.

use std::time::Duration;

use sansocket_core::{Instant, Machine, Response};
use sansocket_http1::server::{AnswerError, ServerClosed};
use sansocket_http1::{Deadline, Delivery, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Asked, Talk};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";
const SECOND: Duration = Duration::from_secs(1);

fn talk() -> Talk<ServerConnection> {
    Talk::server(ServerOptions::default())
}

fn in_pieces() -> Talk<ServerConnection> {
    Talk::server(ServerOptions { delivery: Delivery::Pieces, ..ServerOptions::default() })
}

fn late(deadline: Deadline) -> Asked {
    Asked::Closed(ServerClosed::Timeout(deadline))
}

#[test]
fn a_head_has_ten_seconds_however_it_drips() {
    let mut talk = talk();
    for byte in GET.bytes().take(9) {
        talk.say([byte]).wait(SECOND);
    }
    assert_eq!(talk.heard(), []);
    talk.wait(SECOND);
    assert_eq!(talk.only(), late(Deadline::Head));
    assert!(talk.answers().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    assert!(talk.side.is_shut_down());
}

#[test]
fn who_says_nothing_is_told_nothing() {
    let mut talk = talk();
    talk.wait(10 * SECOND);
    assert_eq!((talk.only(), talk.answers()), (late(Deadline::Head), String::new()));
    assert!(talk.side.is_shut_down());
}

#[test]
fn a_second_head_has_its_own_ten_seconds() {
    let mut talk = talk();
    talk.say(GET).request();
    talk.respond(&Response::new(204)).unwrap();
    talk.answers();
    talk.wait(14 * SECOND).say("G").wait(9 * SECOND);
    assert_eq!(talk.heard(), []);
    talk.wait(SECOND);
    assert_eq!(talk.only(), late(Deadline::Head));
    assert!(talk.answers().starts_with("HTTP/1.1 408 "));
}

#[test]
fn t067_an_idle_connection_ends_after_fifteen_seconds() {
    let mut talk = talk();
    talk.say(GET).request();
    talk.respond(&Response::new(204)).unwrap();
    talk.answers();
    talk.wait(14 * SECOND);
    assert_eq!(talk.heard(), []);
    talk.wait(SECOND);
    assert_eq!((talk.only(), talk.answers()), (late(Deadline::Idle), String::new()));
    assert!(talk.side.is_shut_down());
}

#[test]
fn t060_a_body_has_thirty_seconds_however_it_drips() {
    for (mut talk, delivery) in [(talk(), Delivery::Whole), (in_pieces(), Delivery::Pieces)] {
        talk.say(POST);
        for _ in 0..29 {
            talk.say("x").wait(SECOND);
        }
        assert!(!talk.heard().contains(&late(Deadline::Body)));
        talk.wait(SECOND);
        let heard = talk.heard();
        assert_eq!(heard.last(), Some(&late(Deadline::Body)));
        assert_eq!(heard.contains(&Asked::Aborted), delivery == Delivery::Pieces);
        assert!(talk.answers().starts_with("HTTP/1.1 408 "));
        assert_eq!(talk.side.input.memory(), 0, "nothing of it is kept");
    }
}

#[test]
fn a_body_that_drips_behind_its_answer_is_not_waited_for_either() {
    let mut talk = in_pieces();
    talk.say(POST).heard();
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\n\r\n");
    talk.wait(30 * SECOND);
    assert_eq!((talk.only(), talk.answers()), (late(Deadline::Body), String::new()));
}

#[test]
fn a_request_may_wait_for_its_answer_for_ever() {
    let mut talk = talk();
    talk.say(GET).request();
    assert_eq!(talk.side.machine.poll_timeout(), None);
    talk.wait(3600 * SECOND);
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\n\r\n");
}

#[test]
fn t066_who_takes_nothing_of_an_answer_is_dropped_with_it() {
    let mut talk = talk();
    talk.say(GET).request();
    talk.respond(&Response::new(200).with_body(vec![b'x'; 1 << 20])).unwrap();
    for _ in 0..10 {
        assert_eq!(talk.side.write(1000).len(), 1000);
        talk.wait(29 * SECOND);
    }
    assert_eq!(talk.heard(), [], "a slow reader is a reader");
    talk.wait(31 * SECOND).wait(31 * SECOND);
    assert_eq!(talk.only(), late(Deadline::Write));
    assert!(talk.side.machine.is_finished());
    assert_eq!(talk.answers(), "");
}

#[test]
fn a_peer_that_does_not_close_is_waited_for_ten_seconds() {
    let mut talk = talk();
    talk.say(GET.replace("Host", "Connection: close\r\nHost")).request();
    talk.respond(&Response::new(204)).unwrap();
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
    talk.answers();
    talk.say(vec![0; 100_000]).wait(9 * SECOND);
    assert!(!talk.side.machine.is_finished() && talk.side.machine.wants_input());
    talk.wait(SECOND);
    assert!(talk.side.machine.is_finished() && !talk.side.machine.wants_input());
    assert_eq!(talk.side.machine.poll_timeout(), None);
}

#[test]
fn a_client_that_leaves_a_parked_request_is_noticed_and_cannot_be_answered() {
    let mut talk = talk();
    talk.say(GET).request();
    talk.wait(20 * SECOND).hang_up();
    assert_eq!(talk.heard(), [Asked::Aborted, Asked::Closed(ServerClosed::Lost)]);
    assert_eq!(talk.respond(&Response::new(204)), Err(AnswerError::NotAsked));
    assert_eq!(talk.answers(), "");
    assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
}

#[test]
fn t061_a_client_that_leaves_in_a_body_delivers_none_of_it() {
    let mut talk = talk();
    talk.say(POST).say("4").hang_up();
    assert_eq!(talk.heard(), [Asked::Closed(ServerClosed::Lost)]);
    assert_eq!((talk.answers(), talk.side.machine.is_finished()), (String::new(), true));
    let mut talk = in_pieces();
    talk.say(POST).say("4").hang_up();
    assert_eq!(talk.heard()[2..], [Asked::Aborted, Asked::Closed(ServerClosed::Lost)]);
}

#[test]
fn a_client_may_leave_between_two_requests() {
    for said in ["", GET] {
        let mut talk = talk();
        talk.say(said);
        if !said.is_empty() {
            talk.request();
            talk.respond(&Response::new(204)).unwrap();
        }
        talk.hang_up();
        assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
        talk.answers();
        assert!(talk.side.machine.is_finished());
    }
}

#[test]
fn requests_that_lie_there_are_answered_though_the_stream_has_ended() {
    let mut talk = talk();
    let now = talk.clock.now();
    talk.side.input.fill([GET, GET].concat().as_bytes(), &mut talk.side.pool);
    talk.side.machine.handle_eof(now);
    for _ in 0..2 {
        assert!(talk.side.listen_once(now));
        talk.request();
        talk.side.machine.respond(&Response::new(204), now).unwrap();
    }
    talk.side.listen(now);
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
    assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\n\r\n".repeat(2));
}

#[test]
fn early_and_repeated_calls_are_no_ops() {
    let mut talk = talk();
    talk.side.machine.handle_timeout(Instant::ZERO);
    talk.side.machine.handle_timeout(talk.clock.now() + Duration::from_micros(9_999_999));
    assert!(talk.side.machine.poll_transmit().is_none());
    talk.hang_up().hang_up().wait(60 * SECOND).hang_up();
    assert_eq!(talk.only(), Asked::Closed(ServerClosed::Done));
}
