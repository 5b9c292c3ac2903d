//! Who decodes and encodes. To add one: a file with a type that implements [`Codec`], and a line here.
//!
//! Before its time is taken, everybody's work is done once and looked at, byte by byte.

use bytes::Bytes;
use sansocket_engineio::{Form, PayloadReader};
use sansocket_testkit::payload::{Joined, Said, Spoken, read_payload};

use super::case::Case;
use crate::codec::work::Work;

#[cfg(feature = "engineioxide")]
mod engineioxide;
mod sansocket;

/// One implementation of packets and payloads.
pub trait Codec {
    /// The name of its rows.
    fn name(&self) -> &'static str;
    /// Does the case, so many times, if it can.
    fn work(&self, case: &Case) -> Option<Work>;
}

/// Ourselves, and the others.
pub fn all() -> Vec<Box<dyn Codec>> {
    vec![
        Box::new(sansocket::Sansocket),
        #[cfg(feature = "engineioxide")]
        Box::new(engineioxide::Engineioxide),
    ]
}

/// Bytes of a payload that the naive reader gets: it looks at all of them for each of them. Longer ones are read by
/// ourselves, whom tests compare with it.
const NAIVE: usize = 20_000;

/// Does `payload` hold what the case says?
fn check_payload(case: &Case, form: Form, payload: &Bytes) {
    let Spoken { packets, faulty } =
        if payload.len() <= NAIVE { naive(form, payload) } else { read(form, payload) };
    assert!(!faulty && packets.len() == case.packets, "{}", case.name());
    assert!(packets.iter().all(|said| said.digit == 4 && said.data == case.message), "{}", case.name());
}

fn read(form: Form, payload: &Bytes) -> Spoken {
    let mut reader = PayloadReader::new(form, payload.clone(), Default::default());
    let mut packets = Vec::new();
    while let Some(packet) = reader.next() {
        packets.push(Said::of(packet.expect("a packet")));
    }
    Spoken { packets, faulty: false }
}

fn naive(form: Form, payload: &Bytes) -> Spoken {
    let joined = match form {
        Form::V4 => Joined::BySeparators,
        Form::V3Text => Joined::ByUnits,
        Form::V3Binary => Joined::ByBytes,
    };
    read_payload(joined, payload, usize::MAX)
}
