//! What a session's user has not looked at yet: how much of it waits, and what that does to the client.
mod support;

use std::time::Duration;

use sansocket_core::{Data, Message};
use sansocket_engineio::server::{ConnectionId, Event, ServerOptions, SessionId};
use sansocket_engineio::{Protocol, Reason};
use support::{Heard, House, options, text};

const SECOND: Duration = Duration::from_secs(1);

/// The client says so much that no more is wanted. How many messages that were.
fn fill(house: &mut House, websocket: ConnectionId) -> usize {
    let message = format!("4{}", "x".repeat(99));
    (1..)
        .find(|_| {
            house.server.keep_message(websocket, Data::Text((&*message).into()), house.now);
            !house.server.has_appetite(websocket)
        })
        .expect("there is a limit")
}

/// The user looks at the next message.
fn take(house: &mut House, session: SessionId) -> bool {
    matches!(house.server.poll_event(session, house.now), Some(Event::Message(_)))
}

#[test]
fn a_burst_is_kept_up_to_a_limit_and_read_on_when_half_of_it_was_seen() {
    let mut house = House::new(ServerOptions { read_ahead: 10_000, ..options() });
    let (websocket, session) = house.open_websocket(Protocol::V4);
    while house.server.poll_dirty().is_some() {}
    let kept = fill(&mut house, websocket);
    assert!((50..100).contains(&kept), "{kept} messages of a hundred bytes, and what each weighs");
    assert_eq!(house.server.poll_ready(), Some(session));
    let mut seen = 0;
    while house.server.poll_dirty().is_none() {
        assert!(!house.server.has_appetite(websocket));
        assert!(take(&mut house, session));
        seen += 1;
    }
    assert!((kept / 2..=kept / 2 + 1).contains(&seen), "{seen} of {kept}");
    assert!(house.server.has_appetite(websocket));
    // In order, and all of them.
    house.server.keep_message(websocket, Data::Text("4last".into()), house.now);
    let heard = house.hears(session);
    assert_eq!((heard.len(), heard.last()), (kept - seen + 1, Some(&text("last"))));
}

#[test]
fn any_one_message_may_wait() {
    let mut house = House::new(ServerOptions { read_ahead: 0, ..options() });
    let (websocket, session) = house.open_websocket(Protocol::V4);
    for _ in 0..3 {
        assert!(house.server.has_appetite(websocket));
        assert_eq!(fill(&mut house, websocket), 1);
        assert!(take(&mut house, session));
    }
}

#[test]
fn an_answer_that_lies_unread_is_not_missed() {
    let mut house = House::new(ServerOptions { read_ahead: 1000, ..options() });
    let (websocket, session) = house.open_websocket(Protocol::V4);
    let kept = fill(&mut house, websocket);
    // For minutes the user sees to something else: nobody can tell whether the client has answered.
    for _ in 0..100 {
        house.now = house.now + 5 * SECOND;
        house.server.handle_timeout(house.now);
    }
    assert_eq!(house.sends_text(websocket), ["2"]);
    (0..kept).for_each(|_| assert!(take(&mut house, session)));
    assert!(house.server.has_appetite(websocket));
    // Only now its answer is read, and there is all the time for that.
    house.passes(19 * SECOND);
    house.says(websocket, "3");
    house.passes(20 * SECOND);
    assert!(house.hears(session).is_empty());
    house.passes(60 * SECOND);
    assert_eq!(house.hears(session), [Heard::Closed(Reason::PingTimeout)]);
}

#[test]
fn who_waits_for_room_hears_of_it_before_he_has_seen_what_else_waits() {
    let mut house = House::new(ServerOptions { high_water: 10, ..options() });
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.server.keep_message(websocket, Data::Text("4unseen".into()), house.now);
    let long = Message::text("longer than ten bytes");
    house.server.send(session, long.clone()).unwrap();
    assert!(house.server.send(session, long.clone()).is_err());
    assert!(!house.server.poll_room(session));
    while house.server.poll_transmit(websocket).is_some() {}
    assert_eq!(house.server.poll_ready(), Some(session));
    assert!(house.server.poll_room(session));
    assert!(!house.server.poll_room(session), "once");
    house.server.send(session, long).unwrap();
    assert_eq!(house.hears(session), [text("unseen")]);
}

#[test]
fn a_client_whose_words_nobody_looks_at_is_pinged_still() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    fill(&mut house, websocket);
    let passes = |house: &mut House, time| {
        house.now = house.now + time;
        house.server.handle_timeout(house.now);
    };
    passes(&mut house, 25 * SECOND);
    for _ in 0..5 {
        // It would leave a server that says nothing, and it may have vanished, which only shows when something is sent.
        assert_eq!(house.sends_text(websocket), ["2"]);
        passes(&mut house, 20 * SECOND);
    }
    // One waits already, for a client that does not read.
    passes(&mut house, 20 * SECOND);
    assert_eq!(house.sends_text(websocket), ["2"]);
    assert!(!house.hears(session).contains(&Heard::Closed(Reason::PingTimeout)));
}
