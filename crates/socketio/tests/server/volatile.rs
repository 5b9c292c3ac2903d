//! What is worth something now or not at all.

use std::time::Duration;

use sansocket_socketio::server::{Outcome, ServerOptions};
use sansocket_socketio::{AckError, Args, EmitError, Flags, Writable};

use crate::support::{Guest, House, args, everybody};

fn emits(house: &mut House, guest: Guest, name: &str, number: u32, flags: Flags) {
    house.server.emit(guest.socket, name, args(number), flags, house.now).expect("it is never blocked");
}

#[test]
fn it_leaves_at_once_or_not_at_all() {
    let mut house = House::default();
    let guest = house.guest();
    let volatile = Flags::default().volatile();
    emits(&mut house, guest, "v", 1, volatile);
    assert_eq!(house.hears(guest.connection), [r#"2["v",1]"#]);
    emits(&mut house, guest, "v", 2, volatile);
    house.emit(guest, "n", args(3));
    emits(&mut house, guest, "v", 4, volatile);
    assert_eq!(house.hears_if(guest.connection, Writable::Later), [r#"2["n",3]"#]);
    assert_eq!(house.hears(guest.connection), Vec::<String>::new(), "it was dropped, and not kept");
}

#[test]
fn of_the_latest_alone_the_latest_alone_waits() {
    let mut house = House::default();
    let guest = house.guest();
    let latest = Flags::default().latest();
    for number in 0..5 {
        emits(&mut house, guest, "position", number, latest);
        emits(&mut house, guest, "score", 10 * number, latest);
    }
    house.emit(guest, "n", args(1));
    assert_eq!(
        house.hears_if(guest.connection, Writable::Later),
        [r#"2["n",1]"#],
        "it waits behind all others"
    );
    assert_eq!(house.hears(guest.connection), [r#"2["position",4]"#, r#"2["score",40]"#]);
    assert_eq!(house.server.waiting_bytes(guest.socket), 0);
}

#[test]
fn it_is_never_blocked_and_never_piles_up() {
    let mut house = House::default();
    let guest = house.guest();
    let long = args("x".repeat(1000));
    let mut count = 0;
    while house.server.emit(guest.socket, "n", long.clone(), Flags::default(), house.now).is_ok() {
        count += 1;
    }
    let full = house.server.waiting_bytes(guest.socket);
    for _ in 0..1000 {
        let volatile = Flags::default().volatile();
        house.server.emit(guest.socket, "v", long.clone(), volatile, house.now).expect("never blocked");
        house.broadcast(&everybody().with(Flags::default().volatile()), "v", long.clone());
        house.broadcast(&everybody().with(Flags::default().latest()), "l", long.clone());
    }
    assert!(house.server.waiting_bytes(guest.socket) < full + 2000);
    assert!(matches!(
        house.server.emit(guest.socket, "n", Args::none(), Flags::default(), house.now),
        Err(EmitError::Blocked(_))
    ));
    assert_eq!(house.hears(guest.connection).len(), count + 1, "the latest is there");
}

#[test]
fn what_was_dropped_is_not_answered() {
    let mut house = House::new(ServerOptions { high_water: 1, ..ServerOptions::default() });
    let guest = house.guest();
    house.emit(guest, "n", Args::none());
    let flags = Flags::default().volatile();
    let timeout = Duration::from_secs(9);
    let request =
        house.server.emit_with_ack(guest.socket, "v", Args::none(), timeout, flags, house.now).unwrap();
    assert_eq!(house.outcomes(), [Outcome::Acked { request, result: Err(AckError::Dropped) }]);
    assert_eq!(house.server.poll_timeout(), None);
}

#[test]
fn bytes_of_one_event_are_not_torn_apart() {
    let mut house = House::default();
    let guest = house.guest();
    let bytes = bytes::Bytes::from_static(&[1, 2]);
    house.server.emit(guest.socket, "v", args(&bytes), Flags::default().volatile(), house.now).unwrap();
    let first = house.server.poll_transmit(guest.connection, Writable::Now);
    assert!(first.is_some());
    // From here on it is under way.
    assert_eq!(house.hears_if(guest.connection, Writable::Later), ["[01, 02]"]);
}
