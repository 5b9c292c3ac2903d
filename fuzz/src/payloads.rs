//! Engine.IO payloads.

use sansocket_core::{Data, Message};
use sansocket_engineio::{Form, Packet, PayloadLimits, PayloadReader, PayloadWriter, Pushed};
use sansocket_testkit::payload::{Joined, Said, Spoken};

/// Few enough to be met.
const MOST: usize = 16;

/// Reads `body`, which means what the naive reader says; what was read is written, and means the same again.
pub fn read_payload(form: Form, body: &[u8]) {
    let joined = match form {
        Form::V4 => Joined::BySeparators,
        Form::V3Text => Joined::ByUnits,
        Form::V3Binary => Joined::ByBytes,
    };
    let spoken = sansocket_testkit::payload::read_payload(joined, body, MOST);
    assert_eq!(read(form, body), spoken);
    if spoken.packets.is_empty() {
        return;
    }
    let mut writer = PayloadWriter::new(form, usize::MAX);
    for said in &spoken.packets {
        assert_eq!(writer.push(packet(said)), Pushed::Taken);
    }
    let written = writer.finish();
    assert_eq!(read(form, &written), Spoken { faulty: false, ..spoken });
}

fn read(form: Form, body: &[u8]) -> Spoken {
    let mut reader = PayloadReader::new(form, body.to_vec().into(), PayloadLimits { packets: MOST });
    let mut packets = Vec::new();
    while let Some(packet) = reader.next() {
        let Ok(packet) = packet else { return Spoken { packets, faulty: true } };
        packets.push(said(packet));
    }
    Spoken { packets, faulty: false }
}

fn said(packet: Packet<'_>) -> Said {
    let (digit, data) = match packet {
        Packet::Open(text) => (0, Data::Text(text)),
        Packet::Close => (1, "".into()),
        Packet::Ping(text) => (2, Data::Text(text)),
        Packet::Pong(text) => (3, Data::Text(text)),
        Packet::Message(data) => (4, data),
        Packet::Upgrade => (5, "".into()),
        Packet::Noop => (6, "".into()),
    };
    Said { digit, data: data.into_owned() }
}

fn packet(said: &Said) -> Packet<'_> {
    match (said.digit, &said.data) {
        (0, Message::Text(text)) => Packet::Open(text.as_str().into()),
        (1, _) => Packet::Close,
        (2, Message::Text(text)) => Packet::Ping(text.as_str().into()),
        (3, Message::Text(text)) => Packet::Pong(text.as_str().into()),
        (5, _) => Packet::Upgrade,
        (6, _) => Packet::Noop,
        (_, message) => Packet::Message(message.into()),
    }
}
