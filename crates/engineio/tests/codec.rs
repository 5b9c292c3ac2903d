//! Single packets, the handshake, JSONP and WebTransport frames.

use core::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use sansocket_core::{Data, Decoded, Message};
use sansocket_engineio::jsonp::{self, JsonpError};
use sansocket_engineio::webtransport::{self, FrameError, Header, Kind};
use sansocket_engineio::{Binary, Open, OpenError, Packet, PacketError, Protocol, Transport, encode_message};
use sansocket_testkit::payload::read_base64;

use Protocol::{V3, V4};

#[test]
fn one_websocket_message_is_one_packet() {
    let bytes = &[1, 2, 3, 4][..];
    for (packet, protocol, binary, message) in [
        (Packet::Message("hello".into()), V4, Binary::Raw, Message::from("4hello")),
        (Packet::Message("hello".into()), V3, Binary::Base64, Message::from("4hello")),
        (Packet::Message(bytes.into()), V4, Binary::Raw, Message::from(bytes)),
        (Packet::Message(bytes.into()), V4, Binary::Base64, Message::from("bAQIDBA==")),
        (Packet::Message(bytes.into()), V3, Binary::Raw, Message::from(&[4, 1, 2, 3, 4][..])),
        (Packet::Message(bytes.into()), V3, Binary::Base64, Message::from("b4AQIDBA==")),
        (Packet::Ping("probe".into()), V4, Binary::Raw, Message::from("2probe")),
        (Packet::Upgrade, V4, Binary::Raw, Message::from("5")),
    ] {
        assert_eq!(packet.encode(protocol, binary), message);
        assert_eq!(Packet::decode(protocol, Data::from(&message), &mut Vec::new()), Ok(packet));
    }
}

#[test]
fn a_message_of_bytes_travels_by_reference() {
    let bytes = bytes::Bytes::from(vec![7; 100]);
    let sent = encode_message(Message::binary(bytes.clone()), V4, Binary::Raw);
    assert_eq!(sent.as_bytes().as_ptr(), bytes.as_ptr());
    assert_eq!(encode_message(Message::from("hi"), V4, Binary::Raw), Message::from("4hi"));
}

#[test]
fn what_is_no_packet_is_named() {
    let mut scratch = Vec::new();
    for (protocol, message, fault) in [
        (V4, Message::from(""), PacketError::Empty),
        (V3, Message::from(&[][..]), PacketError::Empty),
        (V3, Message::from("b"), PacketError::Empty),
        (V4, Message::from("7"), PacketError::UnknownType(b'7')),
        (V4, Message::from("٤a"), PacketError::UnknownType(0xd9)),
        (V3, Message::from(&[9][..]), PacketError::UnknownType(9)),
        (V3, Message::from("bAQID"), PacketError::UnknownType(b'A')),
        (V3, Message::from(&[2, 1][..]), PacketError::NotAMessage(2)),
        (V3, Message::from("b2AQID"), PacketError::NotAMessage(2)),
        (V4, Message::from("b-_-_"), PacketError::Base64),
    ] {
        assert_eq!(Packet::decode(protocol, Data::from(&message), &mut scratch), Err(fault), "{message:?}");
    }
}

fn open() -> Open {
    Open {
        sid: "lv_VI97HAXpY6yYWAAAC".into(),
        upgrades: vec![Transport::WebSocket],
        ping_interval: Duration::from_secs(25),
        ping_timeout: Duration::from_secs(20),
        max_payload: Some(1_000_000),
    }
}

#[test]
fn a_handshake_is_json_in_the_usual_order() {
    let json = concat!(
        r#"{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"#,
        r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
    );
    assert_eq!(open().to_json(), json);
    assert_eq!(Open::from_json(json), Ok(open()));
}

#[test]
fn a_handshake_of_another_server_is_read() {
    let json = r#"{"pingTimeout":5000.0,"x":[{}],"sid":"\u0061\"","pingInterval":3e2,"upgrades":[]}"#;
    let read = Open {
        sid: "a\"".into(),
        upgrades: vec![],
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_secs(5),
        max_payload: None,
    };
    assert_eq!(Open::from_json(json), Ok(read.clone()));
    assert_eq!(Open::from_json(&read.to_json()), Ok(read));
}

/// A right handshake but for one field.
fn handshake_with(field: &str, value: &str) -> String {
    let mut json = String::from("{");
    for (name, right) in [
        ("sid", "\"x\""),
        ("upgrades", "[]"),
        ("pingInterval", "25000"),
        ("pingTimeout", "20000"),
        ("maxPayload", "1000000"),
    ] {
        let value = if name == field { value } else { right };
        json += &format!("\"{name}\":{value},");
    }
    json.pop();
    json + "}"
}

#[test]
fn a_wrong_handshake_is_refused() {
    let with = handshake_with;
    assert!(Open::from_json(&with("", "")).is_ok());
    for (json, error) in [
        (String::new(), OpenError::Malformed),
        ("{}".into(), OpenError::Malformed),
        ("[]".into(), OpenError::Malformed),
        (r#"["x",[],25000,20000,1000000]"#.into(), OpenError::Malformed),
        (r#"{"sid":1}"#.into(), OpenError::Malformed),
        (with("sid", "\"a\",\"sid\":\"b\""), OpenError::Malformed),
        (with("sid", "\"\""), OpenError::Sid),
        (with("sid", &format!("{:?}", "x".repeat(257))), OpenError::Sid),
        (with("upgrades", "\"websocket\""), OpenError::Malformed),
        (with("upgrades", "[1]"), OpenError::Malformed),
        (with("pingInterval", "\"25000\""), OpenError::Malformed),
        (with("pingInterval", "null"), OpenError::Malformed),
        (with("pingInterval", "-1"), OpenError::PingInterval),
        (with("pingInterval", "0"), OpenError::PingInterval),
        (with("pingInterval", "0.5"), OpenError::PingInterval),
        (with("pingInterval", "1e308"), OpenError::PingInterval),
        (with("pingInterval", "2147483648"), OpenError::PingInterval),
        (with("pingTimeout", "-0"), OpenError::PingTimeout),
        (with("pingTimeout", "1e308"), OpenError::PingTimeout),
        (with("maxPayload", "0"), OpenError::MaxPayload),
        (with("maxPayload", "1e308"), OpenError::MaxPayload),
    ] {
        assert_eq!(Open::from_json(&json), Err(error), "{json}");
    }
    assert_eq!(Open::from_json(&with("maxPayload", "1")).map(|open| open.max_payload), Ok(Some(1)));
}

#[test]
fn a_handshake_may_be_as_deep_and_as_odd_as_it_likes() {
    let with = handshake_with;
    let deep = |open: &str, close: &str, times: usize| open.repeat(times) + "1" + &close.repeat(times);
    // Nothing is kept of fields that nobody knows, and nothing calls itself to pass over them.
    for nested in [deep("[", "]", 100_000), deep("{\"a\":", "}", 100_000)] {
        let json = with("upgrades", &format!("[],\"more\":{nested}"));
        assert_eq!(Open::from_json(&json).map(|open| open.sid), Ok("x".into()));
        assert_eq!(Open::from_json(&json[..json.len() / 2]), Err(OpenError::Malformed));
        for field in ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"] {
            assert_eq!(Open::from_json(&with(field, &nested)), Err(OpenError::Malformed), "{field}");
        }
    }
    let long = "9".repeat(100_000);
    for (field, value, error) in [
        ("pingInterval", "1e400", OpenError::Malformed),
        ("pingInterval", "-1e400", OpenError::Malformed),
        ("pingInterval", &*long, OpenError::Malformed),
        ("pingInterval", "1e-400", OpenError::PingInterval),
        ("pingInterval", "NaN", OpenError::Malformed),
        ("pingInterval", "0x10", OpenError::Malformed),
        ("pingInterval", "01", OpenError::Malformed),
        ("pingInterval", "true", OpenError::Malformed),
        ("pingTimeout", "[20000]", OpenError::Malformed),
        ("pingTimeout", "18446744073709551616", OpenError::PingTimeout),
        ("maxPayload", "9007199254740993", OpenError::MaxPayload),
        ("maxPayload", "\"1000000\"", OpenError::Malformed),
        ("maxPayload", "{}", OpenError::Malformed),
        ("sid", "null", OpenError::Malformed),
        ("sid", "\"\\ud800\"", OpenError::Malformed),
        ("sid", "\"\n\"", OpenError::Malformed),
        ("upgrades", "null", OpenError::Malformed),
        ("upgrades", "[null]", OpenError::Malformed),
        ("upgrades", "[[\"websocket\"]]", OpenError::Malformed),
        ("upgrades", "[\"websocket\",]", OpenError::Malformed),
        ("upgrades", "[]} {", OpenError::Malformed),
    ] {
        assert_eq!(Open::from_json(&with(field, value)), Err(error), "{field}: {:.60}", value);
    }
    assert_eq!(Open::from_json(&with("maxPayload", "null")).map(|open| open.max_payload), Ok(None));
}

#[test]
fn a_jsonp_answer_is_script_and_nothing_else() {
    let index = jsonp::Index::from_query;
    assert_eq!(index("0").answer("6"), r#"___eio[0]("6");"#);
    assert_eq!(index("alert(12)//").answer("6"), r#"___eio[12]("6");"#);
    assert_eq!(index("x").answer("6"), r#"___eio[0]("6");"#);
    assert_eq!(index(&"9".repeat(8000)).answer(""), r#"___eio[999999999999999]("");"#);
    assert_eq!(
        index("1").answer("4\u{2028}\u{2029}</script>\"\\\n\r\t\0é😀"),
        r#"___eio[1]("4\u2028\u2029\u003c/script\u003e\"\\\n\r\t\u0000é😀");"#
    );
}

#[test]
fn a_jsonp_form_keeps_line_ends() {
    for (body, payload) in [
        ("d=4a", "4a"),
        ("d=2%3A4a", "2:4a"),
        ("x=1&d=4+%2B", "4 +"),
        ("d=", ""),
        (r"d=4\n", "4\n"),
        (r"d=4\\n", r"4\n"),
        (r"d=4\\\n", r"4\\n"),
        (r"d=4\\\\n", r"4\\\n"),
        (r"d=4\\n\n\", "4\\n\n\\"),
    ] {
        assert_eq!(jsonp::decode(body.as_bytes()).as_deref(), Ok(payload.as_bytes()), "{body}");
    }
    for (body, error) in [
        ("", JsonpError::Field),
        ("4a", JsonpError::Field),
        ("d=1&d=2", JsonpError::Field),
        ("d=%4", JsonpError::Percent),
        ("d=%zz", JsonpError::Percent),
        ("d=%+1", JsonpError::Percent),
    ] {
        assert_eq!(jsonp::decode(body.as_bytes()), Err(error), "{body}");
    }
}

#[test]
fn a_webtransport_header_is_as_short_as_can_be() {
    for (len, header) in [
        (1, vec![0x01]),
        (125, vec![0x7d]),
        (126, vec![0x7e, 0, 126]),
        (65_535, vec![0x7e, 0xff, 0xff]),
        (65_536, vec![0x7f, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let mut written = Vec::new();
        webtransport::encode(Header { kind: Kind::Text, len }, &mut written);
        assert_eq!(written, header);
        written[0] |= 0x80;
        let value = Header { kind: Kind::Binary, len };
        assert_eq!(webtransport::decode(&written, len), Ok(Decoded::Complete { value, len: header.len() }));
        assert_eq!(webtransport::decode(&written, len - 1), Err(FrameError::TooLong));
    }
    assert_eq!(webtransport::decode(&[0], 10), Err(FrameError::Empty));
    assert_eq!(webtransport::decode(&[0x7f, 0, 0x20, 0, 0, 0, 0, 0, 0], u64::MAX), Err(FrameError::TooLong));
}

proptest! {
    #[test]
    fn base64_is_read_as_the_naive_reader_does(
        bytes in vec(any::<u8>(), 0..20), noise in "[A-Za-d0-9+/=_ ]{0,9}", cut in 0usize..4,
    ) {
        let mut scratch = vec![1; 3];
        let packet = Packet::Message(bytes.as_slice().into());
        let message = packet.encode(V4, Binary::Base64);
        prop_assert_eq!(Packet::decode(V4, Data::from(&message), &mut scratch), Ok(packet));
        let whole = message.as_text().expect("text");
        let short = &whole[1..(whole.len() - cut.min(whole.len())).max(1)];
        for text in [&*noise, short] {
            let read = match Packet::decode(V4, [ "b", text].concat().as_str().into(), &mut scratch) {
                Ok(Packet::Message(Data::Binary(bytes))) => Some(bytes.to_vec()),
                Err(PacketError::Base64) => None,
                other => panic!("{other:?}"),
            };
            prop_assert_eq!(read, read_base64(text), "{}", text);
        }
    }

    #[test]
    fn a_handshake_comes_back(
        sid in ".{1,60}", upgrades in 0usize..2, interval in 1u64..1 << 31, timeout in 1u64..1 << 31,
        most in prop::option::of(1usize..1 << 40),
    ) {
        let open = Open {
            sid,
            upgrades: [Transport::WebSocket][..upgrades].to_vec(),
            ping_interval: Duration::from_millis(interval),
            ping_timeout: Duration::from_millis(timeout),
            max_payload: most,
        };
        prop_assert_eq!(Open::from_json(&open.to_json()), Ok(open));
    }

    #[test]
    fn whatever_a_handshake_says_it_is_read_or_refused(
        field in 0usize..5, value in "[-+.0-9eE\"{}\\[\\]:,a-z\\\\ ]{0,30}",
    ) {
        let field = ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"][field];
        if let Ok(open) = Open::from_json(&handshake_with(field, &value)) {
            let millis = 1..1 << 31;
            prop_assert!(millis.contains(&open.ping_interval.as_millis()));
            prop_assert!(millis.contains(&open.ping_timeout.as_millis()));
            prop_assert!(open.max_payload != Some(0) && (1..=256).contains(&open.sid.len()));
        }
        let _ = Open::from_json(&value);
    }

    #[test]
    fn a_jsonp_answer_is_read_by_a_json_reader(payload in ".{0,60}", index in 0u32..1000) {
        let answer = jsonp::Index::from_query(&index.to_string()).answer(&payload);
        let answer = std::str::from_utf8(&answer).expect("UTF-8");
        let string = answer.strip_prefix(&format!("___eio[{index}](")).and_then(|rest| rest.strip_suffix(");"));
        prop_assert_eq!(serde_json::from_str::<String>(string.expect("a call")).expect("JSON"), payload);
        let unsafe_in_script = ['<', '>', '\u{2028}', '\u{2029}', '\n'];
        prop_assert!(!answer.contains(unsafe_in_script));
    }

    #[test]
    // But for a backslash before a line end: clients write the two like a backslash and an n.
    fn a_jsonp_form_comes_back(payload in "([a-z\n+%&=€ ]|\\\\[a-z+]){0,20}") {
        // What the client does: escapes what forms would change, then lets the form encode the rest.
        let escaped = payload.replace("\\n", "\\\\n").replace('\n', "\\n");
        let encode = |byte: u8| match byte {
            b' ' => "+".into(),
            b'a'..=b'z' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        let body: String = escaped.bytes().map(encode).collect();
        let decoded = jsonp::decode(format!("d={body}").as_bytes()).expect("a form");
        prop_assert_eq!(decoded, payload.into_bytes());
    }

    #[test]
    fn a_webtransport_header_cut_short_asks_for_more(len in 1..=webtransport::MAX_LEN, bits in 0u32..53) {
        let header = Header { kind: Kind::Binary, len: (len >> bits).max(1) };
        let mut stream = Vec::new();
        webtransport::encode(header, &mut stream);
        for cut in 0..stream.len() {
            let Ok(Decoded::Incomplete { at_least }) = webtransport::decode(&stream[..cut], u64::MAX) else {
                panic!("{cut} bytes of {stream:?} are no header")
            };
            prop_assert!(cut < at_least && at_least <= stream.len());
        }
        let whole = Decoded::Complete { value: header, len: stream.len() };
        prop_assert_eq!(webtransport::decode(&stream, u64::MAX), Ok(whole));
    }
}
