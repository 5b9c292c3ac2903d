//! nexus-web: its `FrameReader` and `FrameWriter`, which do no I/O.

use nexus_web::ws::{FrameReader, FrameWriter, Message};
use sansocket_websocket::{Kind, Role};

use crate::codec::case::Case;
use crate::codec::peers::{BATCH, Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::Wire;

pub(super) struct Nexus;

impl Peer for Nexus {
    fn name(&self) -> &'static str {
        "nexus-web"
    }

    fn notes(&self) -> &'static str {
        "buffer of 256 KiB, payloads lent from it, what spans reads copied; encodes into a slice of the adapter's"
    }

    fn decoder(&self, case: &Case, mut wire: Wire) -> Option<Decoder> {
        let builder = case.is_plain().then(FrameReader::builder)?;
        let mut reader = builder.role(role(case)).buffer_capacity(256 * 1024).build();
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                while !reader.poll().expect("a good frame") {
                    if reader.should_compact() {
                        reader.compact();
                    }
                    reader.read_from(&mut wire).expect("room");
                }
                match reader.next().expect("a good message") {
                    Some(Message::Text(text)) => seen.message(Kind::Text, text.as_bytes()),
                    Some(Message::Binary(bytes)) => seen.message(Kind::Binary, bytes),
                    _ => panic!("not a message"),
                }
            }
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let mut writer = case.is_plain().then(|| FrameWriter::new(role(case)))?;
        let mut out = vec![0; OUTPUT + case.longest() + 14];
        let mut turn = case.turn(|kind, message| (kind, message.clone()));
        Some(Box::new(move |n| {
            let mut end = 0;
            for i in 1..=n {
                end += match turn.take() {
                    (Kind::Text, text) => writer.encode_text(text, &mut out[end..]),
                    (Kind::Binary, bytes) => writer.encode_binary(bytes, &mut out[end..]),
                };
                if i % BATCH == 0 || i == n || end >= OUTPUT {
                    wire.write_all([&out[..end]]);
                    end = 0;
                }
            }
        }))
    }
}

fn role(case: &Case) -> nexus_web::ws::Role {
    match case.role {
        Role::Server => nexus_web::ws::Role::Server,
        Role::Client => nexus_web::ws::Role::Client,
    }
}
