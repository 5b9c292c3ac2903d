//! `sansocket connect` from the outside. What `serve` answers is tested there; here the server plays a script.

mod program;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use program::{PATIENCE, RUNTIMES, Running, run, sansocket};
use sansocket_core::{Headers, Input, Outbox, Pool, Request, Response};
use sansocket_http1::{Limits, RequestReader, encode_response};
use sansocket_websocket::Options;
use sansocket_websocket::handshake::server::{self, Choice};

/// A server for one connection.
struct Script {
    url: String,
    /// The request, and then everything that came behind it.
    heard: Receiver<(Request, Vec<u8>)>,
}

impl Script {
    /// Answers a request with `answer`, then says `says`, then ends its side and listens to the end.
    fn play(answer: impl FnOnce(&Request) -> Response + Send + 'static, says: &'static [u8]) -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/path?query", listener.local_addr().unwrap());
        let (tell, heard) = channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = read_request(&mut stream);
            let mut head = Outbox::default();
            encode_response(&answer(&request), "GET", &mut head).unwrap();
            stream.write_all(&[head.flat().unwrap(), says].concat()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            // A test that does not ask has ended.
            let _ = tell.send((request, rest));
        });
        Script { url, heard }
    }

    /// Accepts, then says `says`.
    fn says(says: &'static [u8]) -> Script {
        Script::play(accept, says)
    }
}

fn read_request(stream: &mut TcpStream) -> Request {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let mut reader = RequestReader::new(Limits::default());
    loop {
        let n = stream.read(input.space(&mut pool)).unwrap();
        assert!(n > 0, "the request is cut");
        input.filled(n);
        if let Some(request) = reader.read(&mut input).unwrap() {
            return request;
        }
    }
}

fn accept(request: &Request) -> Response {
    server::check(request).unwrap().accept(&Choice::default(), &Options::default()).unwrap().response
}

#[test]
fn the_exit_code_tells_how_it_ended() {
    let cases: [(&[u8], i32, &str); 7] = [
        (b"\x88\x02\x03\xe8", 0, "closed by the server with 1000 (normal)"),
        (b"\x88\x02\x03\xe9", 0, "closed by the server with 1001 (going away)"),
        (b"\x88\x07\x03\xf3sorry", 3, "closed by the server with 1011 (internal error): sorry"),
        (b"\x88\x06\x0f\xa0\x1b[2J", 3, r"closed by the server with 4000 (the application's own): \u{1b}[2J"),
        (b"\x81\x02hi", 4, "without a close frame"),
        (b"\x81\x82aaaahi", 5, "RFC 6455 §5.1"),
        (b"\x81\x01\xff", 5, "RFC 6455 §8.1"),
    ];
    for runtime in RUNTIMES {
        for (says, code, words) in cases {
            let script = Script::says(says);
            // Standard input stays open: the end is the server's.
            let mut client = Running::start(&mut sansocket(&["connect", &script.url, "--runtime", runtime]));
            let ended = client.wait(PATIENCE).and_then(|status| status.code());
            let said = client.finish();
            assert_eq!(ended, Some(code), "{words}: {}", said.err);
            assert!(said.err.contains(words), "no {words:?} in {:?}", said.err);
        }
    }
}

#[test]
fn the_end_of_the_input_is_a_goodbye_and_what_still_comes_is_shown() {
    for runtime in RUNTIMES {
        let script = Script::says(b"\x81\x05first\x82\x04\x00\x01\x02\x03\x88\x02\x03\xe8");
        let said = run(&mut sansocket(&["connect", &script.url, "--runtime", runtime]), b"");
        assert_eq!(
            (said.code, said.out.as_bytes()),
            (Some(0), &b"first\n\x00\x01\x02\x03\n"[..]),
            "{}",
            said.err
        );
        let (_, frames) = script.heard.recv_timeout(PATIENCE).unwrap();
        // RFC 6455 §5.1 and §5.5.1: one close frame with a code, masked.
        assert_eq!((frames.len(), frames[0], frames[1]), (8, 0x88, 0x82), "{frames:x?}");
    }
}

#[test]
fn protocols_and_headers_are_in_the_request() {
    let choose = |request: &Request| {
        let upgrade = server::check(request).unwrap();
        let choice = Choice { protocol: upgrade.prefer(&["chat"]), headers: Headers::new() };
        upgrade.accept(&choice, &Options::default()).unwrap().response
    };
    let script = Script::play(choose, b"\x88\x02\x03\xe8");
    let args =
        ["--protocol", "superchat", "--protocol", "chat", "--header", "Cookie: id=7", "--header", "X-Y:z"];
    let said = run(sansocket(&["connect", &script.url]).args(args), b"");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("chat"), "the protocol is not told: {}", said.err);
    let (request, _) = script.heard.recv_timeout(PATIENCE).unwrap();
    assert_eq!(request.target, "/path?query");
    assert_eq!(request.headers.get("Sec-WebSocket-Protocol"), Some(&b"superchat, chat"[..]));
    assert_eq!(request.headers.get("Cookie"), Some(&b"id=7"[..]));
    assert_eq!(request.headers.get("X-Y"), Some(&b"z"[..]));
}

#[test]
fn a_refusal_is_told_with_what_the_server_said() {
    let refuse = |_: &Request| Response::new(403).with_body("members only\x1b[2J");
    for runtime in RUNTIMES {
        let script = Script::play(refuse, b"");
        let said = run(&mut sansocket(&["connect", &script.url, "--runtime", runtime]), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
        assert!(said.err.contains("403") && said.err.contains(r"members only\u{1b}[2J"), "{:?}", said.err);
    }
}

#[test]
fn a_server_that_answers_no_ping_is_given_up() {
    for runtime in RUNTIMES {
        // Accepts, then only listens, so that nothing but the missing pong ends it.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            let mut head = Outbox::default();
            encode_response(&accept(&request), "GET", &mut head).unwrap();
            stream.write_all(head.flat().unwrap()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut heard = [0];
            stream.read_exact(&mut heard).unwrap();
            assert_eq!(heard[0], 0x89, "a ping");
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let mut client =
            Running::start(&mut sansocket(&["connect", &url, "--ping", "100ms", "--runtime", runtime]));
        assert_eq!(client.wait(PATIENCE).and_then(|status| status.code()), Some(4));
        server.join().unwrap();
    }
}

#[test]
fn nobody_there_is_told_with_advice() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for runtime in RUNTIMES {
        let said = run(&mut sansocket(&["connect", &format!("ws://{free}/echo"), "--runtime", runtime]), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        assert!(said.err.contains(&free.to_string()) && said.err.lines().count() >= 2, "{}", said.err);
    }
}

#[test]
fn an_interrupt_is_a_goodbye_too() {
    for runtime in RUNTIMES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let mut client = Running::start(&mut sansocket(&["connect", &url, "--runtime", runtime]));
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = read_request(&mut stream);
        let mut head = Outbox::default();
        encode_response(&accept(&request), "GET", &mut head).unwrap();
        stream.write_all(head.flat().unwrap()).unwrap();
        stream.write_all(b"\x81\x02hi").unwrap();
        assert_eq!(client.line(), "hi");
        client.signal("INT");
        let mut close = [0; 8];
        stream.read_exact(&mut close).unwrap();
        let code = [close[6] ^ close[2], close[7] ^ close[3]];
        assert_eq!((close[0], u16::from_be_bytes(code)), (0x88, 1001));
        stream.write_all(b"\x88\x02\x03\xe9").unwrap();
        drop(stream);
        let ended = client.wait(Duration::from_secs(5)).and_then(|status| status.code());
        assert_eq!(ended, Some(0));
    }
}

#[test]
fn arguments_without_sense_are_refused_with_advice() {
    for args in [
        &["connect"][..],
        &["connect", "localhost:9001"],
        &["connect", "ftp://localhost:9001"],
        &["connect", "ws://localhost:9001/#fragment"],
        &["connect", "ws://localhost:9001", "--header", "no colon"],
        &["connect", "ws://localhost:9001", "--header", "Sec-WebSocket-Key: x"],
        &["connect", "ws://localhost:9001", "--protocol", "two words"],
        &["connect", "ws://localhost:9001", "--ping", "often"],
    ] {
        let said = run(&mut sansocket(args), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}: {}", said.err);
        assert!(said.err.lines().count() >= 2, "{args:?}: no advice: {}", said.err);
    }
}
