//! Conversations with a client's handshake.

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Machine, Response};
use sansocket_http1::HeadError;
use sansocket_testkit::{Clock, Side, text};
use sansocket_websocket::handshake::NotAgreed;
use sansocket_websocket::handshake::client::{
    ClientError, ClientEvent, ClientHandshake, ClientOptions, Mismatch, Offer,
};

const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: a=b\r\n\r\n";

/// A handshake, and the server that talks with it.
struct Talk {
    side: Side<ClientHandshake>,
    clock: Clock,
}

impl Talk {
    fn new() -> Talk {
        Talk::with(ClientOptions::default())
    }

    fn with(options: ClientOptions) -> Talk {
        let clock = Clock::default();
        let offer = Offer::new("ws://a:9001/chat".parse().unwrap()).with_protocol("a");
        let client = ClientHandshake::new(&offer, *b"the sample nonce", Arc::new(options), clock.now());
        let mut side = Side::new(client.unwrap());
        side.listen(clock.now());
        Talk { side, clock }
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Talk {
        self.side.read(bytes.as_ref(), self.clock.now());
        self
    }

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

    /// It failed, once, and the connection ends.
    fn failed(&mut self) -> ClientError {
        let heard = self.side.heard();
        let [ClientEvent::Failed(error)] = &heard[..] else { panic!("{heard:?}") };
        self.side.write_all();
        assert!(self.side.is_shut_down() && self.side.machine.is_finished());
        error.clone()
    }

    fn refused(&mut self) -> Response {
        match self.failed() {
            ClientError::Refused(response) => *response,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_request_goes_out_and_its_answer_connects() {
    let mut talk = Talk::new();
    assert_eq!(
        String::from_utf8(talk.side.write_all()).unwrap(),
        "GET /chat HTTP/1.1\r\nHost: a:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a\r\n\r\n"
    );
    talk.say(ACCEPTED);
    let heard = talk.side.heard();
    let [ClientEvent::Connected(connected)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((connected.protocol.as_deref(), connected.response.status), (None, 101));
    assert_eq!(connected.response.headers.get("set-cookie"), Some(&b"a=b"[..]));
    assert_eq!((talk.side.machine.poll_timeout(), talk.side.machine.wants_input()), (None, false));
    assert!(!talk.side.machine.is_finished());
}

#[test]
fn the_connection_goes_on_where_the_handshake_stopped() {
    let mut talk = Talk::new();
    talk.side.write_all();
    talk.say([ACCEPTED.as_bytes(), &text("early").bare()].concat());
    let mut side = Side::new(talk.side.machine.into_websocket([7; 32], talk.clock.now()).unwrap());
    side.input = talk.side.input;
    side.listen(talk.clock.now());
    assert_eq!(side.heard(), [sansocket_testkit::heard_text("early")]);
    assert_eq!(side.write_all(), b"");
}

#[test]
fn an_answer_before_the_request_was_written_changes_nothing() {
    let mut talk = Talk::new();
    talk.say(ACCEPTED);
    let mut ws = talk.side.machine.into_websocket([7; 32], talk.clock.now()).unwrap();
    ws.send_text("x").unwrap();
    let all = Side::new(ws).write_all();
    assert!(all.starts_with(b"GET /chat ") && all.len() > 150, "the rest of the request goes first");
}

#[test]
fn a_refusal_is_handed_over_with_its_body() {
    let refusals = [
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nn\r\n1\r\no\r\n0\r\n\r\n",
    ];
    for refusal in refusals {
        let mut talk = Talk::new();
        for byte in refusal.bytes() {
            talk.say([byte]);
        }
        let response = talk.refused();
        assert_eq!((response.status, &response.body[..]), (403, &b"no"[..]));
    }
    let mut talk = Talk::new();
    talk.say("HTTP/1.0 503 Busy\r\nRetry-After: 3\r\n\r\nla").say("ter");
    assert_eq!(talk.side.heard(), [], "the body ends with the stream");
    talk.hang_up();
    let response = talk.refused();
    assert_eq!((response.headers.get("retry-after"), &response.body[..]), (Some(&b"3"[..]), &b"later"[..]));
}

#[test]
fn a_body_that_stops_or_breaks_takes_nothing_from_the_refusal() {
    let head = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = |talk: &mut Talk| String::from_utf8(talk.refused().body.to_vec()).unwrap();
    let mut talk = Talk::new();
    talk.say(head).say("3\r\nabcx");
    assert_eq!(body(&mut talk), "abc");
    let mut talk = Talk::new();
    talk.say(head).say("3\r\nab").hang_up();
    assert_eq!(body(&mut talk), "ab");
    let mut talk = Talk::new();
    talk.say(head).say("3\r\nab").wait(Duration::from_secs(10));
    assert_eq!(body(&mut talk), "ab");
    let mut talk = Talk::new();
    talk.say("HTTP/1.1 404 Not Found\r\nContent-Length: x\r\n\r\nabc");
    assert_eq!(body(&mut talk), "");
    let mut talk = Talk::with(ClientOptions { refusal_body: 4, ..ClientOptions::default() });
    talk.say("HTTP/1.1 404 Not Found\r\nContent-Length: 1000000000000\r\n\r\nabcdef");
    assert_eq!(body(&mut talk), "abcd");
    let mut talk = Talk::with(ClientOptions { refusal_body: 0, ..ClientOptions::default() });
    talk.say("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\na");
    assert_eq!(body(&mut talk), "");
}

#[test]
fn interim_responses_are_passed_over() {
    let mut talk = Talk::new();
    talk.say("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\n").say(ACCEPTED);
    assert!(matches!(&talk.side.heard()[..], [ClientEvent::Connected(_)]));
    let mut talk = Talk::with(ClientOptions { interim: 0, ..ClientOptions::default() });
    talk.say("HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(talk.failed(), ClientError::TooManyInterim);
}

#[test]
fn what_is_no_agreement_fails() {
    let mut talk = Talk::new();
    talk.say(ACCEPTED.replace("xOo=", "xOO="));
    assert_eq!(talk.failed(), ClientError::Mismatch(Mismatch::Accept));
    let mut talk = Talk::new();
    talk.say("SSH-2.0");
    assert_eq!(talk.failed(), ClientError::Head(HeadError::Version));
    let mut talk = Talk::new();
    talk.say("HTTP/1.1 101").hang_up();
    assert_eq!(talk.failed(), ClientError::Lost);
    let mut talk = Talk::new();
    talk.say("HTTP/1.1 101").wait(Duration::from_secs(10));
    assert_eq!(talk.failed(), ClientError::Timeout);
}

#[test]
fn after_a_failure_nothing_of_the_request_is_written_any_more() {
    let mut talk = Talk::new();
    talk.side.write(5);
    talk.wait(Duration::from_secs(10));
    assert_eq!(talk.side.write_all(), b"");
    assert_eq!(talk.failed(), ClientError::Timeout);
}

#[test]
fn early_and_repeated_calls_are_no_ops() {
    let mut talk = Talk::new();
    talk.side.machine.handle_timeout(Instant::ZERO);
    talk.hang_up().hang_up().wait(Duration::from_secs(60)).say(ACCEPTED);
    assert_eq!(talk.failed(), ClientError::Lost);
    assert!(matches!(talk.side.machine.into_websocket([7; 32], Instant::ZERO), Err(NotAgreed)));
}

#[test]
fn an_answer_that_lies_in_the_input_counts_though_its_stream_has_ended() {
    let mut talk = Talk::new();
    let now = talk.clock.now();
    talk.side.input.fill(ACCEPTED.as_bytes(), &mut talk.side.pool);
    talk.side.machine.handle_eof(now);
    talk.side.listen(now);
    assert!(matches!(&talk.side.heard()[..], [ClientEvent::Connected(_)]));
}
