//! Entries of the layer `deflate` that a test has to build.

use sansocket_core::Message;
use sansocket_testkit::{
    BitWriter, CountingAlloc, Frame, Random, Talk, binary, close, continuation, deflate_final,
    deflate_message, dialogues, frames, heard_binary, heard_ping, heard_text, inflate_message, ping, pong,
    text, violation,
};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Options, Role, Violation};

use crate::bytes::warm;
use crate::how_many;

const MIB: usize = 1 << 20;
/// What may be held beside the message itself: an inflater with its window, and one piece of output.
const STATE: usize = 96 * 1024;

fn talk(role: Role, takeover: Takeover, window: u8) -> Talk {
    let options = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    let mut talk = Talk::with(role, options, dialogues::deflate(takeover, window));
    warm(&mut talk.side);
    talk
}

fn server() -> Talk {
    talk(Role::Server, Takeover::Reset, 15)
}

/// Says `frame`, which is too much, in reads of 16 KiB; it may cost the largest message and the inflater's state.
#[track_caller]
fn burst(talk: &mut Talk, frame: &Frame) {
    let bytes = frame.sent_by(talk.peer());
    let ((), grown) = CountingAlloc::measure(|| {
        for read in bytes.chunks(16 * 1024) {
            talk.say_bytes(read);
        }
    });
    talk.expect([violation(Violation::MessageTooBig)]).expect_answers([close(1009, "")]);
    // A buffer that doubles as it grows stands there twice while it moves.
    assert!(grown.peak <= 3 * MIB + STATE, "{grown:?}");
    assert!(grown.kept <= STATE + 16 * 1024, "a failed message stays: {grown:?}");
}

#[test]
fn d_001_8_mib_of_zeros_in_8_kib_are_stopped_at_the_limit() {
    let bomb = binary(deflate_message(&vec![0; 8 * MIB])).compressed();
    assert!(bomb.payload.len() < 10_000);
    for role in [Role::Server, Role::Client] {
        burst(&mut talk(role, Takeover::Reset, 15), &bomb);
        burst(&mut talk(role, Takeover::Keep, 15), &bomb);
    }
}

#[test]
fn d_002_1_gib_of_zeros_in_1_mib_is_stopped_within_the_first_mib() {
    let bomb = binary(deflate_message(&vec![0; how_many(64, 1024) * MIB])).compressed();
    let mut talk = server();
    let bytes = bomb.masked();
    // Deflate cannot do better than 1 : 1032.
    let enough = MIB / 1032 + 2048;
    talk.say_bytes(&bytes[..enough]).expect([violation(Violation::MessageTooBig)]);
    burst(&mut server(), &bomb);
}

#[test]
fn d_003_the_limit_is_on_inflated_bytes_not_on_those_of_the_wire() {
    let bytes = [Random::new(3).bytes(MIB / 2), vec![0; MIB / 2 + 1]].concat();
    let payload = deflate_message(&bytes);
    assert!(payload.len() < MIB);
    burst(&mut server(), &binary(payload).compressed());
}

#[test]
fn d_005_a_bomb_out_of_an_earlier_message_is_stopped_at_the_limit() {
    let noise = Random::new(5).bytes(32 * 1024);
    let mut talk = talk(Role::Server, Takeover::Keep, 15);
    talk.say(&binary(deflate_message(&noise)).compressed());
    talk.expect([heard_binary(noise.clone())]);
    // Length 258 (code 285, no extra bits), distance 32,768 (code 29, 13 extra bits), again and again.
    let mut bomb = BitWriter::default();
    bomb.put(0b010, 3);
    for _ in 0..2 * MIB / 258 {
        bomb.put_code(0b1100_0101, 8).put_code(29, 5).put(8191, 13);
    }
    bomb.put_code(0, 7).put(0, 3);
    let start = inflate_message(&bomb.bytes(), &noise, 32_768).map(|inflated| inflated[..1000].to_vec());
    assert_eq!(start.as_deref(), Ok(&noise[..1000]), "the bomb is a valid one");
    burst(&mut talk, &binary(bomb.bytes()).compressed());
}

#[test]
fn d_006_exactly_the_largest_message_is_delivered() {
    let mut talk = server();
    let payload = vec![0; MIB];
    let frame = binary(deflate_message(&payload)).compressed();
    let ((), grown) = CountingAlloc::measure(|| {
        talk.say(&frame);
    });
    // It stands there twice, once in what the test has heard.
    assert!(grown.peak <= 4 * MIB + STATE, "{grown:?}");
    talk.expect([heard_binary(payload)]);
}

#[test]
fn d_016_two_streams_in_one_message_are_one_message() {
    let payload = [deflate_final(b"a"), deflate_final(b"b"), vec![0]].concat();
    server().say(&text(payload).compressed()).expect([heard_text("ab")]);
}

#[test]
fn d_020_a_million_bits_of_empty_blocks_are_an_empty_message() {
    let mut blocks = BitWriter::default();
    for _ in 0..100_000 {
        // Not the last, fixed codes, end of block: 10 bits.
        blocks.put(0b010, 3).put_code(0, 7);
    }
    // A stored block, whose length the tail brings.
    blocks.put(0, 3);
    let frame = binary(blocks.bytes()).compressed();
    // A thread with a stack of 64 KiB: nothing may recurse. (The harness around it is not optimised in tests.)
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    let listening = thread.spawn(move || {
        server().say(&frame).expect([heard_binary("")]);
    });
    listening.expect("a thread").join().expect("no overflow");
}

#[test]
fn d_025_a_distance_behind_the_negotiated_window_is_a_fault() {
    // Windows of 512 bytes; the second half repeats what lies 1,024 bytes back.
    let noise = Random::new(25).bytes(1024);
    let payload = deflate_message(&[&noise[..], &noise[..]].concat());
    assert!(inflate_message(&payload, b"", 512).is_err());
    let mut talk = talk(Role::Server, Takeover::Reset, 9);
    talk.say(&binary(payload).compressed());
    talk.expect([violation(Violation::CorruptDeflate)]).expect_answers([close(1007, "")]);
}

#[test]
fn d_026_what_we_deflate_keeps_to_the_window_that_was_agreed_on() {
    // That a window of 8 bits is never agreed on is for the handshake's tests; here: 9 to 15 are kept to.
    let mut random = Random::new(26);
    for window in 9..=15 {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let mut talk = talk(Role::Server, takeover, window);
            let (mut history, noise) = (Vec::new(), random.bytes(40_000));
            for distance in [300, 513, 1025, 4097, 20_000] {
                let message = [&noise[..distance], &noise[..distance]].concat();
                talk.side.machine.send(Message::binary(message.clone())).expect("room");
                let answers = frames(Role::Server, &talk.side.write_all()).0;
                let [frame] = &answers[..] else { panic!("{answers:?}") };
                if frame.first & sansocket_testkit::RSV1 == 0 {
                    continue;
                }
                let before = if takeover == Takeover::Keep { &history[..] } else { &[] };
                let inflated = inflate_message(&frame.payload, before, 1 << window);
                assert!(inflated.as_ref() == Ok(&message), "{takeover:?}, {window} bits, {distance} apart");
                history.extend(message);
            }
            assert!(takeover == Takeover::Reset || !history.is_empty(), "nothing was deflated");
        }
    }
}

#[test]
fn d_028_a_ping_between_compressed_pieces_is_answered_first() {
    let payload = deflate_message(b"a message in two pieces");
    let (head, tail) = payload.split_at(payload.len() / 2);
    let mut talk = server();
    talk.say(&text(head).compressed().unfinished()).say(&ping("?"));
    talk.expect([heard_ping("?")]).expect_answers([pong("?")]);
    talk.say(&continuation(tail)).expect([heard_text("a message in two pieces")]);
}

#[test]
fn d_030_an_idle_connection_that_compressed_costs_little() {
    let connections = how_many(200, 10_000);
    let takeovers = [(Takeover::Reset, 12, 4 * 1024), (Takeover::Keep, 12, 48 * 1024)];
    for (takeover, window, bound) in takeovers {
        let options = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
        let message = "the same again and again, ".repeat(100);
        let said = text(deflate_message(message.as_bytes()).as_slice()).compressed();
        let mut talks = Vec::with_capacity(connections);
        let ((), grown) = CountingAlloc::measure(|| {
            let mut pool = sansocket_core::Pool::default();
            for _ in 0..connections {
                let mut talk =
                    Talk::with(Role::Server, options.clone(), dialogues::deflate(takeover, window));
                std::mem::swap(&mut talk.side.pool, &mut pool);
                talk.say(&said).expect([heard_text(&message)]);
                talk.side.machine.send(Message::text(message.clone())).expect("room");
                assert!(!talk.answers().is_empty());
                std::mem::swap(&mut talk.side.pool, &mut pool);
                talks.push(talk);
            }
            drop(pool);
        });
        let each = grown.kept / connections;
        assert!(each <= bound, "{each} bytes a connection with {takeover:?}, not {bound}");
    }
}
