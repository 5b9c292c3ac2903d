//! Conversations with a server's handshake.

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Machine, Response};
use sansocket_http1::{HeadError, Limits};
use sansocket_testkit::{Clock, Side, text};
use sansocket_websocket::handshake::NotAgreed;
use sansocket_websocket::handshake::server::{
    AnswerError, Choice, Origins, Refusal, ServerError, ServerEvent, ServerHandshake, ServerOptions,
};
use sansocket_websocket::{Closed, Event};

const UPGRADE: &str = "GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n";
const PAGE: &str = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";

/// A handshake, and the peer that talks with it.
struct Talk {
    side: Side<ServerHandshake>,
    clock: Clock,
}

impl Talk {
    fn new() -> Talk {
        Talk::with(ServerOptions::default())
    }

    fn with(options: ServerOptions) -> Talk {
        let clock = Clock::default();
        let mut side = Side::new(ServerHandshake::new(Arc::new(options), clock.now()));
        side.listen(clock.now());
        Talk { side, clock }
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Talk {
        self.side.read(bytes.as_ref(), self.clock.now());
        self
    }

    /// The peer says nothing more.
    fn hang_up(&mut self) -> &mut Talk {
        self.side.machine.handle_eof(self.clock.now());
        self.side.listen(self.clock.now());
        self
    }

    fn wait(&mut self, time: Duration) -> &mut Talk {
        self.clock.advance(time);
        self.side.machine.handle_timeout(self.clock.now());
        self.side.listen(self.clock.now());
        self
    }

    /// Exactly one event was heard: this request.
    fn asked(&mut self) -> ServerEvent {
        let mut heard = self.side.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }

    fn failed(&mut self) -> ServerError {
        match self.asked() {
            ServerEvent::Failed(error) => error,
            other => panic!("{other:?}"),
        }
    }

    fn respond(&mut self, response: Response) -> Result<(), AnswerError> {
        self.side.machine.respond(response, self.clock.now())
    }

    fn answer(&mut self) -> String {
        String::from_utf8(self.side.write_all()).unwrap()
    }
}

#[test]
fn a_request_is_handed_over_and_accepted_in_the_applications_own_time() {
    let mut talk = Talk::new();
    talk.say(UPGRADE);
    let ServerEvent::Upgrade(request) = talk.asked() else { panic!("an upgrade") };
    assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
    assert_eq!(talk.side.machine.protocols(), ["a", "b"]);
    talk.wait(Duration::from_secs(9));
    assert_eq!(talk.answer(), "");
    let choice = Choice { protocol: talk.side.machine.prefer(&["b"]), headers: [("Server", "s")].into() };
    talk.side.machine.accept(&choice).unwrap();
    assert_eq!(
        talk.answer(),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: b\r\nServer: s\r\n\r\n"
    );
    // Once accepted it waits for nothing and ends with nothing: it becomes a connection.
    assert!(talk.side.machine.is_accepted() && !talk.side.machine.is_finished());
    assert_eq!((talk.side.machine.poll_timeout(), talk.side.machine.wants_input()), (None, false));
    let parts = talk.side.machine.into_parts().unwrap();
    assert_eq!((parts.out.is_empty(), parts.agreed.protocol.as_deref()), (true, Some("b")));
}

#[test]
fn the_connection_goes_on_where_the_handshake_stopped_both_ways() {
    let mut talk = Talk::new();
    talk.say([UPGRADE.as_bytes(), &text("early").masked()].concat());
    talk.asked();
    talk.side.machine.accept(&Choice::default()).unwrap();
    let written = talk.side.write(10);
    let ws = talk.side.machine.into_websocket(talk.clock.now()).unwrap();
    let mut side = Side::new(ws);
    side.input = talk.side.input;
    side.machine.send_text("hello").unwrap();
    side.listen(talk.clock.now());
    assert_eq!(side.heard(), [sansocket_testkit::heard_text("early")]);
    let all = [written, side.write_all()].concat();
    assert!(all.starts_with(b"HTTP/1.1 101 ") && all.ends_with(&text("hello").bare()));
}

#[test]
fn a_peer_that_hung_up_before_the_answer_is_a_lost_connection() {
    let mut talk = Talk::new();
    talk.say(UPGRADE).hang_up();
    talk.asked();
    talk.side.machine.accept(&Choice::default()).unwrap();
    let mut ws = talk.side.machine.into_websocket(talk.clock.now()).unwrap();
    let event = ws.poll_event(&mut talk.side.input, talk.clock.now());
    assert_eq!(event, Some(Event::Closed(Closed::Lost)));
}

#[test]
fn a_plain_request_gets_a_page() {
    let mut talk = Talk::new();
    talk.say(PAGE);
    let ServerEvent::Plain(request) = talk.asked() else { panic!("a plain request") };
    assert_eq!(request.target, "/page");
    assert_eq!(talk.side.machine.accept(&Choice::default()), Err(AnswerError::NotUpgrade));
    talk.respond(Response::new(200).with_header("Content-Type", "text/html").with_body("<p>")).unwrap();
    assert_eq!(
        talk.answer(),
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 3\r\n\r\n<p>"
    );
    // Our side is closed; what still comes is thrown away, and not another request.
    assert!(talk.side.is_shut_down());
    talk.say(PAGE).say(vec![0; 100_000]);
    assert_eq!((talk.side.heard(), talk.side.input.memory()), (vec![], 0));
    assert!(!talk.side.machine.is_finished() && talk.side.machine.wants_input());
    talk.hang_up();
    assert!(talk.side.machine.is_finished() && !talk.side.machine.wants_input());
}

#[test]
fn a_head_request_gets_no_body() {
    let mut talk = Talk::new();
    talk.say("HEAD / HTTP/1.0\r\n\r\n");
    assert!(matches!(talk.asked(), ServerEvent::Plain(_)));
    talk.respond(Response::new(200).with_body("page")).unwrap();
    let answer = talk.answer();
    assert!(answer.contains("\r\nContent-Length: 4\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn an_upgrade_may_be_refused() {
    let mut talk = Talk::new();
    talk.say(UPGRADE);
    talk.asked();
    assert_eq!(talk.respond(Response::new(101)), Err(AnswerError::Interim(101)));
    talk.respond(Response::new(404)).unwrap();
    assert_eq!(talk.answer(), "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(talk.respond(Response::new(404)), Err(AnswerError::NotAsked));
    assert_eq!(talk.side.machine.accept(&Choice::default()), Err(AnswerError::NotAsked));
    assert!(matches!(talk.side.machine.into_websocket(Instant::ZERO), Err(NotAgreed)));
}

#[test]
fn nothing_can_be_answered_before_it_was_asked() {
    let mut talk = Talk::new();
    assert_eq!(talk.side.machine.accept(&Choice::default()), Err(AnswerError::NotAsked));
    assert_eq!(talk.respond(Response::new(200)), Err(AnswerError::NotAsked));
    assert!(talk.side.machine.protocols().is_empty());
    assert!(matches!(talk.side.machine.into_parts(), Err(NotAgreed)));
}

#[test]
fn a_wrong_request_is_answered_at_once() {
    let mut talk = Talk::new();
    talk.say(UPGRADE.replace("Version: 13", "Version: 12"));
    assert_eq!(talk.failed(), ServerError::Refused(Refusal::Version));
    let answer = talk.answer();
    assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"), "{answer}");
    assert!(answer.ends_with("the only WebSocket version here is 13\n"), "{answer}");
    assert!(talk.side.is_shut_down());
}

#[test]
fn a_page_of_a_foreign_origin_is_refused() {
    let origins = Origins::Only(vec!["https://a.example".into()]);
    let mut talk = Talk::with(ServerOptions { origins, ..ServerOptions::default() });
    talk.say(UPGRADE.replace("Host: a", "Host: a\r\nOrigin: https://b.example"));
    assert_eq!(talk.failed(), ServerError::Refused(Refusal::Origin));
    assert!(talk.answer().starts_with("HTTP/1.1 403 "));
}

#[test]
fn a_slow_request_is_given_up_after_ten_seconds_however_it_drips() {
    let mut talk = Talk::new();
    for byte in UPGRADE.bytes().take(9) {
        talk.say([byte]).wait(Duration::from_secs(1));
    }
    assert_eq!(talk.answer(), "");
    talk.wait(Duration::from_secs(1));
    assert_eq!(talk.failed(), ServerError::Timeout);
    assert!(talk.answer().starts_with("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"));
    // It does not close its side either: that has a deadline too.
    talk.wait(Duration::from_secs(9));
    assert!(!talk.side.machine.is_finished());
    talk.wait(Duration::from_secs(1));
    assert!(talk.side.machine.is_finished());
    assert_eq!(talk.side.machine.poll_timeout(), None);
}

#[test]
fn an_application_that_does_not_answer_is_answered_for() {
    let mut talk = Talk::new();
    talk.say(UPGRADE);
    talk.asked();
    talk.wait(Duration::from_secs(10));
    assert_eq!(talk.failed(), ServerError::Unanswered);
    assert!(talk.answer().starts_with("HTTP/1.1 503 "));
    assert_eq!(talk.side.machine.accept(&Choice::default()), Err(AnswerError::NotAsked));
}

#[test]
fn a_peer_that_reads_nothing_is_dropped_with_its_answer() {
    let mut talk = Talk::new();
    talk.say(PAGE);
    talk.asked();
    talk.respond(Response::new(200).with_body(vec![b'x'; 100_000])).unwrap();
    talk.side.write(1000);
    talk.wait(Duration::from_secs(10));
    assert!(talk.side.machine.is_finished());
    assert_eq!(talk.answer(), "");
}

#[test]
fn a_lost_connection_is_told_and_answered_nothing() {
    for said in ["", "GET / HT"] {
        let mut talk = Talk::new();
        talk.say(said).hang_up();
        assert_eq!(talk.failed(), ServerError::Lost);
        assert_eq!(talk.answer(), "");
        assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
    }
}

#[test]
fn a_request_that_lies_in_the_input_is_answered_though_its_stream_has_ended() {
    let mut talk = Talk::new();
    let now = talk.clock.now();
    talk.side.input.fill(PAGE.as_bytes(), &mut talk.side.pool);
    talk.side.machine.handle_eof(now);
    talk.side.listen(now);
    assert!(matches!(talk.asked(), ServerEvent::Plain(_)));
    talk.respond(Response::new(204)).unwrap();
    assert!(talk.answer().starts_with("HTTP/1.1 204 "));
    assert!(talk.side.machine.is_finished());
}

#[test]
fn limits_are_the_users() {
    let head = Limits { head: 100, ..Limits::default() };
    let mut talk = Talk::with(ServerOptions { head, early: 4, ..ServerOptions::default() });
    talk.say(UPGRADE);
    assert_eq!(talk.failed(), ServerError::Head(HeadError::TooLarge));

    let mut talk = Talk::with(ServerOptions { early: 4, ..ServerOptions::default() });
    talk.say(UPGRADE).say("abcd");
    assert!(matches!(talk.asked(), ServerEvent::Upgrade(_)));
    talk.say("e");
    assert_eq!(talk.failed(), ServerError::Early);
    assert!(talk.answer().starts_with("HTTP/1.1 400 "));
}

#[test]
fn early_and_repeated_calls_are_no_ops() {
    let mut talk = Talk::new();
    talk.side.machine.handle_timeout(Instant::ZERO);
    talk.side.machine.handle_timeout(talk.clock.now() + Duration::from_micros(9_999_999));
    assert!(talk.side.machine.poll_transmit().is_none());
    talk.hang_up().hang_up().wait(Duration::from_secs(60)).hang_up();
    assert_eq!(talk.failed(), ServerError::Lost);
}
