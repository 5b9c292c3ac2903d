//! fastwebsockets: `FragmentCollector` to receive, `WebSocket` to send. It writes every frame by itself.

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocket};
use sansocket_websocket::{Kind, Role};

use super::streams::now;
use crate::codec::case::Case;
use crate::codec::peers::{Decoder, Encoder, Peer};
use crate::codec::wire::Wire;

pub(super) struct FastWebSockets;

impl Peer for FastWebSockets {
    fn name(&self) -> &'static str {
        "fastwebsockets"
    }

    fn notes(&self) -> &'static str {
        "BytesMut of 8 KiB, frames split off it; a write a frame, above 1 KiB without a copy; a client copies to mask"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut ws = case.is_plain().then(|| FragmentCollector::new(open(case.role, wire)))?;
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                let frame = now(ws.read_frame()).expect("a message");
                let kind = if frame.opcode == OpCode::Text { Kind::Text } else { Kind::Binary };
                seen.message(kind, &frame.payload);
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let mut ws = case.is_plain().then(|| open(case.role, wire))?;
        let mut turn = case.turn(|_, message| message.clone());
        let opcode = if case.kind() == Kind::Text { OpCode::Text } else { OpCode::Binary };
        Some(Box::new(move |n| {
            for _ in 0..n {
                let frame = Frame::new(true, opcode, None, Payload::Borrowed(turn.take()));
                now(ws.write_frame(frame)).expect("a stream that takes all");
            }
        }))
    }
}

fn open(role: Role, wire: Wire) -> WebSocket<Wire> {
    let role = match role {
        Role::Server => fastwebsockets::Role::Server,
        Role::Client => fastwebsockets::Role::Client,
    };
    WebSocket::after_handshake(wire, role)
}
