//! The closing handshake, in every order (RFC 6455 §7).

use std::time::Duration;

use sansocket_core::{Machine, SendError};
use sansocket_testkit::{
    Heard, Pair, Talk, bare_close, close, close_frame, closed_by_peer, closed_by_us, heard_text, text,
    violation, ws,
};
use sansocket_websocket::{CloseCode, Closed, Options, Role, StreamError, Violation, WebSocket};

fn pair() -> Pair<WebSocket, WebSocket> {
    ws::pair(Options::default(), Options::default())
}

fn both_are_finished(pair: &Pair<WebSocket, WebSocket>) {
    assert!(pair.client.machine.is_finished(), "{:?}", pair.client.machine);
    assert!(pair.server.machine.is_finished(), "{:?}", pair.server.machine);
}

#[test]
fn the_client_closes() {
    let mut pair = pair();
    pair.client.machine.close(close_frame(1000, "bye"), pair.clock.now());
    pair.drive();
    assert_eq!(pair.server.heard(), [closed_by_peer(1000, "bye")]);
    assert_eq!(pair.client.heard(), [closed_by_us(1000, "bye")]);
    both_are_finished(&pair);
}

#[test]
fn the_server_closes() {
    let mut pair = pair();
    pair.server.machine.close(close_frame(1001, "going down"), pair.clock.now());
    pair.drive();
    assert_eq!(pair.client.heard(), [closed_by_peer(1001, "going down")]);
    assert_eq!(pair.server.heard(), [closed_by_us(1001, "going down")]);
    both_are_finished(&pair);
}

#[test]
fn both_close_at_once() {
    let mut pair = pair();
    pair.client.machine.close(close_frame(1000, "I go"), pair.clock.now());
    pair.server.machine.close(close_frame(1001, "so do I"), pair.clock.now());
    pair.drive();
    assert_eq!(pair.client.heard(), [closed_by_us(1001, "so do I")]);
    assert_eq!(pair.server.heard(), [closed_by_us(1000, "I go")]);
    both_are_finished(&pair);
}

#[test]
fn the_server_ends_tcp_first() {
    // RFC 6455 §7.1.1. The client waits for it, at most the close timeout.
    let mut client = Talk::client(Options::default());
    client.say(&close(1000, "")).expect([closed_by_peer(1000, "")]).expect_answers([close(1000, "")]);
    assert!(!client.side.is_shut_down() && !client.side.machine.is_finished());
    assert!(client.side.machine.wants_input(), "it waits for the end of the stream");
    client.leave().expect_shutdown().expect_finished();

    let mut server = Talk::server(Options::default());
    server.say(&close(1000, "")).expect([closed_by_peer(1000, "")]).expect_answers([close(1000, "")]);
    server.expect_shutdown();
    assert!(server.side.machine.wants_input(), "it reads on, so that what is under way is no reset");
    server.leave().expect_finished();
}

#[test]
fn a_client_whose_server_does_not_end_tcp_goes_at_the_close_timeout() {
    let mut client = Talk::client(Options::default());
    client.say(&close(1000, "")).expect([closed_by_peer(1000, "")]).expect_answers([close(1000, "")]);
    client.wait(Duration::from_secs(10)).expect([]).expect_finished();
}

#[test]
fn messages_under_way_arrive_before_the_close() {
    let mut pair = pair();
    for n in 0..100 {
        pair.client.machine.send_text(&format!("{n}")).expect("room");
    }
    pair.client.machine.close(CloseCode::NORMAL.into(), pair.clock.now());
    pair.server.machine.send_text("crossing").expect("room");
    pair.drive();
    let messages = (0..100).map(|n| heard_text(n.to_string()));
    assert_eq!(pair.server.heard(), messages.chain([closed_by_peer(1000, "")]).collect::<Vec<_>>());
    assert_eq!(pair.client.heard(), [heard_text("crossing"), closed_by_us(1000, "")]);
}

#[test]
fn nothing_is_sent_after_a_close() {
    let mut talk = Talk::server(Options::default());
    let machine = &mut talk.side.machine;
    machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    assert_eq!(machine.send_text("late"), Err(SendError::Closed(())));
    assert_eq!(machine.begin(sansocket_websocket::Kind::Text), Err(StreamError::Closed));
    machine.close(CloseCode::GOING_AWAY.into(), talk.clock.now());
    assert!(!machine.is_open());
    talk.expect_answers([close(1000, "")]);
    talk.say(&close(1000, "")).expect([closed_by_us(1000, "")]);
    assert_eq!(talk.side.machine.send_text("later"), Err(SendError::Closed(())));
    talk.expect_answers([]);
}

#[test]
fn a_message_in_pieces_is_cut_short_by_a_close() {
    let mut pair = pair();
    pair.client.machine.begin(sansocket_websocket::Kind::Text).expect("nothing is under way");
    pair.client.machine.append(b"half").expect("room");
    pair.client.machine.close(CloseCode::GOING_AWAY.into(), pair.clock.now());
    assert_eq!(pair.client.machine.append(b"more"), Err(StreamError::Closed));
    pair.drive();
    assert_eq!(pair.server.heard(), [closed_by_peer(1001, "")]);
}

#[test]
fn codes_that_never_stand_on_the_wire_send_none() {
    for code in [CloseCode::NO_STATUS, CloseCode::ABNORMAL] {
        let mut talk = Talk::server(Options::default());
        talk.side.machine.close(code.into(), talk.clock.now());
        talk.expect_answers([bare_close()]);
    }
}

#[test]
fn a_stream_that_ends_without_a_close_frame_is_lost() {
    for mut talk in [Talk::server(Options::default()), Talk::client(Options::default())] {
        talk.say(&text("last words")).leave();
        talk.expect([heard_text("last words"), Heard::Closed(Closed::Lost)]).expect_answers([]);
        talk.expect_shutdown().expect_finished();
        assert_eq!(talk.side.machine.closed(), Some(&Closed::Lost));
        talk.leave().expect([]);
    }
}

#[test]
fn what_was_read_before_the_end_is_heard_before_it() {
    let mut talk = Talk::server(Options::default());
    // Read, but nobody asked for events yet.
    talk.side.input.fill(&[text("one").masked(), text("two").masked()].concat(), &mut talk.side.pool);
    talk.leave().expect([heard_text("one"), heard_text("two"), Heard::Closed(Closed::Lost)]);
}

#[test]
fn a_close_read_before_the_end_is_a_clean_end() {
    let mut talk = Talk::server(Options::default());
    talk.side.input.fill(&close(1000, "").masked(), &mut talk.side.pool);
    talk.leave().expect([closed_by_peer(1000, "")]).expect_answers([close(1000, "")]).expect_shutdown();
    talk.expect_finished();
}

#[test]
fn our_close_that_is_answered_by_silence_and_the_end_is_lost() {
    let mut talk = Talk::client(Options::default());
    talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    talk.leave().expect([Heard::Closed(Closed::Lost)]).expect_answers([close(1000, "")]);
}

#[test]
fn a_violation_after_our_close_sends_no_second_one() {
    let mut talk = Talk::server(Options::default());
    talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    talk.say_bytes(&[0xff, 0xff]).expect([violation(Violation::ReservedOpcode)]);
    talk.expect_answers([close(1000, "")]);
}

#[test]
fn a_violation_ends_tcp_whoever_committed_it() {
    for mut talk in [Talk::server(Options::default()), Talk::client(Options::default())] {
        talk.say_bytes(&[0xff, 0xff]).expect([violation(Violation::ReservedOpcode)]);
        talk.expect_answers([close(1002, "")]).expect_shutdown();
        assert!(talk.side.machine.wants_input());
        talk.leave().expect_finished();
    }
}

#[test]
fn the_end_comes_in_order_through_a_narrow_slow_network() {
    for first in [Role::Client, Role::Server] {
        let mut pair = pair();
        for link in [&mut pair.to_client, &mut pair.to_server] {
            (link.chunk, link.capacity, link.delay) = (3, 5, Duration::from_millis(100));
        }
        let now = pair.clock.now();
        pair.client.machine.send_text("from the client").expect("room");
        pair.server.machine.send_text("from the server").expect("room");
        match first {
            Role::Client => pair.client.machine.close(close_frame(4000, "slow"), now),
            Role::Server => pair.server.machine.close(close_frame(4000, "slow"), now),
        }
        pair.wait(Duration::from_secs(9));
        let (by_us, by_peer) = (closed_by_us(4000, "slow"), closed_by_peer(4000, "slow"));
        let (client, server) = if first == Role::Client { (by_us, by_peer) } else { (by_peer, by_us) };
        assert_eq!(pair.client.heard(), [heard_text("from the server"), client]);
        assert_eq!(pair.server.heard(), [heard_text("from the client"), server]);
        both_are_finished(&pair);
    }
}

#[test]
fn a_connection_cut_anywhere_ends_on_both_sides() {
    let whole = {
        let mut pair = pair();
        pair.client.machine.send_text("to be cut").expect("room");
        pair.client.machine.close(CloseCode::NORMAL.into(), pair.clock.now());
        pair.client.write_all().len()
    };
    for cut in 0..whole {
        let mut pair = pair();
        pair.to_server.cut_after = Some(cut);
        pair.client.machine.send_text("to be cut").expect("room");
        pair.client.machine.close(CloseCode::NORMAL.into(), pair.clock.now());
        pair.wait(Duration::from_secs(20));
        assert_eq!(pair.server.heard().last(), Some(&Heard::Closed(Closed::Lost)), "cut after {cut}");
        assert_eq!(pair.client.heard(), [Heard::Closed(Closed::Lost)], "cut after {cut}");
        both_are_finished(&pair);
    }
}
