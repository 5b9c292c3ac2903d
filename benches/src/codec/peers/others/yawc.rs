//! yawc, with zlib-rs: `WebSocket` polled for frames, and its frame codec alone, which checks no UTF-8 and puts no
//! messages together.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures_sink::Sink;
use sansocket_websocket::deflate::Takeover;
use sansocket_websocket::{Kind, Role};
use tokio_util::codec::{Decoder as _, Encoder as _};
use yawc::{CompressionLevel, Frame, OpCode, Options, WebSocket, codec};

use super::streams::append;
use crate::codec::case::Case;
use crate::codec::peers::{BATCH, Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::Wire;
use crate::codec::zlib::LEVEL;

/// More than any message here.
const LIMIT: usize = 64 << 20;
/// Room for a read.
const ROOM: usize = 16 * 1024;

pub(super) struct Yawc;

impl Peer for Yawc {
    fn name(&self) -> &'static str {
        "yawc"
    }

    fn notes(&self) -> &'static str {
        "BytesMut of 8 KiB, payloads split off it; sends by copy into one BytesMut"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut ws = open(case, wire);
        Some(Box::new(move |n, seen| {
            let mut cx = Context::from_waker(Waker::noop());
            for _ in 0..n {
                // It says Pending also to give way to others.
                let frame = loop {
                    if let Poll::Ready(frame) = ws.poll_next_frame(&mut cx) {
                        break frame.expect("a message");
                    }
                };
                seen.message(kind(&frame), frame.payload());
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let (mut ws, mut turn) = (open(case, wire), case.turn(|kind, message| (kind, message.clone())));
        Some(Box::new(move |n| {
            let mut cx = Context::from_waker(Waker::noop());
            for i in 1..=n {
                while Pin::new(&mut ws).poll_ready(&mut cx).is_pending() {}
                Pin::new(&mut ws).start_send(frame(turn.take())).expect("room");
                if i % BATCH == 0 || i == n {
                    while Pin::new(&mut ws).poll_flush(&mut cx).is_pending() {}
                }
            }
        }))
    }
}

pub(super) struct YawcCodec;

impl Peer for YawcCodec {
    fn name(&self) -> &'static str {
        "yawc-codec"
    }

    fn notes(&self) -> &'static str {
        "payloads split off the adapter's BytesMut; sends by copy into one"
    }

    fn decoder(&self, case: &Case, mut wire: Wire) -> Option<Decoder> {
        let is_able = case.is_simple() && case.kind() == Kind::Binary;
        let mut decoder = is_able.then(|| codec::Decoder::new(role(case), LIMIT))?;
        let mut input = BytesMut::with_capacity(OUTPUT);
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                let frame = loop {
                    match decoder.decode(&mut input).expect("a good frame") {
                        Some(frame) => break frame,
                        None => append(&mut wire, &mut input, ROOM),
                    }
                };
                seen.message(kind(&frame), frame.payload());
            }
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let mut encoder = case.is_plain().then(|| codec::Encoder::new(role(case)))?;
        let mut out = BytesMut::with_capacity(OUTPUT);
        let mut turn = case.turn(|kind, message| (kind, message.clone()));
        Some(Box::new(move |n| {
            for i in 1..=n {
                encoder.encode(frame(turn.take()), &mut out).expect("room");
                if i % BATCH == 0 || i == n || out.len() >= OUTPUT {
                    wire.write_all([&out[..]]);
                    out.clear();
                }
            }
        }))
    }
}

fn open(case: &Case, wire: Wire) -> WebSocket<Wire> {
    let options = Options::default().with_limits(LIMIT, LIMIT).with_utf8();
    let (options, extensions) = match case.deflate {
        None => (options.without_compression(), None),
        Some(takeover) => {
            let options = options.with_compression_level(CompressionLevel::new(LEVEL.into()));
            match takeover {
                Takeover::Keep => (options, Some("permessage-deflate")),
                Takeover::Reset => (
                    options.server_no_context_takeover().client_no_context_takeover(),
                    Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
                ),
            }
        }
    };
    WebSocket::from_stream_with_extensions(wire, role(case), extensions, options).expect("good extensions")
}

fn role(case: &Case) -> yawc::Role {
    match case.role {
        Role::Server => yawc::Role::Server,
        Role::Client => yawc::Role::Client,
    }
}

fn kind(frame: &Frame) -> Kind {
    if frame.opcode() == OpCode::Text { Kind::Text } else { Kind::Binary }
}

fn frame((kind, message): &(Kind, Bytes)) -> Frame {
    match kind {
        Kind::Text => Frame::text(message.clone()),
        Kind::Binary => Frame::binary(message.clone()),
    }
}
