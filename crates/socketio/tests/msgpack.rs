//! MessagePack, as `socket.io-msgpack-parser` writes and reads it.
#![cfg(feature = "msgpack")]

use std::sync::Arc;

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_socketio::{AckId, Args, Decoder, Kind, Limits, Nsp, Packet, PacketError, Parser, Value};

fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex");
    digits.chunks(2).map(byte).collect()
}

fn heard(message: impl Into<Message>) -> Result<Packet, PacketError> {
    let mut decoder = Decoder::new(Parser::Msgpack, Arc::new(Limits::default()));
    let packet = decoder.handle_message(message.into())?;
    Ok(packet.expect("a message is a packet"))
}

fn in_main(kind: Kind) -> Packet {
    Packet::new(Nsp::main(), kind)
}

fn event(args: Args) -> Packet {
    in_main(Kind::Event { id: None, name: "hi".into(), args })
}

fn args(of: impl serde::Serialize) -> Args {
    Args::new(&of).expect("it can be written")
}

/// An event "hi" whose arguments are these bytes.
fn event_with(count: u8, arguments: &str) -> Result<Packet, PacketError> {
    let mut message = hex("83 a474797065 02 a36e7370 a12f a464617461");
    message.extend([0x91 + count, 0xa2]);
    message.extend(b"hi");
    message.extend(hex(arguments));
    heard(message)
}

fn json_of(packet: Result<Packet, PacketError>) -> String {
    packet.expect("a packet").args().expect("an event").as_json().to_owned()
}

#[test]
fn packets_are_said_as_javascript_says_them() {
    let cases = [
        (in_main(Kind::Connect(None)), "82 a474797065 00 a36e7370 a12f"),
        (in_main(Kind::Disconnect), "82 a474797065 01 a36e7370 a12f"),
        (event(args(1)), "83 a474797065 02 a464617461 92 a26869 01 a36e7370 a12f"),
        (
            in_main(Kind::Ack { id: 300.into(), args: args(Bytes::from_static(&[7])) }),
            "84 a474797065 03 a464617461 91 c40107 a36e7370 a12f a26964 cd012c",
        ),
        (
            in_main(Kind::ConnectError(
                [("message".to_owned(), "no".into())].into_iter().collect::<sansocket_socketio::Map>().into(),
            )),
            "83 a474797065 04 a464617461 81 a76d657373616765 a26e6f a36e7370 a12f",
        ),
    ];
    for (packet, said) in cases {
        let encoded = Parser::Msgpack.encode(&packet);
        let messages: Vec<_> = encoded.messages().cloned().collect();
        assert_eq!(messages, [Message::from(hex(said))], "{packet:?}");
        assert_eq!(heard(hex(said)), Ok(packet));
    }
}

#[test]
fn members_come_in_any_order_with_others_between_them() {
    let said = "86 a36e7370 a22f61 a76f7074696f6e73 81 a8636f6d7072657373 c3 a464617461 92 a26869 01 a26964 05 a178 92 c0 80 \
                a474797065 02";
    let kind = Kind::Event { id: Some(5.into()), name: "hi".into(), args: args(1) };
    assert_eq!(heard(hex(said)), Ok(Packet::new(Nsp::new("/a").expect("a name"), kind)));
}

#[test]
fn javascript_says_what_it_does_not_say() {
    // A client without anything to say of itself.
    let said = hex("83 a474797065 00 a464617461 d40000 a36e7370 a12f");
    assert_eq!(heard(said), Ok(in_main(Kind::Connect(None))));
    // A server without recovery.
    let said = hex("83 a474797065 00 a464617461 82 a3736964 a161 a3706964 d40000 a36e7370 a12f");
    let Ok(Packet { kind: Kind::Connect(Some(says)), .. }) = heard(said) else { panic!("it connects") };
    assert_eq!((says.get("sid"), says.get("pid")), (Some(&"a".into()), None));
    assert_eq!(json_of(event_with(3, "d40000 92d4000001 82a161d40000a16202")), r#"null,[null,1],{"b":2}"#);
}

#[test]
fn dates_are_their_text_and_old_buffers_are_bytes() {
    let date = r#""2024-02-29T12:34:56.789Z""#;
    assert_eq!(json_of(event_with(1, "d700 0000018df4dc5495")), date);
    assert_eq!(json_of(event_with(1, "d6ff 65e07c30")), r#""2024-02-29T12:44:32.000Z""#);
    let nanos = 789_000_000_u64 << 34 | 1_709_210_096;
    assert_eq!(json_of(event_with(1, &format!("d7ff {nanos:016x}"))), date);
    assert_eq!(json_of(event_with(1, &format!("c70cff {:08x} {:016x}", 789_000_000, 1_709_210_096))), date);
    assert_eq!(json_of(event_with(2, "d700 7fffffffffffffff c70cff 00000000 7fffffffffffffff")), "null,null");
    let buffer = event_with(1, "c70300 010203").expect("a packet");
    assert_eq!(buffer.args().expect("an event").read(), Ok(Bytes::from_static(&[1, 2, 3])));
    assert!(matches!(event_with(1, "d401 00"), Err(PacketError::NotMsgpack(_))), "nobody's extension");
}

#[test]
fn numbers_are_what_they_were() {
    let numbers = "00 7f cc80 cdffff ceffffffff cfffffffffffffffff ff e0 d080 d18000 d280000000 d38000000000000000 \
                   ca3f000000 cb3ff8000000000000 cb7ff8000000000000";
    let wanted = "0,127,128,65535,4294967295,18446744073709551615,-1,-32,-128,-32768,-2147483648,-9223372036854775808,\
                  0.5,1.5,null";
    // Fifteen arguments, and the name: no longer in the marker.
    let mut message = hex("83 a474797065 02 a36e7370 a12f a464617461 dc0010 a26869");
    message.extend(hex(numbers));
    let packet = heard(message);
    assert_eq!(json_of(packet.clone()), wanted);
    let again = Parser::Msgpack.encode(&packet.clone().expect("a packet"));
    assert_eq!(heard(again.messages().next().cloned().expect("one")), packet);
}

#[test]
fn keys_are_text_or_whole_numbers() {
    assert_eq!(json_of(event_with(1, "82 01 a161 ff c3")), r#"{"1":"a","-1":true}"#);
    for key in ["91d40000", "c0", "c3", "90", "80", "c40161", "cb3ff8000000000000"] {
        assert!(matches!(event_with(1, &format!("81 {key} 01")), Err(PacketError::NotMsgpack(_))), "{key}");
    }
}

#[test]
fn what_is_not_a_packet_is_refused() {
    let refused = [
        "",
        "c1",
        "c0",
        "90",
        "80",
        // Lengths that are not there.
        "ddffffffff00",
        "dfffffffff",
        "dbffffffff61",
        "c6ffffffff",
        "c9ffffffff00",
        // No type, no namespace, and something behind it.
        "81 a36e7370 a12f",
        "81 a474797065 00",
        "82 a474797065 00 a36e7370 a12f 00",
        // Members of another kind.
        "82 a474797065 c0 a36e7370 a12f",
        "82 a474797065 00 a36e7370 01",
        "82 01 00 a36e7370 a12f",
        "83 a474797065 02 a36e7370 a12f a26964 ff",
        "83 a474797065 02 a36e7370 a12f a26964 c0",
    ];
    for said in refused {
        assert!(matches!(heard(hex(said)), Err(PacketError::NotMsgpack(_))), "{said}");
    }
    for (kind, data) in
        [("00", "90"), ("00", "a161"), ("01", "80"), ("02", "80"), ("03", "c0"), ("04", "01"), ("00", "c0")]
    {
        let said = hex(&format!("83 a474797065 {kind} a464617461 {data} a36e7370 a12f"));
        assert_eq!(heard(said), Err(PacketError::Payload), "{kind} {data}");
    }
    assert_eq!(heard(hex("82 a474797065 02 a36e7370 a12f")), Err(PacketError::Payload));
    assert_eq!(heard(hex("82 a474797065 05 a36e7370 a12f")), Err(PacketError::UnknownType('5')));
    assert_eq!(heard(hex("83 a474797065 02 a464617461 90 a36e7370 a12f")), Err(PacketError::Name));
    assert_eq!(heard(hex("83 a474797065 02 a464617461 91 c0 a36e7370 a12f")), Err(PacketError::Name));
    let id = hex("83 a474797065 03 a36e7370 a12f a26964 cf0020000000000000");
    assert_eq!(heard(id), Err(PacketError::AckId));
    let mut reserved = hex("83 a474797065 02 a36e7370 a12f a464617461 91 aa");
    reserved.extend(b"disconnect");
    assert_eq!(heard(reserved), Err(PacketError::Reserved));
    assert_eq!(heard("2[\"hi\"]"), Err(PacketError::UnexpectedText));
    assert!(matches!(event_with(1, "a2c328"), Err(PacketError::NotMsgpack(_))), "not UTF-8");
}

#[test]
fn depth_is_bounded_without_recursion() {
    for (open, inner) in [("91", "c0"), ("81a161", "c0")] {
        assert!(event_with(1, &(open.repeat(127) + inner)).is_ok());
        for depth in [128, 200_000] {
            assert_eq!(event_with(1, &(open.repeat(depth) + inner)), Err(PacketError::TooDeep));
        }
    }
    let all = hex(&"91".repeat(100_000));
    assert!(heard(all).is_err());
}

#[test]
fn a_lookalike_beside_bytes_is_refused() {
    let mut lookalike = hex("81 ac");
    lookalike.extend(b"_placeholder");
    lookalike.push(0xc3);
    let digits: String = lookalike.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(json_of(event_with(1, &digits)), r#"{"_placeholder":true}"#);
    assert_eq!(event_with(2, &(digits + "c400")), Err(PacketError::Placeholder));
}

#[test]
fn an_acknowledgement_of_nothing_is_of_no_event_there_is() {
    let kind = Kind::Ack { id: AckId::MAX, args: Args::none() };
    assert_eq!(heard(hex("83 a474797065 03 a464617461 90 a36e7370 a12f")), Ok(in_main(kind)));
}

#[test]
fn bytes_that_came_are_not_copied() {
    let value = Value::from(Bytes::from(vec![7; 1000]));
    let said = Parser::Msgpack.encode(&event(Args::from_values(vec![value])));
    let message = said.messages().next().cloned().expect("one");
    let within = message.as_bytes().as_ptr_range();
    let packet = heard(message.clone()).expect("a packet");
    assert!(within.contains(&packet.args().expect("an event").attachments()[0].as_ptr()));
}
