//! wtx: `WebSocket` over its own stream traits, with its Xorshift for keys.

use sansocket_websocket::{Kind, Role};
use wtx::collection::Vector;
use wtx::rng::Xorshift64;
use wtx::stream::{StreamReader, StreamWriter};
use wtx::web_socket::{Frame, OpCode, WebSocket, WebSocketBuffer, WebSocketPayloadOrigin};

use super::streams::now;
use crate::codec::case::Case;
use crate::codec::peers::{Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::Wire;

pub(super) struct Wtx;

impl Peer for Wtx {
    fn name(&self) -> &'static str {
        "wtx"
    }

    fn notes(&self) -> &'static str {
        "one growing buffer, payloads lent from it; wants payloads it may change (the adapter copies), a write a frame"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        case.is_plain().then(|| match case.role {
            Role::Server => decoder::<false>(wire),
            Role::Client => decoder::<true>(wire),
        })
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        case.is_plain().then(|| match case.role {
            Role::Server => encoder::<false>(case, wire),
            Role::Client => encoder::<true>(case, wire),
        })
    }
}

fn open<const CLIENT: bool>(wire: Wire) -> WebSocket<(), Xorshift64, Wire, WebSocketBuffer, CLIENT> {
    let buffer = WebSocketBuffer::with_capacity(OUTPUT, OUTPUT, OUTPUT).expect("memory");
    WebSocket::new((), false, Xorshift64::from(7), wire, buffer)
}

fn decoder<const CLIENT: bool>(wire: Wire) -> Decoder {
    let (mut ws, mut spare) = (open::<CLIENT>(wire), Vector::new());
    Box::new(move |n, seen| {
        for _ in 0..n {
            spare.clear();
            let frame = now(ws.read_frame(&mut spare, WebSocketPayloadOrigin::Adaptive)).expect("a message");
            let kind = if frame.op_code() == OpCode::Text { Kind::Text } else { Kind::Binary };
            seen.message(kind, frame.payload());
        }
    })
}

fn encoder<const CLIENT: bool>(case: &Case, wire: Wire) -> Encoder {
    let mut ws = open::<CLIENT>(wire);
    let mut turn = case.turn(|_, message| message.clone());
    let opcode = if case.kind() == Kind::Text { OpCode::Text } else { OpCode::Binary };
    let mut copy: Vec<u8> = Vec::new();
    Box::new(move |n| {
        for _ in 0..n {
            copy.clear();
            copy.extend_from_slice(turn.take());
            let mut frame = Frame::<&mut [u8], CLIENT>::new_fin(opcode, &mut copy[..]);
            now(ws.write_frame(&mut frame)).expect("a stream that takes all");
        }
    })
}

impl StreamReader for Wire {
    #[inline]
    async fn read(&mut self, room: &mut [u8]) -> wtx::Result<usize> {
        Ok(self.read_into(room))
    }
}

impl StreamWriter for Wire {
    #[inline]
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        Wire::write_all(self, [bytes]);
        Ok(())
    }

    #[inline]
    async fn write_all_vectored(&mut self, slices: &[&[u8]]) -> wtx::Result<()> {
        Wire::write_all(self, slices.iter().copied());
        Ok(())
    }
}
