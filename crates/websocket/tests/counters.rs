//! What a connection counts, it counts right.

use std::time::Duration;

use sansocket_core::Message;
use sansocket_testkit::{Talk, close, continuation, dialogues, ping, text, ws};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Counters, Keepalive, Options, Traffic};

#[test]
fn a_fresh_connection_has_counted_nothing() {
    assert_eq!(Talk::server(Options::default()).side.machine.counters(), Counters::default());
}

#[test]
fn whole_messages_and_pieces_are_counted() {
    let mut talk = Talk::server(Options::default());
    let said =
        [text("hello"), text("wor").unfinished(), ping("?"), continuation("ld")].map(|frame| frame.masked());
    for frame in &said {
        talk.say_bytes(frame);
    }
    let received = talk.side.machine.counters().received;
    let wire = said.concat().len() as u64;
    assert_eq!(received, Traffic { wire, payload: 10, messages: 2, fragments: 2 });
}

#[test]
fn what_one_sends_the_other_receives() {
    for extensions in [Default::default(), dialogues::deflate(Takeover::Keep, 15)] {
        let options = || Options {
            fragment: Some(1000),
            deflate: Some(DeflateOptions::default()),
            high_water: 1 << 20,
            ..Options::default()
        };
        let mut pair = ws::pair_with(options(), extensions, options(), extensions);
        for len in [0, 10, 999, 1000, 1001, 50_000] {
            pair.client.machine.send(Message::binary(vec![1; len])).expect("room");
            pair.server.machine.send(Message::text("x".repeat(len))).expect("room");
            pair.client.machine.ping(b"x").expect("room");
        }
        let now = pair.clock.now();
        pair.client.machine.close(Default::default(), now);
        pair.drive();
        let (client, server) = (pair.client.machine.counters(), pair.server.machine.counters());
        assert_eq!(client.sent, server.received, "{extensions:?}");
        assert_eq!(server.sent, client.received, "{extensions:?}");
        assert_eq!(client.sent.messages, 6);
        assert_eq!(client.sent.payload, 53_010);
    }
}

#[test]
fn the_peak_of_the_queue_is_remembered() {
    let mut talk = Talk::server(Options::default());
    talk.side.machine.send_binary(&[1; 1000]).expect("room");
    talk.side.machine.send_binary(&[1; 1000]).expect("room");
    talk.answers();
    talk.side.machine.send_binary(&[1; 10]).expect("room");
    talk.answers();
    assert_eq!(talk.side.machine.counters().queue_peak, 2 * 1004);
}

#[test]
fn the_wire_is_counted_however_it_is_cut() {
    let said =
        [text("one"), ping("two"), text("three"), close(1000, "four")].map(|frame| frame.masked()).concat();
    for cut in 0..said.len() {
        let (head, tail) = said.split_at(cut);
        let mut talk = Talk::server(Options::default());
        talk.say_bytes(head).say_bytes(tail);
        assert_eq!(talk.side.machine.counters().received.wire, said.len() as u64, "cut at {cut}");
    }
}

#[test]
fn the_round_trip_is_the_latest() {
    let second = Duration::from_secs(1);
    let keepalive = Keepalive { interval: second, timeout: second };
    let mut pair = ws::pair(Options::default(), Options { keepalive: Some(keepalive), ..Options::default() });
    for delay in [10, 80, 40] {
        (pair.to_client.delay, pair.to_server.delay) =
            (Duration::from_millis(delay), Duration::from_millis(2 * delay));
        pair.wait(3 * second);
        assert_eq!(pair.server.machine.counters().round_trip, Some(Duration::from_millis(3 * delay)));
    }
}
