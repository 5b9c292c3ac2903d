//! Text is UTF-8, checked as it comes, and the first byte that makes it none ends the connection (RFC 6455 §8.1).

use sansocket_testkit::{Heard, Talk, continuation, deflate_message, dialogues, heard_text, text, violation};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Delivery, Options, Position, Role, Violation};

/// Texts that go wrong, and the place of the first byte that makes them so.
const WRONG: &[(&[u8], usize)] = &[
    (b"ok\xff", 2),
    (b"\xc0\xaf", 0),
    (b"\xc1\xbf", 0),
    (b"a\xe0\x9f\xbf", 2),
    (b"a\xed\xa0\x80", 2),
    (b"\xf0\x8f\xbf\xbf", 1),
    (b"\xf4\x90\x80\x80", 1),
    (b"\xf5\x80\x80\x80", 0),
    (b"\x80", 0),
    (b"\xe2\x82x", 2),
    (b"\xf0\x9f\x92x", 3),
    (b"\xc3\xc3", 1),
];

#[test]
fn the_first_bad_byte_ends_it_and_not_one_before() {
    for (wrong, bad) in WRONG {
        for lead in [0, 1, 7, 8, 31, 32, 63, 64, 200] {
            let payload = [&b"x".repeat(lead)[..], wrong, b" and much more that never comes"].concat();
            let bytes = text(&payload).masked();
            let first_bad = bytes.len() - payload.len() + lead + bad;
            let mut talk = Talk::server(Options::default());
            for byte in &bytes[..first_bad] {
                talk.say_bytes(&[*byte]).expect([]);
            }
            talk.say_bytes(&bytes[first_bad..=first_bad]).expect([violation(Violation::NotUtf8)]);
            // And in one read, with the rest outstanding.
            let mut talk = Talk::server(Options::default());
            talk.say_bytes(&bytes[..=first_bad]).expect([violation(Violation::NotUtf8)]);
        }
    }
}

#[test]
fn the_first_bad_byte_ends_it_in_a_later_piece_too() {
    for (wrong, bad) in WRONG {
        let mut talk = Talk::server(Options::default());
        talk.say(&text("good ").unfinished());
        for byte in &wrong[..*bad] {
            talk.say(&continuation([*byte]).unfinished()).expect([]);
        }
        talk.say(&continuation([wrong[*bad]]).unfinished()).expect([violation(Violation::NotUtf8)]);
    }
}

#[test]
fn a_character_may_be_cut_anywhere_but_at_the_end() {
    let whole = "aé€𝄞z";
    for cut in 0..=whole.len() {
        let (head, tail) = whole.as_bytes().split_at(cut);
        let mut talk = Talk::client(Options::default());
        talk.say(&text(head).unfinished()).expect([]).say(&continuation(tail)).expect([heard_text(whole)]);

        let mut talk = Talk::client(Options::default());
        talk.say(&text(head));
        let fits = whole.is_char_boundary(cut);
        talk.expect([if fits { heard_text(&whole[..cut]) } else { violation(Violation::NotUtf8) }]);
    }
}

#[test]
fn every_character_arrives() {
    let all: String = ('\0'..=char::MAX).step_by(7).collect();
    let mut talk = Talk::server(Options::default());
    for piece in all.as_bytes().chunks(100_003) {
        let last = piece.len() < 100_003;
        let begins = piece.as_ptr() == all.as_ptr();
        let frame = if begins { text(piece) } else { continuation(piece) };
        talk.say(&if last { frame } else { frame.unfinished() });
    }
    talk.expect([heard_text(all)]);
}

#[test]
fn inflated_text_is_checked_as_it_comes() {
    let options = || Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    for (wrong, _) in WRONG {
        let payload = deflate_message(&[&b"some good text first, "[..], wrong, b"!"].concat());
        let mut talk = Talk::with(Role::Server, options(), dialogues::deflate(Takeover::Reset, 15));
        for byte in text(payload).compressed().masked() {
            talk.say_bytes(&[byte]);
        }
        talk.expect([violation(Violation::NotUtf8)]);
    }
}

#[test]
fn chunks_of_text_are_cut_between_characters() {
    let whole = "aé€𝄞".repeat(20);
    for size in [4, 5, 6, 7, 64] {
        for piece in [1, 3, 10, 1000] {
            let options = Options { delivery: Delivery::Chunks(size), ..Options::default() };
            let mut talk = Talk::server(options);
            for read in text(&whole).masked().chunks(piece) {
                talk.say_bytes(read);
            }
            let mut together = String::new();
            let heard = talk.side.heard();
            for (at, heard) in heard.iter().enumerate() {
                let Heard::TextChunk(position, chunk) = heard else { panic!("{heard:?}") };
                assert!(chunk.len() <= size, "a chunk of {} where {size} is the most", chunk.len());
                assert_eq!(position.is_first(), at == 0);
                assert_eq!(position.is_last(), together.len() + chunk.len() == whole.len());
                together += chunk;
            }
            assert_eq!(together, whole);
        }
    }
}

#[test]
fn chunks_before_a_bad_byte_are_heard() {
    let options = Options { delivery: Delivery::Chunks(4), ..Options::default() };
    let mut talk = Talk::server(options);
    talk.say(&text(b"good\xff"));
    talk.expect([Heard::TextChunk(Position::First, "good".into()), violation(Violation::NotUtf8)]);
}
