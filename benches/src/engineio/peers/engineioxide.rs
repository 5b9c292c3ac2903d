//! engineioxide: its packets, and its payloads, which are streams that are ready at once here.

use std::hint::black_box;

use bytes::Bytes;
use engineioxide_core::{Packet, PacketBuf, ProtocolVersion, Str, payload};
use futures_util::{FutureExt, StreamExt, stream};
use http::HeaderValue;
use http_body_util::Full;
use sansocket_core::Message;
use sansocket_engineio::{Binary, Form, Protocol};

use super::{Codec, check_payload};
use crate::codec::content::Content;
use crate::codec::work::Work;
use crate::engineio::case::{Case, Task, Travels};

/// More than any payload here has.
const MOST: u64 = 1 << 30;

pub struct Engineioxide;

impl Codec for Engineioxide {
    fn name(&self) -> &'static str {
        "engineioxide"
    }

    fn work(&self, case: &Case) -> Option<Work> {
        match (case.task, case.travels) {
            (Task::Decode, Travels::Alone(protocol)) => Some(decode_packet(case, protocol)),
            (Task::Encode, Travels::Alone(protocol)) => Some(encode_packet(case, protocol)),
            (Task::Decode, Travels::Joined(form)) => Some(decode_payload(case, form)),
            // It writes bytes beside text as they are only if there are some.
            (Task::Encode, Travels::Joined(Form::V3Binary)) if case.content != Content::Binary => None,
            (Task::Encode, Travels::Joined(form)) => Some(encode_payload(case, form)),
        }
    }
}

fn packet(case: &Case, protocol: ProtocolVersion) -> Packet {
    match &case.message {
        Message::Text(text) => Packet::Message(Str::from(text.as_str().to_owned())),
        Message::Binary(bytes) if protocol == ProtocolVersion::V4 => Packet::Binary(bytes.to_vec().into()),
        Message::Binary(bytes) => Packet::BinaryV3(bytes.to_vec().into()),
    }
}

const fn version(protocol: Protocol) -> ProtocolVersion {
    match protocol {
        Protocol::V4 => ProtocolVersion::V4,
        Protocol::V3 => ProtocolVersion::V3,
    }
}

const fn form_version(form: Form) -> ProtocolVersion {
    version(if matches!(form, Form::V4) { Protocol::V4 } else { Protocol::V3 })
}

fn decode_packet(case: &Case, protocol: Protocol) -> Work {
    let text = case.packet().encode(protocol, Binary::Base64);
    let (text, protocol) = (Str::from(text.as_text().expect("text").to_string()), version(protocol));
    let read = move || Packet::parse(protocol, black_box(&text).clone()).expect("a packet");
    assert_eq!(read(), packet(case, protocol), "{}", case.name());
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(read()))))
}

fn encode_packet(case: &Case, protocol: Protocol) -> Work {
    let packet = packet(case, version(protocol));
    let write = move || -> String { black_box(&packet).clone().into() };
    let right = case.packet().encode(protocol, Binary::Base64);
    assert_eq!(write(), right.as_text().expect("text"), "{}", case.name());
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(write()))))
}

fn decode_payload(case: &Case, form: Form) -> Work {
    let (body, protocol) = (case.payload(form), form_version(form));
    let kind = (form == Form::V3Binary).then(|| HeaderValue::from_static("application/octet-stream"));
    let (packets, expected) = (case.packets, packet(case, protocol));
    let read = move |look: &dyn Fn(Packet)| {
        let body = Full::new(black_box(&body).clone());
        let stream = payload::decoder(body, kind.as_ref(), protocol, MOST);
        let count = stream.fold(0, |count, packet| {
            look(packet.expect("a packet"));
            std::future::ready(count + 1)
        });
        assert_eq!(count.now_or_never(), Some(packets));
    };
    read(&|packet| assert_eq!(packet, expected));
    Box::new(move |n| (0..n).for_each(|_| read(&|packet| drop(black_box(packet)))))
}

fn encode_payload(case: &Case, form: Form) -> Work {
    let protocol = form_version(form);
    let (packet, packets) = (packet(case, protocol), case.packets);
    let write = move || -> Bytes {
        let all = stream::iter((0..packets).map(|_| PacketBuf::from_iter([black_box(&packet).clone()])));
        let payload = payload::encoder(all, protocol, form == Form::V3Binary, MOST).now_or_never();
        payload.expect("all packets are there").data
    };
    check_payload(case, form, &write());
    Box::new(move |n| (0..n).for_each(|_| drop(black_box(write()))))
}
