//! tungstenite: `WebSocket` over `Read` and `Write`.

use sansocket_websocket::{Kind, Role};
use tungstenite::client::{ClientRequestBuilder, IntoClientRequest};
use tungstenite::http::{HeaderValue, Uri};
use tungstenite::{Message, Utf8Bytes, WebSocket, protocol};

use crate::codec::case::Case;
use crate::codec::opening::KEY;
use crate::codec::peers::{BATCH, Decoder, Encoder, Opener, Peer};
use crate::codec::wire::Wire;

pub(super) struct Tungstenite;

impl Peer for Tungstenite {
    fn name(&self) -> &'static str {
        "tungstenite"
    }

    fn notes(&self) -> &'static str {
        "buffer of 128 KiB, zeroed, messages split off it; sends by copy into one buffer of 128 KiB"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut ws = case.is_plain().then(|| open(case.role, wire))?;
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                match ws.read().expect("a message") {
                    Message::Text(text) => seen.message(Kind::Text, text.as_bytes()),
                    Message::Binary(bytes) => seen.message(Kind::Binary, &bytes),
                    other => panic!("not a message: {other:?}"),
                }
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let mut ws = case.is_plain().then(|| open(case.role, wire))?;
        let mut turn = case.turn(|kind, message| match kind {
            Kind::Text => Message::Text(Utf8Bytes::try_from(message.clone()).expect("a text")),
            Kind::Binary => Message::Binary(message.clone()),
        });
        Some(Box::new(move |n| {
            for i in 1..=n {
                ws.write(turn.take().clone()).expect("room");
                if i % BATCH == 0 || i == n {
                    ws.flush().expect("a stream that takes all");
                }
            }
        }))
    }

    fn opener(&self, role: Role) -> Option<Opener> {
        Some(match role {
            Role::Server => Box::new(|wire| drop(tungstenite::accept(wire).expect("a good request"))),
            Role::Client => Box::new(|wire| {
                let request = ClientRequestBuilder::new(Uri::from_static("ws://127.0.0.1:9001/chat"));
                let mut request = request.into_client_request().expect("a good URI");
                // Its own is random: the answer is written already.
                request.headers_mut().insert("sec-websocket-key", HeaderValue::from_static(KEY));
                drop(tungstenite::client(request, wire).expect("a good answer"));
            }),
        })
    }
}

fn open(role: Role, wire: Wire) -> WebSocket<Wire> {
    let role = match role {
        Role::Server => protocol::Role::Server,
        Role::Client => protocol::Role::Client,
    };
    WebSocket::from_raw_socket(wire, role, None)
}
