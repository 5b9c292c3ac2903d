//! permessage-deflate (RFC 7692). What is said was compressed by another deflater than ours, or stands in the RFC.

use sansocket_websocket::Violation;
use sansocket_websocket::deflate::Takeover;

use super::{Told, told};
use crate::{
    binary, close, continuation, deflate_final, deflate_message, heard_binary, heard_ping, heard_text, ping,
    pong, text, violation,
};

/// "Hello", compressed (RFC 7692 §7.2.3.1).
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

pub(super) fn all() -> Vec<Told> {
    [examples(), messages(), faults()].into_iter().flatten().collect()
}

fn reset(name: &'static str) -> Told {
    told(name).deflated(Takeover::Reset, 15)
}

fn examples() -> Vec<Told> {
    let hello = || heard_text("Hello");
    vec![
        reset("a compressed text").says([text(HELLO).compressed()]).hears([hello()]),
        reset("a compressed text in two frames")
            .says([text(&HELLO[..3]).compressed().unfinished(), continuation(&HELLO[3..])])
            .hears([hello()]),
        told("a compressed text that refers to the one before")
            .deflated(Takeover::Keep, 15)
            .says([text(HELLO).compressed(), text([0xf2, 0x00, 0x11, 0x00, 0x00]).compressed()])
            .hears([hello(), hello()]),
        reset("a block without compression")
            .says([text([0, 5, 0, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0]).compressed()])
            .hears([hello()]),
        reset("a block with BFINAL")
            .says([text([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]).compressed()])
            .hears([hello()]),
        reset("a text whose tail was left on")
            .says([text([&HELLO[..], &[0, 0, 0xff, 0xff]].concat()).compressed()])
            .hears([hello()]),
        reset("two blocks")
            .says([text([0xf2, 0x48, 0x05, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]).compressed()])
            .hears([hello()]),
        reset("an empty compressed message").says([text([0]).compressed()]).hears([heard_text("")]),
    ]
}

fn messages() -> Vec<Told> {
    let long = "the same again and again, ".repeat(400);
    let (first, second) = ("the first message of two".repeat(9), "the second".repeat(20));
    vec![
        reset("a long text")
            .says([text(deflate_message(long.as_bytes())).compressed()])
            .hears([heard_text(&long)]),
        reset("an uncompressed text between two compressed ones")
            .says([text(HELLO).compressed(), text("plain"), text(HELLO).compressed()])
            .hears([heard_text("Hello"), heard_text("plain"), heard_text("Hello")]),
        told("an uncompressed text does not touch the window")
            .deflated(Takeover::Keep, 15)
            .says([
                text(HELLO).compressed(),
                text("plain"),
                text([0xf2, 0x00, 0x11, 0x00, 0x00]).compressed(),
            ])
            .hears([heard_text("Hello"), heard_text("plain"), heard_text("Hello")]),
        reset("a ping between compressed pieces")
            .says([text(&HELLO[..2]).compressed().unfinished(), ping("?")])
            .says([continuation(&HELLO[2..5]).unfinished(), ping("!"), continuation(&HELLO[5..])])
            .hears([heard_ping("?"), heard_ping("!"), heard_text("Hello")])
            .answers([pong("?"), pong("!")]),
        reset("compressed pieces of one byte, and empty ones")
            .says([binary("").compressed().unfinished()])
            .says(HELLO.map(|byte| continuation([byte]).unfinished()))
            .says([continuation("")])
            .hears([heard_binary("Hello")]),
        reset("two streams that end in one message")
            .says([text(
                [deflate_final(first.as_bytes()), deflate_final(second.as_bytes()), vec![0]].concat(),
            )
            .compressed()])
            .hears([heard_text(format!("{first}{second}"))]),
    ]
}

fn faults() -> Vec<Told> {
    let corrupt = |name, payload: &[u8]| {
        reset(name)
            .says([ping("1"), text(payload).compressed(), ping("2")])
            .hears([heard_ping("1"), violation(Violation::CorruptDeflate)])
            .answers([pong("1"), close(1007, "")])
    };
    vec![
        corrupt("a block of a kind that is none", &[0x06, 0xff, 0xff]),
        corrupt("a stored block whose length does not match", &[0x00, 0x05, 0x00, 0x00, 0x00, 0x61]),
        corrupt("a reference behind the window", &[0xf2, 0x00, 0x11, 0x00, 0x00]),
        reset("RSV1 on a continuation")
            .says([text(&HELLO[..3]).compressed().unfinished(), continuation(&HELLO[3..]).compressed()])
            .hears([violation(Violation::ReservedBit)])
            .answers([close(1002, "")]),
        reset("RSV1 on a ping")
            .says([ping("x").compressed()])
            .hears([violation(Violation::ReservedBit)])
            .answers([close(1002, "")]),
        reset("compressed bytes that are no text")
            .says([text(deflate_message(&[b'a', 0xff])).compressed()])
            .hears([violation(Violation::NotUtf8)])
            .answers([close(1007, "")]),
        reset("a message that inflates past the limit")
            .with(|options| options.max_message = Some(1000))
            .says([binary(deflate_message(&[0; 1000])).compressed()])
            .says([binary(deflate_message(&[0; 1001])).compressed()])
            .hears([heard_binary([0; 1000]), violation(Violation::MessageTooBig)])
            .answers([close(1009, "")]),
    ]
}
