//! What a connection holds while it waits: at most twice the bytes of its unfinished message, and 4 KiB.

use sansocket_core::{Machine, Message};
use sansocket_testkit::{
    CountingAlloc, FIN, Form, KEY, Random, Talk, binary, continuation, deflate_message, dialogues, header,
    header_in, heard_binary, opcode, ping, text,
};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Options, Role};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// A connection whose pool is filled, so that only what it takes for itself is counted.
fn server(options: Options) -> Talk {
    let mut talk = Talk::server(options);
    talk.side.input.space(&mut talk.side.pool);
    talk.side.input.release(&mut talk.side.pool);
    talk
}

#[test]
fn an_idle_connection_holds_no_buffer() {
    CountingAlloc::current();
    let mut talk = server(Options::default());
    let ((), grown) = CountingAlloc::measure(|| {
        for len in [0, 10, 1000, 100_000] {
            talk.say(&binary(vec![1; len]));
            talk.side.machine.attach(&mut talk.side.pool);
            talk.side.machine.send(Message::binary(vec![2; len])).expect("room");
            assert_eq!(talk.answers().len(), 1);
            talk.side.heard();
        }
    });
    assert_eq!(talk.side.input.memory(), 0);
    assert_eq!(talk.side.machine.buffered(), 0);
    // The second buffer that the pool keeps is for output.
    assert!(grown.kept <= 256 * 1024 + 1024, "{grown:?}");
}

#[test]
fn a_connection_costs_little_before_it_says_anything() {
    let options = std::sync::Arc::new(Options::default());
    let now = sansocket_core::Instant::ZERO;
    let (ws, grown) = CountingAlloc::measure(|| {
        sansocket_websocket::WebSocket::server(options.clone(), Default::default(), now)
    });
    let all = grown.kept + size_of_val(&ws) + size_of::<sansocket_core::Input>();
    assert!(all <= 1024, "{all} bytes");
}

#[test]
fn a_header_takes_no_memory_for_what_it_declares() {
    for len in [126, 65_536, 1 << 20] {
        let mut talk = server(Options::default());
        let ((), grown) = CountingAlloc::measure(|| {
            talk.say_bytes(&header(FIN | opcode::BINARY, len, Some(KEY)));
            talk.say_bytes(&[0; 10]);
        });
        assert!(grown.kept <= 2 * 24 + 4096, "{grown:?} after the header of {len} bytes");
    }
}

#[test]
fn an_unfinished_message_holds_at_most_twice_its_bytes_however_it_comes() {
    let payload = Random::new(4).bytes(300_000);
    for (frame, read) in
        [(300_000, 1), (300_000, 1000), (300_000, 70_000), (1, 7), (100, 333), (5000, 65_536)]
    {
        let mut talk = server(Options { max_empty_frames: None, ..Options::default() });
        let mut said = Vec::new();
        for (at, piece) in payload.chunks(frame).enumerate() {
            let piece = if at == 0 { binary(piece) } else { continuation(piece) };
            said.extend(piece.unfinished().masked());
        }
        let (mut received, spare) = (0, talk.side.pool.memory());
        // What is received is measured in payload: the headers of tiny frames are gone.
        let share = payload.len() as f64 / said.len() as f64;
        let ((), grown) = CountingAlloc::measure(|| {
            for bytes in said.chunks(read) {
                talk.say_bytes(bytes);
                received += bytes.len();
                let bound = 2 * (received as f64 * share) as usize + 4096;
                let memory = talk.side.input.memory();
                assert!(memory <= bound, "{memory} after {received} in frames of {frame}, reads of {read}");
            }
        });
        let spare = talk.side.pool.memory() - spare;
        assert!(grown.kept <= 2 * payload.len() + 4096 + spare, "{grown:?}");
        talk.say(&continuation("")).expect([heard_binary(payload.clone())]);
        assert_eq!(talk.side.input.memory(), 0);
    }
}

#[test]
fn inflated_bytes_count_as_they_are_kept() {
    let payload = vec![b'x'; 500_000];
    let deflated = deflate_message(&payload);
    let options = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    let mut talk = Talk::with(Role::Server, options, dialogues::deflate(Takeover::Reset, 15));
    let ((), grown) = CountingAlloc::measure(|| {
        for (at, byte) in deflated.iter().enumerate() {
            let piece = if at == 0 { text([*byte]).compressed() } else { continuation([*byte]) };
            talk.say(&piece.unfinished());
        }
    });
    // Twice the message, the read buffer that the pool keeps, and an inflater.
    assert!(grown.peak <= 3 * payload.len() + (256 + 96) * 1024, "{grown:?}");
    talk.say(&continuation(""));
    talk.expect([sansocket_testkit::heard_text("x".repeat(500_000))]);
    assert_eq!(talk.side.input.memory(), 0, "inflated bytes go back to the pool");
}

#[test]
fn a_message_that_is_refused_is_let_go_at_once() {
    let mut talk = server(Options::default());
    let spare = talk.side.pool.memory();
    let ((), grown) = CountingAlloc::measure(|| {
        talk.say(&binary(vec![1; 900_000]).unfinished());
        talk.say(&continuation(vec![1; 900_000]));
        talk.say_bytes(&[0xff; 100_000]);
        talk.side.heard();
        talk.answers();
    });
    assert_eq!(talk.side.input.memory(), 0);
    // The pool keeps what it may for the next large message, of whomever.
    let spare = talk.side.pool.memory() - spare;
    assert!(grown.kept <= 1024 + spare, "{grown:?}");
}

#[test]
fn pings_inside_a_message_take_nothing() {
    let mut talk = server(Options::default());
    talk.say(&text("under way").unfinished());
    let memory = talk.side.input.memory();
    for _ in 0..1000 {
        talk.say(&ping([7; 125]));
        talk.side.heard();
        talk.answers();
    }
    assert_eq!(talk.side.input.memory(), memory);
}

#[test]
fn whole_messages_are_received_without_asking_for_memory() {
    let mut talk = server(Options::default());
    let said = [binary([1; 100]), text("x".repeat(3000)), ping("x")].map(|frame| frame.masked()).concat();
    let now = talk.clock.now();
    for round in 0..100 {
        let (heard, grown) = CountingAlloc::measure(|| {
            talk.side.input.fill(&said, &mut talk.side.pool);
            let mut heard = 0;
            while talk.side.machine.poll_event(&mut talk.side.input, now).is_some() {
                heard += 1;
            }
            talk.side.input.release(&mut talk.side.pool);
            heard
        });
        assert_eq!(heard, 3);
        // The pong is the only thing that is put somewhere.
        assert!(grown.calls <= 2, "{grown:?} in round {round}");
        talk.answers();
    }
}

#[test]
fn a_length_in_the_wrong_form_takes_nothing() {
    let mut talk = server(Options::default());
    let ((), grown) = CountingAlloc::measure(|| {
        talk.say_bytes(&header_in(Form::Eight, FIN | opcode::BINARY, (1 << 63) - 1, Some(KEY)));
    });
    assert!(grown.peak <= 4096, "{grown:?}");
}
