//! The closing handshake, begun by the peer.

use super::{Told, told};
use crate::{
    bare_close, binary, close, closed_by_peer, continuation, heard_ping, heard_text, ping, pong, text,
};

pub(super) fn all() -> Vec<Told> {
    let mut all = vec![
        told("a close without a code")
            .says([bare_close()])
            .hears([closed_by_peer(1005, "")])
            .answers([bare_close()]),
        told("a close with a reason")
            .says([close(1000, "bye")])
            .hears([closed_by_peer(1000, "bye")])
            .answers([close(1000, "bye")]),
        told("a close with the longest reason")
            .says([close(1001, "x".repeat(123))])
            .hears([closed_by_peer(1001, &"x".repeat(123))])
            .answers([close(1001, "x".repeat(123))]),
        told("a close with a reason in another script")
            .says([close(4000, "до свидания")])
            .hears([closed_by_peer(4000, "до свидания")])
            .answers([close(4000, "до свидания")]),
        told("a message, a ping and a close")
            .says([text("last"), ping("?"), close(1000, "")])
            .hears([heard_text("last"), heard_ping("?"), closed_by_peer(1000, "")])
            .answers([pong("?"), close(1000, "")]),
        told("a close inside a message, which is lost")
            .says([text("half").unfinished(), close(1000, "")])
            .hears([closed_by_peer(1000, "")])
            .answers([close(1000, "")]),
        told("everything after a close is thrown away")
            .says([close(1000, ""), text("late"), close(1001, ""), ping("late"), binary([0; 300])])
            .says([continuation("nothing to continue")])
            .says_bytes(|_| vec![0xff; 100])
            .hears([closed_by_peer(1000, "")])
            .answers([close(1000, "")]),
    ];
    for (name, code) in [
        ("a close with 1003", 1003),
        ("a close with 1007", 1007),
        ("a close with 1014", 1014),
        ("a close with 3000", 3000),
        ("a close with 4999", 4999),
    ] {
        let told = told(name).says([close(code, "")]);
        all.push(told.hears([closed_by_peer(code, "")]).answers([close(code, "")]));
    }
    all
}
