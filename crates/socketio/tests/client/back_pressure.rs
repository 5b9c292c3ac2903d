//! A connection that does not take what waits for it.

use sansocket_socketio::client::ClientOptions;
use sansocket_socketio::{EmitError, Flags, Writable};

use crate::support::{Talk, args};

fn narrow() -> ClientOptions {
    ClientOptions { high_water: 20, hard_cap: 100, ..ClientOptions::default() }
}

#[test]
fn an_event_comes_back_until_there_is_room() {
    let (mut talk, main) = Talk::connected(narrow());
    talk.emit(main, "a long one, for nothing waits", ());
    assert!(!talk.client.has_room(main));
    let refused = talk.client.emit(main, "b", args(1), Flags::default(), talk.now);
    assert_eq!(refused, Err(EmitError::Blocked(args(1))));
    assert_eq!(talk.told(), [""; 0]);
    assert_eq!(talk.sent().len(), 1);
    assert_eq!(talk.told(), ["room /"]);
    talk.emit(main, "b", 1);
    talk.sent();
    assert_eq!(talk.told(), [""; 0], "nobody waits for it");
}

#[test]
fn whoever_waits_when_the_connection_is_lost_can_go_on() {
    let (mut talk, main) = Talk::connected(narrow());
    talk.emit(main, "a long one, for nothing waits", ());
    assert!(talk.client.emit(main, "b", args(1), Flags::default(), talk.now).is_err());
    talk.client.disconnect(main, talk.now);
    assert_eq!(talk.told(), ["disconnected /: io client disconnect", "room /"]);
    talk.emit(main, "b", 1);
}

#[test]
fn volatile_events_do_not_pile_up() {
    let (mut talk, main) = Talk::connected(narrow());
    for n in 0..1000 {
        talk.emit_as(main, "drop", n, Flags::default().volatile());
        talk.emit_as(main, &format!("latest {n}"), n, Flags::default().latest());
    }
    assert!(talk.client.waiting_bytes() < 40);
    let sent = talk.sent();
    assert!(sent.len() < 6, "{sent:?}");
    assert_eq!(sent.last().unwrap(), r#"2["latest 999",999]"#);
}

#[test]
fn who_asks_and_does_not_take_the_answers_is_left() {
    let (mut talk, _) = Talk::connected(narrow());
    for _ in 0..30 {
        talk.say(r#"21["again"]"#);
    }
    let answers = (0..30).take_while(|n| {
        talk.answer(*n, "an answer of some length");
        talk.client.is_open()
    });
    assert!((2..9).contains(&answers.count()));
    assert_eq!(talk.told(), ["disconnected /: transport error", "attempt 1 in 1000 ms"]);
    assert_eq!(talk.sent_if(Writable::Later), ["CLOSE"]);
}
