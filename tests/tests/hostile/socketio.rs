//! Entries of the layer `socketio`: what the decoder makes of them, what that costs, and on how little stack. What
//! connections and sockets make of it, the tests of their crate say; [`coverage`](crate::coverage) knows which stands
//! where.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use sansocket_core::Message;
use sansocket_socketio::{Decoder, Kind, Limits, Packet, PacketError, Parser, Value};
use sansocket_testkit::CountingAlloc;
use sansocket_testkit::hostile::{Entry, entries, unhex};

use Outcome::{Heard, Refused, Waits};

/// What comes of an entry.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Outcome {
    /// The connection is to be closed.
    Refused,
    /// An event, or an acknowledgement, with this number, this name and these arguments.
    Heard(Option<u64>, &'static str, &'static str),
    /// Nothing yet.
    Waits,
}

/// On so little stack what is nested deep has to be judged, the list says.
const STACK: usize = 64 * 1024;

/// What comes of each. Where the list leaves it open, the choice is said behind it.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("S-001", Refused),
    ("S-002", Refused),
    ("S-003", Refused),
    ("S-005", Refused),
    ("S-006", Refused),
    ("S-007", Refused),
    ("S-008", Refused),
    // Delivered, its name in digits.
    ("S-010", Heard(None, "1", "2")),
    ("S-011", Refused),
    ("S-012", Refused),
    ("S-013", Refused),
    ("S-015", Refused),
    ("S-016", Heard(None, "__proto__", r#"{"__proto__":{"a":1}}"#)),
    ("S-017", Heard(None, "toString", "")),
    ("S-018", Refused),
    ("S-020", Refused),
    // Delivered; whoever reads it finds U+FFFD.
    ("S-021", Heard(None, "a", r#""\ud800""#)),
    // Delivered; as a value it is null, as a number infinite.
    ("S-022", Heard(None, "a", "1e999")),
    ("S-023", Heard(None, "a", r#"{"x":1,"x":2}"#)),
    ("S-025", Refused),
    ("S-026", Refused),
    ("S-027", Refused),
    // Whoever waits for no such number passes it over.
    ("S-028", Heard(Some(99), "", r#""a""#)),
    ("S-030", Refused),
    ("S-031", Refused),
    ("S-032", Refused),
    ("S-033", Refused),
    ("S-035", Refused),
    ("S-036", Heard(Some(7), "a", "")),
    ("S-037", Refused),
    ("S-038", Refused),
    ("S-040", Refused),
    ("S-041", Refused),
    ("S-042", Refused),
    ("S-043", Refused),
    ("S-045", Refused),
    ("S-046", Refused),
    ("S-047", Refused),
    ("S-048", Refused),
    ("S-050", Refused),
    ("S-051", Refused),
    ("S-052", Refused),
    ("S-053", Refused),
    // Delivered; nobody asks for it.
    ("S-055", Heard(None, "a", "")),
    ("S-056", Heard(None, "a", r#"{"_placeholder":true,"num":0}"#)),
    ("S-057", Heard(None, "a", r#"{"_placeholder":"true","num":0}"#)),
    ("S-058", Refused),
    ("S-060", Refused),
    ("S-061", Waits),
    ("S-063", Refused),
    ("S-065", Refused),
    ("S-066", Refused),
    ("S-067", Refused),
    ("S-068", Refused),
    ("S-072", Refused),
    ("S-073", Refused),
];

/// Is this entry one of these?
pub(crate) fn tests(entry: &Entry) -> bool {
    OUTCOMES.iter().any(|(id, _)| *id == entry.id)
}

/// The messages that an entry is.
fn messages(entry: &Entry) -> Vec<Message> {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        vec![format!(r#"2["a",{}{inner}{}]"#, open.repeat(depth), close.repeat(depth)).into()]
    };
    // The depth, as the title ends.
    let depth = || entry.title.split(' ').rev().nth(1).and_then(|depth| depth.parse().ok()).expect("a depth");
    match &*entry.id {
        "S-003" => vec!["".into()],
        "S-020" => vec!["2\u{feff}[\"a\"]".into()],
        "S-021" => vec![r#"2["a","\ud800"]"#.into()],
        "S-033" => vec![format!(r#"2{}["a"]"#, "9".repeat(400)).into()],
        "S-060" => {
            let heading = |name| format!(r#"51-["{name}",{{"_placeholder":true,"num":0}}]"#).into();
            vec![heading("a"), heading("b")]
        }
        "S-063" | "S-065" => nested("[", "", "]", depth()),
        "S-066" | "S-067" | "S-068" => nested(r#"{"a":"#, "1", "}", depth()),
        "S-073" => vec![[msgpack_event(), vec![0x91; 100_000]].concat().into()],
        _ if entry.kind == "hex" => vec![unhex(&entry.input).into()],
        _ if entry.kind == "sequence" => entry.input.split(" + ").map(message).collect(),
        _ => vec![entry.input.split("; silence").next().expect("it begins").into()],
    }
}

/// One message of a sequence, as the list writes it.
fn message(written: &str) -> Message {
    if written == "1 binary" { vec![1].into() } else { written.into() }
}

/// An event "a" with one argument in MessagePack, up to where that begins.
fn msgpack_event() -> Vec<u8> {
    unhex("83 a474797065 02 a36e7370 a12f a464617461 92 a161")
}

fn decoder(entry: &Entry) -> Decoder {
    let parser = if entry.title.starts_with("MsgPack") { Parser::Msgpack } else { Parser::Json };
    Decoder::new(parser, Arc::new(Limits::default()))
}

#[test]
fn every_packet_of_the_list_comes_to_what_it_should() {
    let listed: Vec<Entry> = entries("socketio").into_iter().filter(tests).collect();
    assert_eq!(listed.len(), OUTCOMES.len(), "all of these are on the list");
    let suffering = move || {
        for entry in listed {
            let (_, outcome) = OUTCOMES.iter().find(|(id, _)| *id == entry.id).expect("it is tested");
            suffer(&entry, *outcome);
        }
    };
    // What recursed would end the whole program here.
    let alone = thread::Builder::new().stack_size(STACK).spawn(suffering).expect("a thread");
    alone.join().expect("every entry came to what it should");
}

fn suffer(entry: &Entry, outcome: Outcome) {
    let context = format!("{} ({})", entry.id, entry.title);
    let (mut decoder, messages) = (decoder(entry), messages(entry));
    let bytes: usize = messages.iter().map(|message| message.as_bytes().len()).sum();
    let (came, grown) = CountingAlloc::measure(|| {
        let mut came = Ok(None);
        for message in messages {
            came = came.and_then(|_: Option<Packet>| decoder.handle_message(message));
        }
        came
    });
    let bound = if entry.id == "S-072" { 4096 } else { 2 * bytes + 4096 };
    assert!(grown.peak <= bound, "{context}: {grown:?}");
    let said = came.as_ref().map(|packet| packet.as_ref().map(|packet| &packet.kind));
    match (outcome, said) {
        (Refused, Err(_)) => {}
        (Waits, Ok(None)) => assert!(decoder.is_waiting(), "{context}"),
        (Heard(wanted, name, json), Ok(Some(Kind::Event { id, name: heard, args }))) => {
            assert_eq!(
                (heard.as_str(), args.as_json(), id.map(|id| id.get())),
                (name, json, wanted),
                "{context}"
            );
        }
        (Heard(wanted, "", json), Ok(Some(Kind::Ack { id, args }))) => {
            assert_eq!((args.as_json(), Some(id.get())), (json, wanted), "{context}");
        }
        _ => panic!("{context}: {came:?}"),
    }
}

fn heard(text: &str) -> Packet {
    let mut decoder = Decoder::new(Parser::Json, Arc::new(Limits::default()));
    decoder.handle_message(text.into()).expect("a packet").expect("it is whole")
}

#[test]
fn what_is_odd_is_read_by_one_rule() {
    let values = |text: &str| heard(text).args().expect("an event").values().expect("JSON");
    assert_eq!(values(r#"2["a","\ud800"]"#), ["\u{fffd}".into()], "S-021");
    assert_eq!(values(r#"2["a",1e999]"#), [Value::Null], "S-022");
    assert_eq!(heard(r#"2["a",1e999]"#).args().expect("an event").read(), Ok(f64::INFINITY), "S-022");
    assert_eq!(values(r#"2["a",{"x":1,"x":2}]"#)[0].get("x"), Some(&2_u64.into()), "S-023");
}

#[test]
fn s_070_an_object_of_100_000_keys_is_an_object() {
    let members: Vec<String> = (0..100_000).map(|at| format!(r#""k{at}":{at}"#)).collect();
    let packet = heard(&format!(r#"2["a",{{{}}}]"#, members.join(",")));
    let args = packet.args().expect("an event");
    let map: HashMap<&str, u32> = args.read().expect("a map");
    assert_eq!((map.len(), map["k99999"]), (100_000, 99_999));
    assert_eq!(args.values().expect("JSON")[0].get("k500"), Some(&500_u64.into()));
}

#[test]
fn s_071_a_megabyte_of_escapes_is_a_sixth_of_it() {
    const CHARACTERS: usize = 166_000;
    let packet = heard(&format!(r#"2["a","{}"]"#, r"\u0000".repeat(CHARACTERS)));
    let (text, grown) = CountingAlloc::measure(|| packet.args().expect("an event").read::<String>());
    assert_eq!(text.expect("text").len(), CHARACTERS);
    assert!(grown.peak <= 6 * CHARACTERS + 4096, "{grown:?}");
}

#[test]
fn s_075_what_messagepack_says_and_json_cannot_has_its_place() {
    let said = |argument: &str| {
        let message = [msgpack_event(), unhex(argument)].concat();
        let mut decoder = Decoder::new(Parser::Msgpack, Arc::new(Limits::default()));
        let packet = decoder.handle_message(message.into())?;
        Ok(packet.expect("it is whole").args().expect("an event").as_json().to_owned())
    };
    let refused = |argument: &str| matches!(said(argument), Err(PacketError::NotMsgpack(_)));
    assert_eq!(said("8101a161"), Ok(r#"{"1":"a"}"#.to_owned()), "a number is a key in digits");
    assert!(refused("8190a161"), "an array is none");
    assert!(refused("d42a00"), "nobody's extension");
    assert_eq!(said("cb7ff8000000000000"), Ok("null".to_owned()), "not a number");
    assert_eq!(said("cfffffffffffffffff"), Ok("18446744073709551615".to_owned()), "to its last digit");
}
