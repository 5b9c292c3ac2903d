//! Any bytes as compressed messages, against the naive inflater, with a limit.
#![no_main]

use sansocket_core::Instant;
use sansocket_fuzz::Choices;
use sansocket_testkit::{Heard, Side, binary, continuation, dialogues, inflate_message, ws};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Closed, Options, Role, Violation};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let takeover = [Takeover::Keep, Takeover::Reset][choices.below(2)];
    let window = [15, 12, 9, 8][choices.below(4)];
    // The first is several chunks of output.
    let limit = [100_000, 1, 100][choices.below(3)];
    let options =
        Options { max_message: Some(limit), deflate: Some(DeflateOptions::default()), ..Options::default() };
    // A peer that agreed on 256 bytes is let use 512.
    let extensions = dialogues::deflate(takeover, window);
    let mut side = Side::new(ws::websocket(Role::Server, options, extensions, Instant::ZERO));
    let mut history = Vec::new();
    while !choices.0.is_empty() {
        let (len, cut) = (choices.below(256).min(choices.0.len()), choices.below(256));
        let (payload, rest) = choices.0.split_at(len.min(choices.0.len()));
        choices.0 = rest;
        let (head, tail) = payload.split_at(cut.min(payload.len()));
        side.read(&binary(head).compressed().unfinished().masked(), Instant::ZERO);
        side.read(&continuation(tail).masked(), Instant::ZERO);
        let inflated = inflate_message(payload, &history, 1 << window.max(9));
        match (&side.heard()[..], inflated) {
            ([Heard::Binary(heard)], Ok(inflated)) => {
                assert!(*heard == inflated && heard.len() <= limit);
                if takeover == Takeover::Keep {
                    history.extend(inflated);
                }
            }
            ([Heard::Closed(Closed::Violation(Violation::CorruptDeflate))], Err(_)) => return,
            // The limit is met before the fault behind it.
            ([Heard::Closed(Closed::Violation(Violation::MessageTooBig))], Err(_)) => return,
            ([Heard::Closed(Closed::Violation(Violation::MessageTooBig))], Ok(inflated)) => {
                return assert!(inflated.len() > limit, "{} bytes are too big", inflated.len());
            }
            (heard, inflated) => panic!("{heard:?} for {inflated:02x?}"),
        }
    }
});
