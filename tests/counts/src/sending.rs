//! Messages that a server or a client sends.

use sansocket_core::{Machine, Message, SendError};
use sansocket_websocket::deflate::Takeover;
use sansocket_websocket::{Role, WebSocket};

use crate::case::{Case, Round};
use crate::payload::Content::{self, *};
use crate::side::{Side, called, flush, messages};

/// So many messages leave with one write.
const BATCH: usize = 16;

/// All of it.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (role, who) in [(Role::Server, "server"), (Role::Client, "client")] {
        for (content, size) in
            [(Binary, 16), (Binary, 125), (Binary, 1024), (Binary, 16 << 10), (MixedText, 0)]
        {
            let name = format!("encode/{who}/{}", called(content, size));
            cases.push(Case::new(name, move || round(Side::plain(role), content, size, lent)));
        }
        let name = format!("encode/{who}/{}/by-reference", called(Binary, 16 << 10));
        cases.push(Case::new(name, move || round(Side::plain(role), Binary, 16 << 10, shared)));
    }
    for (name, takeover) in [("reset", Takeover::Reset), ("keep", Takeover::Keep)] {
        cases.push(Case::new(format!("deflate/{name}/1024"), move || {
            round(Side::deflating(Role::Server, takeover), Json, 1024, lent)
        }));
    }
    cases
}

type Sent = Result<(), SendError<()>>;

#[inline(always)]
fn lent(ws: &mut WebSocket, message: &Message) -> Sent {
    match message {
        Message::Text(text) => ws.send_text(text),
        Message::Binary(bytes) => ws.send_binary(bytes),
    }
}

#[inline(always)]
fn shared(ws: &mut WebSocket, message: &Message) -> Sent {
    ws.send_shared(message)
}

fn round(
    mut side: Side,
    content: Content,
    size: usize,
    one: impl Fn(&mut WebSocket, &Message) -> Sent + 'static,
) -> Round {
    let messages = messages(content, size);
    Round::new(messages.len(), move || {
        side.ws.attach(&mut side.pool);
        for batch in messages.chunks(BATCH) {
            batch.iter().for_each(|message| side.send(|ws| one(ws, message)));
            flush(&mut side.ws, |_| {});
        }
        side.ws.detach(&mut side.pool);
    })
}
