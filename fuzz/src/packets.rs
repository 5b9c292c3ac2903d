//! Socket.IO packets.

use std::collections::BTreeMap;
use std::sync::Arc;

use sansocket_core::Message;
use sansocket_socketio::{Decoder, Limits, Packet, PacketError, Parser, Value};
use sansocket_testkit::packet::{Naive, Said, read_packet};

use crate::Choices;

/// A text, and as many attachments as the first byte says, is what the naive reader says.
pub fn hear_packet(input: &[u8]) {
    let mut choices = Choices(input);
    let attachments: Vec<Vec<u8>> = (0..choices.below(12)).map(|at| vec![at as u8; at]).collect();
    let Ok(text) = std::str::from_utf8(choices.0) else { return };
    let mut decoder = Decoder::new(Parser::Json, Arc::new(Limits::default()));
    let mut heard = decoder.handle_message(text.into());
    for attachment in &attachments {
        if heard == Ok(None) {
            heard = decoder.handle_message(attachment.clone().into());
        }
    }
    match (&heard, read_packet(text, &attachments)) {
        (Err(_), Naive::Refused) | (Ok(None), Naive::Waits) | (_, Naive::Unsure) => {}
        (Ok(Some(packet)), Naive::Said(said)) => assert_eq!(Said::of(packet), said),
        (heard, naive) => panic!("{heard:?}, and naively {naive:?}"),
    }
    if let Ok(Some(packet)) = heard {
        look_at(&packet);
        say_again(&packet);
    }
}

/// A message is what others say who know MessagePack.
pub fn hear_msgpack(message: &[u8]) {
    let mut decoder = Decoder::new(Parser::Msgpack, Arc::new(Limits::default()));
    let Ok(packet) = decoder.handle_message(message.into()) else { return };
    let packet = packet.expect("a message is a packet");
    let mut rest = message;
    let read = match rmpv::decode::read_value(&mut rest) {
        Ok(read) => read,
        // What we pass over we do not go into.
        Err(rmpv::decode::Error::DepthLimitExceeded) => return,
        Err(error) => panic!("others do not take it: {error}"),
    };
    assert!(rest.is_empty(), "all of it");
    if let Some(args) = packet.args() {
        let is_data =
            |(key, value): &&(rmpv::Value, rmpv::Value)| key.as_str() == Some("data") && !is_undefined(value);
        let data = read.as_map().and_then(|members| members.iter().rfind(is_data));
        let elements = data.and_then(|(_, data)| data.as_array().cloned()).unwrap_or_default();
        let theirs = &elements[elements.len() - args.len()..];
        let ours = args.values().expect("JSON");
        assert!(
            ours.iter().zip(theirs).all(|(ours, theirs)| agree(ours, theirs)),
            "{ours:?}, and to others {theirs:?}"
        );
    }
    look_at(&packet);
    say_again(&packet);
}

/// Nothing that a user may ask of what came is a panic.
fn look_at(packet: &Packet) {
    let Some(args) = packet.args() else { return };
    let values = args.values().expect("JSON");
    assert_eq!(args.len(), values.len());
    assert_eq!(args.first().values().expect("JSON"), values[..values.len().min(1)]);
    let last = args.last_text();
    assert_eq!(last.as_deref(), values.last().and_then(Value::as_str));
    let _ = args.read::<(Option<String>, Option<Vec<u8>>, Option<f32>, Option<serde_json::Value>)>();
    let mut longer = args.clone();
    longer.push_text("offset");
    assert_eq!(longer.last_text().as_deref(), Some("offset"));
    assert_eq!(longer.len(), args.len() + 1);
}

/// It says the same in every encoding.
fn say_again(packet: &Packet) {
    let said = Said::of(packet);
    // In text, only arguments have attachments: bytes of any other packet become numbers there.
    let is_text_alike = packet.args().is_some() || !said.values.iter().any(has_bytes);
    for parser in [Parser::Json, Parser::Msgpack] {
        let limits = Limits { max_attachments: usize::MAX, max_depth: 255, ..Limits::default() };
        let mut decoder = Decoder::new(parser.clone(), Arc::new(limits));
        let encoded = parser.encode(packet);
        let mut heard = Ok(None);
        for message in encoded.messages() {
            assert_eq!(heard, Ok(None), "not whole yet");
            heard = decoder.handle_message(Message::clone(message));
        }
        match heard {
            Ok(_) if matches!(parser, Parser::Json) && !is_text_alike => {}
            Ok(heard) => assert_eq!(Said::of(&heard.expect("it is whole")), said),
            // In text, an object may say far behind that it is a placeholder.
            Err(error) => assert_eq!(error, PacketError::Placeholder),
        }
    }
}

fn has_bytes(value: &Value) -> bool {
    match value {
        Value::Binary(_) => true,
        Value::Array(values) => values.iter().any(has_bytes),
        Value::Object(members) => members.values().any(has_bytes),
        _ => false,
    }
}

fn is_undefined(value: &rmpv::Value) -> bool {
    matches!(value, rmpv::Value::Ext(0, data) if data.len() == 1)
}

/// Is it the same data, as the table of the codec says?
fn agree(ours: &Value, theirs: &rmpv::Value) -> bool {
    use rmpv::Value as Theirs;
    match (ours, theirs) {
        (ours, Theirs::Nil) => *ours == Value::Null,
        (ours, Theirs::Boolean(value)) => *ours == Value::from(*value),
        (ours, Theirs::Integer(number)) => {
            let theirs = number.as_u64().map(Value::from).or_else(|| number.as_i64().map(Value::from));
            Some(ours) == theirs.as_ref()
        }
        (ours, Theirs::F32(number)) => *ours == Value::from(f64::from(*number)),
        (ours, Theirs::F64(number)) => *ours == Value::from(*number),
        (ours, Theirs::String(text)) => ours.as_str() == text.as_str(),
        (Value::Binary(ours), Theirs::Binary(bytes) | Theirs::Ext(0, bytes)) => ours == bytes,
        (Value::Array(ours), Theirs::Array(elements)) => {
            ours.len() == elements.len()
                && ours.iter().zip(elements).all(|(ours, theirs)| agree(ours, theirs))
        }
        (Value::Object(ours), Theirs::Map(members)) => {
            let said = members.iter().filter(|(_, value)| !is_undefined(value));
            let key = |key: &rmpv::Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            let theirs: BTreeMap<String, &rmpv::Value> =
                said.map(|(name, value)| (key(name), value)).collect();
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|((name, ours), (key, theirs))| *name == key && agree(ours, theirs))
        }
        (ours, theirs @ Theirs::Ext(0, _)) if is_undefined(theirs) => *ours == Value::Null,
        // Dates; that they are right is known from every day of eight centuries.
        (Value::Text(_) | Value::Null, Theirs::Ext(0 | -1, _)) => true,
        _ => false,
    }
}
