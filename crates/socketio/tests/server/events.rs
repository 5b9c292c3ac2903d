//! Events in both directions.

use sansocket_core::Message;
use sansocket_socketio::server::Event;
use sansocket_socketio::{Args, Compress, EmitError, Flags, Outgoing, Writable};

use crate::support::{House, args, received};

#[test]
fn events_arrive_in_order_with_their_arguments() {
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, r#"2["first",1,{"a":[true]}]"#);
    house.says(guest.connection, r#"2["second"]"#);
    let expected = [
        received(guest.socket, "first", args((1, serde_json::json!({"a": [true]})))),
        received(guest.socket, "second", Args::none()),
    ];
    assert_eq!(house.events(guest.connection), expected);

    house.emit(guest, "third", args(("x", 2.5)));
    house.emit(guest, "fourth", Args::none());
    assert_eq!(house.hears(guest.connection), [r#"2["third","x",2.5]"#, r#"2["fourth"]"#]);
}

#[test]
fn bytes_go_beside_the_text() {
    let mut house = House::default();
    let guest = house.guest();
    house
        .says(guest.connection, r#"52-["pair",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
    assert_eq!(house.events(guest.connection), [], "it is not whole");
    house.says(guest.connection, Message::binary(vec![1]));
    house.says(guest.connection, Message::binary(vec![2, 3]));
    let events = house.events(guest.connection);
    let [Event::Received { args, .. }] = events.as_slice() else { panic!("{events:?}") };
    let pair: (bytes::Bytes, bytes::Bytes) = args.read().expect("two times bytes");
    assert_eq!((&pair.0[..], &pair.1[..]), (&[1][..], &[2, 3][..]));

    house.emit(guest, "pair", args.clone());
    let echo = r#"52-["pair",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    assert_eq!(house.hears(guest.connection), [echo, "[01]", "[02, 03]"]);
}

#[test]
fn what_stays_uncompressed_says_so() {
    let mut house = House::default();
    let guest = house.guest();
    for flags in [Flags::default(), Flags::default().uncompressed()] {
        house.server.emit(guest.socket, "x", Args::none(), flags, house.now).unwrap();
        let outgoing = house.server.poll_transmit(guest.connection, Writable::Now);
        let Some(Outgoing::Message { compress, .. }) = outgoing else { panic!("{outgoing:?}") };
        assert_eq!(compress == Compress::No, flags.compress == Compress::No);
    }
}

#[test]
fn what_cannot_be_emitted_comes_back() {
    let mut house = House::default();
    let guest = house.guest();
    let now = house.now;
    let arguments = args((1, 2));
    let refused = house.server.emit(guest.socket, "disconnect", arguments.clone(), Flags::default(), now);
    assert_eq!(refused, Err(EmitError::Reserved(arguments.clone())));
    house.leaves(guest);
    let refused = house.server.emit(guest.socket, "x", arguments.clone(), Flags::default(), now);
    assert_eq!(refused, Err(EmitError::Closed(arguments)));
}

#[test]
fn connections_with_something_to_do_are_named_once() {
    let mut house = House::default();
    let (one, other) = (house.guest(), house.guest());
    while house.server.poll_dirty().is_some() {}
    house.emit(one, "a", Args::none());
    house.emit(one, "b", Args::none());
    house.says(other.connection, r#"2["c"]"#);
    let named: Vec<_> = std::iter::from_fn(|| house.server.poll_dirty()).collect();
    assert_eq!(named, [one.connection, other.connection]);
}

#[test]
fn who_says_more_than_anybody_looks_at_has_to_wait() {
    let mut house = House::default();
    let guest = house.guest();
    let long = format!(r#"2["x","{}"]"#, "y".repeat(20_000));
    let mut said = 0;
    while house.server.has_appetite(guest.connection) {
        house.says(guest.connection, &*long);
        said += 1;
    }
    assert_eq!(said, 4, "64 KiB are enough");
    while house.server.poll_dirty().is_some() {}
    house.server.poll_event(guest.connection);
    assert_eq!(house.server.poll_dirty(), None);
    house.server.poll_event(guest.connection);
    house.server.poll_event(guest.connection);
    assert_eq!(house.server.poll_dirty(), Some(guest.connection), "half of it was looked at");
    assert!(house.server.has_appetite(guest.connection));
}
