//! Servers of Socket.IO 2: B3 of what they do.

use sansocket_socketio::Revision;
use sansocket_socketio::client::{Auth, ClientOptions};

use crate::support::{Talk, auth};

fn old() -> Talk {
    Talk::new(ClientOptions { revision: Revision::V4, ..ClientOptions::default() })
}

#[test]
fn the_server_connects_the_main_namespace_by_itself() {
    let mut talk = old();
    let main = talk.namespace_with("/", Auth::Asked);
    talk.open();
    assert_eq!(talk.sent(), [""; 0]);
    assert_eq!(talk.say("0"), ["opened", "connected / engine"]);
    talk.emit(main, "a", 1);
    assert_eq!(talk.sent(), [r#"2["a",1]"#]);
}

#[test]
fn other_namespaces_say_who_they_are_behind_their_name() {
    let mut talk = old();
    let chat = talk.namespace_with("/chat", auth(r#"{"token":"a b&c","n":1}"#));
    talk.open();
    assert_eq!(talk.sent(), ["0/chat?n=1&token=a%20b%26c,"]);
    assert_eq!(talk.say("0"), ["opened"], "nobody wanted it");
    assert_eq!(talk.say("0/chat,"), ["connected /chat /chat#engine"]);
    assert_eq!(talk.client.id(chat), Some("/chat#engine"));
    assert_eq!(talk.say(r#"2/chat,["a"]"#), ["/chat a[]"]);
}

#[test]
fn who_comes_later_is_in_already() {
    let mut talk = old();
    talk.namespace("/chat");
    talk.open();
    talk.say("0");
    talk.say("0/chat,");
    talk.sent();
    talk.namespace("/");
    assert_eq!(talk.told(), ["connected / engine"]);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn who_left_has_to_ask() {
    let mut talk = old();
    talk.namespace("/chat");
    let main = talk.namespace("/");
    talk.open();
    talk.say("0");
    talk.client.disconnect(main, talk.now);
    assert_eq!(talk.told(), ["disconnected /: io client disconnect"]);
    talk.client.connect(main, talk.now);
    assert_eq!(talk.sent(), ["0/chat,", "1", "0"]);
    assert_eq!(talk.say("0"), ["connected / engine"]);
}

#[test]
fn a_refusal_is_any_data() {
    let mut talk = old();
    talk.namespace("/chat");
    talk.namespace("/");
    talk.open();
    assert_eq!(talk.say(r#"4"Not authorized""#), ["opened", "not connected /: Not authorized"]);
    assert_eq!(
        talk.say(r#"4/chat,{"message":"Invalid namespace"}"#),
        ["not connected /chat: Invalid namespace"]
    );
    assert_eq!(talk.sent(), ["0/chat,", "CLOSE"]);
}
