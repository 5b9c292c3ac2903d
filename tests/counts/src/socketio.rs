//! Socket.IO's packets, without a connection: heard, said, and handed on.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_socketio::{Args, Decoder, Kind, Limits, Nsp, Packet, Parser};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Round};

/// So many that what happens once does not count.
const MESSAGES: usize = 1000;

/// What a chat sends.
#[derive(Serialize, Deserialize)]
struct Said {
    room: String,
    text: String,
    sent: u64,
    tags: Vec<String>,
}

/// What a drawing sends.
#[derive(Serialize, Deserialize)]
struct Stroke {
    layer: u32,
    points: Bytes,
}

fn said() -> Said {
    Said {
        room: "general".to_owned(),
        text: "It is late, and \"nobody\" writes more than this. \u{1f319}".to_owned(),
        sent: 1_767_225_600_000,
        tags: vec!["evening".to_owned(), "quiet".to_owned()],
    }
}

fn stroke() -> Stroke {
    Stroke { layer: 3, points: vec![7; 125].into() }
}

fn packet(args: Args) -> Packet {
    Packet::new(Nsp::main(), Kind::Event { id: Some(7.into()), name: "message".into(), args })
}

fn decoder() -> Decoder {
    Decoder::new(Parser::Json, Arc::new(Limits::default()))
}

/// The messages of an event that somebody else sent.
fn heard(args: Args) -> Vec<Message> {
    Parser::Json.encode(&packet(args)).messages().cloned().collect()
}

fn decode(decoder: &mut Decoder, messages: &[Message]) -> Packet {
    let packets =
        messages.iter().filter_map(|message| decoder.handle_message(message.clone()).expect("a packet"));
    packets.last().expect("it is whole")
}

fn args(packet: &Packet) -> &Args {
    packet.args().expect("an event")
}

/// Work on a message, over and over.
fn each(mut work: impl FnMut() + 'static) -> Round {
    Round::new(MESSAGES, move || (0..MESSAGES).for_each(|_| work()))
}

fn decode_only(written: fn() -> Args) -> Round {
    let (mut decoder, messages) = (decoder(), heard(written()));
    each(move || drop(black_box(decode(&mut decoder, &messages))))
}

fn hand_on(written: fn() -> Args) -> Round {
    let (mut decoder, messages) = (decoder(), heard(written()));
    each(move || drop(black_box(Parser::Json.encode(&decode(&mut decoder, &messages)))))
}

fn text() -> Args {
    Args::new(&said()).expect("it can be written")
}

fn binary() -> Args {
    Args::new(&stroke()).expect("it can be written")
}

/// All of them.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("socketio/decode/text", || decode_only(text)),
        Case::new("socketio/decode/binary", || decode_only(binary)),
        Case::new("socketio/echo/text", || hand_on(text)),
        Case::new("socketio/echo/binary", || hand_on(binary)),
        Case::new("socketio/read/text", || {
            let packet = packet(text());
            each(move || drop(black_box(args(&packet).read::<Said>().expect("the type"))))
        }),
        Case::new("socketio/read/binary", || {
            let packet = packet(binary());
            each(move || drop(black_box(args(&packet).read::<Stroke>().expect("the type"))))
        }),
        Case::new("socketio/encode/text", || {
            let said = said();
            each(move || {
                drop(black_box(Parser::Json.encode(&packet(Args::new(&said).expect("it can be written")))))
            })
        }),
        Case::new("socketio/encode/binary", || {
            let stroke = stroke();
            each(move || {
                drop(black_box(Parser::Json.encode(&packet(Args::new(&stroke).expect("it can be written")))))
            })
        }),
    ]
}
