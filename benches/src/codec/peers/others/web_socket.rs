//! web-socket, over the `BufReader` that its authors advise. It neither puts messages together nor checks UTF-8: the
//! adapter does the latter, with simdutf8.

use sansocket_websocket::{Kind, Role};
use tokio::io::BufReader;
use web_socket::{DataType, Event, MessageType, WebSocket};

use super::streams::now;
use crate::codec::case::Case;
use crate::codec::peers::{Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::Wire;

pub(super) struct WebSocketRs;

impl Peer for WebSocketRs {
    fn name(&self) -> &'static str {
        "web-socket"
    }

    fn notes(&self) -> &'static str {
        "BufReader, then a copy into a new box for each message; a write a frame, a client copies to mask"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let wire = case.is_simple().then(|| BufReader::with_capacity(OUTPUT, wire))?;
        let mut ws = match case.role {
            Role::Server => WebSocket::server(wire),
            Role::Client => WebSocket::client(wire),
        };
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                match now(ws.recv()).expect("a message") {
                    Event::Data { ty: DataType::Complete(MessageType::Text), data } => {
                        let text = simdutf8::basic::from_utf8(&data).expect("a text");
                        seen.message(Kind::Text, text.as_bytes());
                    }
                    Event::Data { data, .. } => seen.message(Kind::Binary, &data),
                    _ => panic!("not a message"),
                }
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let wire = (case.is_plain() && case.kind() == Kind::Binary).then_some(wire)?;
        let mut ws = match case.role {
            Role::Server => WebSocket::server(wire),
            Role::Client => WebSocket::client(wire),
        };
        let mut turn = case.turn(|_, message| message.clone());
        Some(Box::new(move |n| {
            for _ in 0..n {
                let bytes: &[u8] = turn.take();
                now(ws.send(bytes)).expect("a stream that takes all");
            }
        }))
    }
}
