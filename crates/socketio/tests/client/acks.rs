//! Acknowledgements: each is told once, whatever comes.

use sansocket_socketio::client::ClientOptions;
use sansocket_socketio::{Args, EmitError, Flags};

use crate::support::{Talk, millis};

#[test]
fn an_event_is_acknowledged_once() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", 1);
    talk.ask(main, "b", ());
    assert_eq!(talk.sent(), [r#"20["a",1]"#, r#"21["b"]"#], "numbers begin at 0");
    assert_eq!(talk.say("31[]"), ["acked 1 []"]);
    assert_eq!(talk.say(r#"30["x",2]"#), [r#"acked 0 ["x",2]"#]);
    assert_eq!(talk.say("30[]"), [""; 0], "nobody waits any more");
    assert_eq!((talk.client.pending_acks(), talk.client.poll_timeout()), (0, None));
}

#[test]
fn each_namespace_counts_for_itself() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    let other = talk.namespace("/other");
    talk.say(r#"0/other,{"sid":"def"}"#);
    talk.sent();
    talk.ask(main, "a", ());
    talk.ask(other, "b", ());
    assert_eq!(talk.sent(), [r#"20["a"]"#, r#"2/other,0["b"]"#]);
    assert_eq!(talk.say("3/other,0[1]"), ["acked 1 [1]"]);
    assert_eq!(talk.say("30[0]"), ["acked 0 [0]"]);
}

#[test]
fn bytes_acknowledge_too() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "file", ());
    assert_eq!(talk.say(r#"61-0[{"_placeholder":true,"num":0}]"#), [""; 0]);
    assert!(talk.say_bytes(b"x")[0].starts_with("acked 0 "));
}

#[test]
fn what_takes_too_long_fails_and_comes_too_late() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", ());
    talk.sent();
    assert_eq!(talk.wait(999), [""; 0]);
    assert_eq!(talk.wait(1), ["failed 0: operation has timed out"]);
    assert_eq!(talk.say("30[]"), [""; 0]);
    assert_eq!(talk.client.poll_timeout(), None);
}

#[test]
fn what_took_too_long_before_it_left_does_not_leave() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", ());
    talk.emit(main, "b", ());
    assert_eq!(talk.wait(1000), ["failed 0: operation has timed out"]);
    assert_eq!(talk.sent(), [r#"2["b"]"#]);
}

#[test]
fn a_sleep_of_any_length_fails_what_is_over_at_once() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", ());
    talk.now = talk.now + millis(500);
    talk.ask(main, "b", ());
    let told = talk.wait(1000 * 3600 * 24 * 365);
    assert_eq!(told, ["failed 0: operation has timed out", "failed 1: operation has timed out"]);
    assert_eq!(talk.client.poll_timeout(), None);
}

#[test]
fn what_has_left_fails_with_the_connection() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", ());
    talk.sent();
    assert_eq!(
        talk.cut(),
        ["disconnected /: transport close", "failed 0: socket has been disconnected", "attempt 1 in 1000 ms"]
    );
    talk.wait(1000);
    talk.open();
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), ["0"], "it is not sent again");
    assert_eq!(talk.say("30[]"), [""; 0]);
}

#[test]
fn what_has_not_left_waits_for_the_next_connection() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.ask(main, "a", ());
    assert_eq!(talk.cut(), ["disconnected /: transport close", "attempt 1 in 1000 ms"]);
    talk.ask(main, "b", ());
    talk.wait(900);
    talk.client.open(talk.now);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), [r#"20["a"]"#, r#"21["b"]"#]);
    assert_eq!(talk.say("31[]"), ["acked 1 []"]);
    assert_eq!(talk.wait(100), ["failed 0: operation has timed out"], "its time is the same");
}

#[test]
fn no_more_are_waited_for_than_may_be() {
    let options = ClientOptions { max_pending_acks: 2, ..ClientOptions::default() };
    let (mut talk, main) = Talk::connected(options);
    talk.ask(main, "a", ());
    talk.ask(main, "a", ());
    let flags = Flags::default();
    let refused = talk.client.emit_with_ack(main, "a", Args::none(), millis(1), flags, talk.now);
    assert_eq!(refused, Err(EmitError::TooManyAcks(Args::none())));
    talk.emit(main, "a", ());
    talk.say("30[]");
    talk.ask(main, "a", ());
}
