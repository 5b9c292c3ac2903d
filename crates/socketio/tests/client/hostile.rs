//! Servers that mean harm: the hostile list, as a client hears it. What each packet is, the codec's own tests say; here
//! it ends the connection and nothing else.

use sansocket_socketio::client::ClientOptions;
use sansocket_testkit::hostile;

use crate::support::Talk;

/// What ends a connection: the user hears of no event, and the client comes back.
const LOST: [&str; 2] = ["disconnected /: parse error", "attempt 1 in 1000 ms"];

/// Entries that are no packet, and end the connection at once, as what is said.
fn wrong() -> Vec<(&'static str, String)> {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(r#"2["a",{}{}]"#, open.repeat(depth), close.repeat(depth))
    };
    let digits = "9".repeat(400);
    let mut wrong: Vec<(&str, String)> = [
        ("S-001", "7"),
        ("S-002", "x"),
        ("S-003", ""),
        ("S-005", "2"),
        ("S-006", "2{}"),
        ("S-007", "2[]"),
        ("S-008", "2[null]"),
        ("S-011", r#"2["connect"]"#),
        ("S-012", r#"2["connect_error"]"#),
        ("S-013", r#"2["disconnect"]"#),
        ("S-015", r#"2["newListener"]"#),
        ("S-018", r#"2["a"]x"#),
        ("S-020", "2\u{feff}[\"a\"]"),
        ("S-025", "0[1]"),
        ("S-026", r#"1"x""#),
        ("S-027", r#"30{"a":1}"#),
        ("S-030", r#"21.5["a"]"#),
        ("S-031", r#"21e3["a"]"#),
        ("S-032", r#"2999999999999999999999999999999["a"]"#),
        ("S-035", r#"218446744073709551616["a"]"#),
        ("S-037", r#"2-1["a"]"#),
        ("S-038", r#"50-["a"]"#),
        ("S-040", r#"511-["a"]"#),
        ("S-041", r#"54294967296-["a"]"#),
        ("S-042", r#"51e1-["a"]"#),
        ("S-043", r#"5 1-["a"]"#),
        ("S-045", r#"5-1-["a"]"#),
        ("S-046", r#"51.5-["a"]"#),
        ("S-047", r#"5-["a"]"#),
        ("S-048", r#"51["a"]"#),
    ]
    .map(|(id, said)| (id, said.to_string()))
    .into();
    wrong.push(("S-033", format!(r#"2{digits}["a"]"#)));
    wrong.push(("S-063", nested("[", "]", 129)));
    wrong.push(("S-065", nested("[", "]", 200_000)));
    wrong.push(("S-066", nested(r#"{"a":"#, "}", 129).replace(":}", ":1}")));
    wrong.push(("S-067", nested(r#"{"a":"#, "}", 5000).replace(":}", ":1}")));
    wrong.push(("S-068", nested(r#"{"a":"#, "}", 200_000).replace(":}", ":1}")));
    wrong
}

#[test]
fn what_is_no_packet_ends_the_connection_and_nothing_else() {
    for (id, said) in wrong() {
        let (mut talk, main) = Talk::connected(ClientOptions::default());
        assert_eq!(talk.say(&said), LOST, "{id}");
        assert!(talk.client.fault().is_some(), "{id}");
        assert_eq!(talk.sent(), ["CLOSE"], "{id}");
        assert_eq!(talk.say(r#"2["a"]"#), [""; 0], "nothing of it is heard any more: {id}");
        talk.wait(1000);
        talk.open();
        assert_eq!(talk.sent(), ["0"], "{id}");
        assert!(talk.client.is_wanted(main));
    }
}

#[test]
fn a_placeholder_for_nothing_ends_the_connection() {
    for number in ["5", "-1", r#""splice""#, "0.5"] {
        let (mut talk, _) = Talk::connected(ClientOptions::default());
        let mut told = talk.say(&format!(r#"51-["a",{{"_placeholder":true,"num":{number}}}]"#));
        told.extend(talk.say_bytes(b"x"));
        assert_eq!(told, LOST, "{number}");
    }
}

#[test]
fn s_058_s_060_text_where_an_attachment_is_due_ends_the_connection() {
    for second in [r#"2["b"]"#, r#"51-["b",{"_placeholder":true,"num":0}]"#] {
        let (mut talk, _) = Talk::connected(ClientOptions::default());
        assert_eq!(talk.say(r#"51-["a",{"_placeholder":true,"num":0}]"#), [""; 0]);
        assert_eq!(talk.say(second), LOST);
    }
}

#[test]
fn s_061_attachments_that_do_not_come_end_the_connection() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    talk.say(r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
    talk.wait(44_999);
    assert_eq!(talk.say_bytes(b"x"), [""; 0], "one alone wins no time");
    assert_eq!(talk.wait(1), LOST);
    assert_eq!(talk.sent(), ["CLOSE"]);
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.say(r#"0{"sid":"new"}"#), ["opened", "connected / new"], "what waited is forgotten");
}

#[test]
fn bytes_that_nobody_awaits_end_the_connection() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    assert_eq!(talk.say_bytes(b"x"), LOST);
}

#[test]
fn what_is_only_strange_is_delivered() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    assert_eq!(talk.say("2[1,2]"), ["/ 1[2]"]);
    assert_eq!(
        talk.say(r#"2["__proto__",{"__proto__":{"a":1}}]"#),
        [r#"/ __proto__[{"__proto__":{"a":1}}]"#]
    );
    assert_eq!(talk.say(r#"2["toString"]"#), ["/ toString[]"]);
    assert_eq!(talk.say(r#"2007["a"]"#), ["/ a[] ?0"]);
    talk.answer(0, ());
    assert_eq!(talk.sent(), ["37[]"]);
    let placeholder = r#"2["a",{"_placeholder":true,"num":0}]"#;
    assert_eq!(talk.say(placeholder), [r#"/ a[{"_placeholder":true,"num":0}]"#]);
}

#[test]
fn every_entry_of_one_message_that_has_to_end_it_is_here() {
    let here: Vec<&str> = wrong().into_iter().map(|(id, _)| id).collect();
    let ends = |entry: &hostile::Entry| {
        entry.role == "both"
            && entry.kind != "sequence"
            && entry.expected.starts_with("parse error: connection closed")
    };
    for entry in hostile::entries("socketio").into_iter().filter(ends) {
        // A number that is too large may be nothing instead, and is.
        assert!(entry.id == "S-022" || here.contains(&&*entry.id), "{} {}", entry.id, entry.title);
    }
}
