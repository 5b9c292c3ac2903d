//! Packets and payloads.

use super::*;

/// The example of `sansocket_engineio::payload` in its three forms.
#[test]
fn a_payload_of_protocol_4() {
    says(
        "--engineio payload 34 68 65 6c 6c 6f 1e 62 41 51 49 44 42 41 3d 3d",
        Exit::Done,
        r#"
a payload of protocol 4

packet 1, at byte 0
  34                          type 4 (message)
  68 65 6c 6c 6f              message 1: text, 5 bytes: "hello"
  1e                          separator
packet 2, at byte 7
  62                          a message of bytes, as base64
  41 51 49 44 42 41 3d 3d     message 2: bytes, 4 bytes: 01 02 03 04

2 packets, 2 messages, 16 bytes: no violation"#,
    );
}

#[test]
fn a_payload_of_protocol_3_as_text() {
    says(
        "--engineio payload --eio 3 --text 6:4hello10:b4AQIDBA==1:6",
        Exit::Done,
        r#"
a payload of protocol 3, as text

packet 1, at byte 0
  36 3a                       length 6, in UTF-16 code units
  34                          type 4 (message)
  68 65 6c 6c 6f              message 1: text, 5 bytes: "hello"
packet 2, at byte 8
  31 30 3a                    length 10, in UTF-16 code units
  62 34                       a message of bytes, as base64
  41 51 49 44 42 41 3d 3d     message 2: bytes, 4 bytes: 01 02 03 04
packet 3, at byte 21
  31 3a                       length 1, in UTF-16 code units
  36                          type 6 (noop)
                              releases a waiting poll

3 packets, 2 messages, 24 bytes: no violation"#,
    );
}

#[test]
fn a_payload_of_protocol_3_in_its_binary_form() {
    says(
        "--engineio payload --eio 3 00 06 ff 34 68 65 6c 6c 6f 01 05 ff 04 01 02 03 04",
        Exit::Done,
        r#"
a payload of protocol 3, in its binary form

packet 1, at byte 0
  00 06 ff                    text, length 6, in bytes
  34                          type 4 (message)
  68 65 6c 6c 6f              message 1: text, 5 bytes: "hello"
packet 2, at byte 9
  01 05 ff                    bytes, length 5, in bytes
  04                          type 4 (message)
  01 02 03 04                 message 2: bytes, 4 bytes: 01 02 03 04

2 packets, 2 messages, 17 bytes: no violation"#,
    );
}

#[test]
fn jsonp_is_unwrapped_both_ways() {
    let words = r#"
a payload of protocol 4

packet 1, at byte 0
  34                          type 4 (message)
  61 22 62                    message 1: text, 3 bytes: "a"b"

1 packet, 1 message, 4 bytes: no violation"#;
    says(
        r#"--engineio jsonp --text ___eio[7]("4a\"b");"#,
        Exit::Done,
        &format!("a script that hands 4 bytes to callback 7\n{words}"),
    );
    says(
        "--engineio jsonp --text d=4a%22b",
        Exit::Done,
        &format!("a form whose field d holds 4 bytes\n{words}"),
    );
    let (said, exit) = explained("--engineio jsonp --text 4hello");
    assert_eq!(exit, Exit::Violation);
    assert!(said.contains("neither a script") && said.contains("nor a form"), "{said}");
}

#[test]
fn a_handshake_is_spelled_out() {
    let json = r#"{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    let (said, exit) = explained(&format!("--engineio packet --text 0{json}"));
    assert_eq!(exit, Exit::Done, "{said}");
    for words in [
        "type 0 (open)",
        "session abc, upgrades: websocket",
        "a heartbeat each 25s, 20s late at most",
        "largest body: 1000000 bytes",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    let (said, exit) = explained(r#"--engineio packet --text 0{"sid":"abc"}"#);
    assert_eq!(exit, Exit::Violation);
    assert!(said.contains("VIOLATION in the handshake"), "{said}");
}

#[test]
fn each_type_has_its_meaning() {
    for (text, words) in [
        ("1", "the session ends"),
        ("2", "a pong with the same data is due"),
        ("2probe", "`3probe` is due"),
        ("3", "answers a ping"),
        ("3probe", "the transport that asked may take over"),
        ("5", "this transport takes over"),
        ("6", "releases a waiting poll"),
        ("6x", "passed over, for this type has no data"),
        ("bAQID", "message 1: bytes, 3 bytes: 01 02 03"),
    ] {
        let (said, exit) = explained(&format!("--engineio packet --text {text}"));
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains(words), "no {words:?} in {said}");
    }
}

#[test]
fn a_websocket_message_of_bytes_is_a_packet_too() {
    for (args, words) in [
        ("--engineio binary 01 02", "01 02                       message 1: bytes, 2 bytes: 01 02"),
        ("--engineio binary --eio 3 04 01 02", "message 1: bytes, 2 bytes: 01 02"),
        ("--engineio binary --base64 AQI=", "message 1: bytes, 2 bytes: 01 02"),
    ] {
        let (said, exit) = explained(args);
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains(words), "no {words:?} in {said}");
    }
}

#[test]
fn the_first_bad_packet_of_a_payload_is_named_and_those_before_it_count() {
    let (said, exit) = explained("--engineio payload 34 61 1e 37 1e 34 62");
    assert_eq!(exit, Exit::Violation);
    for words in ["VIOLATION in the packet at byte 3 (0x3)", "0x37 is no packet type", "2 packets, 1 message"]
    {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    for args in [
        "--engineio payload --text ",
        "--engineio packet ff",
        "--engineio binary --eio 3 02",
        "--engineio payload --eio 3 --text 9:4hello",
        "--engineio payload --eio 3 00 00 ff",
    ] {
        let (said, exit) = explained(args);
        assert_eq!(exit, Exit::Violation, "{said}");
        assert!(said.contains("one violation"), "{said}");
    }
}
