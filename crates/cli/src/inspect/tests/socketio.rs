//! Packets of Socket.IO, by themselves and in messages of Engine.IO.

use super::*;

#[test]
fn an_event_that_wants_to_be_acknowledged() {
    says(
        r#"--socketio --text 2/admin,12["say","hello",{"to":[1,null]}]"#,
        Exit::Done,
        r#"
message 1: text, 41 bytes
  32                          type 2 (event)
  2f 61 64 6d 69 6e 2c        namespace /admin
  31 32                       number 12
  5b 22 73 61 79 22 2c 22 …   "["say","hello",{"to":[1,null]}]"
                              event "say", 2 arguments
                              argument 1: "hello"
                              argument 2: {"to":[1,null]}
                              an acknowledgement of number 12 is due

1 packet, 41 bytes: no violation"#,
    );
}

#[test]
fn a_packet_whose_attachments_follow() {
    says(
        r#"--socketio --attachment 010203 --attachment 0xff --text 52-["up",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#,
        Exit::Done,
        r#"
message 1: text, 71 bytes
  35                          type 5 (binary event)
  32 2d                       2 attachments follow
                              namespace /, which is not written
  5b 22 75 70 22 2c 7b 22 …   "["up",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"
message 2: bytes, 3 bytes
  01 02 03                    attachment 1 of 2, 3 bytes: 01 02 03
message 3: bytes, 1 byte
  ff                          attachment 2 of 2, 1 byte: ff
                              event "up", 2 arguments
                              argument 1: <1 byte: ff>
                              argument 2: [<3 bytes: 01 02 03>]

1 packet, 75 bytes: no violation"#,
    );
}

#[test]
fn attachments_that_did_not_come_yet_are_no_violation() {
    for (attachments, words) in
        [("", "2 attachments are still to come"), ("--attachment 00 ", "1 attachment is still to come")]
    {
        let packet = r#"62-3[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
        let (said, exit) = explained(&format!("--socketio {attachments}--text {packet}"));
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains(words), "no {words:?} in {said}");
        assert!(said.contains("0 packets") && said.trim_end().ends_with("no violation"), "{said}");
    }
}

#[test]
fn each_type_has_its_meaning() {
    for (text, words) in [
        ("0", &["type 0 (connect)", "namespace /, which is not written", "wants to be let in"][..]),
        (r#"0/a,{"token":"x"}"#, &["namespace /a", r#"says of itself: {"token":"x"}"#]),
        (r#"0{"sid":"abc","pid":"def"}"#, &["lets the client in, as abc", "private id def"]),
        ("1/a,", &["type 1 (disconnect)", "leaves the namespace"]),
        (r#"2[42]"#, &[r#"event "42", 0 arguments"#]),
        ("37[]", &["number 7", "acknowledges the event of number 7, 0 arguments"]),
        ("3[]", &["acknowledges nothing"]),
        (
            r#"4{"message":"no","data":{"code":401}}"#,
            &[r#"let the client in: "no""#, r#"adds: {"code":401}"#],
        ),
        (
            "--eio 3 --text 0/a?token=x%20y,",
            &["namespace /a, query token=x%20y", r#"itself: {"token":"x y"}"#],
        ),
    ] {
        let (said, exit) = explained(&match text.strip_prefix("--eio 3 ") {
            Some(rest) => format!("--socketio --eio 3 {rest}"),
            None => format!("--socketio --text {text}"),
        });
        assert_eq!(exit, Exit::Done, "{said}");
        for words in words {
            assert!(said.contains(words), "no {words:?} in {said}");
        }
    }
}

#[test]
fn messagepack_is_read_where_it_is_told() {
    // {type: 2, data: ["a", <01 02>], nsp: "/", id: 3}
    says(
        "--socketio --parser msgpack 84 a474797065 02 a464617461 92 a161 c4020102 a36e7370 a12f a26964 03",
        Exit::Done,
        r#"
message 1: bytes, 29 bytes
  84 a4 74 79 70 65 02 a4 …   a packet as MessagePack
                              type 2 (event)
                              namespace /
                              number 3
                              event "a", 1 argument
                              argument 1: <2 bytes: 01 02>
                              an acknowledgement of number 3 is due

1 packet, 29 bytes: no violation"#,
    );
}

#[test]
fn what_messages_of_engineio_carry_is_explained_if_somebody_asks() {
    says(
        r#"--engineio payload --socketio --text 451-["up",{"_placeholder":true,"num":0}]bAQID"#
            .replace("]bAQID", "]\u{1e}bAQID")
            .as_str(),
        Exit::Done,
        r#"
a payload of protocol 4

packet 1, at byte 0
  34                          type 4 (message)
  35 31 2d 5b 22 75 70 22 …   message 1: text, 39 bytes: "51-["up",{"_placeholder":true,"num":0}]"
  35                          type 5 (binary event)
  31 2d                       1 attachment follows
                              namespace /, which is not written
  5b 22 75 70 22 2c 7b 22 …   "["up",{"_placeholder":true,"num":0}]"
  1e                          separator
packet 2, at byte 41
  62                          a message of bytes, as base64
  41 51 49 44                 message 2: bytes, 3 bytes: 01 02 03
  01 02 03                    attachment 1 of 1, 3 bytes: 01 02 03
                              event "up", 1 argument
                              argument 1: <3 bytes: 01 02 03>

2 packets, 2 messages, 46 bytes: no violation"#,
    );
    let (said, exit) = explained("--engineio packet --socketio --text 2probe");
    assert_eq!(exit, Exit::Done, "{said}");
    let (said, exit) = explained("--engineio packet --socketio --eio 3 --text 40/a?b=c,");
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("namespace /a, query b=c"), "{said}");
    let (said, exit) = explained(r#"--engineio packet --socketio --text 451-["a"]"#);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("1 attachment is still to come"), "{said}");
}

#[test]
fn the_first_bad_packet_ends_it() {
    for (args, words) in [
        ("--socketio --text 9", "'9' is no packet type"),
        (r#"--socketio --text 2["a""#, "not JSON at byte 5"),
        (r#"--socketio --text 2["connect"]"#, "reserved name"),
        (r#"--socketio --text 5["a"]"#, "without the number of its attachments"),
        (r#"--socketio --text 51-["a",{"_placeholder":true,"num":7}]"#, "a placeholder for nothing"),
        (r#"--socketio --attachment 00 --text 2["a"]"#, "bytes that are no attachment"),
        ("--socketio 84 a4", "--parser msgpack reads it"),
        ("--socketio --parser msgpack c1", "not MessagePack at byte 0"),
        ("--engineio packet --socketio --parser msgpack --text 4hello", "--parser json reads it"),
        ("--engineio payload --socketio 34 39 1e 34 32", "1 packet, 1 message"),
    ] {
        let (said, exit) = explained(args);
        assert_eq!(exit, Exit::Violation, "{said}");
        assert!(said.contains(words), "no {words:?} in {said}");
        assert!(said.contains("parse error") && said.contains("one violation"), "{said}");
    }
}

#[test]
fn long_data_is_cut_and_nothing_commands_the_terminal() {
    let long = format!(r#"--socketio --text 2["a",[{}1]]"#, "1234567890,".repeat(100));
    let (said, _) = explained(&long);
    assert!(said.contains("argument 1: [1234567890,") && said.contains(" …\n"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() < 120), "{said}");
    let hostile = "--socketio --text 2/\u{1b}[2J,[\"\u{9b}31m\",\"\\u001b\u{202e}\",{\"\u{7f}\":1}]";
    let (said, exit) = explained(hostile);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{said:?}");
}
