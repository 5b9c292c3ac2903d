//! What `inspect` says, word for word.

mod engineio;
mod socketio;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    inspect: Inspect,
}

/// What `sansocket inspect ARGS` says, and how it ends.
fn explained(args: &str) -> (String, Exit) {
    let inspect = Line::parse_from([&["inspect"], &*args.split(' ').collect::<Vec<_>>()].concat()).inspect;
    let stream = source::read(&inspect.input, inspect.form()).unwrap();
    explained_stream(&inspect, &stream)
}

fn explained_stream(inspect: &Inspect, stream: &[u8]) -> (String, Exit) {
    let mut out = Vec::new();
    let exit = inspect.explain(stream, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), exit)
}

#[track_caller]
fn says(args: &str, exit: Exit, words: &str) {
    let (said, ended) = explained(args);
    assert_eq!(said.trim_end(), words.trim(), "\n--- said:\n{said}");
    assert_eq!(ended, exit);
}

/// The example of RFC 6455 §5.7.
#[test]
fn a_masked_frame() {
    says(
        "81 85 37 fa 21 3d 7f 9f 4d 51 58",
        Exit::Done,
        r#"
read as a server reads, for the first frame is masked

frame 1, at byte 0
  81                          fin 1, rsv 000, opcode 1 (text)
  85                          mask 1, length 5 (7-bit form)
  37 fa 21 3d                 mask key
  7f 9f 4d 51 58              payload, unmasked: "Hello"
                              message 1: text, 5 bytes

1 frame, 1 message, 11 bytes: no violation"#,
    );
}

#[test]
fn a_fragmented_message_with_a_ping_in_it_and_a_close() {
    says(
        "01 03 48 65 6c 89 01 21 80 02 6c 6f 88 05 03 e9 62 79 65 00",
        Exit::Done,
        r#"
read as a client reads, for the first frame is not masked

frame 1, at byte 0
  01                          fin 0, rsv 000, opcode 1 (text)
  03                          mask 0, length 3 (7-bit form)
  48 65 6c                    payload: "Hel"
frame 2, at byte 5
  89                          fin 1, rsv 000, opcode 9 (ping)
  01                          mask 0, length 1 (7-bit form)
  21                          payload: "!"
                              a pong with the same payload is due (RFC 6455 §5.5.3)
frame 3, at byte 8
  80                          fin 1, rsv 000, opcode 0 (continuation)
  02                          mask 0, length 2 (7-bit form)
  6c 6f                       payload: "lo"
                              message 1: text, 5 bytes, in 2 frames: "Hello"
frame 4, at byte 12
  88                          fin 1, rsv 000, opcode 8 (close)
  05                          mask 0, length 5 (7-bit form)
  03 e9 62 79 65              payload: 03 e9 62 79 65
                              close 1001 (going away), reason "bye": nothing may follow
    1 byte after the close frame, which the reader ignores (RFC 6455 §5.5.1)

4 frames, 1 message, 19 bytes: no violation"#,
    );
}

/// The example of RFC 7692 §7.2.3.1.
#[test]
fn a_compressed_message() {
    says(
        "--deflate c1 07 f2 48 cd c9 c9 07 00",
        Exit::Done,
        r#"
read as a client reads, for the first frame is not masked

frame 1, at byte 0
  c1                          fin 1, rsv 100, opcode 1 (text)
  07                          mask 0, length 7 (7-bit form)
  f2 48 cd c9 c9 07 00        payload, compressed: f2 48 cd c9 c9 07 00
                              message 1: text, 5 bytes, inflated from 7: "Hello"

1 frame, 1 message, 9 bytes: no violation"#,
    );
}

#[test]
fn the_first_bad_byte_of_a_text_is_named() {
    says(
        "--role client 82 00 81 06 61 c3 a9 ed a0 80 81 00",
        Exit::Violation,
        r#"
frame 1, at byte 0
  82                          fin 1, rsv 000, opcode 2 (binary)
  00                          mask 0, length 0 (7-bit form)
                              message 1: binary, 0 bytes
frame 2, at byte 2
  81                          fin 1, rsv 000, opcode 1 (text)
  06                          mask 0, length 6 (7-bit form)
  61 c3 a9 ed a0 80           payload: 61 c3 a9 ed a0 80
  VIOLATION at byte 8 (0x8), which is 0xa0
    text is not UTF-8 (RFC 6455 §8.1)
    the reader closes with 1007 (invalid payload)
    3 bytes behind it, which nobody reads

2 frames, 1 message, 9 bytes: one violation"#,
    );
}

#[test]
fn a_header_that_means_nothing_is_shown_as_bits() {
    says(
        "--role client 83 00 ff",
        Exit::Violation,
        r#"
frame 1, at byte 0
  83 00                       begins with the bits 1000 0011  0000 0000
  VIOLATION in the header at byte 0 (0x0)
    the opcode is reserved (RFC 6455 §5.2)
    the reader closes with 1002 (protocol error)
    1 byte behind it, which nobody reads

1 frame, 0 messages, 2 bytes: one violation"#,
    );
}

#[test]
fn a_message_over_the_limit_is_a_violation_that_says_whose_limit_it_is() {
    let (said, exit) = explained("--max-message 4 82 05 01 02 03 04 05");
    assert_eq!(exit, Exit::Violation);
    assert!(said.contains("RFC 6455 §10.4") && said.contains("--max-message raises it"), "{said}");
}

#[test]
fn a_stream_that_stops_in_the_middle_is_no_violation() {
    for (hex, words) in [
        ("81", "the stream ends inside the header: 1 byte missing"),
        ("81 fe 00", "the stream ends inside the header: 1 byte missing"),
        ("82 7e 01 00 aa", "the stream ends inside the payload: 255 bytes missing"),
        ("01 00 00 00", "the stream ends inside a message of 2 frames so far"),
    ] {
        let (said, exit) = explained(hex);
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains(words), "{said}");
        assert!(said.trim_end().ends_with("no violation"), "{said}");
    }
}

#[test]
fn all_length_forms_are_named() {
    let mut stream = vec![0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0];
    stream.resize(10 + (1 << 16), 7);
    stream.extend([0x82, 0x7e, 0x00, 0x7e]);
    stream.resize(stream.len() + 126, 7);
    let inspect = Line::parse_from(["inspect", "--role", "client"]).inspect;
    let (said, exit) = explained_stream(&inspect, &stream);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("7f 00 00 00 00 00 01 00 00  mask 0, length 65536 (64-bit form)"), "{said}");
    assert!(said.contains("mask 0, length 126 (16-bit form)"), "{said}");
}

#[test]
fn who_reads_decides_who_must_mask() {
    let (said, exit) = explained("--role server 81 00");
    assert_eq!(exit, Exit::Violation);
    assert!(said.contains("a client must mask its frames (RFC 6455 §5.1)"), "{said}");
    let (said, exit) = explained("--role client 81 80 00 00 00 00");
    assert_eq!(exit, Exit::Violation);
    assert!(said.contains("a server must not mask its frames (RFC 6455 §5.1)"), "{said}");
}

/// The opening handshake of RFC 6455 §1.3, seen from both sides.
#[test]
fn a_stream_may_begin_with_the_opening_handshake() {
    let inspect = Line::parse_from(["inspect"]).inspect;
    let request = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x88\x80\x00\x00\x00\x00";
    let (said, exit) = explained_stream(&inspect, request);
    let expected = r#"
request, at byte 0
  GET /chat HTTP/1.1
  Host: server.example.com
  Upgrade: websocket
  Connection: Upgrade
  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
  Sec-WebSocket-Version: 13
  a right opening handshake (RFC 6455 §4.2.1): a server reads on

frame 1, at byte 161
  88                          fin 1, rsv 000, opcode 8 (close)
  80                          mask 1, length 0 (7-bit form)
  00 00 00 00                 mask key
                              close 1005 (no code in the close frame), no reason: nothing may follow

1 frame, 0 messages, 167 bytes: no violation"#;
    assert_eq!((said.trim_end(), exit), (expected.trim(), Exit::Done), "\n--- said:\n{said}");

    let response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n\
        \xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
    let (said, exit) = explained_stream(&inspect, response);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("the connection stands, with permessage-deflate: a client reads on"), "{said}");
    assert!(said.contains("inflated from 7: \"Hello\""), "{said}");
}

#[test]
fn a_wrong_head_is_a_violation_and_a_cut_one_is_not() {
    let inspect = Line::parse_from(["inspect"]).inspect;
    for (head, exit, words) in [
        (&b"GET / HTTP/1.1\r\nHost: a\r\n"[..], Exit::Done, "the stream ends inside the head"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Exit::Violation, "answers with 426"),
        (b"GET / HTTP/1.1\nHost: a\n\n", Exit::Violation, "RFC 9112 §2.2"),
        (b"HTTP/1.1 403 Forbidden\r\nX: \x80\r\n\r\n", Exit::Violation, "the handshake was refused"),
        (b"HTTP/1.1 101 \r\nSec-WebSocket-Extensions: x-y\r\n\r\n", Exit::Violation, "RFC 6455 §9.1"),
    ] {
        let (said, ended) = explained_stream(&inspect, head);
        assert_eq!(ended, exit, "{said}");
        assert!(said.contains(words), "no {words:?} in {said}");
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
    }
}

#[test]
fn no_bytes_are_no_violation() {
    let inspect = Line::parse_from(["inspect", "--role", "server"]).inspect;
    assert_eq!(
        explained_stream(&inspect, b""),
        ("\n0 frames, 0 messages, 0 bytes: no violation\n".into(), Exit::Done)
    );
}
