//! Deadlines are data: keepalive, idle and close timeouts on virtual time.

use std::time::Duration;

use sansocket_core::{Instant, Machine};
use sansocket_testkit::operations::{Conversation, Operation, choose_settings};
use sansocket_testkit::{
    Flow, Heard, Random, Talk, close, heard_ping, heard_pong, heard_text, ping, pong, text, ws,
};
use sansocket_websocket::{CloseCode, Closed, Deadline, Keepalive, Options};

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_micros(1);

/// Pings after 2 s of silence, and waits 1 s.
fn kept_alive() -> Options {
    let keepalive = Keepalive { interval: 2 * SECOND, timeout: SECOND };
    Options { keepalive: Some(keepalive), ..Options::default() }
}

fn timeout(deadline: Deadline) -> Heard {
    Heard::Closed(Closed::Timeout(deadline))
}

/// The payload of the keepalive ping that just went out.
fn pinged(talk: &mut Talk) -> Vec<u8> {
    let answers = talk.answers();
    let [frame] = &answers[..] else { panic!("{answers:?} instead of a ping") };
    assert_eq!(*frame, ping(&frame.payload));
    frame.payload.clone()
}

#[test]
fn nothing_is_due_unless_it_was_asked_for() {
    for mut talk in [Talk::server(Options::default()), Talk::client(Options::default())] {
        assert_eq!(talk.side.machine.poll_timeout(), None);
        talk.wait(1_000_000 * SECOND).expect([]).expect_answers([]);
    }
}

#[test]
fn silence_is_broken_by_a_ping_and_a_pong_tells_the_round_trip() {
    for mut talk in [Talk::server(kept_alive()), Talk::client(kept_alive())] {
        talk.wait(2 * SECOND - TICK).expect_answers([]);
        talk.wait(TICK);
        let payload = pinged(&mut talk);
        talk.wait(SECOND / 4).say(&pong(&payload)).expect([heard_pong(payload)]);
        assert_eq!(talk.side.machine.counters().round_trip, Some(SECOND / 4));
        talk.wait(SECOND).expect([]).expect_answers([]);
        talk.wait(SECOND);
        assert!(!pinged(&mut talk).is_empty(), "two seconds after the pong, the next");
    }
}

#[test]
fn no_answer_to_a_ping_ends_it_with_1011() {
    let mut talk = Talk::server(kept_alive());
    talk.wait(2 * SECOND);
    pinged(&mut talk);
    talk.wait(SECOND - TICK).expect([]);
    talk.wait(TICK).expect([timeout(Deadline::Pong)]).expect_answers([close(1011, "")]).expect_shutdown();
}

#[test]
fn any_sign_of_life_answers_a_ping() {
    let mut talk = Talk::server(kept_alive());
    for _ in 0..5 {
        talk.wait(2 * SECOND);
        pinged(&mut talk);
        talk.wait(SECOND / 2).say(&text("alive")).expect([heard_text("alive")]);
    }
}

#[test]
fn part_of_a_message_is_a_sign_of_life() {
    let mut talk = Talk::server(kept_alive());
    let slow = text("a long message, slowly").masked();
    for byte in &slow {
        talk.wait(2 * SECOND - TICK).say_bytes(&[*byte]);
    }
    talk.expect([heard_text("a long message, slowly")]).expect_answers([]);
}

#[test]
fn who_talks_is_not_pinged() {
    let mut talk = Talk::server(kept_alive());
    for _ in 0..20 {
        talk.wait(SECOND).say(&ping("x")).expect([heard_ping("x")]).expect_answers([pong("x")]);
    }
}

#[test]
fn silence_past_the_idle_timeout_ends_it_with_1001() {
    let options = Options { idle_timeout: Some(5 * SECOND), ..Options::default() };
    let mut talk = Talk::server(options);
    talk.wait(4 * SECOND).say(&text("here")).expect([heard_text("here")]);
    talk.wait(5 * SECOND - TICK).expect([]);
    talk.wait(TICK).expect([timeout(Deadline::Idle)]).expect_answers([close(1001, "")]);
}

#[test]
fn what_we_send_is_no_sign_of_the_peers_life() {
    let options = Options { idle_timeout: Some(5 * SECOND), ..Options::default() };
    let mut talk = Talk::server(options);
    for _ in 0..4 {
        talk.wait(SECOND);
        talk.side.machine.send_text("are you there?").expect("room");
    }
    talk.wait(SECOND).expect([timeout(Deadline::Idle)]);
}

#[test]
fn a_closing_handshake_that_is_not_answered_ends_in_time() {
    for mut talk in [Talk::server(Options::default()), Talk::client(Options::default())] {
        talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
        talk.expect_answers([close(1000, "")]);
        talk.wait(10 * SECOND - TICK).expect([]);
        talk.wait(TICK).expect([timeout(Deadline::Close)]).expect_finished();
    }
}

#[test]
fn messages_do_not_put_off_the_end_of_a_closing_handshake() {
    let mut talk = Talk::server(Options::default());
    talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    for _ in 0..9 {
        talk.wait(SECOND).say(&text("one more thing")).expect([heard_text("one more thing")]);
    }
    talk.wait(SECOND).expect([timeout(Deadline::Close)]).expect_finished();
}

#[test]
fn a_server_lingers_for_the_clients_end_but_not_for_ever() {
    let mut talk = Talk::server(Options::default());
    talk.say(&close(1000, "")).expect_answers([close(1000, "")]).expect_shutdown();
    assert!(!talk.side.machine.is_finished());
    talk.side.heard();
    talk.wait(10 * SECOND - TICK);
    assert!(!talk.side.machine.is_finished());
    talk.wait(TICK).expect([]).expect_finished();
    assert_eq!(talk.side.machine.poll_timeout(), None);
}

#[test]
fn a_peer_that_reads_nothing_is_noticed_by_its_silence() {
    let mut pair = ws::pair(Options::default(), kept_alive());
    pair.to_client.capacity = 100;
    pair.to_client.flow = Flow::Stalled;
    pair.server.machine.send_binary(&[0; 50_000]).expect("room");
    pair.wait(10 * SECOND);
    assert_eq!(pair.server.heard(), [timeout(Deadline::Pong)]);
    assert!(!pair.server.machine.is_finished());
    pair.wait(10 * SECOND);
    assert!(
        pair.server.machine.is_finished(),
        "its close frame cannot be written, and nobody waits for ever"
    );
}

#[test]
fn a_cut_cable_is_noticed_by_both_ends() {
    let mut pair = ws::pair(kept_alive(), kept_alive());
    pair.wait(7 * SECOND);
    pair.client.heard();
    pair.server.heard();
    pair.to_client.flow = Flow::Stalled;
    pair.to_server.flow = Flow::Stalled;
    pair.wait(4 * SECOND);
    assert_eq!(pair.client.heard(), [timeout(Deadline::Pong)]);
    assert_eq!(pair.server.heard(), [timeout(Deadline::Pong)]);
}

///
#[test]
fn a_deadline_that_was_handled_never_comes_back() {
    for mut talk in [Talk::server(kept_alive()), Talk::client(kept_alive())] {
        let mut random = Random::new(12);
        for _ in 0..500 {
            let Some(at) = talk.side.machine.poll_timeout() else { break };
            talk.clock.reach(at);
            talk.side.machine.handle_timeout(at);
            assert!(talk.side.machine.poll_timeout().is_none_or(|next| next > at));
            talk.side.listen(at);
            if random.below(4) > 0 {
                talk.say(&text("alive"));
            }
        }
        assert!(talk.side.heard().contains(&timeout(Deadline::Pong)));
    }
}

#[test]
fn intervals_of_nothing_are_no_endless_loop() {
    let keepalive = Keepalive { interval: Duration::ZERO, timeout: Duration::ZERO };
    let options = Options {
        keepalive: Some(keepalive),
        idle_timeout: Some(Duration::ZERO),
        close_timeout: Duration::ZERO,
        ..Options::default()
    };
    let mut talk = Talk::server(options);
    talk.wait(SECOND).expect_finished();
    assert_eq!(talk.side.heard().len(), 1);
}

#[test]
fn the_end_of_time_is_no_panic() {
    let mut talk = Talk::server(kept_alive());
    let end = Instant::from_micros(u64::MAX);
    talk.side.machine.handle_timeout(end);
    talk.side.listen(end);
    talk.side.machine.handle_timeout(end);
    talk.side.listen(end);
    let _ = talk.answers();
}

#[test]
fn with_deadlines_running_whatever_happens_comes_to_an_end() {
    for seed in 1000..1040 {
        let mut random = Random::new(seed);
        let (mut options, extensions) = choose_settings(|n| random.below(n));
        options.keepalive = kept_alive().keepalive;
        let mut conversation = Conversation::new(options, extensions, None);
        for _ in 0..20 {
            conversation.perform(Operation::choose(|n| random.below(n)));
            conversation.perform(Operation::Wait(random.number() % 4000));
        }
        conversation.end();
    }
}
