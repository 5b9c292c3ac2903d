//! Who hears what is said to many.

use sansocket_core::Message;
use sansocket_socketio::server::{Closing, Outcome, Target};
use sansocket_socketio::{Args, EmitError, Nsp, Outgoing, Writable};

use crate::support::{Guest, House, args, everybody, value};

/// Four guests: the first two are in `red`, the second and third in `blue`.
fn party(house: &mut House) -> Vec<Guest> {
    let guests: Vec<Guest> = (0..4).map(|_| house.guest()).collect();
    for (guest, room) in [(0, "red"), (1, "red"), (1, "blue"), (2, "blue")] {
        house.server.join(guests[guest].socket, room).unwrap();
    }
    guests
}

/// How often each of them hears an event for `target`.
fn heard(house: &mut House, guests: &[Guest], target: &Target) -> Vec<usize> {
    house.broadcast(target, "x", args(1));
    guests.iter().map(|guest| house.hears(guest.connection).len()).collect()
}

#[test]
fn everybody_who_is_meant_hears_it_once() {
    let mut house = House::default();
    let guests = party(&mut house);
    let ids: Vec<String> = guests.iter().map(|guest| house.id(*guest)).collect();
    let first = ids[0].as_str();
    for (target, expected) in [
        (everybody(), [1, 1, 1, 1]),
        (everybody().to("red"), [1, 1, 0, 0]),
        (everybody().to("red").to("blue"), [1, 1, 1, 0]),
        (everybody().to("red").to(first).to(ids[3].as_str()), [1, 1, 0, 1]),
        (everybody().except("blue"), [1, 0, 0, 1]),
        (everybody().except(first), [0, 1, 1, 1]),
        (everybody().to("red").except(first), [0, 1, 0, 0]),
        (everybody().to("red").to("blue").except("blue").except(first), [0, 0, 0, 0]),
        (everybody().to("nobody"), [0, 0, 0, 0]),
        (Target::new(Nsp::new("/other").unwrap()), [0, 0, 0, 0]),
    ] {
        assert_eq!(heard(&mut house, &guests, &target), expected, "{target:?}");
    }
}

#[test]
fn what_many_hear_is_written_once() {
    let mut house = House::default();
    let guests = party(&mut house);
    house.broadcast(&everybody(), "x", args("a text that is long enough to be shared by reference"));
    let at = |house: &mut House, guest: &Guest| match house
        .server
        .poll_transmit(guest.connection, Writable::Now)
    {
        Some(Outgoing::Message { message: Message::Text(text), .. }) => text.as_bytes().as_ptr(),
        other => panic!("{other:?}"),
    };
    let first = at(&mut house, &guests[0]);
    assert!(guests[1..].iter().all(|guest| at(&mut house, guest) == first));
}

#[test]
fn reserved_names_are_refused() {
    let mut house = House::default();
    let refused = house.server.broadcast(&everybody(), "connect_error", args(1), house.now);
    assert_eq!(refused, Err(EmitError::Reserved(args(1))));
}

#[test]
fn sockets_join_leave_and_go_together() {
    let mut house = House::default();
    let guests = party(&mut house);
    let now = house.now;
    house.server.sockets_join(&everybody().to("red"), &["green".into(), "blue".into()], now);
    assert_eq!(heard(&mut house, &guests, &everybody().to("green")), [1, 1, 0, 0]);
    assert_eq!(heard(&mut house, &guests, &everybody().to("blue")), [1, 1, 1, 0]);
    house.server.sockets_leave(&everybody().to("red"), &["blue".into()], now);
    assert_eq!(heard(&mut house, &guests, &everybody().to("blue")), [0, 0, 1, 0]);
    house.server.disconnect_sockets(&everybody().except("red"), Closing::Namespace, now);
    for guest in &guests[2..] {
        assert_eq!(house.hears(guest.connection), ["1"]);
    }
    assert_eq!(heard(&mut house, &guests, &everybody()), [1, 1, 0, 0]);
    house.server.disconnect_sockets(&everybody(), Closing::Connection, now);
    assert_eq!(house.hears(guests[0].connection), ["1", "close"]);
}

#[test]
fn sockets_are_found_with_what_is_known_of_them() {
    let mut house = House::default();
    let guests = party(&mut house);
    house.server.set_data(guests[0].socket, value("data"));
    let request = house.server.fetch_sockets(&everybody().to("red").except("blue"), house.now);
    let outcomes = house.outcomes();
    let [Outcome::Fetched { request: answered, sockets, missing: 0 }] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!(*answered, request);
    let [found] = sockets.as_slice() else { panic!("{sockets:?}") };
    assert_eq!(found.id.as_str(), house.id(guests[0]));
    assert_eq!(found.rooms, ["red"]);
    assert_eq!(found.data, Some(value("data")));
    assert_eq!(found.handshake.request.path(), "/socket.io/");
}

#[test]
fn members_come_and_go_between_broadcasts() {
    // N-015
    let mut house = House::default();
    let guests = party(&mut house);
    for round in 0..100 {
        let guest = guests[round % 4];
        if round % 3 == 0 {
            house.server.join(guest.socket, "red").unwrap();
        } else {
            house.server.leave(guest.socket, "red");
        }
        let fresh = house.guest();
        house.server.join(fresh.socket, "red").unwrap();
        house.broadcast(&everybody().to("red"), "x", Args::none());
        house.leaves(fresh);
        house.broadcast(&everybody().to("red"), "x", Args::none());
        assert_eq!(house.events(fresh.connection).len(), 4);
    }
}
