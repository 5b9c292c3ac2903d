//! Out of namespaces.

use sansocket_socketio::client::ClientOptions;

use crate::support::Talk;

/// Connected to `/` and to `/other`.
fn two() -> (Talk, [sansocket_socketio::client::NamespaceId; 2]) {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    let other = talk.namespace("/other");
    assert_eq!(talk.sent(), ["0/other,"]);
    assert_eq!(talk.say(r#"0/other,{"sid":"def"}"#), ["connected /other def"]);
    (talk, [main, other])
}

#[test]
fn with_the_last_namespace_the_connection_is_closed() {
    let (mut talk, [main, other]) = two();
    talk.emit(main, "bye", ());
    talk.client.disconnect(main, talk.now);
    assert_eq!(talk.told(), ["disconnected /: io client disconnect"]);
    assert_eq!(talk.sent(), [r#"2["bye"]"#, "1"], "what was said before leaves first");
    talk.client.disconnect(other, talk.now);
    assert_eq!(talk.told(), ["disconnected /other: io client disconnect"]);
    assert_eq!(talk.sent(), ["1/other,", "CLOSE"]);
    assert!(talk.client.is_idle());
    assert_eq!((talk.cut(), talk.client.poll_timeout()), (vec![], None), "nothing follows");

    talk.client.connect(other, talk.now);
    talk.open();
    assert_eq!(talk.sent(), ["0/other,"]);
}

#[test]
fn who_is_put_out_stays_out_until_he_asks() {
    let (mut talk, [main, other]) = two();
    assert_eq!(talk.say("1/other,"), ["disconnected /other: io server disconnect"]);
    assert!(talk.client.is_connected(main) && !talk.client.is_wanted(other));
    assert_eq!(talk.say(r#"2/other,["late"]"#), [""; 0]);
    talk.client.connect(other, talk.now);
    assert_eq!(talk.sent(), ["0/other,"]);
    assert_eq!(talk.say(r#"0/other,{"sid":"ghi"}"#), ["connected /other ghi"]);

    talk.say("1/other,");
    assert_eq!(talk.say("1"), ["disconnected /: io server disconnect"]);
    assert_eq!(talk.sent(), ["CLOSE"]);
    assert!(talk.client.is_idle());
}

#[test]
fn who_leaves_before_he_is_in_says_so_when_he_is() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    let other = talk.namespace("/other");
    assert_eq!(talk.sent(), ["0/other,"]);
    talk.client.disconnect(other, talk.now);
    assert_eq!(talk.sent(), [""; 0], "a server would close the connection for it now");
    assert_eq!(talk.say(r#"0/other,{"sid":"def"}"#), [""; 0], "and the user never hears of it");
    assert_eq!(talk.sent(), ["1/other,"]);
}

#[test]
fn who_wants_in_again_before_he_is_out_asks_behind_his_goodbye() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    let other = talk.namespace("/other");
    talk.client.disconnect(other, talk.now);
    talk.client.connect(other, talk.now);
    talk.client.connect(other, talk.now);
    assert_eq!(talk.sent(), ["0/other,"], "a server closes the connection to who asks twice");
    talk.say(r#"0/other,{"sid":"1"}"#);
    assert_eq!(talk.sent(), ["1/other,", "0/other,"]);
    assert_eq!(talk.say(r#"0/other,{"sid":"2"}"#), ["connected /other 2"]);
}

#[test]
fn what_was_said_to_who_we_were_is_not_for_who_we_are() {
    let (mut talk, [_, other]) = two();
    talk.client.disconnect(other, talk.now);
    talk.client.connect(other, talk.now);
    assert_eq!(talk.told(), ["disconnected /other: io client disconnect"]);
    assert_eq!(talk.sent(), ["1/other,", "0/other,"]);
    // The server said that before it heard of our goodbye,
    assert_eq!(talk.say(r#"2/other,["old"]"#), [""; 0]);
    // and its own goodbye crossed ours.
    assert_eq!(talk.say("1/other,"), [""; 0]);
    assert_eq!(talk.say(r#"0/other,{"sid":"2"}"#), ["connected /other 2"]);
    assert_eq!(talk.say(r#"2/other,["new"]"#), ["/other new[]"]);
}

#[test]
fn acknowledgements_fail_with_the_namespace() {
    let (mut talk, [main, other]) = two();
    talk.ask(main, "a", ());
    talk.ask(other, "b", ());
    talk.client.disconnect(main, talk.now);
    assert_eq!(
        talk.told(),
        ["disconnected /: io client disconnect", "failed 0: socket has been disconnected"]
    );
    assert_eq!(
        talk.say("1/other,"),
        ["disconnected /other: io server disconnect", "failed 1: socket has been disconnected"]
    );
    assert_eq!(talk.client.pending_acks(), 0);
}

#[test]
fn what_is_said_meanwhile_waits_until_he_is_in_again() {
    let (mut talk, [main, _]) = two();
    talk.client.disconnect(main, talk.now);
    talk.emit(main, "later", ());
    assert_eq!(talk.sent(), ["1"]);
    talk.client.connect(main, talk.now);
    talk.say(r#"0{"sid":"new"}"#);
    assert_eq!(talk.sent(), ["0", r#"2["later"]"#]);
}

#[test]
fn of_who_is_removed_nothing_is_left() {
    let (mut talk, [main, other]) = two();
    talk.ask(other, "a", ());
    talk.client.disconnect(other, talk.now);
    talk.ask(other, "kept", ());
    talk.told();
    talk.client.remove(other, talk.now);
    assert_eq!(talk.told(), ["failed 1: socket has been disconnected"]);
    assert_eq!((talk.client.name(other), talk.client.pending_acks()), (None, 0));
    talk.client.remove(main, talk.now);
    assert_eq!(talk.told(), ["disconnected ?: io client disconnect"]);
    assert_eq!(talk.sent(), [r#"2/other,0["a"]"#, "1/other,", "1", "CLOSE"]);
    assert!(talk.client.is_idle());
}

#[test]
fn who_is_removed_before_he_is_in_is_forgotten_when_he_has_said_goodbye() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    let other = talk.namespace("/other");
    talk.client.remove(other, talk.now);
    assert!(talk.client.name(other).is_some());
    talk.say(r#"0/other,{"sid":"1"}"#);
    assert_eq!(talk.sent(), ["0/other,", "1/other,"]);
    assert!(talk.client.name(other).is_none());
}

#[test]
fn all_of_it_can_be_closed_and_opened_again() {
    let (mut talk, _) = two();
    talk.client.close(talk.now);
    assert_eq!(
        talk.told(),
        ["disconnected /: io client disconnect", "disconnected /other: io client disconnect"]
    );
    assert_eq!(talk.sent(), ["1", "1/other,", "CLOSE"]);
    assert!(talk.client.is_idle());
    talk.client.open(talk.now);
    talk.open();
    assert_eq!(talk.sent(), ["0", "0/other,"]);
}

#[test]
fn a_goodbye_is_said_before_the_next_connection_opens() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.client.disconnect(main, talk.now);
    talk.client.connect(main, talk.now);
    assert_eq!(talk.sent(), ["1", "CLOSE", "OPEN"]);
    talk.client.handle_open("engine", talk.now);
    assert_eq!(talk.sent(), ["0"]);
}

#[test]
fn a_connection_that_breaks_at_its_end_takes_its_goodbye_along() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.client.disconnect(main, talk.now);
    talk.client.connect(main, talk.now);
    assert_eq!(talk.cut(), ["disconnected /: io client disconnect"]);
    assert_eq!(talk.sent(), ["OPEN"]);
}
