//! Clients of Socket.IO 2, over Engine.IO 3.

use sansocket_socketio::server::{ConnectError, Event, Reason, Recovery, ServerOptions};
use sansocket_socketio::{Nsp, Revision};

use crate::support::{House, args, everybody, value};

const SID: &str = "engine-0000000000001";

#[test]
fn they_are_in_the_main_namespace_without_asking() {
    let mut house = House::default();
    let connection = house.open_as(Revision::V4);
    let socket = house.knocks(connection);
    assert_eq!(house.server.socket(socket).unwrap().id().as_str(), SID, "known by its session");
    house.server.accept(socket, house.now);
    assert_eq!(house.events(connection), [Event::Connected(socket)]);
    assert_eq!(house.hears(connection), ["0"]);
    house.says(connection, r#"2["hi"]"#);
    assert!(matches!(house.events(connection).as_slice(), [Event::Received { .. }]));
}

#[test]
fn what_they_say_of_themselves_stands_behind_the_namespace() {
    let mut house = House::default();
    house.server.add_namespace(Nsp::new("/admin").unwrap());
    let connection = house.open_as(Revision::V4);
    house.events(connection);
    house.says(connection, "0/admin?token=1&x=a%20b,");
    let socket = house.knocks(connection);
    let info = house.server.socket(socket).unwrap();
    assert_eq!(info.id().as_str(), format!("/admin#{SID}"));
    assert_eq!(info.auth(), Some(&value(serde_json::json!({"token": "1", "x": "a b"}))));
    house.server.accept(socket, house.now);
    assert_eq!(house.hears(connection), ["0/admin,"]);
}

#[test]
fn what_they_are_told_who_are_refused_is_no_object() {
    for (error, told) in [
        (ConnectError::new("no"), r#"4"no""#),
        (ConnectError::new("no").with_data(value(serde_json::json!({"code": 401}))), r#"4{"code":401}"#),
    ] {
        let mut house = House::default();
        let connection = house.open_as(Revision::V4);
        let socket = house.knocks(connection);
        house.server.refuse(socket, error, house.now);
        assert_eq!(house.hears(connection), [told]);
    }
    let mut house = House::default();
    let connection = house.open_as(Revision::V4);
    house.events(connection);
    house.says(connection, "0/nope,");
    assert_eq!(house.hears(connection), [r#"4/nope,{"message":"Invalid namespace"}"#], "but this is");
}

#[test]
fn they_get_no_offsets_for_they_cannot_come_back() {
    let options = ServerOptions { recovery: Some(Recovery::default()), ..ServerOptions::default() };
    let mut house = House::new(options);
    let connection = house.open_as(Revision::V4);
    let old = house.knocks(connection);
    house.server.accept(old, house.now);
    house.events(connection);
    assert_eq!(house.hears(connection), ["0"]);
    let new = house.guest();
    house.broadcast(&everybody(), "x", args(1));
    assert_eq!(house.hears(connection), [r#"2["x",1]"#]);
    assert_ne!(house.hears(new.connection), [r#"2["x",1]"#]);
    house.server.handle_close(connection, Reason::TransportClose, house.now);
    assert_eq!(house.events(connection).len(), 4, "it is forgotten at once");
}
