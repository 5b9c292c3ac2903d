//! What the machine says is what a naive reading of RFC 6455 says.

use std::cell::RefCell;

use proptest::prelude::*;
use sansocket_core::{Instant, Pool};
use sansocket_testkit::{
    FIN, Form, Frame, KEY, Oracle, Side, Verdict, bare_close, binary, close, continuation, deflate_message,
    dialogues, frames, header_in, ping, pong, text, wire, ws,
};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Extensions, Options, Role};

fn opposite(role: Role) -> Role {
    match role {
        Role::Client => Role::Server,
        Role::Server => Role::Client,
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
}

/// What the machine makes of `input` in one read.
fn verdict(role: Role, options: Options, extensions: Extensions, input: &[u8]) -> Verdict {
    let mut side = Side::new(ws::websocket(role, options, extensions, Instant::ZERO));
    // One pool for all of them, or most of the time goes into fresh buffers.
    side.pool = POOL.take();
    side.read(input, Instant::ZERO);
    let (answers, rest) = frames(role, &side.write_all());
    assert_eq!(rest, 0, "half a frame was written");
    POOL.set(std::mem::take(&mut side.pool));
    Verdict { heard: side.heard(), answers }
}

fn agree(oracle: &Oracle, input: &[u8]) {
    let options = Options {
        max_message: Some(oracle.max_message),
        max_frame: Some(oracle.max_frame),
        max_empty_frames: Some(oracle.max_empty_frames as u32),
        ..Options::default()
    };
    let verdict = verdict(oracle.role, options, Extensions::default(), input);
    assert_eq!(verdict, oracle.judge(input), "a {:?} hears {input:02x?}", oracle.role);
}

#[test]
fn the_oracle_knows_the_dialogues() {
    for dialogue in dialogues::all() {
        if let Some(oracle) = dialogue.oracle() {
            let recorded = Verdict { heard: dialogue.heard.clone(), answers: dialogue.answers.clone() };
            assert_eq!(oracle.judge(&dialogue.said), recorded, "{}", dialogue.name);
        }
    }
}

#[test]
fn all_headers_of_two_bytes_are_judged_alike() {
    for role in [Role::Server, Role::Client] {
        let oracle = Oracle::new(role);
        let open = wire(opposite(role), [&text("open").unfinished()]);
        for header in 0..=u16::MAX {
            let header = header.to_be_bytes();
            // Nothing else, then what a key, a payload and more would be.
            agree(&oracle, &header);
            let more = [&header[..], &[0, 0, 0, 1, 0, 0, 0, 0, b'x', b'y', b'z', 0x81]].concat();
            agree(&oracle, &more);
            agree(&oracle, &[&open[..], &more].concat());
        }
    }
}

#[test]
fn all_close_codes_are_judged_alike() {
    for role in [Role::Server, Role::Client] {
        let oracle = Oracle::new(role);
        for code in 0..=u16::MAX {
            agree(&oracle, &wire(opposite(role), [&close(code, "why"), &text("late")]));
        }
    }
}

/// Frames as peers send them, most of them right.
fn any_frame() -> impl Strategy<Value = Frame> {
    let payload = || proptest::collection::vec(any::<u8>(), 0..200);
    let words = || "[a-zäöü€𝄞]{0,60}";
    let code = prop_oneof![Just(1000), Just(3000), 990..1020_u16, any::<u16>()];
    prop_oneof![
        4 => words().prop_map(text),
        3 => words().prop_map(|words| text(words).unfinished()),
        6 => words().prop_map(|words| continuation(words).unfinished()),
        6 => words().prop_map(continuation),
        2 => payload().prop_map(binary),
        2 => payload().prop_map(|payload| binary(payload).unfinished()),
        2 => payload().prop_map(continuation),
        1 => payload().prop_map(text),
        3 => payload().prop_map(|mut payload| { payload.truncate(125); ping(payload) }),
        2 => payload().prop_map(|mut payload| { payload.truncate(125); pong(payload) }),
        1 => (code, words()).prop_map(|(code, words)| close(code, words.as_bytes())),
        1 => payload().prop_map(|payload| bare_close().with_payload(payload)),
        1 => (any::<u8>(), payload()).prop_map(|(first, payload)| text(payload).with_first(first)),
    ]
}

fn any_role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

proptest! {
    #[test]
    fn any_frames_are_judged_alike(role in any_role(), frames in proptest::collection::vec(any_frame(), 0..12)) {
        agree(&Oracle::new(role), &wire(opposite(role), &frames));
    }

    #[test]
    fn any_part_of_any_frames_is_judged_alike(
        role in any_role(),
        frames in proptest::collection::vec(any_frame(), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let said = wire(opposite(role), &frames);
        agree(&Oracle::new(role), &said[..end.index(said.len())]);
    }

    #[test]
    fn frames_with_one_byte_changed_are_judged_alike(
        role in any_role(),
        frames in proptest::collection::vec(any_frame(), 1..8),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut said = wire(opposite(role), &frames);
        let at = at.index(said.len());
        said[at] = byte;
        agree(&Oracle::new(role), &said);
    }

    #[test]
    fn any_limits_are_judged_alike(
        limits in (1..100_usize, 1..300_usize, 0..4_usize),
        frames in proptest::collection::vec(any_frame(), 1..12),
    ) {
        let mut oracle = Oracle::new(Role::Server);
        (oracle.max_frame, oracle.max_message, oracle.max_empty_frames) = limits;
        agree(&oracle, &wire(Role::Client, &frames));
    }

    #[test]
    fn any_lengths_are_judged_alike(
        role in any_role(),
        opcode in 0..16_u8,
        len in prop_oneof![0..300_u64, 65_000..66_000_u64, 1_000_000..1_100_000_u64, any::<u64>()],
    ) {
        for form in [Form::Short, Form::Two, Form::Eight] {
            let key = (role == Role::Server).then_some(KEY);
            agree(&Oracle::new(role), &header_in(form, FIN | opcode, len, key));
        }
    }

    #[test]
    fn noise_is_judged_alike(role in any_role(), noise in proptest::collection::vec(any::<u8>(), 0..64)) {
        agree(&Oracle::new(role), &noise);
    }

    #[test]
    fn compressed_messages_are_judged_alike(
        role in any_role(),
        keeps in prop_oneof![Just(Takeover::Keep), Just(Takeover::Reset)],
        messages in proptest::collection::vec(("[a-c]{0,400}", 0..4_u8), 1..6),
    ) {
        let extensions = dialogues::deflate(keeps, 15);
        let mut said = Vec::new();
        for (message, cuts) in messages {
            let payload = deflate_message(message.as_bytes());
            let pieces: Vec<&[u8]> = payload.chunks(payload.len().div_ceil(1 + usize::from(cuts))).collect();
            let last = pieces.len() - 1;
            for (at, piece) in pieces.iter().enumerate() {
                let frame = if at == 0 { text(piece).compressed() } else { continuation(piece) };
                let frame = if at == last { frame } else { frame.unfinished() };
                said.extend(frame.sent_by(opposite(role)));
            }
        }
        let options = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
        let dialogue = dialogues::Dialogue {
            name: String::new(), role, options: options.clone(), extensions, said: said.clone(), heard: vec![], answers: vec![],
        };
        let judged = dialogue.oracle().expect("known settings").judge(&said);
        prop_assert_eq!(verdict(role, options, extensions, &said), judged);
    }

    #[test]
    fn corrupt_messages_are_judged_alike(
        keeps in prop_oneof![Just(Takeover::Keep), Just(Takeover::Reset)],
        window in 8..=15_u8,
        first in "[a-c]{0,400}",
        second in "[a-c]{0,400}",
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut payload = deflate_message(second.as_bytes());
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        agree_compressed(keeps, window, [deflate_message(first.as_bytes()), payload]);
    }
}

#[test]
fn a_block_that_runs_on_into_the_tail_is_judged_alike() {
    // What is left of the tail behind it is the head of a block of no type.
    let payload =
        b"\x24\x8d\x87\x0d\x00\x30\x08\xc3\x6e\x25\xfe\xff\x07\x32\x2a\x50\x13\xb3\xc4\x5d\x42\x38\x74\
        \x92\xa5\x14\x1b\x5c\x4b\x5b\x2c\xf7\x68\x52\x9f\xae\x71\x0d\x34\xad\xa6\x99\x63\xcc\x40\xd9\x4a\
        \xaa\x90\xc1\x5c\xcc\xbf\xa4\x0f";
    agree_compressed(Takeover::Keep, 8, [deflate_message(b""), payload.to_vec()]);
}

/// Says compressed messages to a server.
fn agree_compressed(keeps: Takeover, window: u8, payloads: [Vec<u8>; 2]) {
    let frames = payloads.map(|payload| binary(payload).compressed());
    let options = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    let dialogue = dialogues::Dialogue {
        name: String::new(),
        role: Role::Server,
        options: options.clone(),
        extensions: dialogues::deflate(keeps, window),
        said: wire(Role::Client, &frames),
        heard: vec![],
        answers: vec![],
    };
    let judged = dialogue.oracle().expect("known settings").judge(&dialogue.said);
    assert_eq!(verdict(Role::Server, options, dialogue.extensions, &dialogue.said), judged);
}
