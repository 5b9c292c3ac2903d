//! Entries of the layer `frame` that a test has to build.

use std::time::Duration;

use sansocket_core::{Machine, Text};
use sansocket_testkit::{
    CountingAlloc, FIN, Form, Heard, KEY, Random, Talk, binary, close, closed_by_peer, continuation, frames,
    header, header_in, heard_binary, heard_ping, heard_text, mask, opcode, ping, pong, text, violation, ws,
};
use sansocket_websocket::{CloseCode, CloseFrame, Closed, Deadline, Options, Role, Violation};

use crate::bytes::warm;
use crate::how_many;

const MIB: usize = 1 << 20;

fn server() -> Talk {
    let mut talk = Talk::server(Options::default());
    warm(&mut talk.side);
    talk
}

#[test]
fn f_057_a_length_of_65535_in_eight_bytes_is_refused_by_its_header() {
    let header = header_in(Form::Eight, FIN | opcode::BINARY, 65_535, Some(KEY));
    server().say_bytes(&header).expect([violation(Violation::LengthNotMinimal)]);
    let whole = [header, mask(&[0x61; 65_535], KEY)].concat();
    server().say_bytes(&whole).expect([violation(Violation::LengthNotMinimal)]);
}

#[test]
fn f_058_a_stream_that_ends_anywhere_is_no_fault_and_no_goodbye() {
    let said = [text("he").unfinished(), ping("p"), continuation("y"), close(1000, "")].map(|f| f.masked());
    let whole = said.concat();
    let heard = [heard_ping("p"), heard_text("hey"), closed_by_peer(1000, "")];
    let ends: Vec<usize> = [2, 3, 4].map(|frames| said[..frames].concat().len()).into();
    for len in 0..whole.len() {
        let whole_frames = ends.iter().filter(|end| **end <= len).count();
        let mut talk = server();
        talk.say_bytes(&whole[..len]).expect(heard[..whole_frames].to_vec());
        talk.leave().expect([Heard::Closed(Closed::Lost)]);
        assert_eq!(talk.side.machine.closed().map(Closed::code), Some(CloseCode::ABNORMAL));
    }
}

#[test]
fn f_060_pieces_of_one_byte_cost_no_more_than_their_bytes() {
    let mut talk = server();
    let spare = talk.side.pool.memory();
    let ((), grown) = CountingAlloc::measure(|| {
        talk.say(&text("a").unfinished());
        let piece = continuation("a").unfinished().masked().repeat(1024);
        for kib in 1..=(MIB / 1024) {
            let read = if kib == MIB / 1024 { &piece[..piece.len() - 7] } else { &piece[..] };
            talk.say_bytes(read);
            let bound = 2 * 1024 * kib + 4096;
            assert!(talk.side.input.memory() <= bound, "{:?} after {kib} KiB", talk.side.input);
        }
    });
    talk.expect([]);
    // The pool keeps what it may for the next large message, of whomever.
    let spare = talk.side.pool.memory() - spare;
    assert!(grown.kept <= 2 * MIB + 4096 + spare, "{grown:?} with {spare} in the pool");
    talk.say(&continuation("a").unfinished());
    talk.expect([violation(Violation::MessageTooBig)]);
}

#[test]
fn f_061_a_message_that_drips_in_byte_by_byte_costs_twice_its_bytes() {
    let payload = Random::new(61).bytes(MIB);
    let mut talk = server();
    let mut last = 0;
    let mut moved = 0;
    for (at, byte) in binary(&payload).masked().iter().enumerate() {
        talk.say_bytes(&[*byte]);
        let memory = talk.side.input.memory();
        if memory != last {
            // Another buffer: what was there has moved.
            moved += at;
            last = memory;
        }
        assert!(memory <= 2 * (at + 1) + 4096, "{memory} bytes held after {at}");
    }
    talk.expect([heard_binary(payload)]);
    assert!(moved <= 4 * MIB, "{moved} bytes moved");
}

#[test]
fn f_062_pings_that_nobody_reads_answers_of_cost_4_kib_and_the_newest_is_kept() {
    let rounds = u32::try_from(how_many(100, 1000)).expect("a few");
    let mut talk = server();
    let mut pings = Vec::new();
    for round in 0..rounds {
        pings.clear();
        for at in 0..1000 {
            let mut payload = [0x2a; 125];
            payload[..4].copy_from_slice(&(round * 1000 + at).to_be_bytes());
            pings.extend(ping(payload).masked());
        }
        let ((), grown) = CountingAlloc::measure(|| {
            talk.side.input.fill(&pings, &mut talk.side.pool);
            while talk.side.machine.poll_event(&mut talk.side.input, talk.clock.now()).is_some() {}
            talk.side.input.release(&mut talk.side.pool);
        });
        let bound = if round == 0 { 16 * 1024 } else { 512 };
        assert!(grown.kept <= bound, "{grown:?} in round {round}");
    }
    let answers = talk.answers();
    let bytes: usize = answers.iter().map(|pong| pong.bare().len()).sum();
    assert!(bytes <= 4096 + 127, "{bytes} bytes of pongs");
    assert_eq!(
        answers.last().map(|pong| pong.payload[..4].to_vec()),
        Some((1000 * rounds - 1).to_be_bytes().into())
    );
    let in_order = answers.iter().map(|pong| &pong.payload).is_sorted();
    assert!(in_order, "pongs overtook each other");
}

#[test]
fn f_063_pongs_that_nobody_asked_for_cost_nothing() {
    let mut talk = server();
    let flood = pong([0x2a; 125]).masked().repeat(1000);
    for round in 0..how_many(100, 1000) {
        let (heard, grown) = CountingAlloc::measure(|| {
            talk.side.input.fill(&flood, &mut talk.side.pool);
            let mut heard = 0;
            while talk.side.machine.poll_event(&mut talk.side.input, talk.clock.now()).is_some() {
                heard += 1;
            }
            talk.side.input.release(&mut talk.side.pool);
            heard
        });
        assert_eq!(heard, 1000);
        assert_eq!((grown.kept, grown.peak), (0, 0), "in round {round}");
    }
    talk.expect_answers([]);
}

#[test]
fn f_068_a_peer_that_never_answers_our_close_is_left_at_the_close_timeout() {
    let mut talk = server();
    talk.side.machine.close(CloseCode::GOING_AWAY.into(), talk.clock.now());
    talk.expect_answers([close(1001, "")]);
    talk.wait(Duration::from_micros(9_999_999)).expect([]);
    assert!(!talk.side.machine.is_finished());
    talk.wait(Duration::from_micros(1)).expect([Heard::Closed(Closed::Timeout(Deadline::Close))]);
    assert_eq!(talk.side.machine.closed().map(Closed::code), Some(CloseCode::ABNORMAL));
    talk.expect_finished();
}

#[test]
fn f_080_a_bad_byte_ends_it_while_the_rest_of_the_frame_is_outstanding() {
    let payload = [b"ok\xff".to_vec(), vec![b'x'; 100]].concat();
    server().say_bytes(&text(payload).masked()[..10]).expect([violation(Violation::NotUtf8)]);
}

#[test]
fn f_086_a_million_tiny_messages_in_one_read_come_one_at_a_time() {
    let mut talk = server();
    let read = text("a").masked().repeat(1_000_000);
    talk.side.input.fill(&read, &mut talk.side.pool);
    let (heard, grown) = CountingAlloc::measure(|| {
        let mut heard = 0;
        while let Some(event) = talk.side.machine.poll_event(&mut talk.side.input, talk.clock.now()) {
            assert!(!talk.side.machine.wants_input(), "more is wanted while there is some");
            assert!(matches!(Heard::from(event), Heard::Text(text) if text == "a"));
            heard += 1;
        }
        heard
    });
    assert_eq!(heard, 1_000_000);
    assert!(grown.peak < 1024, "{grown:?}");
    assert!(talk.side.machine.wants_input());
}

#[test]
fn f_087_small_messages_that_are_kept_do_not_keep_their_read_buffers() {
    let mut talk = server();
    let one = binary("x").masked();
    let mut kept = Vec::with_capacity(10_000);
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..10_000 {
            talk.side.input.fill(&one, &mut talk.side.pool);
            let event = talk.side.machine.poll_event(&mut talk.side.input, talk.clock.now());
            kept.extend(event.and_then(|event| event.into_owned()));
            talk.side.input.release(&mut talk.side.pool);
        }
    });
    assert_eq!(kept.len(), 10_000);
    assert!(grown.kept <= 10_000 * (2 + 128), "{grown:?}");
}

#[test]
fn f_088_a_close_reason_of_124_bytes_is_the_callers_fault() {
    assert!(CloseFrame::new(CloseCode::NORMAL, "x".repeat(123)).is_ok());
    assert!(CloseFrame::new(CloseCode::NORMAL, "x".repeat(124)).is_err());
    assert!(CloseFrame::new(CloseCode::NORMAL, "€".repeat(42)).is_err(), "never cut inside a character");
}

#[test]
fn f_090_a_ping_of_126_bytes_is_the_callers_fault() {
    for role in [Role::Server, Role::Client] {
        let mut talk = Talk::with(role, Options::default(), Default::default());
        assert!(talk.side.machine.ping(&[0; 126]).is_err());
        assert!(talk.side.machine.pong(&[0; 126]).is_err());
        talk.expect_answers([]);
        assert!(talk.side.machine.ping(&[0; 125]).is_ok());
        talk.expect_answers([ping([0; 125])]);
    }
}

#[test]
fn f_091_output_is_headers_keys_and_payload_and_nothing_else() {
    // A masked zero shows its key, so a key of 0xa5a5a5a5 would too: the chance is 2^-32 a frame.
    let mut random = Random::new(91);
    for role in [Role::Server, Role::Client] {
        let now = sansocket_core::Instant::ZERO;
        let mut side =
            sansocket_testkit::Side::new(ws::websocket(role, Options::default(), Default::default(), now));
        // Freed memory that is handed out again would be full of this.
        let stain = |pool: &mut sansocket_core::Pool| {
            let mut input = sansocket_core::Input::default();
            input.space(pool).fill(0xa5);
            input.release(pool);
        };
        let mut said = Vec::new();
        let mut wanted = Vec::new();
        for _ in 0..2000 {
            stain(&mut side.pool);
            side.machine.attach(&mut side.pool);
            let len = random.pick(&[0, 1, 7, 125, 126, 300, 9000]);
            let payload: Vec<u8> = random.bytes(len).iter().map(|byte| byte & 0x7f).collect();
            match random.below(3) {
                0 => {
                    let as_text = Text::from_utf8(&payload).expect("ASCII");
                    side.machine.send_text(as_text.as_str()).expect("room");
                    wanted.push(text(&payload));
                }
                1 => {
                    side.machine.send_binary(&payload).expect("room");
                    wanted.push(binary(&payload));
                }
                _ => {
                    let short = &payload[..len.min(125)];
                    side.machine.ping(short).expect("room");
                    wanted.push(ping(short));
                }
            }
            said.extend(side.write_all());
        }
        let (frames, rest) = frames(role, &said);
        assert_eq!(rest, 0);
        assert_eq!(frames, wanted);
        if role == Role::Server {
            let whole: Vec<u8> = wanted.iter().flat_map(|frame| frame.bare()).collect();
            assert_eq!(said, whole);
        }
    }
}

#[test]
fn the_header_alone_never_costs_what_it_declares() {
    for len in [MIB as u64, MIB as u64 + 1, 1 << 32, 1 << 62] {
        let mut talk = server();
        let ((), grown) = CountingAlloc::measure(|| {
            talk.say_bytes(&header(FIN | opcode::BINARY, len, Some(KEY)));
        });
        assert!(grown.peak <= 4096, "{grown:?} for a declared length of {len}");
        let refused = len > MIB as u64;
        assert_eq!(talk.side.heard().len(), usize::from(refused));
    }
}
