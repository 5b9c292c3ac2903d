//! Rooms come with their first socket and go with their last.

use sansocket_core::Utf8Bytes;
use sansocket_socketio::Nsp;
use sansocket_socketio::server::{JoinError, Notice, Notices, ServerOptions};

use crate::support::{House, everybody};

#[test]
fn rooms_come_and_go_with_their_sockets() {
    let mut house = House::new(ServerOptions { notices: Notices::All, ..ServerOptions::default() });
    let (one, other) = (house.guest(), house.guest());
    let (nsp, room) = (Nsp::main(), Utf8Bytes::from("r"));
    for guest in [one, one, other] {
        house.server.join(guest.socket, "r").unwrap();
    }
    assert_eq!(house.server.room_size(&nsp, "r"), 2);
    house.server.leave(one.socket, "r");
    house.server.leave(one.socket, "r");
    assert_eq!(house.server.rooms(&nsp), ["r"]);
    house.leaves(other);
    assert!(house.server.rooms(&nsp).is_empty());
    let expected = [
        Notice::RoomMade { nsp: nsp.clone(), room: room.clone() },
        Notice::Joined { socket: one.socket, room: room.clone() },
        Notice::Joined { socket: other.socket, room: room.clone() },
        Notice::Left { socket: one.socket, room: room.clone() },
        Notice::Left { socket: other.socket, room: room.clone() },
        Notice::RoomGone { nsp, room },
    ];
    assert_eq!(house.notices(), expected);
}

#[test]
fn a_socket_knows_its_rooms_until_it_is_forgotten() {
    let mut house = House::default();
    let guest = house.guest();
    for room in ["b", "a", "c"] {
        house.server.join(guest.socket, room).unwrap();
    }
    house.server.leave(guest.socket, "c");
    let rooms = |house: &House| {
        let mut rooms: Vec<String> =
            house.server.socket(guest.socket).unwrap().rooms().map(|room| room.to_string()).collect();
        rooms.sort();
        rooms
    };
    assert_eq!(rooms(&house), ["a", "b"]);
    assert!(house.server.is_in(guest.socket, "a") && house.server.is_in(guest.socket, &house.id(guest)));
    house.leaves(guest);
    assert_eq!(rooms(&house), ["a", "b"], "whoever looks at `Disconnecting` sees them");
    assert_eq!(house.server.join(guest.socket, "d"), Err(JoinError::Closed));
}

#[test]
fn a_socket_that_is_not_let_in_yet_may_join_and_hears_nothing() {
    let mut house = House::default();
    let connection = house.open();
    house.says(connection, "0");
    let socket = house.knocks(connection);
    house.server.join(socket, "r").unwrap();
    house.broadcast(&everybody().to("r"), "x", Default::default());
    assert_eq!(house.hears(connection), Vec::<String>::new());
    assert_eq!(house.server.room_size(&Nsp::main(), "r"), 0);
    house.server.accept(socket, house.now);
    assert_eq!(house.server.room_size(&Nsp::main(), "r"), 1);
}

#[test]
fn nobody_is_in_more_rooms_than_he_may() {
    let mut house = House::new(ServerOptions { max_rooms: Some(2), ..ServerOptions::default() });
    let guest = house.guest();
    for room in ["a", "b", "a"] {
        house.server.join(guest.socket, room).unwrap();
    }
    assert_eq!(house.server.join(guest.socket, "c"), Err(JoinError::TooManyRooms));
    house.server.leave_all(guest.socket);
    house.server.join(guest.socket, "c").unwrap();
    assert_eq!(house.server.rooms(&Nsp::main()), ["c"]);
}
