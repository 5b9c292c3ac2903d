//! Ourselves.

use std::hint::black_box;

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_socketio::{Args, Decoder, Encoded, Kind, Nsp, Packet, Parser};

use super::Codec;
use crate::codec::work::Work;
use crate::socketio::case::{Argument, Case, EVENT, Task};

pub struct Sansocket;

impl Codec for Sansocket {
    fn name(&self) -> &'static str {
        "sansocket"
    }

    fn work(&self, case: &Case) -> Work {
        match case.task {
            Task::Decode => decode(case),
            Task::Encode => encode(case),
        }
    }
}

fn decode(case: &Case) -> Work {
    let text = Message::text(case.text());
    let attachment = case.attachment().map(Message::binary);
    let mut decoder = Decoder::new(Parser::default(), Default::default());
    let mut read = move || {
        let mut packet = decoder.handle_message(black_box(&text).clone()).expect("it is right");
        if let Some(attachment) = &attachment {
            packet = decoder.handle_message(black_box(attachment).clone()).expect("it is right");
        }
        let Some(Packet { kind: Kind::Event { name, args, .. }, .. }) = packet else { panic!("{packet:?}") };
        assert_eq!(name, EVENT);
        match attachment {
            Some(_) => Argument::Bytes(args.read().expect("bytes")),
            None => Argument::Text(args.read().expect("text")),
        }
    };
    assert_eq!(read(), case.argument);
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(read()))))
}

fn encode(case: &Case) -> Work {
    let (argument, parser) = (case.argument.clone(), Parser::default());
    let write = move || -> Encoded {
        let args = match black_box(&argument) {
            Argument::Text(text) => Args::new(text),
            Argument::Bytes(bytes) => Args::new(bytes),
        };
        let kind = Kind::Event { id: None, name: EVENT.into(), args: args.expect("it is JSON") };
        parser.encode(&Packet::new(Nsp::default(), kind))
    };
    let written = write();
    let mut messages = written.messages();
    let text = messages.next().and_then(Message::as_text).expect("text");
    let attachments: Vec<_> = messages.map(|message| Bytes::copy_from_slice(message.as_bytes())).collect();
    case.check(text, &attachments);
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(write()))))
}
