//! Entries in bytes against the machine, however they are cut.

use std::time::Duration;

use sansocket_core::Machine;
use sansocket_testkit::hostile::{Entry, entries};
use sansocket_testkit::{CountingAlloc, Frame, Heard, Side, Talk, close, dialogues, text};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Closed, Extensions, Options, Role, WebSocket};

use crate::expected::{Expected, expected};

/// What an inflater and its window cost.
const DEFLATE_STATE: usize = 96 * 1024;

#[test]
fn every_entry_in_bytes_gets_what_it_deserves_however_it_is_cut() {
    let in_bytes: Vec<Entry> =
        ["frame", "deflate"].iter().flat_map(|layer| entries(layer)).filter(|e| e.kind == "hex").collect();
    assert!(in_bytes.len() >= 70, "the list has shrunk to {}", in_bytes.len());
    for entry in in_bytes {
        let expected = expected(&entry.id).unwrap_or_else(|| panic!("{} has no expectation", entry.id));
        let bytes = entry.bytes();
        suffer(&entry, &expected, &[&bytes]);
        for cut in 1..bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            suffer(&entry, &expected, &[head, tail]);
        }
        suffer(&entry, &expected, &bytes.chunks(1).collect::<Vec<_>>());
    }
}

/// A connection as the entry wants it.
pub(crate) fn victim(entry: &Entry) -> Talk {
    let role = if entry.role == "client" { Role::Client } else { Role::Server };
    let (mut options, mut extensions) = (Options::default(), Extensions::default());
    if entry.layer == "deflate" {
        options.deflate = Some(DeflateOptions::default());
        extensions = dialogues::deflate(Takeover::Keep, 15);
    }
    let mut talk = Talk::with(role, options, extensions);
    warm(&mut talk.side);
    talk
}

/// Fills the pool, so that only what the connection takes for itself is counted from now on.
pub(crate) fn warm(side: &mut Side<WebSocket>) {
    side.input.space(&mut side.pool);
    side.input.release(&mut side.pool);
}

fn suffer(entry: &Entry, expected: &Expected, reads: &[&[u8]]) {
    let context = || format!("{} ({}), read as {reads:02x?}", entry.id, entry.title);
    let mut talk = victim(entry);
    let received: usize = reads.iter().map(|read| read.len()).sum();
    let ((), grown) = CountingAlloc::measure(|| {
        for read in reads {
            talk.say_bytes(read);
        }
    });
    let deflate = if entry.layer == "deflate" { DEFLATE_STATE } else { 0 };
    let bound = 2 * received + 4096 + deflate;
    assert!(grown.peak <= bound, "{} took {grown:?}, not {bound}", context());

    let heard = talk.side.heard();
    match expected {
        Expected::Heard(expected) => assert_eq!(&heard, expected, "{}", context()),
        Expected::Fault(before, code) => {
            let (last, first) = heard.split_last().unwrap_or_else(|| panic!("{}: nothing heard", context()));
            assert_eq!(first, before, "{}", context());
            let Heard::Closed(Closed::Violation(violation)) = last else { panic!("{}: {last:?}", context()) };
            assert_eq!(violation.close_code().get(), *code, "{}", context());
        }
    }
    farewell(&mut talk, expected, &context());
}

/// One close frame goes out, everything later is thrown away, and the transport is freed in time.
fn farewell(talk: &mut Talk, expected: &Expected, context: &str) {
    let answers = talk.answers();
    let closes: Vec<Option<u16>> = answers.iter().map(Frame::close_code).collect();
    match expected {
        Expected::Fault(_, code) => assert_eq!(closes, [Some(*code)], "{context}"),
        Expected::Heard(heard) if matches!(heard[..], [Heard::Closed(_)]) => {
            assert_eq!(answers, [close(1000, "")], "{context}");
        }
        Expected::Heard(_) => return assert!(answers.is_empty(), "{context}: {answers:?}"),
    }
    talk.say(&text("more")).say_bytes(&[0xff; 64]).expect([]).expect_answers([]);
    talk.wait(Duration::from_secs(10)).expect([]).expect_answers([]);
    assert!(
        talk.side.machine.is_finished(),
        "{context}: the transport is still held after the close timeout"
    );
}
