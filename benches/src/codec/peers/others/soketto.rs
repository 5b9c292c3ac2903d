//! soketto: `Sender` and `Receiver`. It does not check UTF-8: the adapter does, with simdutf8.

use sansocket_websocket::{Kind, Role};
use soketto::Data;
use soketto::connection::{Builder, Mode, Receiver, Sender};

use super::streams::now;
use crate::codec::case::Case;
use crate::codec::peers::{BATCH, Decoder, Encoder, Peer};
use crate::codec::wire::Wire;

pub(super) struct Soketto;

impl Peer for Soketto {
    fn name(&self) -> &'static str {
        "soketto"
    }

    fn notes(&self) -> &'static str {
        "payloads copied into the caller's Vec; header and payload written apart, a client copies to mask"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let (sender, mut receiver) = open(case, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |n, seen| {
            let _open = &sender;
            for _ in 0..n {
                message.clear();
                match now(receiver.receive_data(&mut message)).expect("a message") {
                    Data::Text(_) => {
                        let text = simdutf8::basic::from_utf8(&message).expect("a text");
                        seen.message(Kind::Text, text.as_bytes());
                    }
                    Data::Binary(_) => seen.message(Kind::Binary, &message),
                }
            }
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let (mut sender, receiver) = open(case, wire)?;
        let mut turn = case.turn(|kind, message| match kind {
            Kind::Text => Ok(String::from_utf8(message.to_vec()).expect("a text")),
            Kind::Binary => Err(message.clone()),
        });
        Some(Box::new(move |n| {
            let _open = &receiver;
            for i in 1..=n {
                match turn.take() {
                    Ok(text) => now(sender.send_text(text)),
                    Err(bytes) => now(sender.send_binary(bytes)),
                }
                .expect("a stream that takes all");
                if i % BATCH == 0 || i == n {
                    now(sender.flush()).expect("a stream that takes all");
                }
            }
        }))
    }
}

fn open(case: &Case, wire: Wire) -> Option<(Sender<Wire>, Receiver<Wire>)> {
    let mode = if case.role == Role::Server { Mode::Server } else { Mode::Client };
    case.is_plain().then(|| Builder::new(wire, mode).finish())
}
