//! What happens when more is sent than the peer reads.

use sansocket_core::{Message, SendError};
use sansocket_testkit::{Flow, Heard, Talk, binary, close, heard_binary, heard_text, text, ws};
use sansocket_websocket::{Closed, Options, Overflow, Prepared};

fn narrow(high_water: usize, hard_cap: usize, overflow: Overflow) -> Options {
    Options { high_water, hard_cap, overflow, ..Options::default() }
}

#[test]
fn past_the_high_water_mark_a_message_comes_back() {
    let mut talk = Talk::server(narrow(1000, 1 << 20, Overflow::Close));
    let message = Message::binary(vec![1; 400]);
    for _ in 0..3 {
        assert_eq!(talk.side.machine.send(message.clone()), Ok(()));
    }
    assert_eq!(talk.side.machine.buffered(), 3 * 404);
    assert_eq!(talk.side.machine.send(message.clone()), Err(SendError::Blocked(message.clone())));
    assert_eq!(talk.side.machine.send_text("no"), Err(SendError::Blocked(())));
    talk.side.write(300);
    assert_eq!(talk.side.machine.send(message), Ok(()), "below the mark again");
}

#[test]
fn an_empty_queue_takes_any_one_message() {
    for high_water in [0, 1, 1000] {
        let mut talk = Talk::server(narrow(high_water, 10, Overflow::Close));
        assert_eq!(talk.side.machine.send_binary(&[1; 100_000]), Ok(()));
        assert_eq!(talk.side.machine.send_binary(b""), Err(SendError::Blocked(())));
        talk.expect_answers([binary([1; 100_000])]);
        assert_eq!(talk.side.machine.send_binary(b""), Ok(()));
    }
}

#[test]
fn pieces_wait_for_room_too() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::Close));
    talk.side.machine.begin(sansocket_websocket::Kind::Binary).expect("nothing is under way");
    talk.side.machine.append(&[1; 200]).expect("an empty queue takes any one");
    assert_eq!(talk.side.machine.append(&[2; 10]), Err(sansocket_websocket::StreamError::Blocked));
    assert_eq!(talk.side.machine.finish(), Ok(()), "an end is always let through");
    assert_eq!(talk.answers().len(), 2);
}

#[test]
fn a_peer_that_does_not_read_stops_the_sender_and_not_the_reader() {
    let mut pair = ws::pair(Options::default(), narrow(1000, 2000, Overflow::Close));
    (pair.to_client.capacity, pair.to_client.flow) = (500, Flow::Stalled);
    let mut sent = 0;
    while pair.server.machine.send_binary(&[3; 100]).is_ok() {
        sent += 1;
        pair.drive();
        assert!(sent < 100, "nobody says stop");
    }
    for n in 0..50 {
        pair.client.machine.send_text(&format!("still here {n}")).expect("room");
        pair.drive();
    }
    let heard: Vec<Heard> = (0..50).map(|n| heard_text(format!("still here {n}"))).collect();
    assert_eq!(pair.server.heard(), heard);
    pair.to_client.flow = Flow::Open;
    pair.drive();
    assert_eq!(pair.client.heard(), vec![heard_binary([3; 100]); sent]);
    assert_eq!(pair.server.machine.buffered(), 0);
}

/// Sends prepared messages, numbered, of 100 bytes each; nobody reads.
fn flood(talk: &mut Talk, count: u8) {
    for n in 0..count {
        let message = Prepared::new(Message::binary(vec![n; 98]), &Options::default());
        talk.side.machine.send_prepared(&message, talk.clock.now()).expect("no error: the policy decides");
    }
}

#[test]
fn prepared_messages_pass_the_mark_up_to_the_cap() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::DropNewest));
    flood(&mut talk, 10);
    assert_eq!(talk.side.machine.buffered(), 1000);
    assert_eq!(talk.side.machine.counters().dropped, 0);
    talk.expect_answers((0..10).map(|n| binary([n; 98])));
}

#[test]
fn at_the_cap_the_slow_one_is_closed() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::Close));
    flood(&mut talk, 10);
    let message = Prepared::new(Message::text("one too many"), &Options::default());
    assert_eq!(talk.side.machine.send_prepared(&message, talk.clock.now()), Ok(()));
    talk.side.listen(talk.clock.now());
    talk.expect([Heard::Closed(Closed::Overflow)]);
    let answers = talk.answers();
    assert_eq!(answers.last(), Some(&close(1008, "")));
    assert_eq!(answers.len(), 11, "what was queued before still goes out");
    assert_eq!(talk.side.machine.send_prepared(&message, talk.clock.now()), Err(SendError::Closed(())));
}

#[test]
fn at_the_cap_the_newest_is_dropped() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::DropNewest));
    flood(&mut talk, 25);
    assert_eq!(talk.side.machine.counters().dropped, 15);
    talk.expect_answers((0..10).map(|n| binary([n; 98])));
    flood(&mut talk, 1);
    talk.expect_answers([binary([0; 98])]);
}

#[test]
fn at_the_cap_the_oldest_are_dropped() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::DropOldest));
    flood(&mut talk, 25);
    assert_eq!(talk.side.machine.counters().dropped, 15);
    talk.expect_answers((15..25).map(|n| binary([n; 98])));
}

#[test]
fn a_message_whose_first_bytes_are_out_is_not_dropped() {
    let mut talk = Talk::server(narrow(100, 1000, Overflow::DropOldest));
    flood(&mut talk, 10);
    let begun = talk.side.write(1);
    flood(&mut talk, 3);
    let said = [begun, talk.side.write_all()].concat();
    let (frames, rest) = sansocket_testkit::frames(sansocket_websocket::Role::Server, &said);
    assert_eq!(rest, 0, "no frame is torn");
    assert_eq!(frames[0], binary([0; 98]));
    assert_eq!(frames[frames.len() - 3..], [0, 1, 2].map(|n| binary([n; 98])));
}

#[test]
fn what_was_sent_by_itself_is_never_dropped() {
    let mut talk = Talk::server(narrow(10_000, 1000, Overflow::DropOldest));
    talk.side.machine.send_text("mine").expect("room");
    flood(&mut talk, 20);
    talk.side.machine.send_text("mine too").expect("room");
    flood(&mut talk, 20);
    let answers = talk.answers();
    assert!(answers.contains(&text("mine")) && answers.contains(&text("mine too")), "{answers:?}");
}

#[test]
fn a_prepared_message_larger_than_the_cap_goes_out_alone() {
    for overflow in [Overflow::Close, Overflow::DropNewest, Overflow::DropOldest] {
        let mut talk = Talk::server(narrow(100, 1000, overflow));
        let message = Prepared::new(Message::binary(vec![9; 5000]), &Options::default());
        talk.side.machine.send_prepared(&message, talk.clock.now()).expect("open");
        talk.expect_answers([binary([9; 5000])]);
    }
}
