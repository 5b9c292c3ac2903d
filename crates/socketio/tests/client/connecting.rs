//! Into namespaces: B3 and B5 of what servers do.

use sansocket_socketio::client::{Auth, ClientOptions};

use crate::support::{Talk, auth};

#[test]
fn a_namespace_connects_over_the_one_connection() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace("/");
    assert_eq!(talk.told(), [""; 0]);
    assert_eq!(talk.sent(), ["OPEN"]);
    assert_eq!(talk.sent(), [""; 0], "once");
    talk.client.handle_open("engine", talk.now);
    assert_eq!(talk.sent(), ["0"]);
    assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["opened", "connected / abc"]);
    assert!(talk.client.is_connected(main));
    assert_eq!(talk.client.id(main), Some("abc"));

    let chat = talk.namespace_with("/chat", auth(r#"{"token":"x"}"#));
    assert_eq!(talk.sent(), [r#"0/chat,{"token":"x"}"#]);
    assert_eq!(talk.say(r#"0/chat,{"sid":"def"}"#), ["connected /chat def"]);
    assert_eq!(talk.client.id(chat), Some("def"));
    assert_eq!(talk.client.poll_timeout(), None, "nothing wakes an idle client");
}

#[test]
fn a_namespace_of_the_same_name_is_the_same() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    assert_eq!(talk.namespace("/"), main);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn whoever_was_added_before_connects_when_the_connection_opens() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/a");
    talk.namespace_with("/b", auth("null"));
    talk.open();
    assert_eq!(talk.sent(), ["0/a,", "0/b,"]);
    assert_eq!(talk.say(r#"0/b,{"sid":"2"}"#), ["opened", "connected /b 2"]);
    assert_eq!(talk.say(r#"0/a,{"sid":"1"}"#), ["connected /a 1"]);
}

#[test]
fn the_user_is_asked_who_he_is_at_each_connection() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace_with("/", Auth::Asked);
    talk.open();
    assert_eq!(talk.told(), ["opened", "auth /?"]);
    assert_eq!(talk.sent(), [""; 0], "it waits for the answer");
    talk.client.provide_auth(main, Some(serde_json::from_str(r#"{"token":1}"#).unwrap()));
    talk.client.provide_auth(main, None);
    assert_eq!(talk.sent(), [r#"0{"token":1}"#]);
    assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["connected / abc"]);

    assert_eq!(talk.cut(), ["disconnected /: transport close", "attempt 1 in 1000 ms"]);
    talk.client.provide_auth(main, None);
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.told(), ["opened", "auth /?"], "an answer to a question of before is none");
    talk.client.provide_auth(main, None);
    assert_eq!(talk.sent(), ["0"]);
}

#[test]
fn auth_can_be_changed_for_the_next_time() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace_with("/", auth(r#"{"token":1}"#));
    talk.client.set_auth(main, auth(r#"{"token":2}"#));
    talk.open();
    assert_eq!(talk.sent(), [r#"0{"token":2}"#]);
}

#[test]
fn who_is_no_object_is_not_sent() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace_with("/", auth("[1]"));
    talk.open();
    assert_eq!(talk.told(), ["opened", "not connected /: auth has to be an object"]);
    assert_eq!(talk.sent(), ["CLOSE"]);
}

#[test]
fn who_is_refused_hears_why_and_does_not_try_again_by_himself() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    let private = talk.namespace("/private");
    talk.open();
    talk.sent();
    assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["opened", "connected / abc"]);
    talk.client
        .handle_message(r#"44/private,{"message":"unauthorized","data":{"code":401}}"#[1..].into(), talk.now);
    let Some(sansocket_socketio::client::Event::ConnectError { namespace, error }) = talk.client.poll_event()
    else {
        panic!("refused")
    };
    assert_eq!((namespace, error.is_final(), error.to_string()), (private, true, "unauthorized".into()));
    let sansocket_socketio::client::ConnectError::Refused { data: Some(data), .. } = error else {
        panic!("with data")
    };
    assert_eq!(data.get("code"), Some(&401_u64.into()));

    assert!(!talk.client.is_wanted(private));
    assert_eq!(talk.cut(), ["disconnected /: transport close", "attempt 1 in 1000 ms"]);
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0"], "the other one does");

    talk.client.connect(private, talk.now);
    assert_eq!(talk.sent(), ["0/private,"]);
}

#[test]
fn a_refusal_may_be_a_text_alone() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    talk.open();
    assert_eq!(talk.say(r#"4"go away""#), ["opened", "not connected /: go away"]);
    assert_eq!(talk.sent(), ["0", "CLOSE"], "with the last one the connection goes");
    assert!(talk.client.is_idle());
}

#[test]
fn a_server_that_does_not_say_who_we_are_is_an_old_one() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    talk.open();
    let told = talk.say("0");
    assert_eq!(
        told,
        ["opened", "not connected /: the server speaks Socket.IO 2, and this client a later one"]
    );
}

#[test]
fn who_is_put_out_before_he_is_in_did_not_connect() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    talk.open();
    assert_eq!(talk.say("1"), ["opened", "not connected /: io server disconnect"]);
}

#[test]
fn events_that_come_before_the_answer_wait_for_it() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    talk.open();
    assert_eq!(talk.say(r#"2["early",1]"#), ["opened"]);
    assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["connected / abc", "/ early[1]"]);
}

#[test]
fn what_is_said_to_nobody_is_passed_over() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    for said in
        [r#"2/no,["a"]"#, r#"0/no,{"sid":"x"}"#, "1/no,", r#"4/no,{"message":"x"}"#, "3/no,0[]", "30[]"]
    {
        assert_eq!(talk.say(said), [""; 0], "{said}");
    }
    assert_eq!(talk.say(r#"0{"sid":"other"}"#), [""; 0], "once is enough");
    assert_eq!(talk.sent(), [""; 0]);
}
