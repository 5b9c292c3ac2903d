//! The hostile list against the codec: the entries of the layer `engineio` that bytes alone decide. What sessions make
//! of them, their tests say.

use sansocket_core::{Data, Message};
use sansocket_engineio::{
    Form, Open, OpenError, Packet, PacketError, PayloadError, PayloadReader, Protocol, jsonp,
};
use sansocket_testkit::hostile::{self, unhex};

/// What a payload gives: packets that are right, and the fault behind them.
type Outcome = (&'static [Packet<'static>], Option<PayloadError>);

const fn fault(error: PacketError) -> Option<PayloadError> {
    Some(PayloadError::Packet(error))
}

const NOTHING: &[Packet<'_>] = &[];
const NO_BYTES: Packet<'_> = Packet::Message(Data::Binary(&[]));

fn payloads() -> Vec<(&'static str, Form, Vec<u8>, Outcome)> {
    use Form::{V3Binary, V3Text, V4};
    let text = |text: &str| text.as_bytes().to_vec();
    let base64 = (NOTHING, fault(PacketError::Base64));
    let length = (NOTHING, Some(PayloadError::Length));
    let incomplete = (NOTHING, Some(PayloadError::Incomplete));
    vec![
        ("E-001", V4, text(""), (NOTHING, fault(PacketError::Empty))),
        ("E-002", V4, text("zzz"), (NOTHING, fault(PacketError::UnknownType(b'z')))),
        ("E-003", V4, text("\x1e"), (NOTHING, fault(PacketError::Empty))),
        ("E-012", V4, text("7"), (NOTHING, fault(PacketError::UnknownType(b'7')))),
        ("E-013", V4, text("\u{664}a"), (NOTHING, fault(PacketError::UnknownType(0xd9)))),
        ("E-015", V4, text("b!!!!"), base64),
        ("E-016", V4, text("b"), (&[NO_BYTES], None)),
        ("E-017", V4, text("bAQ ID"), base64),
        ("E-017", V4, text("b-_-_"), base64),
        ("E-017", V4, text("bAQI"), (&[Packet::Message(Data::Binary(&[1, 2]))], None)),
        ("E-017", V4, text("bAQJ="), base64),
        ("E-018", V4, unhex("34fffe"), (NOTHING, fault(PacketError::NotUtf8))),
        ("E-023", V3Text, text("99:2"), incomplete),
        ("E-025", V3Text, text("12345"), length),
        ("E-026", V3Text, text(&("9".repeat(400) + ":2")), length),
        ("E-027", V3Text, text("-1:2"), length),
        ("E-028", V3Text, text("0:"), length),
        ("E-030", V3Binary, unhex("0105ff040102"), incomplete),
        ("E-031", V3Binary, unhex("00feff34"), length),
        ("E-032", V3Binary, unhex("00010203"), length),
        ("E-033", V3Binary, unhex("0901ff34"), (NOTHING, Some(PayloadError::Marker(9)))),
        ("E-035", V3Binary, unhex("0000ff"), length),
        ("E-036", V3Binary, unhex("0002ff34ff"), (NOTHING, fault(PacketError::NotUtf8))),
    ]
}

#[test]
fn a_hostile_payload_is_refused_and_costs_nothing() {
    let listed = hostile::entries("engineio");
    for (id, form, body, (packets, fault)) in payloads() {
        assert!(listed.iter().any(|entry| entry.id == id), "{id} is on the list");
        let len = body.len();
        let mut reader = PayloadReader::new(form, body.into(), Default::default());
        for packet in packets {
            assert_eq!(reader.next(), Some(Ok(*packet)), "{id}");
        }
        assert_eq!(reader.next(), fault.map(Err), "{id}");
        assert_eq!(reader.next(), None, "{id}");
        assert!(reader.memory() <= 2 * len + 8, "{id}");
    }
}

#[test]
fn e_022_a_large_body_is_read_in_one_go() {
    let body = "4".to_owned() + &"a".repeat(999_999);
    let mut reader = PayloadReader::new(Form::V4, body.clone().into(), Default::default());
    assert_eq!(reader.next(), Some(Ok(Packet::Message(body[1..].into()))));
    assert_eq!(reader.next(), None);
    assert_eq!(reader.memory(), body.len(), "text is lent");
}

#[test]
fn e_037_an_index_that_is_script_keeps_its_digits() {
    assert_eq!(jsonp::Index::from_query("alert(1)//").answer("6"), r#"___eio[1]("6");"#);
}

#[test]
fn e_038_a_payload_that_would_end_the_script_is_escaped() {
    let answer = jsonp::Index::from_query("0").answer("4\u{2028}</script>\"");
    assert_eq!(answer, r#"___eio[0]("4\u2028\u003c/script\u003e\"");"#);
}

#[test]
fn hostile_websocket_messages_are_packets_or_refused() {
    let mut scratch = Vec::new();
    for (id, message, outcome) in [
        ("E-056", Message::from(""), Err(PacketError::Empty)),
        ("E-061", Message::from("bAQID"), Ok(Packet::Message(Data::Binary(&[1, 2, 3])))),
        ("E-062", Message::from(&[][..]), Ok(NO_BYTES)),
    ] {
        assert_eq!(Packet::decode(Protocol::V4, Data::from(&message), &mut scratch), outcome, "{id}");
    }
}

#[test]
fn e_063_a_handshake_that_is_none_opens_nothing() {
    let with = |interval: &str| {
        format!(r#"{{"sid":"x","upgrades":[],"pingInterval":{interval},"pingTimeout":1,"maxPayload":1}}"#)
    };
    assert!(Open::from_json(&with("1")).is_ok());
    for json in ["", "x", r#"{"sid":1}"#, "{}", "[]", &with("\"25000\"")] {
        assert_eq!(Open::from_json(json), Err(OpenError::Malformed), "{json}");
    }
    for interval in ["-1", "0", "1e308"] {
        assert_eq!(Open::from_json(&with(interval)), Err(OpenError::PingInterval), "{interval}");
    }
}

#[test]
fn e_065_upgrades_that_nobody_knows_are_passed_over() {
    let long = format!("{:?}", "x".repeat(100_000));
    let many = vec!["\"websocket\""; 1000].join(",");
    let upgrades = format!(r#"["__proto__","webtransport",{long},{many}]"#);
    let json = format!(r#"{{"sid":"x","upgrades":{upgrades},"pingInterval":1,"pingTimeout":1}}"#);
    let open = Open::from_json(&json).expect("a handshake");
    assert_eq!(open.upgrades, [sansocket_engineio::Transport::WebSocket]);
}

#[test]
fn e_066_a_max_payload_that_holds_nothing_is_refused() {
    let with = |most: &str| {
        let json =
            format!(r#"{{"sid":"x","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":{most}}}"#);
        Open::from_json(&json).map(|open| open.max_payload)
    };
    assert_eq!(with("0"), Err(OpenError::MaxPayload));
    assert_eq!(with("1e308"), Err(OpenError::MaxPayload));
    // One packet a body, then.
    assert_eq!(with("1"), Ok(Some(1)));
}
