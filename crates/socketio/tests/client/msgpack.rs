//! Packets as MessagePack: what is said is the same, in one message each.

use std::sync::Arc;

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_socketio::client::{ClientOptions, Event, Outgoing};
use sansocket_socketio::{Args, Decoder, Kind, Limits, Nsp, Packet, Parser, Writable};

use crate::support::{Talk, args};

/// What the client sends next, as the server reads it.
fn heard(talk: &mut Talk) -> Kind {
    let Some(Outgoing::Message { message, .. }) = talk.client.poll_transmit(Writable::Now) else {
        panic!("a message")
    };
    assert!(!message.is_text());
    let packet = Decoder::new(Parser::Msgpack, Arc::new(Limits::default())).handle_message(message);
    packet.expect("a packet").expect("a whole one").kind
}

/// The server says this.
fn say(talk: &mut Talk, kind: Kind) {
    for message in Parser::Msgpack.encode(&Packet::new(Nsp::main(), kind)).messages() {
        talk.client.handle_message(message.clone(), talk.now);
    }
}

fn connected() -> Talk {
    let mut talk = Talk::new(ClientOptions { parser: Parser::Msgpack, ..ClientOptions::default() });
    talk.namespace("/");
    talk.open();
    assert_eq!(heard(&mut talk), Kind::Connect(None));
    let sid = serde_json::from_str(r#"{"sid":"abc"}"#).expect("JSON");
    say(&mut talk, Kind::Connect(Some(sid)));
    assert_eq!(talk.told(), ["opened", "connected / abc"]);
    talk
}

#[test]
fn both_speak_it() {
    let mut talk = connected();
    let main = talk.namespace("/");
    let bytes = Bytes::from_static(b"\x00\xff");
    talk.emit(main, "file", ("x", bytes.clone()));
    let Kind::Event { name, args: said, .. } = heard(&mut talk) else { panic!("an event") };
    assert_eq!((&*name, said.read()), ("file", Ok(("x", bytes.clone()))));

    say(&mut talk, Kind::Event { id: Some(7.into()), name: "sum".into(), args: args((1, bytes.clone())) });
    let Some(Event::Received { args: said, ack: Some(question), .. }) = talk.client.poll_event() else {
        panic!("a question")
    };
    assert_eq!(said.read(), Ok((1, bytes)));
    talk.client.acknowledge(question, Args::none(), talk.now);
    assert_eq!(heard(&mut talk), Kind::Ack { id: 7.into(), args: Args::none() });
}

#[test]
fn text_ends_the_connection() {
    let mut talk = connected();
    talk.client.handle_message(Message::text("0"), talk.now);
    assert_eq!(talk.told(), ["disconnected /: parse error", "attempt 1 in 1000 ms"]);
}
