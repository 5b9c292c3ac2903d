//! Events that are sent until they are acknowledged.

use sansocket_socketio::client::{ClientOptions, NamespaceId, Offline, Retries, WhenFull};
use sansocket_socketio::{EmitError, Flags};

use crate::support::{Talk, args, millis};

fn twice_more() -> ClientOptions {
    let retries = Some(Retries { most: 2, ack_timeout: millis(500) });
    ClientOptions { retries, ..ClientOptions::default() }
}

fn talking() -> (Talk, NamespaceId) {
    Talk::connected(twice_more())
}

#[test]
fn one_is_under_way_at_a_time() {
    let (mut talk, main) = talking();
    talk.emit(main, "a", ());
    talk.emit(main, "b", ());
    assert_eq!(talk.sent(), [r#"20["a"]"#]);
    assert_eq!(talk.say("30[]"), [""; 0], "the user did not ask");
    assert_eq!(talk.sent(), [r#"21["b"]"#]);
    talk.say("31[]");
    assert_eq!((talk.client.pending_acks(), talk.client.kept_bytes(main)), (0, 0));
    assert_eq!(talk.client.poll_timeout(), None);
}

#[test]
fn it_is_sent_again_until_it_was_tried_often_enough() {
    let (mut talk, main) = talking();
    talk.emit(main, "a", ());
    talk.emit(main, "b", ());
    for _ in 0..3 {
        assert_eq!(talk.sent(), [r#"20["a"]"#]);
        assert_eq!(talk.wait(499), [""; 0]);
        assert_eq!(talk.sent(), [""; 0]);
        talk.wait(1);
    }
    assert_eq!(talk.sent(), [r#"21["b"]"#]);
}

#[test]
fn who_asked_is_told_once_how_it_ended() {
    let (mut talk, main) = talking();
    talk.ask(main, "a", ());
    talk.ask(main, "b", ());
    talk.sent();
    assert_eq!(talk.wait(1000), [""; 0], "a try has the time that the user gave");
    assert_eq!(talk.sent(), [r#"20["a"]"#]);
    assert_eq!(talk.say("30[1]"), ["acked 0 [1]"]);
    for _ in 0..2 {
        assert_eq!(talk.sent(), [r#"21["b"]"#]);
        assert_eq!(talk.wait(1000), [""; 0]);
    }
    assert_eq!(talk.sent(), [r#"21["b"]"#]);
    assert_eq!(talk.wait(1000), ["failed 1: operation has timed out"]);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn an_acknowledgement_of_an_earlier_try_is_one() {
    let (mut talk, main) = talking();
    talk.ask(main, "a", ());
    talk.emit(main, "b", ());
    talk.sent();
    talk.wait(1000);
    assert_eq!(talk.say("30[]"), ["acked 0 []"]);
    assert_eq!(talk.sent(), [r#"21["b"]"#], "what was to be sent again is not");
    assert_eq!(talk.say("30[]"), [""; 0]);
}

#[test]
fn it_goes_on_over_the_next_connection_without_a_double() {
    let (mut talk, main) = talking();
    talk.emit(main, "a", ());
    talk.emit(main, "b", ());
    assert_eq!(talk.sent(), [r#"20["a"]"#]);
    talk.cut();
    talk.emit(main, "c", ());
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), [r#"20["a"]"#], "once");
    talk.say("30[]");
    assert_eq!(talk.sent(), [r#"21["b"]"#]);
    talk.say("31[]");
    assert_eq!(talk.sent(), [r#"22["c"]"#]);
}

#[test]
fn a_lost_connection_is_a_lost_try() {
    let (mut talk, main) = talking();
    talk.ask(main, "a", ());
    for _ in 0..2 {
        assert_eq!(talk.sent().last().map(String::as_str), Some(r#"20["a"]"#));
        talk.cut();
        talk.wait(1000);
        talk.open();
        talk.say(r#"0{"sid":"new"}"#);
    }
    assert_eq!(
        talk.cut(),
        ["disconnected /: transport close", "failed 0: socket has been disconnected", "attempt 1 in 1000 ms"]
    );
}

#[test]
fn it_waits_for_a_connection_as_long_as_it_takes() {
    let mut talk = Talk::new(twice_more());
    let main = talk.namespace("/");
    talk.ask(main, "a", ());
    assert_eq!(talk.wait(1_000_000), [""; 0]);
    talk.open();
    talk.say(r#"0{"sid":"abc"}"#);
    assert_eq!(talk.sent(), ["0", r#"20["a"]"#]);
}

#[test]
fn volatile_events_are_no_part_of_it() {
    let (mut talk, main) = talking();
    talk.emit(main, "a", ());
    talk.emit_as(main, "cursor", 1, Flags::default().volatile());
    assert_eq!(talk.sent(), [r#"20["a"]"#, r#"2["cursor",1]"#]);
}

#[test]
fn so_much_waits_and_no_more() {
    let offline = Offline { max_bytes: 10, when_full: WhenFull::Refuse };
    let (mut talk, main) = Talk::connected(ClientOptions { offline, ..twice_more() });
    talk.emit(main, "a long name", ());
    let refused = talk.client.emit(main, "b", args(()), Flags::default(), talk.now);
    assert_eq!(refused, Err(EmitError::Blocked(args(()))));
    talk.sent();
    assert_eq!(talk.told(), [""; 0], "it is not acknowledged yet");
    assert_eq!(talk.say("30[]"), ["room /"]);
}

#[test]
fn what_is_under_way_makes_no_room() {
    let offline = Offline { max_bytes: 20, when_full: WhenFull::DropOldest };
    let (mut talk, main) = Talk::connected(ClientOptions { offline, ..twice_more() });
    for n in 0..5 {
        talk.ask(main, "a", n);
    }
    assert_eq!(
        talk.told(),
        ["failed 1: dropped, for too much waits already", "failed 2: dropped, for too much waits already"]
    );
    assert_eq!(talk.sent(), [r#"20["a",0]"#]);
    assert_eq!(talk.say("30[]"), ["acked 0 []"]);
    assert_eq!(talk.sent(), [r#"23["a",3]"#]);
}
