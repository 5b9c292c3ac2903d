//! tokio-websockets: `WebSocketStream`, polled as the `Stream` and `Sink` that it is.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_sink::Sink;
use sansocket_websocket::{Kind, Role};
use tokio_websockets::{ClientBuilder, Config, Message, Payload, ServerBuilder, WebSocketStream};

use super::{BATCH, Messages, Opener, Peer, Receiver, Sender};
use crate::wire::{Wire, now};

pub(super) struct TokioWebSockets;

impl Peer for TokioWebSockets {
    fn name(&self) -> &'static str {
        "tokio-websockets"
    }

    fn receiver(&self, role: Role, wire: Wire) -> Receiver {
        let mut ws = open(role, wire);
        Box::new(move |n, seen| {
            let mut cx = Context::from_waker(Waker::noop());
            for _ in 0..n {
                let Poll::Ready(Some(Ok(message))) = Pin::new(&mut ws).poll_next(&mut cx) else {
                    panic!("no message")
                };
                let kind = if message.is_text() { Kind::Text } else { Kind::Binary };
                seen.message(kind, message.as_payload());
            }
        })
    }

    fn sender(&self, role: Role, wire: Wire, messages: &Messages) -> Sender {
        let mut ws = open(role, wire);
        let mut turn = messages.turn(|kind, payload| match kind {
            Kind::Text => Message::text(Payload::from(payload.clone())),
            Kind::Binary => Message::binary(Payload::from(payload.clone())),
        });
        Box::new(move |n| {
            let mut cx = Context::from_waker(Waker::noop());
            for i in 1..=n {
                assert!(Pin::new(&mut ws).poll_ready(&mut cx).is_ready());
                Pin::new(&mut ws).start_send(turn.take().clone()).expect("room");
                if i % BATCH == 0 || i == n {
                    assert!(Pin::new(&mut ws).poll_flush(&mut cx).is_ready());
                }
            }
        })
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
        Role::Server => ServerBuilder::new().config(config).serve(wire),
        Role::Client => ClientBuilder::new().config(config).take_over(wire),
    }
}
