//! A session that goes on where it was: B7 of what servers do.

use sansocket_socketio::client::{ClientOptions, NamespaceId};

use crate::support::{Talk, auth};

/// Connected to a server that recovers sessions.
fn recoverable() -> (Talk, NamespaceId) {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace("/");
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    assert_eq!(talk.say(r#"0{"sid":"abc","pid":"secret"}"#), ["opened", "connected / abc"]);
    (talk, main)
}

/// The connection is lost, and made again.
fn again(talk: &mut Talk) {
    talk.cut();
    talk.wait(1000);
    talk.open();
}

#[test]
fn what_was_missed_comes_before_the_answer_and_is_told_behind_it() {
    let (mut talk, _) = recoverable();
    assert_eq!(talk.say(r#"2["a",1,"offset1"]"#), [r#"/ a[1,"offset1"]"#]);
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"offset":"offset1","pid":"secret"}"#]);
    assert_eq!(talk.say(r#"2["b",2,"offset2"]"#), ["opened"]);
    assert_eq!(talk.say(r#"2["c",3,"offset3"]"#), [""; 0]);
    assert_eq!(
        talk.say(r#"0{"sid":"abc","pid":"secret"}"#),
        ["connected / abc again", r#"/ b[2,"offset2"]"#, r#"/ c[3,"offset3"]"#]
    );
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"offset":"offset3","pid":"secret"}"#]);
}

#[test]
fn without_an_event_there_is_no_offset() {
    let (mut talk, _) = recoverable();
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"pid":"secret"}"#]);
}

#[test]
fn what_came_before_an_answer_that_did_not_is_not_told_twice() {
    let (mut talk, _) = recoverable();
    talk.say(r#"2["a","offset1"]"#);
    again(&mut talk);
    assert_eq!(talk.say(r#"2["b","offset2"]"#), ["opened"]);
    again(&mut talk);
    talk.sent();
    assert_eq!(talk.say(r#"2["b","offset2"]"#), ["opened"]);
    assert_eq!(talk.say(r#"0{"sid":"abc","pid":"secret"}"#), ["connected / abc again", r#"/ b["offset2"]"#]);
}

#[test]
fn a_server_that_does_not_know_us_begins_another_session() {
    let (mut talk, _) = recoverable();
    talk.say(r#"2["a","offset1"]"#);
    again(&mut talk);
    assert_eq!(talk.say(r#"0{"sid":"def","pid":"another"}"#), ["opened", "connected / def"]);
    talk.sent();
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"pid":"another"}"#], "the offset was the other session's");
}

#[test]
fn what_the_user_says_of_himself_counts_more() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace_with("/", auth(r#"{"token":1,"pid":"mine"}"#));
    talk.open();
    talk.say(r#"0{"sid":"abc","pid":"secret"}"#);
    talk.say(r#"2["a","offset1"]"#);
    talk.sent();
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"offset":"offset1","pid":"mine","token":1}"#]);
}

#[test]
fn who_said_goodbye_or_heard_it_begins_anew() {
    let (mut talk, main) = recoverable();
    talk.client.disconnect(main, talk.now);
    talk.client.connect(main, talk.now);
    assert_eq!(talk.sent(), ["1", "CLOSE", "OPEN"]);
    talk.client.handle_open("engine", talk.now);
    assert_eq!(talk.sent(), ["0"]);
    talk.say(r#"0{"sid":"abc","pid":"secret"}"#);
    talk.say("1");
    talk.client.connect(main, talk.now);
    talk.sent();
    talk.client.handle_open("engine", talk.now);
    assert_eq!(talk.sent(), ["0"]);
}

#[test]
fn who_leaves_while_he_comes_back_begins_anew() {
    let (mut talk, main) = recoverable();
    talk.namespace("/other");
    talk.say(r#"0/other,{"sid":"x"}"#);
    again(&mut talk);
    assert_eq!(talk.say(r#"2["missed","offset1"]"#), ["opened"]);
    talk.client.disconnect(main, talk.now);
    talk.client.connect(main, talk.now);
    talk.sent();
    assert_eq!(talk.say(r#"0{"sid":"abc","pid":"secret"}"#), [""; 0]);
    assert_eq!(talk.sent(), ["1", "0"]);
    assert_eq!(talk.say(r#"0{"sid":"def","pid":"other"}"#), ["connected / def"], "nothing of before");
}

#[test]
fn what_is_too_long_or_asks_has_no_mark() {
    let (mut talk, _) = recoverable();
    talk.say(r#"2["a","offset1"]"#);
    talk.say(&format!(r#"2["a","{}"]"#, "x".repeat(1000)));
    talk.say(r#"21["asks","text"]"#);
    talk.say(r#"2["a",1]"#);
    talk.say(r#"2["a"]"#);
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"offset":"offset1","pid":"secret"}"#]);
}

#[test]
fn a_question_is_still_open_in_a_session_that_goes_on() {
    let (mut talk, _) = recoverable();
    talk.say(r#"21["asks"]"#);
    again(&mut talk);
    talk.say(r#"0{"sid":"abc","pid":"secret"}"#);
    talk.sent();
    talk.answer(0, "late");
    assert_eq!(talk.sent(), [r#"31["late"]"#]);
}

#[test]
fn each_namespace_has_its_own() {
    let (mut talk, _) = recoverable();
    talk.namespace("/other");
    talk.say(r#"0/other,{"sid":"x","pid":"p2"}"#);
    talk.say(r#"2/other,["a","o2"]"#);
    talk.say(r#"2["a","o1"]"#);
    talk.sent();
    again(&mut talk);
    assert_eq!(talk.sent(), [r#"0{"offset":"o1","pid":"secret"}"#, r#"0/other,{"offset":"o2","pid":"p2"}"#]);
}

#[test]
fn what_is_missed_has_a_bound() {
    let options = ClientOptions { max_early: 1000, ..ClientOptions::default() };
    let mut talk = Talk::new(options);
    talk.namespace("/");
    talk.open();
    let mut told = talk.told();
    for _ in 0..100 {
        told.extend(talk.say(r#"2["endless","x"]"#));
    }
    assert_eq!(told, ["opened", "attempt 1 in 1000 ms"]);
    assert_eq!(talk.sent(), ["CLOSE"], "nothing of it was told, and nothing is kept");
}
