//! socketioxide: the parser that its servers have unless they say something else.

use std::hint::black_box;

use engineioxide_core::Str;
use socketioxide_core::Value;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParserState};
use socketioxide_parser_common::CommonParser;

use super::Codec;
use crate::codec::work::Work;
use crate::socketio::case::{Argument, Case, EVENT, Task};

pub struct Socketioxide;

impl Codec for Socketioxide {
    fn name(&self) -> &'static str {
        "socketioxide"
    }

    fn work(&self, case: &Case) -> Work {
        match case.task {
            Task::Decode => decode(case),
            Task::Encode => encode(case),
        }
    }
}

fn decode(case: &Case) -> Work {
    let (text, attachment) = (Str::from(case.text()), case.attachment());
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let read = move || {
        let mut packet = CommonParser.decode_str(&config, &state, black_box(&text).clone());
        if let Some(attachment) = &attachment {
            packet = CommonParser.decode_bin(&config, &state, black_box(attachment).clone());
        }
        let packet = packet.expect("it is right");
        let (PacketData::Event(mut value, _) | PacketData::BinaryEvent(mut value, _)) = packet.inner else {
            panic!("{packet:?}")
        };
        assert_eq!(CommonParser.read_event(&value).expect("a name"), EVENT);
        match attachment {
            Some(_) => Argument::Bytes(CommonParser.decode_value(&mut value, true).expect("bytes")),
            None => Argument::Text(CommonParser.decode_value(&mut value, true).expect("text")),
        }
    };
    assert_eq!(read(), case.argument);
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(read()))))
}

fn encode(case: &Case) -> Work {
    let argument = case.argument.clone();
    let write = move || -> Value {
        let value = match black_box(&argument) {
            Argument::Text(text) => CommonParser.encode_value(text, Some(EVENT)),
            Argument::Bytes(bytes) => CommonParser.encode_value(bytes, Some(EVENT)),
        };
        CommonParser.encode(Packet::event("/", value.expect("it is JSON")))
    };
    let Value::Str(text, attachments) = write() else { panic!("it writes text") };
    case.check(&text, &Vec::from(attachments.unwrap_or_default()));
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(write()))))
}
