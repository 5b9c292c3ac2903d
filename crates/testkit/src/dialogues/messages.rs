//! Messages, whole and in pieces, and what comes between the pieces.

use sansocket_websocket::{Delivery, Position};

use super::{Told, told};
use crate::{
    Heard, binary, continuation, heard_binary, heard_ping, heard_pong, heard_text, ping, pong, text,
};

pub(super) fn all() -> Vec<Told> {
    [whole(), fragmented(), interleaved(), in_chunks()].into_iter().flatten().collect()
}

fn whole() -> Vec<Told> {
    vec![
        told("nothing"),
        told("a text").says([text("Hello")]).hears([heard_text("Hello")]),
        told("an empty text").says([text("")]).hears([heard_text("")]),
        told("an empty binary").says([binary("")]).hears([heard_binary("")]),
        told("text of one to four bytes a character").says([text("aä€𝄞")]).hears([heard_text("aä€𝄞")]),
        told("the corners of Unicode")
            .says([text("\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}")])
            .hears([heard_text(
                "\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}",
            )]),
        told("the largest length of one byte").says([binary([7; 125])]).hears([heard_binary([7; 125])]),
        told("the smallest length of two bytes")
            .says([text("x".repeat(126))])
            .hears([heard_text("x".repeat(126))]),
        told("a few hundred bytes, then a few")
            .says([binary([0xff; 300]), text("after")])
            .hears([heard_binary([0xff; 300]), heard_text("after")]),
        told("three messages in a row").says([text("one"), binary("two"), text("three")]).hears([
            heard_text("one"),
            heard_binary("two"),
            heard_text("three"),
        ]),
        told("bytes that would be no text")
            .says([binary([0xff, 0xfe, 0x80])])
            .hears([heard_binary([0xff, 0xfe, 0x80])]),
    ]
}

fn fragmented() -> Vec<Told> {
    vec![
        told("a text in two pieces")
            .says([text("Hel").unfinished(), continuation("lo")])
            .hears([heard_text("Hello")]),
        told("a binary in five pieces, one of them empty")
            .says([binary("a").unfinished()])
            .says(["b", "", "c"].map(|piece| continuation(piece).unfinished()))
            .says([continuation("d")])
            .hears([heard_binary("abcd")]),
        told("a character cut between two frames")
            .says([text([0xf0, 0x9f]).unfinished(), continuation([0x92, 0xa9])])
            .hears([heard_text("\u{1f4a9}")]),
        told("a character over four frames and an empty last one")
            .says([text([0xf0]).unfinished()])
            .says([0x9f, 0x92, 0xa9].map(|byte| continuation([byte]).unfinished()))
            .says([continuation("")])
            .hears([heard_text("\u{1f4a9}")]),
        told("a message of empty pieces")
            .says([text("").unfinished(), continuation("").unfinished(), continuation("")])
            .hears([heard_text("")]),
        told("two messages in pieces")
            .says([text("a").unfinished(), continuation("b"), binary("c").unfinished(), continuation("d")])
            .hears([heard_text("ab"), heard_binary("cd")]),
        told("pieces of different sizes")
            .says([binary([1; 130]).unfinished(), continuation([2; 3]).unfinished(), continuation([3; 200])])
            .hears([heard_binary([&[1; 130][..], &[2; 3], &[3; 200]].concat())]),
    ]
}

fn interleaved() -> Vec<Told> {
    vec![
        told("a ping").says([ping("?")]).hears([heard_ping("?")]).answers([pong("?")]),
        told("an empty ping").says([ping("")]).hears([heard_ping("")]).answers([pong("")]),
        told("the longest ping")
            .says([ping([9; 125])])
            .hears([heard_ping([9; 125])])
            .answers([pong([9; 125])]),
        told("a ping of bytes that are no text")
            .says([ping([0xff, 0x00])])
            .hears([heard_ping([0xff, 0x00])])
            .answers([pong([0xff, 0x00])]),
        told("a pong that nobody asked for").says([pong("!")]).hears([heard_pong("!")]),
        told("three pings")
            .says(["1", "2", "3"].map(ping))
            .hears(["1", "2", "3"].map(heard_ping))
            .answers(["1", "2", "3"].map(pong)),
        told("a ping between two pieces")
            .says([text("Hel").unfinished(), ping("?"), continuation("lo")])
            .hears([heard_ping("?"), heard_text("Hello")])
            .answers([pong("?")]),
        told("pings and pongs between many pieces")
            .says([text("a").unfinished(), ping("1"), continuation("b").unfinished(), pong("2"), ping("3")])
            .says([continuation(""), text("c")])
            .hears([heard_ping("1"), heard_pong("2"), heard_ping("3"), heard_text("ab"), heard_text("c")])
            .answers([pong("1"), pong("3")]),
        told("a ping inside a character")
            .says([text([0xe2]).unfinished(), ping("€"), continuation([0x82, 0xac])])
            .hears([heard_ping("€"), heard_text("€")])
            .answers([pong("€")]),
    ]
}

fn in_chunks() -> Vec<Told> {
    let piece = |position, text: &str| Heard::TextChunk(position, text.into());
    vec![
        told("a short text in chunks")
            .with(|options| options.delivery = Delivery::Chunks(16))
            .says([text("short"), text("")])
            .hears([piece(Position::Only, "short"), piece(Position::Only, "")]),
    ]
}
