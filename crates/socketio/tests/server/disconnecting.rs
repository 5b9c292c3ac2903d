//! How sockets and connections end, and in which words.

use sansocket_core::Message;
use sansocket_socketio::server::{Closing, Event, Reason};
use sansocket_socketio::{Args, Flags, Nsp};

use crate::support::{Guest, House, ends};

/// A guest who is in `/chat` too.
fn guest_of_two(house: &mut House) -> (Guest, Guest) {
    house.server.add_namespace(Nsp::new("/chat").unwrap());
    let guest = house.guest();
    let chat = house.enters(guest.connection, "0/chat,");
    house.hears(guest.connection);
    (guest, Guest { socket: chat, ..guest })
}

#[test]
fn a_client_leaves_a_namespace_and_stays_in_the_other() {
    let mut house = House::default();
    let (main, chat) = guest_of_two(&mut house);
    house.says(main.connection, "1/chat,");
    assert_eq!(house.events(main.connection), ends(chat.socket, Reason::ClientNamespaceDisconnect));
    assert_eq!(house.hears(main.connection), Vec::<String>::new(), "nothing is answered");
    house.emit(main, "still", Args::none());
    assert_eq!(house.hears(main.connection), [r#"2["still"]"#]);
}

#[test]
fn a_server_puts_a_client_out_of_a_namespace_or_altogether() {
    let mut house = House::default();
    let (main, chat) = guest_of_two(&mut house);
    house.server.disconnect(chat.socket, Closing::Namespace, house.now);
    assert_eq!(house.hears(main.connection), ["1/chat,"]);
    assert_eq!(house.events(main.connection), ends(chat.socket, Reason::ServerNamespaceDisconnect));

    house.emit(main, "last words", Args::none());
    house.server.disconnect(main.socket, Closing::Connection, house.now);
    assert_eq!(house.hears(main.connection), [r#"2["last words"]"#, "1", "close"]);
    let mut expected = ends(main.socket, Reason::ServerNamespaceDisconnect).to_vec();
    expected.push(Event::Closed);
    assert_eq!(house.events(main.connection), expected);
    assert!(house.server.is_empty());
}

#[test]
fn what_who_was_put_out_said_before_he_knew_harms_nobody() {
    let mut house = House::default();
    let (main, chat) = guest_of_two(&mut house);
    house.server.disconnect(chat.socket, Closing::Namespace, house.now);
    house.events(main.connection);
    for said in [r#"2/chat,["x"]"#, "3/chat,0[]", "1/chat,"] {
        house.says(main.connection, said);
    }
    assert_eq!(house.events(main.connection), []);
    assert_eq!(house.hears(main.connection), ["1/chat,"]);
    // He has answered: from here on he knows.
    house.says(main.connection, r#"2/chat,["x"]"#);
    assert_eq!(house.hears(main.connection), ["close"]);
}

#[test]
fn who_was_put_out_may_come_again() {
    let mut house = House::default();
    let (main, chat) = guest_of_two(&mut house);
    house.server.disconnect(chat.socket, Closing::Namespace, house.now);
    house.events(main.connection);
    let again = house.enters(main.connection, "0/chat,");
    assert_ne!(again, chat.socket);
}

#[test]
fn the_end_of_a_connection_is_the_end_of_its_sockets() {
    for reason in [Reason::TransportClose, Reason::TransportError, Reason::PingTimeout] {
        let mut house = House::default();
        let (main, chat) = guest_of_two(&mut house);
        house.says(main.connection, r#"2["before"]"#);
        house.server.handle_close(main.connection, reason, house.now);
        let events = house.events(main.connection);
        assert!(matches!(&events[0], Event::Received { name, .. } if name == "before"), "it is not lost");
        let both = [ends(main.socket, reason), ends(chat.socket, reason)].concat();
        assert_eq!(events[1..7], both);
        assert_eq!(events[7..], [Event::Closed]);
        assert_eq!(house.hears(main.connection), Vec::<String>::new());
        assert!(house.server.is_empty());
    }
}

#[test]
fn reasons_are_the_words_of_others() {
    let words = [
        (Reason::TransportError, "transport error"),
        (Reason::TransportClose, "transport close"),
        (Reason::ForcedClose, "forced close"),
        (Reason::PingTimeout, "ping timeout"),
        (Reason::ParseError, "parse error"),
        (Reason::ServerShuttingDown, "server shutting down"),
        (Reason::ForcedServerClose, "forced server close"),
        (Reason::ClientNamespaceDisconnect, "client namespace disconnect"),
        (Reason::ServerNamespaceDisconnect, "server namespace disconnect"),
    ];
    for (reason, word) in words {
        assert_eq!(reason.to_string(), word);
    }
}

/// What a fresh guest's connection hears who says this, and why his socket ended.
fn told(said: &str) -> (Vec<String>, Option<Reason>) {
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, said);
    let heard = house.hears(guest.connection);
    let reason = house.events(guest.connection).into_iter().find_map(|event| match event {
        Event::Disconnected { reason, .. } => Some(reason),
        _ => None,
    });
    (heard, reason)
}

#[test]
fn who_says_what_he_must_not_is_closed() {
    // N-007, N-008: a namespace that he is in already, one that he is not in, and what only servers say.
    for said in ["0", "0/", "2/other,[\"x\"]", "1/other,", "3/other,0[]", r#"4{"message":"x"}"#] {
        assert_eq!(told(said), (vec!["close".into()], Some(Reason::ForcedServerClose)), "{said}");
    }
    for said in ["2[]", "2[null]", r#"2["connect"]"#, "7", "", "5-[\"x\"]", "2[\"x\"", "1{}"] {
        assert_eq!(told(said), (vec!["close".into()], Some(Reason::ParseError)), "{said}");
    }
}

#[test]
fn who_says_anything_before_he_is_in_is_closed() {
    // N-002
    for said in [r#"2["a"]"#, "1", "30[]", r#"51-["a",{"_placeholder":true,"num":0}]"#] {
        let mut house = House::default();
        let connection = house.open();
        house.says(connection, said);
        assert_eq!(house.hears(connection), ["close"], "{said}");
        assert_eq!(house.events(connection), [Event::Closed]);
        assert!(house.server.is_empty());
    }
}

#[test]
fn nothing_is_heard_after_the_end() {
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, "nonsense");
    house.says(guest.connection, "0");
    house.says(guest.connection, r#"2["x"]"#);
    house.server.emit(guest.socket, "x", Args::none(), Flags::default(), house.now).unwrap_err();
    house.server.disconnect(guest.socket, Closing::Connection, house.now);
    assert_eq!(house.hears(guest.connection), ["close"]);
    house.leaves(guest);
    assert_eq!(house.events(guest.connection).len(), 4);
    assert_eq!(house.hears(guest.connection), Vec::<String>::new());
    assert!(house.server.is_empty());
    assert_eq!(house.server.poll_timeout(), None);
    let late = house.server.poll_event(guest.connection);
    assert_eq!(late, None);
    house.says(guest.connection, Message::binary(vec![1]));
}
