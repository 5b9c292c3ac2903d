//! tokio-websockets: `WebSocketStream`, polled as the `Stream` and `Sink` that it is.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_sink::Sink;
use sansocket_websocket::{Kind, Role};
use tokio_websockets::{ClientBuilder, Config, Limits, Message, Payload, ServerBuilder, WebSocketStream};

use super::streams::now;
use crate::codec::case::Case;
use crate::codec::peers::{BATCH, Decoder, Encoder, Opener, Peer};
use crate::codec::wire::Wire;

pub(super) struct TokioWebSockets;

impl Peer for TokioWebSockets {
    fn name(&self) -> &'static str {
        "tokio-websockets"
    }

    fn notes(&self) -> &'static str {
        "BytesMut of 8 KiB, messages split off it; a queue of references, vectored writes; a client copies to mask"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut ws = case.is_plain().then(|| open(case.role, wire))?;
        Some(Box::new(move |n, seen| {
            let mut cx = Context::from_waker(Waker::noop());
            for _ in 0..n {
                let Poll::Ready(Some(Ok(message))) = Pin::new(&mut ws).poll_next(&mut cx) else {
                    panic!("no message")
                };
                let kind = if message.is_text() { Kind::Text } else { Kind::Binary };
                seen.message(kind, message.as_payload());
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let mut ws = case.is_plain().then(|| open(case.role, wire))?;
        let mut turn = case.turn(|kind, message| match kind {
            Kind::Text => Message::text(Payload::from(message.clone())),
            Kind::Binary => Message::binary(Payload::from(message.clone())),
        });
        Some(Box::new(move |n| {
            let mut cx = Context::from_waker(Waker::noop());
            for i in 1..=n {
                assert!(Pin::new(&mut ws).poll_ready(&mut cx).is_ready());
                Pin::new(&mut ws).start_send(turn.take().clone()).expect("room");
                if i % BATCH == 0 || i == n {
                    assert!(Pin::new(&mut ws).poll_flush(&mut cx).is_ready());
                }
            }
        }))
    }

    /// Its client draws a nonce of its own, to which no answer can be written beforehand.
    fn opener(&self, role: Role) -> Option<Opener> {
        (role == Role::Server).then(|| -> Opener {
            Box::new(|wire| drop(now(ServerBuilder::new().accept(wire)).expect("a good request")))
        })
    }
}

fn open(role: Role, wire: Wire) -> WebSocketStream<Wire> {
    // One frame a message, as everyone else does.
    let config = Config::default().frame_size(usize::MAX);
    match role {
        Role::Server => ServerBuilder::new().config(config).limits(Limits::unlimited()).serve(wire),
        Role::Client => ClientBuilder::new().config(config).limits(Limits::unlimited()).take_over(wire),
    }
}
