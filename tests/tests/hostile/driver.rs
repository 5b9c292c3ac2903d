//! Entries of the layer `driver`: what whoever calls a machine may do to it, of WebSocket. The properties among them stand
//! with the machine, in `crates/websocket/tests`, and so do those of other machines: `coverage` knows where.

use std::time::Duration;

use sansocket_core::{Instant, Machine};
use sansocket_testkit::dialogues::{self, Dialogue};
use sansocket_testkit::{CountingAlloc, Frame, Side, Talk, frames, text, violation, ws};
use sansocket_websocket::{Keepalive, Options, Violation, WebSocket};

fn side(dialogue: &Dialogue) -> Side<WebSocket> {
    let Dialogue { role, options, extensions, .. } = dialogue.clone();
    Side::new(ws::websocket(role, options, extensions, Instant::ZERO))
}

#[test]
fn r_003_output_taken_a_byte_at_a_time_is_the_same() {
    for dialogue in dialogues::all() {
        let mut side = side(&dialogue);
        side.read(&dialogue.said, Instant::ZERO);
        let mut said = Vec::new();
        loop {
            assert!(side.write(0).is_empty(), "a call that takes nothing is one");
            let byte = side.write(1);
            if byte.is_empty() {
                break;
            }
            said.extend(byte);
        }
        assert_eq!(frames(dialogue.role, &said), (dialogue.answers, 0), "{}", dialogue.name);
    }
}

#[test]
fn r_006_input_after_a_fault_changes_nothing() {
    let mut talk = Talk::server(Options::default());
    talk.say_bytes(&[0xff; 2]).expect([violation(Violation::ReservedOpcode)]);
    talk.answers();
    for read in [&[0xff; 2][..], &text("x").masked(), &[0; 3000]] {
        talk.say_bytes(read).expect([]).expect_answers([]);
        assert!(talk.side.input.is_empty(), "what nobody wants is thrown away");
    }
}

#[test]
fn r_007_input_after_the_end_of_the_stream_changes_nothing() {
    let mut talk = Talk::server(Options::default());
    talk.leave();
    let heard = talk.side.heard();
    assert_eq!(heard.len(), 1);
    talk.leave().say(&text("late")).leave().expect([]).expect_answers([]);
    assert!(!talk.side.machine.wants_input());
}

fn kept_alive() -> Talk {
    let keepalive = Keepalive { interval: Duration::from_secs(2), timeout: Duration::from_secs(1) };
    Talk::server(Options { keepalive: Some(keepalive), ..Options::default() })
}

#[test]
fn r_008_time_that_goes_backwards_stands_still() {
    let mut talk = kept_alive();
    talk.wait(Duration::from_secs(1));
    let (machine, past) = (&mut talk.side.machine, Instant::ZERO);
    let deadline = machine.poll_timeout();
    machine.handle_timeout(past);
    assert_eq!(machine.poll_timeout(), deadline);
    talk.side.read(&text("from the past").masked(), past);
    assert_eq!(talk.side.heard().len(), 1);
    talk.side.machine.handle_timeout(past);
    assert!(talk.side.machine.poll_timeout().is_some());
}

#[test]
fn r_010_a_timeout_called_early_has_no_effect() {
    let mut talk = kept_alive();
    let deadline = talk.side.machine.poll_timeout().expect("a ping is due");
    for early in [0, 1, 1_999_999] {
        talk.side.machine.handle_timeout(talk.clock.now() + Duration::from_micros(early));
        assert_eq!(talk.side.machine.poll_timeout(), Some(deadline));
    }
    talk.expect([]).expect_answers([]);
}

#[test]
fn r_011_a_timeout_never_called_loses_nothing() {
    let mut talk = kept_alive();
    let deadline = talk.side.machine.poll_timeout();
    talk.clock.advance(Duration::from_secs(1000));
    talk.say(&text("still here")).expect([sansocket_testkit::heard_text("still here")]);
    talk.side.machine.send_text("so am I").expect("room");
    talk.expect_answers([text("so am I")]);
    assert_eq!(talk.side.machine.poll_timeout(), deadline);
}

#[test]
fn r_013_a_connection_dropped_at_any_moment_leaves_nothing() {
    for dialogue in dialogues::all() {
        for len in 0..dialogue.said.len().min(64) {
            let before = CountingAlloc::current();
            let mut side = side(&dialogue);
            side.read(&dialogue.said[..len], Instant::ZERO);
            side.write(len / 2);
            drop(side);
            let left = CountingAlloc::current() - before;
            // A context that was taken from the shared spares goes back there, and stays with the dialogue's options.
            let spares = if dialogue.options.deflate.is_some() { 512 * 1024 } else { 0 };
            assert!(left <= spares, "{left} bytes stay after {len} of {}", dialogue.name);
        }
    }
}

#[test]
fn r_015_no_call_does_more_work_than_its_bytes_are_worth() {
    // Without a counter of instructions: memory calls are counted, and every event consumes something.
    for dialogue in dialogues::all() {
        let mut side = side(&dialogue);
        side.input.fill(&dialogue.said, &mut side.pool);
        let mut events = 0;
        let (_, grown) = CountingAlloc::measure(|| {
            while side.machine.poll_event(&mut side.input, Instant::ZERO).is_some() {
                events += 1;
            }
        });
        assert!(events <= dialogue.said.len(), "{}", dialogue.name);
        assert!(grown.calls <= 64 + 4 * events, "{}: {grown:?} for {events} events", dialogue.name);
    }
}

#[test]
fn answers_are_what_the_dialogues_say_whoever_listens() {
    for dialogue in dialogues::all() {
        let mut side = side(&dialogue);
        side.read(&dialogue.said, Instant::ZERO);
        let answers: (Vec<Frame>, usize) = frames(dialogue.role, &side.write_all());
        assert_eq!(answers, (dialogue.answers.clone(), 0), "{}", dialogue.name);
    }
}
