//! What whoever calls a server may do to it: the layer `driver` of the hostile list. The properties among them stand in
//! `properties` and `anything`.
mod support;

use std::time::Duration;

use sansocket_core::{Data, Instant, Message};
use sansocket_engineio::server::{ConnectionId, SessionId};
use sansocket_engineio::{Protocol, Reason};
use sansocket_testkit::hostile::{entries, unhex};
use sansocket_testkit::{CountingAlloc, Lobby, Random};
use support::{Heard, House, text};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

const SECOND: Duration = Duration::from_secs(1);
/// What comes too late.
const LATE: [&str; 5] = ["4late", "2probe", "5", "1", "zz"];

fn closed(reason: Reason) -> [Heard; 1] {
    [Heard::Closed(reason)]
}

#[test]
fn r_006_input_after_a_fault_changes_nothing() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.says(websocket, "zz");
    assert_eq!(house.hears(session), closed(Reason::ParseError));
    LATE.iter().for_each(|late| house.says(websocket, late));
    house.says_data(websocket, Data::Binary(b"late"));
    assert_eq!((house.hears(session), house.sends_text(websocket)), (vec![], vec!["close".into()]));
    LATE.iter().for_each(|late| house.says(websocket, late));
    assert_eq!((house.hears(session), house.sends_text(websocket)), (vec![], vec![]));

    let (sid, session) = house.open(Protocol::V4);
    assert_eq!(house.post(&sid, "zz").status, 400);
    assert_eq!(house.hears(session), closed(Reason::ParseError));
    for late in LATE {
        assert_eq!(house.post(&sid, late).status, 400);
    }
    assert_eq!(house.hears(session), []);
    assert!(house.server.is_empty());
    assert_eq!(house.server.poll_timeout(), None);
}

#[test]
fn r_007_input_after_the_end_changes_nothing() {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    house.server.send(session, Message::text("never sent")).expect("room");
    for _ in 0..2 {
        house.server.handle_close(websocket, Reason::TransportClose);
        LATE.iter().for_each(|late| house.says(websocket, late));
    }
    assert_eq!(
        (house.hears(session), house.sends(websocket)),
        (closed(Reason::TransportClose).into(), vec![])
    );
    LATE.iter().for_each(|late| house.says(websocket, late));
    assert_eq!(house.hears(session), []);
    assert!(house.server.is_empty());
}

/// A server of some age, with a session of each kind: one with a poll that waits, one in the middle of its upgrade, one
/// over a WebSocket.
fn waiting() -> (House, ConnectionId, SessionId) {
    let mut house = House::default();
    house.passes(100 * SECOND);
    let (sid, _) = house.open(Protocol::V4);
    house.poll(&sid);
    let (sid, _) = house.open(Protocol::V4);
    let probe = house.probe(&sid, Protocol::V4).expect("welcome");
    house.says(probe, "2probe");
    let (websocket, session) = house.open_websocket(Protocol::V4);
    (house, websocket, session)
}

#[test]
fn r_008_time_that_goes_backwards_stands_still() {
    let (mut house, websocket, session) = waiting();
    let (deadline, present) = (house.server.poll_timeout(), house.now);
    house.now = Instant::ZERO;
    house.server.handle_timeout(house.now);
    assert_eq!(house.server.poll_timeout(), deadline);
    house.says(websocket, "4from the past");
    assert_eq!(house.hears(session), [text("from the past")]);
    house.says(websocket, "3");
    let (sid, _) = house.open(Protocol::V4);
    house.poll(&sid);
    house.server.handle_timeout(house.now);
    house.now = present;
    house.passes(1000 * SECOND);
    assert_eq!(house.hears(session), closed(Reason::PingTimeout));
    assert!(house.server.sessions().next().is_none());
}

#[test]
fn r_010_a_timeout_called_early_has_no_effect() {
    let (mut house, websocket, session) = waiting();
    while let Some(deadline) = house.server.poll_timeout() {
        for early in [0, 1, 9_999_999] {
            let early = house.now + Duration::from_micros(early);
            if early < deadline {
                house.server.handle_timeout(early);
            }
            assert_eq!(house.server.poll_timeout(), Some(deadline));
        }
        assert_eq!((house.hears(session), house.sends(websocket)), (vec![], vec![]));
        house.now = deadline;
        house.server.handle_timeout(deadline);
        let _ = (house.hears(session), house.sends(websocket));
    }
    assert!(house.server.sessions().next().is_none(), "their pings went unanswered");
}

#[test]
fn r_011_a_timeout_never_called_loses_nothing() {
    let (mut house, websocket, session) = waiting();
    let deadline = house.server.poll_timeout();
    house.now = house.now + 1000 * SECOND;
    house.says(websocket, "4still here");
    assert_eq!(house.hears(session), [text("still here")]);
    house.server.send(session, Message::text("so am I")).expect("room");
    assert_eq!(house.sends_text(websocket), ["4so am I"]);
    assert_eq!(house.server.poll_timeout(), deadline);
}

#[test]
fn r_012_clocks_ring_only_for_what_is_due() {
    const MINUTES: usize = 10;
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let mut lobby = Lobby::new();
        (0..60).for_each(|_| lobby.happen(|n| random.below(n)));
        // Nobody answers a ping: each session rings a few times, and no more.
        let rings = lobby.sleep(Duration::from_secs(60 * MINUTES as u64));
        assert!(rings <= 200, "{rings} times in {MINUTES} minutes of lobby {seed}");
        lobby.end();
    }
}

#[test]
fn r_013_a_server_dropped_at_any_moment_leaves_nothing() {
    let grown = |seed, steps| {
        let mut random = Random::new(seed);
        CountingAlloc::measure(|| {
            let mut lobby = Lobby::new();
            (0..steps).for_each(|_| lobby.happen(|n| random.below(n)));
        })
    };
    grown(0, 1);
    for (seed, steps) in (0..10).flat_map(|seed| (0..80).map(move |steps| (seed, steps))) {
        assert_eq!(grown(seed, steps).1.kept, 0, "after {steps} steps of lobby {seed}");
    }
}

#[test]
fn r_015_no_call_does_more_work_than_its_bytes_are_worth() {
    // Without a counter of instructions: memory calls are counted, and every event stands for something that came.
    let listed = entries("engineio").into_iter().map(|entry| match &*entry.kind {
        "hex" => unhex(&entry.input),
        _ => entry.input.into_bytes(),
    });
    let own = ["4x\x1e".repeat(10_000), "b4AQID\x1e".repeat(10_000), "6\x1e".repeat(10_000)];
    for body in listed.chain(own.map(String::into_bytes)) {
        for protocol in [Protocol::V4, Protocol::V3] {
            let mut house = House::default();
            let (sid, session) = house.open(protocol);
            let query = format!("{}&transport=polling&sid={sid}", support::eio(protocol));
            let request = House::request("POST", &query, &body);
            let ((), heard) = CountingAlloc::measure(|| {
                house.server.handle_request(request, house.now);
                house.turn();
            });
            let events = house.hears(session).len();
            assert!(events <= 2 + body.len() / 2, "{events} events");
            // Two for each: the test keeps what it hears.
            assert!(heard.calls <= 64 + 2 * events, "{heard:?} for {events} events of {} bytes", body.len());
        }
    }
}
