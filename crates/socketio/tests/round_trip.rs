//! Whatever is said comes back, in every encoding; and what is not said is refused by all.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use sansocket_core::Message;
use sansocket_socketio::{AckId, Args, Decoder, Kind, Limits, Map, Nsp, Packet, Parser, Value, is_reserved};
use sansocket_testkit::packet::{Naive, Said, read_packet};

/// Any data, a few levels deep.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Bytes::from(bytes).into()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map: Map| map.into()),
        ]
    })
}

fn packet() -> impl Strategy<Value = Packet> {
    let args = || proptest::collection::vec(value(), 0..4).prop_map(Args::from_values);
    let id = || (0..=AckId::MAX.get()).prop_map(|id| AckId::new(id).expect("it is not too large"));
    let name = any::<String>().prop_filter("reserved", |name| !is_reserved(name));
    let object = || proptest::collection::btree_map(any::<String>(), plain(), 0..4).prop_map(Value::from);
    let kind = prop_oneof![
        proptest::option::of(object()).prop_map(Kind::Connect),
        Just(Kind::Disconnect),
        (proptest::option::of(id()), name, args()).prop_map(|(id, name, args)| Kind::Event {
            id,
            name: name.into(),
            args
        }),
        (id(), args()).prop_map(|(id, args)| Kind::Ack { id, args }),
        object().prop_map(Kind::ConnectError),
        any::<String>().prop_map(|text| Kind::ConnectError(text.into())),
    ];
    let nsp = prop_oneof![Just(String::from("/")), "/[^,]{0,20}"];
    (nsp, kind).prop_map(|(nsp, kind)| Packet::new(Nsp::new(&nsp).expect("a name"), kind))
}

/// Data without bytes, as CONNECT has.
fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(|n| i64::from(n).into()),
        any::<String>().prop_map(Value::from)
    ]
}

fn again(parser: Parser, packet: &Packet) -> Packet {
    let limits = Limits { max_attachments: 1000, ..Limits::default() };
    let mut decoder = Decoder::new(parser.clone(), Arc::new(limits));
    let encoded = parser.encode(packet);
    let (last, others) = encoded.messages().as_slice().split_last().expect("at least one");
    for message in others {
        assert_eq!(decoder.handle_message(message.clone()), Ok(None));
        assert!(decoder.is_waiting());
    }
    let whole = decoder.handle_message(last.clone()).expect("we understand ourselves").expect("it is whole");
    assert!(!decoder.is_waiting());
    whole
}

proptest! {
    #[test]
    fn a_packet_comes_back_in_the_default_encoding(packet in packet()) {
        prop_assert_eq!(again(Parser::Json, &packet), packet);
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn a_packet_comes_back_in_messagepack(packet in packet()) {
        prop_assert_eq!(again(Parser::Msgpack, &packet), packet);
    }

    #[test]
    fn data_is_the_same_as_values_and_as_types(values in proptest::collection::vec(value(), 0..4)) {
        let args = Args::from_values(values.clone());
        prop_assert_eq!(&args.values().unwrap(), &values);
        prop_assert_eq!(args.len(), values.len());
        let first = args.first();
        prop_assert_eq!(first.values(), Ok(values.iter().take(1).cloned().collect()));
        if let Some(value) = values.first() {
            prop_assert_eq!(&args.read::<Value>().unwrap(), value);
            prop_assert_eq!(&Value::new(value).unwrap(), value);
            prop_assert_eq!(&value.read::<Value>().unwrap(), value);
            let one = Args::new(&vec![value]).unwrap();
            prop_assert_eq!(one.read::<(Vec<Value>,)>(), Ok((vec![value.clone()],)));
        }
    }

    #[test]
    fn any_text_is_heard_as_a_naive_reader_hears_it(text in nearly_a_packet(), attachments: [Vec<u8>; 2]) {
        let mut decoder = Decoder::new(Parser::Json, Arc::new(Limits::default()));
        let mut heard = decoder.handle_message(Message::text(text.as_str()));
        for attachment in &attachments {
            if heard == Ok(None) {
                heard = decoder.handle_message(attachment.clone().into());
            }
        }
        let heard = match heard {
            Err(_) => Naive::Refused,
            Ok(None) => Naive::Waits,
            Ok(Some(packet)) => Naive::Said(Said::of(&packet)),
        };
        prop_assert_eq!(heard, read_packet(&text, &attachments), "{}", text);
    }

    #[test]
    fn any_bytes_are_no_panic(bytes: Vec<u8>, text: String) {
        let mut decoder = Decoder::new(Parser::Json, Arc::new(Limits::default()));
        let _ = decoder.handle_message(Message::text(text.as_str()));
        let _ = decoder.handle_message(bytes.clone().into());
        #[cfg(feature = "msgpack")]
        let _ = Decoder::new(Parser::Msgpack, Arc::new(Limits::default())).handle_message(bytes.into());
    }
}

/// Texts that are packets, or nearly.
fn nearly_a_packet() -> impl Strategy<Value = String> {
    let kind = "[0-7x]|51-|61-|52-|5|511-";
    let nsp = prop_oneof![Just(String::new()), Just("/a,".into()), Just("/a".into()), "/[a-z,]{0,3}"];
    let id = "[0-9]{0,2}";
    let json = prop_oneof![
        Just(String::new()),
        proptest::collection::vec(
            proptest::sample::select(
                &[
                    "[",
                    "]",
                    "{",
                    "}",
                    ",",
                    ":",
                    r#""a""#,
                    r#""connect""#,
                    "1",
                    "-2.5",
                    "null",
                    "true",
                    " ",
                    r#"{"x":1}"#,
                    r#"["a","#,
                    r#"{"_placeholder":true,"num":0}"#,
                    r#"{"_placeholder":true,"num":"#,
                    r#""\u0061""#,
                ][..]
            ),
            0..6,
        )
        .prop_map(|pieces| pieces.concat()),
        proptest::collection::vec(plain(), 0..3)
            .prop_map(|values| { format!("[\"name\",{}]", Args::from_values(values).as_json()) }),
    ];
    (kind, nsp, id, json).prop_map(|(kind, nsp, id, json)| format!("{kind}{nsp}{id}{json}"))
}
