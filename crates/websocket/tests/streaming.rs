//! Messages in pieces, in and out: larger than memory, checked and deflated as they pass.

use proptest::prelude::*;
use sansocket_testkit::{
    CountingAlloc, Heard, RSV1, Random, Talk, binary, continuation, dialogues, heard_ping, opcode, ping,
    pong, text, violation, ws,
};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Delivery, Extensions, Kind, Options, Position, Role, StreamError, Violation};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

fn chunks(size: usize) -> Options {
    Options { delivery: Delivery::Chunks(size), max_message: None, max_frame: None, ..Options::default() }
}

/// What pieces were together, if their marks are right and none is larger than `size`.
fn together(heard: Vec<Heard>, size: usize) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    for heard in heard {
        let (position, bytes) = match heard {
            Heard::TextChunk(position, text) => (position, text.into_bytes()),
            Heard::BinaryChunk(position, bytes) => (position, bytes),
            other => panic!("{other:?} is no piece"),
        };
        assert!(bytes.len() <= size, "a piece of {} bytes", bytes.len());
        assert_eq!(position.is_first(), !open, "{position:?}");
        if position.is_first() {
            messages.push(Vec::new());
        }
        messages.last_mut().expect("begun").extend(bytes);
        open = !position.is_last();
    }
    assert!(!open, "the last piece is missing");
    messages
}

#[test]
fn a_message_larger_than_memory_passes_in_pieces() {
    CountingAlloc::current();
    let options = Options { high_water: 1 << 20, ..chunks(16 * 1024) };
    let mut pair = ws::pair(options.clone(), options);
    let piece = Random::new(1).bytes(100_000);
    pair.client.machine.begin(Kind::Binary).expect("nothing is under way");
    let (mut total, mut peak) = (0, 0);
    for _ in 0..1000 {
        let (heard, grown) = CountingAlloc::measure(|| {
            pair.client.machine.append(&piece).expect("room");
            pair.drive();
            pair.server.heard()
        });
        peak = peak.max(grown.peak);
        total += heard
            .iter()
            .map(|heard| match heard {
                Heard::BinaryChunk(_, bytes) => bytes.len(),
                other => panic!("{other:?}"),
            })
            .sum::<usize>();
    }
    pair.client.machine.finish().expect("begun");
    pair.drive();
    assert_eq!(total, 100_000_000);
    assert_eq!(pair.server.heard(), [Heard::BinaryChunk(Position::Last, vec![])]);
    assert!(peak < 2 << 20, "{peak} bytes for a message of 100 MB");
}

#[test]
fn pieces_are_seen_as_they_come() {
    let mut talk = Talk::server(chunks(1000));
    let piece = |position, text: &str| Heard::TextChunk(position, text.into());
    talk.say(&text("first").unfinished()).expect([piece(Position::First, "first")]);
    talk.say(&ping("?")).expect([heard_ping("?")]).expect_answers([pong("?")]);
    talk.say(&continuation("second").unfinished()).expect([piece(Position::Middle, "second")]);
    talk.say(&continuation("last")).expect([piece(Position::Last, "last")]);
    talk.say(&text("whole")).expect([piece(Position::Only, "whole")]);
}

#[test]
fn a_limit_on_the_whole_is_still_possible() {
    let mut talk = Talk::server(Options { max_message: Some(100), ..chunks(10) });
    talk.say(&binary([1; 100]));
    assert_eq!(together(talk.side.heard(), 10), [vec![1; 100]]);
    talk.say(&binary([2; 60]).unfinished()).say(&continuation([2; 41]));
    let heard = talk.side.heard();
    assert_eq!(heard.last(), Some(&violation(Violation::MessageTooBig)));
    assert_eq!(heard.len(), 1 + 6, "what was right before is heard");
}

#[test]
fn a_message_may_pass_an_inflater_in_pieces() {
    let whole = "zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ".repeat(2000);
    for takeover in [Takeover::Keep, Takeover::Reset] {
        let options = Options { deflate: Some(DeflateOptions::default()), ..chunks(700) };
        let mut talk = Talk::with(Role::Server, options, dialogues::deflate(takeover, 15));
        for _ in 0..3 {
            // Compressed once for each, for nothing before it is referred to.
            let said = text(sansocket_testkit::deflate_message(whole.as_bytes())).compressed().masked();
            for read in said.chunks(100) {
                talk.say_bytes(read);
            }
            assert_eq!(together(talk.side.heard(), 700), [whole.clone().into_bytes()]);
        }
    }
}

fn any_extensions() -> impl Strategy<Value = Extensions> {
    prop_oneof![
        Just(Extensions::default()),
        Just(dialogues::deflate(Takeover::Keep, 15)),
        Just(dialogues::deflate(Takeover::Keep, 9)),
        Just(dialogues::deflate(Takeover::Reset, 12)),
    ]
}

proptest! {
    #[test]
    fn pieces_go_out_and_come_in_as_one_message(
        extensions in any_extensions(),
        fragment in prop_oneof![Just(None), (1..500_usize).prop_map(Some)],
        chunk in prop_oneof![Just(None), (4..500_usize).prop_map(Some)],
        read in 1..2000_usize,
        messages in proptest::collection::vec(proptest::collection::vec("[a-dé€𝄞]{0,120}", 0..6), 1..4),
    ) {
        let options = |chunk: Option<usize>| Options {
            fragment,
            high_water: usize::MAX,
            delivery: chunk.map_or(Delivery::Messages, Delivery::Chunks),
            deflate: Some(DeflateOptions::default()),
            ..Options::default()
        };
        let mut pair = ws::pair_with(options(None), extensions, options(chunk), extensions);
        pair.to_server.chunk = read;
        for pieces in &messages {
            pair.client.machine.begin(Kind::Text).expect("nothing is under way");
            let whole = pieces.concat();
            // Cut by bytes, through characters too.
            for piece in whole.as_bytes().chunks(37) {
                pair.client.machine.append(piece).expect("room");
                pair.client.machine.ping(b"between").expect("room");
                pair.drive();
            }
            pair.client.machine.finish().expect("whole characters");
            // A whole one in between shares the window.
            pair.client.machine.send_text(&whole).expect("no other is under way");
        }
        pair.drive();
        let mut heard = pair.server.heard();
        heard.retain(|heard| !matches!(heard, Heard::Ping(_)));
        let wanted: Vec<String> = messages.iter().flat_map(|pieces| [pieces.concat(), pieces.concat()]).collect();
        match chunk {
            None => prop_assert_eq!(heard, wanted.into_iter().map(Heard::Text).collect::<Vec<_>>()),
            Some(size) => {
                prop_assert_eq!(together(heard, size), wanted.into_iter().map(String::into_bytes).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn text_that_goes_out_in_pieces_is_checked() {
    let mut talk = Talk::server(Options::default());
    let machine = &mut talk.side.machine;
    assert_eq!(machine.append(b"x"), Err(StreamError::NotBegun));
    assert_eq!(machine.finish(), Err(StreamError::NotBegun));
    machine.begin(Kind::Text).expect("nothing is under way");
    assert_eq!(machine.begin(Kind::Text), Err(StreamError::Unfinished));
    machine.append(b"caf\xc3").expect("the rest may follow");
    assert_eq!(machine.append(b"\xff"), Err(StreamError::NotUtf8), "not queued");
    assert_eq!(machine.finish(), Err(StreamError::NotUtf8), "a character is cut");
    machine.append(b"\xa9").expect("this is its rest");
    machine.finish().expect("whole");
    let frames = talk.answers();
    let payload: Vec<u8> = frames.iter().flat_map(|frame| frame.payload.clone()).collect();
    assert_eq!(payload, "café".as_bytes());
}

#[test]
fn bytes_in_pieces_need_be_no_text() {
    let mut talk = Talk::client(Options::default());
    talk.side.machine.begin(Kind::Binary).expect("nothing is under way");
    talk.side.machine.append(&[0xff]).expect("room");
    talk.side.machine.finish().expect("begun");
    let answers = talk.answers();
    assert_eq!(answers[0], binary([0xff]).unfinished());
    assert_eq!(answers.last().map(|frame| frame.first), Some(0x80));
}

#[test]
fn a_large_message_goes_out_in_fragments_with_its_marks_right() {
    // The window is kept, so that even noise goes out compressed.
    for extensions in [Extensions::default(), dialogues::deflate(Takeover::Keep, 15)] {
        let options =
            Options { fragment: Some(100), deflate: Some(DeflateOptions::default()), ..Options::default() };
        let mut talk = Talk::with(Role::Server, options, extensions);
        talk.side.machine.send_binary(&Random::new(3).bytes(2050)).expect("room");
        let answers = talk.answers();
        assert!(answers.len() >= 21);
        let rsv = if extensions == Extensions::default() { 0 } else { RSV1 };
        for (at, frame) in answers.iter().enumerate() {
            let last = at + 1 == answers.len();
            let opcode = if at == 0 { opcode::BINARY | rsv } else { opcode::CONTINUATION };
            let fin = if last { 0x80 } else { 0 };
            assert_eq!(frame.first, fin | opcode, "frame {at}");
            assert!(frame.payload.len() == 100 || last);
        }
    }
}

#[test]
fn a_close_between_pieces_that_come_in_ends_them() {
    let mut talk = Talk::server(chunks(10));
    talk.say(&text("half").unfinished()).say(&sansocket_testkit::close(1001, ""));
    talk.expect([
        Heard::TextChunk(Position::First, "half".into()),
        sansocket_testkit::closed_by_peer(1001, ""),
    ]);
}
