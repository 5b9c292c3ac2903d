//! What both say.

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_socketio::client::{ClientOptions, Event, Outgoing};
use sansocket_socketio::{Args, Compress, EmitError, Flags, Writable};

use crate::support::{Talk, args};

#[test]
fn events_go_both_ways() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.emit(main, "hello", ("world", 1));
    talk.emit(main, "bare", ());
    assert_eq!(talk.sent(), [r#"2["hello","world",1]"#, r#"2["bare"]"#]);
    assert_eq!(talk.say(r#"2["hi",[1,{"a":null}]]"#), [r#"/ hi[[1,{"a":null}]]"#]);
    assert_eq!(talk.say("2[7]"), ["/ 7[]"], "a number is a name too");
}

#[test]
fn bytes_travel_behind_their_event() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.emit(main, "file", ("x", Bytes::from_static(b"\x01\x02")));
    let sent = talk.sent();
    assert_eq!(sent[0], r#"51-["file","x",{"_placeholder":true,"num":0}]"#);
    assert_eq!(sent.len(), 2);

    assert_eq!(talk.say(r#"51-["photo",{"_placeholder":true,"num":0}]"#), [""; 0]);
    talk.client.handle_message(Message::binary(&b"\x03"[..]), talk.now);
    let Some(Event::Received { args, .. }) = talk.client.poll_event() else { panic!("an event") };
    assert_eq!(args.read::<Bytes>().as_deref(), Ok(&b"\x03"[..]));
    assert_eq!(talk.client.poll_timeout(), None, "no attachment is missing");
}

#[test]
fn the_server_may_ask_and_is_answered_once_it_is() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    assert_eq!(talk.say(r#"27["sum",1,2]"#), ["/ sum[1,2] ?0"]);
    talk.answer(0, 3);
    assert_eq!(talk.sent(), ["37[3]"]);
}

#[test]
fn an_answer_belongs_to_the_session_in_which_it_was_asked_for() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    talk.say(r#"27["sum",1,2]"#);
    talk.cut();
    talk.answer(0, 3);
    talk.wait(1000);
    talk.open();
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), ["0"]);
    // A server that was started anew counts anew: this would answer another question.
    talk.answer(0, 3);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn a_reserved_name_comes_back() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        let refused = talk.client.emit(main, name, args(1), Flags::default(), talk.now);
        assert_eq!(refused, Err(EmitError::Reserved(args(1))), "{name}");
    }
}

#[test]
fn who_is_removed_cannot_be_spoken_to() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.client.remove(main, talk.now);
    let refused = talk.client.emit(main, "a", Args::none(), Flags::default(), talk.now);
    assert_eq!(refused, Err(EmitError::Closed(Args::none())));
}

#[test]
fn what_is_not_worth_compressing_says_so() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.emit_as(main, "photo", (), Flags::default().uncompressed());
    let Some(Outgoing::Message { compress, .. }) = talk.client.poll_transmit(Writable::Now) else {
        panic!("a message")
    };
    assert_eq!(compress, Compress::No);
}

#[test]
fn volatile_events_leave_at_once_or_never() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    let volatile = Flags::default().volatile();
    talk.emit_as(main, "cursor", 1, volatile);
    talk.emit(main, "text", ());
    talk.emit_as(main, "cursor", 2, volatile);
    assert_eq!(talk.sent_if(Writable::Later), [r#"2["text"]"#]);
    talk.emit_as(main, "cursor", 3, volatile);
    assert_eq!(talk.sent(), [r#"2["cursor",3]"#]);
}

#[test]
fn a_volatile_event_that_has_begun_goes_on() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.emit_as(main, "frame", Bytes::from_static(b"x"), Flags::default().volatile());
    assert!(matches!(talk.client.poll_transmit(Writable::Now), Some(Outgoing::Message { .. })));
    assert_eq!(talk.sent_if(Writable::Later).len(), 1, "the attachment");
}

#[test]
fn of_the_latest_one_waits_for_each_name_behind_all_others() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    let latest = Flags::default().latest();
    for place in 0..5 {
        talk.emit_as(main, "cursor", place, latest);
        talk.emit_as(main, "scroll", place, latest);
    }
    talk.emit(main, "text", ());
    assert_eq!(talk.sent_if(Writable::Later), [r#"2["text"]"#]);
    assert_eq!(talk.sent(), [r#"2["cursor",4]"#, r#"2["scroll",4]"#]);
}

#[test]
fn the_latest_waits_for_the_next_connection() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.cut();
    talk.emit_as(main, "cursor", 1, Flags::default().latest());
    talk.emit_as(main, "cursor", 2, Flags::default().latest());
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), [r#"2["cursor",2]"#]);
}
