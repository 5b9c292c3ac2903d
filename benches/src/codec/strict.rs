//! Which protocol errors does each decoder let pass? Speed that is bought by not looking is no speed.

use std::panic::{self, AssertUnwindSafe};

use super::case::{Case, Task};
use super::content::Content;
use super::frames::{self, FIN, Key, RSV1};
use super::limits::STRICT;
use super::peers::{Peer, Seen};
use super::wire::Wire;
use sansocket_websocket::Role;

const KEY: Key = [1, 2, 3, 4];
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PING: u8 = 9;
const RSV2: u8 = 0x20;

/// A sin, and bytes that commit it.
struct Sin {
    what: &'static str,
    content: Content,
    wire: Vec<u8>,
}

/// Prints who lets what pass.
pub fn print(peers: &[Box<dyn Peer>]) {
    let peers = || peers.iter().filter(|peer| !peer.name().starts_with('=') || STRICT.contains(&peer.name()));
    println!("\n### What is let pass\n\n| what a client sends | who accepts it |\n|---|---|");
    panic::set_hook(Box::new(|_| {})); // refusing is a panic here
    for sin in sins() {
        let accepted: Vec<_> =
            peers().filter(|peer| accepts(&***peer, &sin)).map(|peer| peer.name()).collect();
        let accepted = if accepted.is_empty() { "nobody".into() } else { accepted.join(", ") };
        println!("| {} | {accepted} |", sin.what);
    }
    drop(panic::take_hook());
}

fn accepts(peer: &dyn Peer, sin: &Sin) -> bool {
    let decode = |fragments| {
        let case = Case::fragmented(sin.content, 5, fragments);
        debug_assert!(case.role == Role::Server && case.task == Task::Decode);
        peer.decoder(&case, Wire::repeating(sin.wire.repeat(3)))
    };
    // Who puts no messages together is asked all the same.
    let Some(mut decode) = decode(2).or_else(|| decode(1)) else { return false };
    panic::catch_unwind(AssertUnwindSafe(|| decode(1, &mut Seen::default()))).is_ok()
}

fn sins() -> Vec<Sin> {
    let frame = |head, payload: &[u8]| frame(head, Some(KEY), payload);
    // The length in the form that follows 126 or 127, whatever it is.
    let raw = |head: &[u8]| {
        let masked = b"hello".iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        [head.to_vec(), KEY.to_vec(), masked].concat()
    };
    let mut long = vec![b'a'; 100_000];
    long[99_000] = 0xff;
    let binary = |what, wire| Sin { what, content: Content::Binary, wire };
    let text = |what, wire| Sin { what, content: Content::Ascii, wire };
    let good = || frame(FIN | BINARY, b"hello");
    vec![
        binary("RSV1", frame(FIN | RSV1 | BINARY, b"hello")),
        binary("RSV2", frame(FIN | RSV2 | BINARY, b"hello")),
        binary("opcode 3", frame(FIN | 3, b"hello")),
        binary("no mask", self::frame(FIN | BINARY, None, b"hello")),
        binary("length 5 in 16 bits", raw(&[FIN | BINARY, 0xfe, 0, 5])),
        binary("length 5 in 64 bits", raw(&[FIN | BINARY, 0xff, 0, 0, 0, 0, 0, 0, 0, 5])),
        binary("a continuation of nothing", frame(FIN, b"hello")),
        binary("a message inside a message", [frame(BINARY, b"he"), frame(FIN | BINARY, b"llo")].concat()),
        binary("a ping in fragments", [frame(PING, b"x"), good()].concat()),
        binary("a ping of 126 bytes", [frame(FIN | PING, &[0; 126]), good()].concat()),
        text("bad UTF-8", frame(FIN | TEXT, b"hell\xff")),
        text("bad UTF-8 in a frame of two reads", frame(FIN | TEXT, &long)),
        text("bad UTF-8 in a fragment", [frame(TEXT, b"he\xff"), frame(FIN, b"llo")].concat()),
        text("UTF-8 cut off at the end", frame(FIN | TEXT, b"hell\xe2\x82")),
    ]
}

fn frame(head: u8, key: Option<Key>, payload: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    frames::put(&mut wire, head, key, payload);
    wire
}
