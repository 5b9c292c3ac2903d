//! What is said while nobody listens.

use bytes::Bytes;
use sansocket_socketio::client::{ClientOptions, Offline, WhenFull};
use sansocket_socketio::{EmitError, Flags, Writable};

use crate::support::{Talk, args};

fn keeping(max_bytes: usize, when_full: WhenFull) -> ClientOptions {
    ClientOptions { offline: Offline { max_bytes, when_full }, ..ClientOptions::default() }
}

#[test]
fn it_is_kept_and_leaves_in_order() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace("/");
    talk.emit(main, "a", 1);
    talk.open();
    talk.emit(main, "b", 2);
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"abc"}"#);
    talk.emit(main, "c", 3);
    assert_eq!(talk.sent(), [r#"2["a",1]"#, r#"2["b",2]"#, r#"2["c",3]"#]);
}

#[test]
fn what_did_not_leave_comes_before_what_is_said_later() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.emit(main, "gone", ());
    assert_eq!(talk.sent(), [r#"2["gone"]"#]);
    talk.emit(main, "half", Bytes::from_static(b"x"));
    assert!(talk.client.poll_transmit(Writable::Now).is_some(), "without its attachment");
    talk.emit(main, "waits", ());
    talk.emit_as(main, "volatile", (), Flags::default().volatile());
    talk.cut();
    talk.emit(main, "later", ());
    talk.emit_as(main, "volatile", (), Flags::default().volatile());
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"new"}"#);
    let sent = talk.sent();
    assert!(sent[0].starts_with(r#"51-["half""#), "nobody has it as a whole: {sent:?}");
    assert_eq!(sent[2..], [r#"2["waits"]"#, r#"2["later"]"#]);
}

#[test]
fn answers_and_greetings_are_for_one_connection() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    talk.say(r#"21["sum"]"#);
    talk.answer(0, 3);
    talk.namespace("/other");
    talk.cut();
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0", "0/other,"]);
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn when_there_is_no_room_it_comes_back() {
    let mut talk = Talk::new(keeping(10, WhenFull::Refuse));
    let main = talk.namespace("/");
    assert!(talk.client.has_room(main));
    talk.emit(main, "as long as it may be", ());
    assert!(!talk.client.has_room(main));
    let refused = talk.client.emit(main, "b", args("x"), Flags::default(), talk.now);
    assert_eq!(refused, Err(EmitError::Blocked(args("x"))));
    talk.open();
    assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["opened", "connected / abc", "room /"]);
}

#[test]
fn the_oldest_makes_room() {
    let mut talk = Talk::new(keeping(20, WhenFull::DropOldest));
    let main = talk.namespace("/");
    talk.ask(main, "a", ());
    for n in 0..9 {
        talk.emit(main, "b", n);
    }
    assert_eq!(talk.told(), ["failed 0: dropped, for too much waits already"]);
    talk.open();
    talk.say(r#"0{"sid":"abc"}"#);
    assert_eq!(talk.sent(), ["0", r#"2["b",6]"#, r#"2["b",7]"#, r#"2["b",8]"#]);
}

#[test]
fn the_newest_is_dropped() {
    let mut talk = Talk::new(keeping(20, WhenFull::DropNewest));
    let main = talk.namespace("/");
    for n in 0..9 {
        talk.emit(main, "b", n);
    }
    talk.ask(main, "a", ());
    assert_eq!(talk.told(), ["failed 0: dropped, for too much waits already"]);
    talk.open();
    talk.say(r#"0{"sid":"abc"}"#);
    assert_eq!(talk.sent(), ["0", r#"2["b",0]"#, r#"2["b",1]"#, r#"2["b",2]"#]);
}

#[test]
fn what_took_too_long_is_not_kept() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace("/");
    talk.ask(main, "a", ());
    talk.emit(main, "b", ());
    assert_eq!(talk.wait(1000), ["failed 0: operation has timed out"]);
    assert_eq!(talk.client.kept_bytes(main), r#"2["b"]"#.len());
}

#[test]
fn one_namespace_that_is_full_does_not_block_another() {
    let (mut talk, main) = Talk::connected(keeping(1, WhenFull::Refuse));
    let other = talk.namespace("/other");
    talk.emit(other, "a", ());
    assert!(talk.client.emit(other, "a", args(()), Flags::default(), talk.now).is_err());
    talk.emit(main, "a", ());
    assert_eq!(talk.sent(), ["0/other,", r#"2["a"]"#]);
    assert_eq!(talk.told(), [""; 0], "there is no room yet");
}
