//! fastwebsockets: `WebSocket` to send, and its `FragmentCollector` to receive whole messages. It writes every frame by
//! itself.

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocket};
use sansocket_websocket::{Kind, Role};

use super::{Messages, Peer, Receiver, Sender};
use crate::wire::{Wire, now};

pub(super) struct FastWebSockets;

impl Peer for FastWebSockets {
    fn name(&self) -> &'static str {
        "fastwebsockets"
    }

    fn receiver(&self, role: Role, wire: Wire) -> Receiver {
        let mut ws = FragmentCollector::new(open(role, wire));
        Box::new(move |n, seen| {
            for _ in 0..n {
                let frame = now(ws.read_frame()).expect("a message");
                let kind = if frame.opcode == OpCode::Text { Kind::Text } else { Kind::Binary };
                seen.message(kind, &frame.payload);
            }
        })
    }

    fn sender(&self, role: Role, wire: Wire, messages: &Messages) -> Sender {
        let mut ws = open(role, wire);
        let mut turn = messages.turn(|_, payload| payload.clone());
        let opcode = match messages.kind {
            Kind::Text => OpCode::Text,
            Kind::Binary => OpCode::Binary,
        };
        Box::new(move |n| {
            for _ in 0..n {
                let frame = Frame::new(true, opcode, None, Payload::Borrowed(turn.take()));
                now(ws.write_frame(frame)).expect("a stream that takes all");
            }
        })
    }
}

fn open(role: Role, wire: Wire) -> WebSocket<Wire> {
    let role = match role {
        Role::Server => fastwebsockets::Role::Server,
        Role::Client => fastwebsockets::Role::Client,
    };
    WebSocket::after_handshake(wire, role)
}
