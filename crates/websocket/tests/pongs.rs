//! Every ping is answered, in order and ahead of data, and a peer that does not read cannot make pongs pile up.

use sansocket_testkit::{
    Frame, Talk, binary, close, heard_ping, heard_pong, heard_text, opcode, ping, pong, text,
};
use sansocket_websocket::{CloseCode, ControlError, Options};

/// At most so many bytes of pongs wait, before the newest.
const WAITING: usize = 4096;

#[test]
fn each_of_many_pings_is_answered_in_order() {
    for mut talk in [Talk::server(Options::default()), Talk::client(Options::default())] {
        // As many as fit into what may wait, all in one read.
        let pings: Vec<Frame> = (0..100).map(|n| ping(format!("ping {n}"))).collect();
        let bytes = sansocket_testkit::wire(talk.peer(), &pings);
        talk.say_bytes(&bytes);
        talk.expect((0..100).map(|n| heard_ping(format!("ping {n}"))));
        talk.expect_answers((0..100).map(|n| pong(format!("ping {n}"))));
    }
}

#[test]
fn past_4_kib_only_the_newest_is_answered() {
    let mut talk = Talk::server(Options::default());
    for n in 0..10_000_u32 {
        talk.say(&ping([&n.to_be_bytes()[..], &[0; 96]].concat()));
    }
    assert_eq!(talk.side.heard().len(), 10_000);
    let answers = talk.answers();
    let fits = WAITING / 102;
    assert_eq!(answers.len(), fits + 1);
    for (at, answer) in answers.iter().enumerate() {
        let n = if at == fits { 9999 } else { at as u32 };
        assert_eq!(answer.payload[..4], n.to_be_bytes(), "the {at}th answer");
    }
}

#[test]
fn who_reads_again_is_answered_again() {
    let mut talk = Talk::server(Options::default());
    for _ in 0..1000 {
        talk.say(&ping([0; 125]));
    }
    talk.side.heard();
    talk.answers();
    talk.say(&ping("and now?")).expect([heard_ping("and now?")]).expect_answers([pong("and now?")]);
}

#[test]
fn a_pong_overtakes_messages_that_were_not_begun() {
    let mut talk = Talk::server(Options { high_water: usize::MAX, ..Options::default() });
    for n in 0..5 {
        talk.side.machine.send_text(&format!("message {n}")).expect("room");
    }
    // Three bytes of the first are out when the ping comes.
    let begun = talk.side.write(3);
    talk.say(&ping("?")).expect([heard_ping("?")]);
    let said = [begun, talk.side.write_all()].concat();
    let (answers, rest) = sansocket_testkit::frames(sansocket_websocket::Role::Server, &said);
    assert_eq!(rest, 0);
    let mut wanted: Vec<Frame> = (0..5).map(|n| text(format!("message {n}"))).collect();
    wanted.insert(1, pong("?"));
    assert_eq!(answers, wanted);
}

#[test]
fn a_pong_gets_between_the_pieces_of_a_message() {
    let options = Options { fragment: Some(1000), ..Options::default() };
    let mut talk = Talk::server(options);
    talk.side.machine.send_binary(&[7; 10_000]).expect("room");
    let begun = talk.side.write(1500);
    talk.say(&ping("?")).expect([heard_ping("?")]);
    let said = [begun, talk.side.write_all()].concat();
    let (answers, _) = sansocket_testkit::frames(sansocket_websocket::Role::Server, &said);
    assert_eq!(answers.len(), 11);
    assert_eq!(answers[2], pong("?"));
    assert_eq!(answers[3].opcode(), opcode::CONTINUATION);
}

#[test]
fn pongs_go_out_before_our_close_and_none_after() {
    let mut talk = Talk::server(Options::default());
    talk.say(&ping("before"));
    talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    talk.say(&ping("after")).say(&text("still heard"));
    talk.expect([heard_ping("before"), heard_ping("after"), heard_text("still heard")]);
    talk.expect_answers([pong("before"), close(1000, "")]);
}

#[test]
fn pongs_that_come_are_heard_and_not_answered() {
    let mut talk = Talk::client(Options::default());
    talk.say(&pong("out of the blue")).expect([heard_pong("out of the blue")]).expect_answers([]);
}

#[test]
fn pings_of_ours_are_blocked_when_too_many_wait() {
    let mut talk = Talk::server(Options::default());
    let mut queued = 0;
    let error = loop {
        match talk.side.machine.ping(&[0; 125]) {
            Ok(()) => queued += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((queued, error), (WAITING / 127, ControlError::Blocked));
    assert_eq!(talk.answers().len(), queued);
    assert_eq!(talk.side.machine.ping(b"room again"), Ok(()));
    assert_eq!(talk.side.machine.ping(&[0; 126]), Err(ControlError::TooLong));
    talk.side.machine.close(CloseCode::NORMAL.into(), talk.clock.now());
    assert_eq!(talk.side.machine.ping(b"too late"), Err(ControlError::Closed));
    assert_eq!(talk.side.machine.pong(b"too late"), Err(ControlError::Closed));
}

#[test]
fn pongs_pass_an_output_that_is_full_of_data() {
    let mut talk = Talk::server(Options { high_water: 100, ..Options::default() });
    talk.side.machine.send_binary(&[1; 5000]).expect("an empty queue takes any one");
    assert!(talk.side.machine.send_binary(b"more").is_err());
    talk.say(&ping("?"));
    let answers = talk.answers();
    assert_eq!(answers, [pong("?"), binary([1; 5000])]);
}
