//! Ourselves.

use std::hint::black_box;

use sansocket_core::Data;
use sansocket_engineio::{Binary, Form, Packet, PayloadReader, PayloadWriter, Protocol, encode_message};

use super::{Codec, check_payload};
use crate::codec::work::Work;
use crate::engineio::case::{Case, Task, Travels};

pub struct Sansocket;

impl Codec for Sansocket {
    fn name(&self) -> &'static str {
        "sansocket"
    }

    fn work(&self, case: &Case) -> Option<Work> {
        Some(match (case.task, case.travels) {
            (Task::Decode, Travels::Alone(protocol)) => decode_packet(case, protocol),
            (Task::Encode, Travels::Alone(protocol)) => encode_packet(case, protocol),
            (Task::Decode, Travels::Joined(form)) => decode_payload(case, form),
            (Task::Encode, Travels::Joined(form)) => encode_payload(case, form),
        })
    }
}

fn decode_packet(case: &Case, protocol: Protocol) -> Work {
    let message = case.packet().encode(protocol, Binary::Base64);
    let mut scratch = Vec::new();
    let packet = Packet::decode(protocol, Data::from(&message), &mut scratch);
    assert_eq!(packet, Ok(case.packet()), "{}", case.name());
    Box::new(move |n| {
        for _ in 0..n {
            let packet = Packet::decode(protocol, Data::from(black_box(&message)), &mut scratch);
            black_box(packet).expect("it was right before");
        }
    })
}

fn encode_packet(case: &Case, protocol: Protocol) -> Work {
    let message = case.message.clone();
    Box::new(move |n| {
        for _ in 0..n {
            black_box(encode_message(black_box(&message).clone(), protocol, Binary::Base64));
        }
    })
}

fn decode_payload(case: &Case, form: Form) -> Work {
    let payload = case.payload(form);
    check_payload(case, form, &payload);
    let packets = case.packets;
    Box::new(move |n| {
        for _ in 0..n {
            let mut reader = PayloadReader::new(form, black_box(&payload).clone(), Default::default());
            for _ in 0..packets {
                black_box(reader.next()).expect("all of them").expect("they were right before");
            }
            assert!(!reader.has_more());
        }
    })
}

fn encode_payload(case: &Case, form: Form) -> Work {
    let (message, packets) = (case.message.clone(), case.packets);
    check_payload(case, form, &case.payload(form));
    Box::new(move |n| {
        for _ in 0..n {
            let mut writer = PayloadWriter::new(form, usize::MAX);
            for _ in 0..packets {
                let _ = writer.push(Packet::Message(black_box(&message).into()));
            }
            black_box(writer.finish());
        }
    })
}
