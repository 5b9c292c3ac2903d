//! The default encoding, packet by packet: what is said, and what a peer may say.

use std::sync::Arc;

use bytes::Bytes;
use sansocket_core::{Message, Utf8Bytes};
use sansocket_socketio::{
    AckId, Args, Decoder, Kind, Limits, Map, Nsp, NspError, Packet, PacketError, Parser, Revision, Value,
};

fn decoder() -> Decoder {
    Decoder::new(Parser::Json, Arc::new(Limits::default()))
}

/// What comes of messages, the last of which makes a packet whole.
fn heard<const N: usize>(messages: [Message; N]) -> Result<Packet, PacketError> {
    let mut decoder = decoder();
    let mut packet = None;
    for message in messages {
        assert!(packet.is_none(), "it was whole before");
        packet = decoder.handle_message(message)?;
    }
    Ok(packet.expect("it is whole"))
}

fn text(text: &str) -> Result<Packet, PacketError> {
    heard([text.into()])
}

fn v4(text: &str) -> Result<Packet, PacketError> {
    let packet = decoder().for_revision(Revision::V4).handle_message(text.into())?;
    Ok(packet.expect("it is whole"))
}

fn nsp(name: &str) -> Nsp {
    Nsp::new(name).expect("a name")
}

fn in_main(kind: Kind) -> Packet {
    Packet::new(Nsp::main(), kind)
}

fn event(name: &str, args: Args) -> Kind {
    Kind::Event { id: None, name: name.into(), args }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map>())
}

fn args(of: impl serde::Serialize) -> Args {
    Args::new(&of).expect("it can be written")
}

/// The packet is said in these messages, and whoever hears them hears it.
fn is_said<const N: usize>(packet: Packet, messages: [Message; N]) {
    let encoded = Parser::Json.encode(&packet);
    assert_eq!(encoded.messages().cloned().collect::<Vec<_>>(), messages);
    assert_eq!(heard(messages), Ok(packet));
}

#[test]
fn packets_are_said_as_everybody_says_them() {
    is_said(in_main(Kind::Connect(None)), ["0".into()]);
    is_said(Packet::new(nsp("/admin"), Kind::Connect(None)), ["0/admin,".into()]);
    let auth = object([("token", "123".into())]);
    is_said(in_main(Kind::Connect(Some(auth.clone()))), [r#"0{"token":"123"}"#.into()]);
    is_said(Packet::new(nsp("/admin"), Kind::Connect(Some(auth))), [r#"0/admin,{"token":"123"}"#.into()]);
    is_said(in_main(Kind::Disconnect), ["1".into()]);
    is_said(Packet::new(nsp("/admin"), Kind::Disconnect), ["1/admin,".into()]);
    is_said(in_main(event("hi", Args::none())), [r#"2["hi"]"#.into()]);
    is_said(in_main(event("hi", args((1, "two", [3])))), [r#"2["hi",1,"two",[3]]"#.into()]);
    let asks = Kind::Event { id: Some(456.into()), name: "project:delete".into(), args: args(123) };
    is_said(Packet::new(nsp("/admin"), asks), [r#"2/admin,456["project:delete",123]"#.into()]);
    is_said(
        Packet::new(nsp("/admin"), Kind::Ack { id: 456.into(), args: Args::none() }),
        ["3/admin,456[]".into()],
    );
    is_said(in_main(Kind::Ack { id: 0.into(), args: args("a") }), [r#"30["a"]"#.into()]);
    let why = object([("message", "Not authorized".into())]);
    is_said(in_main(Kind::ConnectError(why)), [r#"4{"message":"Not authorized"}"#.into()]);
    is_said(in_main(Kind::ConnectError("no".into())), [r#"4"no""#.into()]);
}

#[test]
fn binary_data_follows_in_messages_of_its_own() {
    let (one, two) = (Bytes::from_static(&[1, 2, 3]), Bytes::from_static(&[4; 100]));
    let placeholder = r#"{"_placeholder":true,"num":0}"#;
    is_said(
        in_main(event("hello", args(one.clone()))),
        [format!(r#"51-["hello",{placeholder}]"#).into(), one.clone().into()],
    );
    is_said(
        Packet::new(nsp("/admin"), Kind::Ack { id: 456.into(), args: args(one.clone()) }),
        [format!("61-/admin,456[{placeholder}]").into(), one.clone().into()],
    );
    let nested = object([("a", one.clone().into()), ("b", vec![Value::Null, two.clone().into()].into())]);
    let said = r#"52-["x",{"a":{"_placeholder":true,"num":0},"b":[null,{"_placeholder":true,"num":1}]}]"#;
    is_said(in_main(event("x", Args::from_values(vec![nested]))), [said.into(), one.into(), two.into()]);
}

#[test]
fn what_came_is_handed_on_as_it_came() {
    for said in [
        r#"2["a" , 1e999 , "\ud800" , {"x":1,"x":2}]"#,
        r#"2/n,7["a",{"_placeholder":true,"num":0}]"#,
        r#"3999[  ]"#,
    ] {
        let packet = text(said).expect("a packet");
        let again = Parser::Json.encode(&packet).messages().next().cloned().expect("one");
        assert_eq!(heard([again]), Ok(packet), "{said}");
    }
    let said = [
        r#"52-["a",{"num":1,"_placeholder":true},[{"_placeholder":true,"num":1}]]"#.into(),
        Message::from(vec![1]),
        Message::from(vec![2; 99]),
    ];
    let packet = heard(said.clone()).expect("a packet");
    let again: Vec<Message> = Parser::Json.encode(&packet).messages().cloned().collect();
    assert_eq!(again, said, "the unused attachment and the order of keys included");
}

#[test]
fn a_name_may_be_a_number_or_be_escaped() {
    assert_eq!(text("2[1]"), Ok(in_main(event("1", Args::none()))));
    assert_eq!(
        text("2[ -1.5 , 2 ]"),
        Ok(in_main(event("-1.5", text("31[2 ]").unwrap().args().unwrap().clone())))
    );
    assert_eq!(text(r#"2["\u0061\n"]"#), Ok(in_main(event("a\n", Args::none()))));
    assert_eq!(text(r#"2["connection"]"#), Ok(in_main(event("connection", Args::none()))));
    assert_eq!(text(r#"2["error","x"]"#), Ok(in_main(event("error", args("x")))));
    is_said(in_main(event("a \"name\"\n", Args::none())), [r#"2["a \"name\"\n"]"#.into()]);
}

#[test]
fn a_name_that_means_something_else_is_refused() {
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        assert_eq!(text(&format!("2[{name:?}]")), Err(PacketError::Reserved));
        let binary = format!(r#"51-[{name:?},{{"_placeholder":true,"num":0}}]"#);
        assert_eq!(text(&binary), Err(PacketError::Reserved), "before its attachments");
    }
    assert_eq!(text(r#"2["\u0063onnect"]"#), Err(PacketError::Reserved));
    for said in ["2[null]", "2[{}]", "2[[]]", "2[true]", "2[]", "2[ ]"] {
        assert_eq!(text(said), Err(PacketError::Name), "{said}");
    }
}

#[test]
fn the_comma_of_a_namespace_may_be_missing_at_the_end() {
    assert_eq!(text("0/a"), Ok(Packet::new(nsp("/a"), Kind::Connect(None))));
    assert_eq!(text("1/a"), Ok(Packet::new(nsp("/a"), Kind::Disconnect)));
    assert_eq!(text("0/,"), Ok(in_main(Kind::Connect(None))));
    assert_eq!(text("0/a?x=1,"), Ok(Packet::new(nsp("/a?x=1"), Kind::Connect(None))), "not of revision 4");
    let long = format!("0/{},", "x".repeat(256));
    assert_eq!(text(&long), Err(PacketError::Nsp(NspError::TooLong(257))));
}

#[test]
fn ids_are_numbers_that_javascript_counts_to() {
    let id = |said: &str| match text(said).map(|packet| packet.kind) {
        Ok(Kind::Event { id, .. }) => Ok(id.map(AckId::get)),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error),
    };
    assert_eq!(id(r#"2007["a"]"#), Ok(Some(7)));
    assert_eq!(id(r#"29007199254740991["a"]"#), Ok(Some(AckId::MAX.get())));
    for digits in ["9007199254740992", "18446744073709551616", &"9".repeat(400)] {
        assert_eq!(id(&format!(r#"2{digits}["a"]"#)), Err(PacketError::AckId));
    }
    for odd in ["1.5", "1e3", "-1"] {
        assert_eq!(id(&format!(r#"2{odd}["a"]"#)), Err(PacketError::Payload));
    }
}

#[test]
fn an_acknowledgement_of_nothing_is_of_no_event_there_is() {
    for said in ["3[]", "3"] {
        assert_eq!(text(said), Ok(in_main(Kind::Ack { id: AckId::MAX, args: Args::none() })));
    }
    assert_eq!(text("35"), Ok(in_main(Kind::Ack { id: 5.into(), args: Args::none() })));
}

#[test]
fn payloads_are_of_the_kind_that_the_type_has() {
    for said in
        ["0[]", r#"0"s""#, "0null", "2", "2{}", "25", r#"1{}"#, r#"1"x""#, r#"30{"a":1}"#, "4[]", "4null"]
    {
        let error = text(said).expect_err(said);
        assert!(matches!(error, PacketError::Payload | PacketError::NotJson(_)), "{said}: {error:?}");
    }
    for said in
        ["0a", r#"2["a"]x"#, r#"2["a",]"#, r#"2["a" 1]"#, r#"2["a",nul]"#, r#"2["a"#, "2[1", "4", "4{]"]
    {
        assert!(matches!(text(said), Err(PacketError::NotJson(_))), "{said}");
    }
    assert_eq!(text("2\u{feff}[\"a\"]"), Err(PacketError::Payload));
    for (said, unknown) in [("7", '7'), ("x", 'x'), ("\u{1f4a9}", '\u{1f4a9}')] {
        assert_eq!(text(said), Err(PacketError::UnknownType(unknown)));
    }
    assert_eq!(text(""), Err(PacketError::Empty));
}

#[test]
fn attachments_are_counted_before_they_come() {
    for count in ["", "0", "00", " 1", "-1", "1.5", "1e1", "+1", "1 "] {
        assert_eq!(text(&format!(r#"5{count}-["a"]"#)), Err(PacketError::AttachmentCount), "{count}");
    }
    assert_eq!(text(r#"51["a"]"#), Err(PacketError::AttachmentCount));
    for count in ["11", "4294967296", "99999999999999999999999999"] {
        assert_eq!(text(&format!(r#"5{count}-["a"]"#)), Err(PacketError::TooManyAttachments(10)));
    }
    for number in ["1", "-1", "0.5", r#""splice""#] {
        let said = format!(r#"51-["a",{{"_placeholder":true,"num":{number}}}]"#);
        assert_eq!(text(&said), Err(PacketError::Placeholder));
    }
}

#[test]
fn nothing_comes_between_a_packet_and_its_attachments() {
    let heading = r#"51-/n,["a",{"_placeholder":true,"num":0}]"#;
    let mut decoder = decoder();
    assert_eq!(decoder.handle_message(heading.into()), Ok(None));
    assert!(decoder.is_waiting());
    assert_eq!(decoder.waiting().map(|packet| packet.nsp.as_str()), Some("/n"));
    assert_eq!(decoder.handle_message("2[\"b\"]".into()), Err(PacketError::AttachmentExpected));
    assert_eq!(heard([vec![1].into()]), Err(PacketError::UnexpectedAttachment));
}

#[test]
fn attachments_have_a_budget_together() {
    let limits = Limits { max_attachment_bytes: 100, ..Limits::default() };
    let mut decoder = Decoder::new(Parser::Json, Arc::new(limits));
    assert_eq!(decoder.handle_message(r#"52-["a"]"#.into()), Ok(None));
    assert_eq!(decoder.handle_message(vec![0; 60].into()), Ok(None));
    assert_eq!(decoder.handle_message(vec![0; 41].into()), Err(PacketError::AttachmentsTooLarge(100)));
}

#[test]
fn an_attachment_may_be_used_twice_or_not_at_all() {
    let twice = r#"51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
    let packet = heard([twice.into(), vec![7].into()]).expect("a packet");
    let both: (Bytes, Bytes) = packet.args().expect("an event").read().expect("bytes");
    assert_eq!(both, (Bytes::from_static(&[7]), Bytes::from_static(&[7])));
    let packet = heard([r#"51-["a"]"#.into(), vec![7].into()]).expect("a packet");
    assert!(packet.args().expect("an event").is_empty());
}

#[test]
fn clients_of_socket_io_2_say_who_they_are_in_a_query() {
    let says = object([("token", "a b".into())]);
    let connect = Packet::new(nsp("/admin"), Kind::Connect(Some(says)));
    let said = Parser::Json.encode_for(Revision::V4, &connect);
    assert_eq!(said.messages().next(), Some(&"0/admin?token=a%20b,".into()));
    assert_eq!(v4("0/admin?token=a%20b,"), Ok(connect));
    assert_eq!(v4("0/admin,"), Ok(Packet::new(nsp("/admin"), Kind::Connect(None))));
    assert_eq!(v4("0/admin"), Ok(Packet::new(nsp("/admin"), Kind::Connect(None))));
    assert_eq!(v4(r#"0{"a":1}"#), Err(PacketError::Payload));
    for (said, why) in
        [(r#"4"no""#, "no".into()), ("4[1]", vec![1_u64.into()].into()), ("4null", Value::Null)]
    {
        assert_eq!(v4(said), Ok(in_main(Kind::ConnectError(why))));
    }
}

#[test]
fn a_packet_of_one_message_is_shared_by_its_bytes() {
    let packet = in_main(event("a", args("x".repeat(100))));
    let encoded = Parser::Json.encode(&packet);
    let again = encoded.clone();
    let at = |encoded: &sansocket_socketio::Encoded| encoded.messages().next().map(|m| m.as_bytes().as_ptr());
    assert_eq!(at(&encoded), at(&again));
    assert_eq!((encoded.len(), encoded.weight()), (1, 109));
}

#[test]
fn arguments_are_part_of_the_message_they_came_in() {
    let message = Utf8Bytes::from(format!(r#"2["a",{:?}]"#, "x".repeat(100)));
    let packet = heard([Message::Text(message.clone())]).expect("a packet");
    let args = packet.args().expect("an event").as_json();
    assert_eq!(args.as_ptr(), message[6..].as_ptr(), "no copy");
}
