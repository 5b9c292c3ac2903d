//! Who is let in to a namespace, and what who is not is told.

use std::time::Duration;

use sansocket_socketio::Nsp;
use sansocket_socketio::server::{ConnectError, Event, Notice, Notices, Reason, ServerOptions};

use crate::support::{House, ends, value, welcomed};

#[test]
fn a_client_is_let_in_and_told_its_id() {
    let mut house = House::default();
    let connection = house.open();
    house.says(connection, r#"0{"token":"secret"}"#);
    let socket = house.knocks(connection);
    let info = house.server.socket(socket).expect("it is there");
    assert_eq!(
        info.auth().and_then(|auth| auth.get("token")).and_then(|token| token.as_str()),
        Some("secret")
    );
    assert!(!info.is_connected());
    assert_eq!(info.namespace(), house.main);
    let id = info.id().to_string();
    assert_eq!(house.hears(connection), Vec::<String>::new(), "nothing before the user was heard");

    house.server.accept(socket, house.now);
    assert_eq!(house.events(connection), [Event::Connected(socket)]);
    let welcome = house.hears(connection).remove(0);
    assert_eq!(welcomed(&welcome, "sid"), Some(id.clone()));
    assert_eq!(welcomed(&welcome, "pid"), None, "nobody may come back");
    assert_eq!(id.len(), 20);
    assert_eq!(house.server.socket_by_id(&Nsp::main(), &id), Some(socket));
}

#[test]
fn a_client_is_refused_with_a_message_and_data_and_may_try_again() {
    let mut house = House::default();
    let connection = house.open();
    house.says(connection, "0");
    let socket = house.knocks(connection);
    let error = ConnectError::new("unauthorized").with_data(value(401));
    house.server.refuse(socket, error, house.now);
    assert_eq!(house.hears(connection), [r#"4{"data":401,"message":"unauthorized"}"#]);
    assert_eq!(house.events(connection), [Event::Forgotten(socket)]);
    house.enters(connection, "0");
}

#[test]
fn a_namespace_that_is_none_is_refused() {
    // N-003
    let mut house = House::default();
    let connection = house.open();
    house.says(connection, "0/nope,");
    assert_eq!(house.hears(connection), [r#"4/nope,{"message":"Invalid namespace"}"#]);
    house.says(connection, "0/a?x=1,");
    assert_eq!(house.hears(connection), [r#"4/a?x=1,{"message":"Invalid namespace"}"#]);
    house.passes(Duration::from_secs(45));
    assert_eq!(house.hears(connection), ["close"]);
    assert_eq!(house.events(connection), [Event::Closed]);
    assert!(house.server.is_empty());
}

#[test]
fn one_connection_carries_several_namespaces() {
    let mut house = House::default();
    let chat = house.server.add_namespace(Nsp::new("/chat").unwrap());
    let connection = house.open();
    let main = house.enters(connection, "0");
    let other = house.enters(connection, "0/chat,");
    assert_ne!(main, other);
    assert_eq!(house.server.socket(other).unwrap().namespace(), chat);
    assert_ne!(house.server.socket(main).unwrap().id(), house.server.socket(other).unwrap().id());
    assert_eq!(house.hears(connection).len(), 2);
    house.says(connection, r#"2/chat,["hi"]"#);
    assert!(
        matches!(house.events(connection).as_slice(), [Event::Received { socket, .. }] if *socket == other)
    );
}

#[test]
fn namespaces_come_of_a_pattern_and_go_with_their_last_socket() {
    let mut house = House::new(ServerOptions { notices: Notices::All, ..ServerOptions::default() });
    let parent = house.server.add_dynamic(|name, _| name.starts_with("/dynamic-"));
    let by_auth = house.server.add_dynamic(|_, auth| auth.is_some_and(|auth| auth.get("key").is_some()));
    let connection = house.open();
    let first = house.enters(connection, "0/dynamic-1,");
    let second = house.enters(connection, r#"0/any,{"key":1}"#);
    assert_eq!(house.server.socket(first).unwrap().namespace(), parent);
    assert_eq!(house.server.socket(second).unwrap().namespace(), by_auth);
    house.says(connection, "0/any-other,");
    assert!(house.hears(connection).last().unwrap().contains("Invalid namespace"));

    house.says(connection, "1/dynamic-1,");
    assert_eq!(house.events(connection), ends(first, Reason::ClientNamespaceDisconnect));
    let child = Nsp::new("/dynamic-1").unwrap();
    let made = Nsp::new("/any").unwrap();
    let notices = [
        Notice::NamespaceMade(child.clone()),
        Notice::NamespaceMade(made.clone()),
        Notice::NamespaceGone(child.clone()),
    ];
    assert_eq!(house.notices(), notices);
    assert_eq!(house.server.namespace(&child), None);
    assert_eq!(house.server.namespace(&made), Some(by_auth));
}

#[test]
fn a_namespace_that_came_of_a_pattern_can_be_added() {
    let mut house = House::default();
    let parent = house.server.add_dynamic(|_, _| true);
    let connection = house.open();
    house.enters(connection, "0/x,");
    let nsp = Nsp::new("/x").unwrap();
    let added = house.server.add_namespace(nsp.clone());
    assert_ne!(added, parent);
    assert_eq!(house.server.add_namespace(nsp.clone()), added);
    house.says(connection, "1/x,");
    assert_eq!(house.server.namespace(&nsp), Some(added), "it stays");
}

#[test]
fn who_joins_nothing_is_closed() {
    // N-001
    let mut house = House::default();
    let connection = house.open();
    house.passes(Duration::from_secs(44));
    assert_eq!(house.hears(connection), Vec::<String>::new());
    house.passes(Duration::from_secs(1));
    assert_eq!(house.hears(connection), ["close"]);
    assert_eq!(house.events(connection), [Event::Closed]);
    assert!(house.server.is_empty());
}

#[test]
fn who_left_his_last_namespace_is_closed_too() {
    let mut house = House::default();
    let guest = house.guest();
    house.passes(Duration::from_secs(1000));
    house.says(guest.connection, "1");
    assert_eq!(house.events(guest.connection), ends(guest.socket, Reason::ClientNamespaceDisconnect));
    house.passes(Duration::from_secs(44));
    assert_eq!(house.hears(guest.connection), Vec::<String>::new());
    house.passes(Duration::from_secs(1));
    assert_eq!(house.hears(guest.connection), ["close"]);
}

#[test]
fn who_leaves_before_he_was_let_in_is_forgotten() {
    let mut house = House::default();
    let connection = house.open();
    house.says(connection, "0");
    let socket = house.knocks(connection);
    house.server.handle_close(connection, Reason::TransportClose, house.now);
    assert_eq!(house.events(connection), [Event::Forgotten(socket), Event::Closed]);
    house.server.accept(socket, house.now);
    house.server.refuse(socket, ConnectError::new("too late"), house.now);
    assert!(house.server.is_empty());
}

#[test]
fn a_server_that_goes_down_lets_nobody_in() {
    let mut house = House::default();
    let guest = house.guest();
    house.server.close(house.now);
    let mut expected = ends(guest.socket, Reason::ServerShuttingDown).to_vec();
    expected.push(Event::Closed);
    assert_eq!(house.events(guest.connection), expected);
    assert_eq!(house.hears(guest.connection), ["close"]);
    let late = house.open();
    assert_eq!(house.hears(late), ["close"]);
    assert_eq!(house.events(late), [Event::Closed]);
    assert!(house.server.is_empty());
}

/// MessagePack as a client in JavaScript writes it: `undefined` is an extension.
#[cfg(feature = "msgpack")]
#[test]
fn clients_that_speak_message_pack_are_spoken_to_in_it() {
    use sansocket_core::Message;
    use sansocket_socketio::server::Target;
    use sansocket_socketio::{Args, Parser};

    let mut house = House::new(ServerOptions { parser: Parser::Msgpack, ..ServerOptions::default() });
    let connection = house.open();
    let connect = b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\xd4\x00\x00";
    house.says(connection, Message::binary(&connect[..]));
    let socket = house.knocks(connection);
    house.server.accept(socket, house.now);
    house.hears(connection);
    house.events(connection);
    let event = b"\x83\xa4type\x02\xa4data\x92\xa2hi\x01\xa3nsp\xa1/";
    house.says(connection, Message::binary(&event[..]));
    assert!(matches!(house.events(connection).as_slice(), [Event::Received { name, .. }] if name == "hi"));
    house.broadcast(&Target::new(Nsp::main()), "hi", Args::none());
    let heard = house.hears(connection);
    assert!(matches!(heard.as_slice(), [packet] if packet.contains("68, 69")), "{heard:?}");
}
