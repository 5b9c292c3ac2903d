//! Engine.IO payloads.

use sansocket_engineio::{Form, PayloadLimits, PayloadReader, PayloadWriter, Pushed};
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
        assert_eq!(writer.push(said.packet()), Pushed::Taken);
    }
    let written = writer.finish();
    assert_eq!(read(form, &written), Spoken { faulty: false, ..spoken });
}

fn read(form: Form, body: &[u8]) -> Spoken {
    let mut reader = PayloadReader::new(form, body.to_vec().into(), PayloadLimits { packets: Some(MOST) });
    let mut packets = Vec::new();
    while let Some(packet) = reader.next() {
        let Ok(packet) = packet else { return Spoken { packets, faulty: true } };
        packets.push(Said::of(packet));
    }
    Spoken { packets, faulty: false }
}
