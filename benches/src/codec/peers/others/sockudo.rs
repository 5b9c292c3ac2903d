//! sockudo-ws: its `Protocol` over `BytesMut`, which does no I/O.

use bytes::BytesMut;
use sansocket_websocket::deflate::Takeover;
use sansocket_websocket::{Kind, Role};
use sockudo_ws::DeflateConfig;
use sockudo_ws::protocol::{CompressedProtocol, Message, Protocol};

use super::streams::append;
use crate::codec::case::Case;
use crate::codec::peers::{BATCH, Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::Wire;
use crate::codec::zlib::LEVEL;

pub(super) struct Sockudo;

/// More than any message here.
const LIMIT: usize = 64 << 20;
/// Room for a read.
const ROOM: usize = 16 * 1024;

/// The two shapes of its protocol.
enum Codec {
    Plain(Protocol),
    Deflate(Box<CompressedProtocol>),
}

impl Peer for Sockudo {
    fn name(&self) -> &'static str {
        "sockudo-ws"
    }

    fn notes(&self) -> &'static str {
        "`process_into` on the adapter's BytesMut, a bufferful at a time; sends by copy into one BytesMut"
    }

    fn decoder(&self, case: &Case, mut wire: Wire) -> Option<Decoder> {
        let (mut codec, mut input, mut batch) =
            (Codec::new(case), BytesMut::with_capacity(OUTPUT), Vec::new());
        // Of the batch that went beyond what was asked for.
        let mut spare = 0;
        Some(Box::new(move |n, seen| {
            let mut received = spare;
            while received < n {
                append(&mut wire, &mut input, ROOM);
                match &mut codec {
                    Codec::Plain(codec) => codec.process_into(&mut input, &mut batch),
                    Codec::Deflate(codec) => codec.process_into(&mut input, &mut batch),
                }
                .expect("good messages");
                received += batch.len();
                for message in batch.drain(..) {
                    match message {
                        Message::Text(text) => seen.message(Kind::Text, &text),
                        Message::Binary(bytes) => seen.message(Kind::Binary, &bytes),
                        other => panic!("not a message: {other:?}"),
                    }
                }
            }
            spare = received - n;
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let (mut codec, mut out) = (Codec::new(case), BytesMut::with_capacity(OUTPUT));
        let mut turn = case.turn(|kind, message| match kind {
            Kind::Text => Message::Text(message.clone()),
            Kind::Binary => Message::Binary(message.clone()),
        });
        Some(Box::new(move |n| {
            for i in 1..=n {
                match &mut codec {
                    Codec::Plain(codec) => codec.encode_message(turn.take(), &mut out),
                    Codec::Deflate(codec) => codec.encode_message(turn.take(), &mut out),
                }
                .expect("room");
                if i % BATCH == 0 || i == n || out.len() >= OUTPUT {
                    wire.write_all([&out[..]]);
                    out.clear();
                }
            }
        }))
    }
}

impl Codec {
    fn new(case: &Case) -> Codec {
        let role = match case.role {
            Role::Server => sockudo_ws::protocol::Role::Server,
            Role::Client => sockudo_ws::protocol::Role::Client,
        };
        let Some(takeover) = case.deflate else { return Codec::Plain(Protocol::new(role, LIMIT, LIMIT)) };
        let resets = takeover == Takeover::Reset;
        let config = DeflateConfig {
            compression_level: LEVEL.into(),
            server_no_context_takeover: resets,
            client_no_context_takeover: resets,
            ..DeflateConfig::default()
        };
        Codec::Deflate(Box::new(CompressedProtocol::server(LIMIT, LIMIT, config)))
    }
}
