//! Messages that a server or a client receives.

use std::hint::black_box;

use sansocket_core::{Machine, Message};
use sansocket_websocket::deflate::Takeover;
use sansocket_websocket::{Event, Extensions, Options, Role};

use crate::case::{Case, Round};
use crate::payload::Content::{self, *};
use crate::side::{NOW, Side, called, messages};
use crate::source::Source;

/// All of it.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (content, sizes) in [
        (Binary, &[0, 16, 64, 125, 1024, 16 << 10, 64 << 10][..]),
        (Ascii, &[16, 125, 1024, 16 << 10]),
        (Multibyte, &[125, 1024]),
        (MixedBinary, &[0]),
        (MixedText, &[0]),
    ] {
        cases.extend(sizes.iter().map(|size| plain(Role::Server, content, *size)));
    }
    cases.extend([16, 125, 1024].map(|size| plain(Role::Client, Binary, size)));
    cases.extend([Binary, Ascii].map(fragmented));
    cases.extend([16, 125].map(owned));
    cases.extend([("reset", Takeover::Reset), ("keep", Takeover::Keep)].map(inflated));
    cases
}

fn plain(role: Role, content: Content, size: usize) -> Case {
    let (who, peer) = match role {
        Role::Server => ("server", Role::Client),
        Role::Client => ("client", Role::Server),
    };
    Case::new(format!("decode/{who}/{}", called(content, size)), move || {
        round(Side::plain(role), Side::plain(peer), &messages(content, size), look)
    })
}

/// 1 KiB in 8 frames.
fn fragmented(content: Content) -> Case {
    Case::new(format!("decode/server/{}/in-8", called(content, 1024)), move || {
        let options = Options { fragment: Some(128), ..Options::default() };
        let peer = Side::new(Role::Client, options, Extensions::default());
        round(Side::plain(Role::Server), peer, &messages(content, 1024), look)
    })
}

/// The message outlives the next one, as with the `next` of the adapters.
fn owned(size: usize) -> Case {
    Case::new(format!("decode/server/binary/{size}/owned"), move || {
        let own = |event: Event<'_>| drop(black_box(event.into_owned()));
        round(Side::plain(Role::Server), Side::plain(Role::Client), &messages(Binary, size), own)
    })
}

fn inflated((name, takeover): (&str, Takeover)) -> Case {
    Case::new(format!("inflate/{name}/1024"), move || {
        let side = |role| Side::deflating(role, takeover);
        round(side(Role::Server), side(Role::Client), &messages(Json, 1024), look)
    })
}

fn look(event: Event<'_>) {
    match black_box(event) {
        Event::Text(_) | Event::Binary(_) => {}
        other => panic!("not a message: {other:?}"),
    }
}

/// `side` receives what `peer` sends.
fn round(mut side: Side, peer: Side, messages: &[Message], each: impl Fn(Event<'_>) + 'static) -> Round {
    let mut source = Source::repeating(&peer.wire(messages));
    let count = messages.len();
    Round::new(count, move || {
        let mut left = count;
        while left > 0 {
            match side.ws.poll_event(&mut side.input, NOW) {
                Some(event) => {
                    each(event);
                    left -= 1;
                }
                None => side.read(&mut source),
            }
        }
    })
}
