//! Entries of the hostile list (layer `state`) that concern the server; others are told among the behaviours that they
//! try.

use std::time::Duration;

use sansocket_core::Message;
use sansocket_socketio::server::{Event, Outcome, Reason, ServerOptions};
use sansocket_socketio::{Args, Flags, Nsp, Writable};
use sansocket_testkit::CountingAlloc;

use crate::support::{House, args, everybody};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn n_005_a_pattern_is_no_way_to_make_namespaces_without_end() {
    let mut house = House::default();
    house.server.add_dynamic(|name, _| name.starts_with("/dyn-"));
    let connection = house.open();
    let mut said = 0;
    while house.server.sockets_of(connection).len() < 64 {
        house.enters(connection, &format!("0/dyn-{said},"));
        said += 1;
    }
    assert_eq!(house.server.namespaces().count(), 1 + 64);
    house.hears(connection);
    house.says(connection, "0/dyn-64,");
    assert_eq!(house.hears(connection), [r#"4/dyn-64,{"message":"Too many namespaces"}"#]);
    for more in 65..100_000 {
        house.says(connection, format!("0/dyn-{more},"));
    }
    let heard = house.hears(connection);
    assert_eq!((heard.len(), heard.last().map(String::as_str)), (100, Some("close")), "99 refusals more");
    house.events(connection);
    assert_eq!(house.server.namespaces().count(), 1, "they go with their sockets");
    assert!(house.server.is_empty());
}

#[test]
fn n_006_odd_names_of_namespaces_are_refused() {
    for name in ["/\u{0}", "/../", "/a\nb", "/constructor", "/__proto__", "/a?b#c"] {
        let mut house = House::default();
        let connection = house.open();
        house.says(connection, format!("0{name},"));
        let heard = house.hears(connection);
        assert!(heard == ["close"] || heard[0].ends_with(r#"{"message":"Invalid namespace"}"#), "{heard:?}");
    }
    let mut house = House::default();
    let connection = house.open();
    let long = format!("0/{},", "x".repeat(1 << 20));
    let ((), grown) =
        CountingAlloc::measure(|| house.server.handle_message(connection, long.into(), house.now));
    assert!(grown.peak < 4096, "{grown:?}");
    assert_eq!(house.hears(connection), ["close"]);
}

#[test]
fn n_010_a_million_rooms_are_given_back() {
    let rooms = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let mut house = House::default();
    let (stays, goes) = (house.guest(), house.guest());
    let ((), grown) = CountingAlloc::measure(|| {
        for room in 0..rooms {
            house.server.join(goes.socket, format!("room {room}")).unwrap();
        }
        assert_eq!(house.server.rooms(&Nsp::main()).len(), rooms);
        house.leaves(goes);
        assert_eq!(house.events(goes.connection).len(), 4);
    });
    assert!(grown.kept < 4096, "{grown:?}");
    assert!(house.server.socket(stays.socket).is_some());
}

#[test]
fn n_011_what_is_never_answered_is_not_kept_for_ever() {
    let mut house = House::default();
    let guest = house.guest();
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..30 {
            let mut asked = 0;
            let refused = loop {
                let now = house.now;
                match house.server.emit_with_ack(
                    guest.socket,
                    "a",
                    Args::none(),
                    SECOND,
                    Flags::default(),
                    now,
                ) {
                    Ok(_) => asked += 1,
                    Err(refused) => break refused,
                }
                while house.server.poll_transmit(guest.connection, Writable::Now).is_some() {}
            };
            assert_eq!((asked, refused.into_inner()), (10_000, Args::none()));
            house.passes(SECOND);
            assert_eq!(std::iter::from_fn(|| house.server.poll_outcome()).count(), 10_000);
        }
    });
    // The table of requests keeps its places.
    assert!(grown.kept < 10_000 * 64 && grown.peak < 10_000 * 400, "{grown:?}");
}

#[test]
fn n_012_an_answer_is_never_earlier_than_the_question() {
    // What is asked cannot be heard before the call that asks has come back: then it is waited for.
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, "30[]");
    let now = house.now;
    let request =
        house.server.emit_with_ack(guest.socket, "a", Args::none(), SECOND, Flags::default(), now).unwrap();
    assert_eq!(house.outcomes(), [], "who answers what was not asked answered nothing");
    house.says(guest.connection, "30[]");
    assert_eq!(house.outcomes(), [Outcome::Acked { request, result: Ok(Args::none()) }]);
}

#[test]
fn n_020_limits_hold_before_the_user_hears_of_anybody() {
    let deep = format!("0{}{}", r#"{"a":"#.repeat(129), "}".repeat(129));
    for said in [deep, "0{\"a\":".to_owned(), "0[]".to_owned(), "0\"secret\"".to_owned()] {
        let mut house = House::default();
        let connection = house.open();
        house.says(connection, said);
        assert_eq!(house.events(connection), [Event::Closed]);
        assert_eq!(house.hears(connection), ["close"]);
    }
}

#[test]
fn half_a_packet_is_not_waited_for_for_ever() {
    let mut house = House::new(ServerOptions { attachment_timeout: 10 * SECOND, ..ServerOptions::default() });
    let guest = house.guest();
    house.says(guest.connection, r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
    house.says(guest.connection, Message::binary(vec![0; 1000]));
    house.passes(9 * SECOND);
    assert_eq!(house.events(guest.connection), []);
    house.passes(SECOND);
    let reason = Reason::ParseError;
    assert!(house.events(guest.connection).contains(&Event::Disconnected { socket: guest.socket, reason }));
    assert!(house.server.is_empty() || house.hears(guest.connection) == ["close"]);
    // A whole one leaves no deadline behind.
    let guest = house.guest();
    house.says(guest.connection, r#"51-["a",{"_placeholder":true,"num":0}]"#);
    house.says(guest.connection, Message::binary(vec![1]));
    house.passes(60 * SECOND);
    assert_eq!(house.events(guest.connection).len(), 1);
}

#[test]
fn attachments_that_belong_to_nobody_are_not_waited_for() {
    // S-062
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, r#"51-/other,["a",{"_placeholder":true,"num":0}]"#);
    assert_eq!(house.hears(guest.connection), ["close"]);
}

#[test]
fn many_who_come_and_go_leave_nothing_behind() {
    let mut house = House::default();
    house.server.add_dynamic(|name, _| name.starts_with("/dyn-"));
    let round = |house: &mut House| {
        let guests: Vec<_> = (0..100).map(|_| house.guest()).collect();
        for (at, guest) in guests.iter().enumerate() {
            house.server.join(guest.socket, format!("{}", at % 7)).unwrap();
            house.enters(guest.connection, &format!("0/dyn-{},", at % 13));
        }
        house.broadcast(&everybody().to("3").to("4"), "x", args(1));
        house.server.broadcast_with_ack(&everybody(), "x", Args::none(), SECOND, house.now).unwrap();
        for guest in guests {
            house.leaves(guest);
            house.events(guest.connection);
        }
        house.outcomes();
        while house.server.poll_dirty().is_some() {}
        assert!(house.server.is_empty());
        assert_eq!(house.server.poll_timeout(), None);
    };
    round(&mut house);
    let ((), grown) = CountingAlloc::measure(|| (0..10).for_each(|_| round(&mut house)));
    assert!(grown.kept <= 1024, "{grown:?}");
}
