//! What a session costs while nothing happens, and what a client can make us keep.
mod support;

use sansocket_core::Data;
use sansocket_engineio::Protocol;
use sansocket_engineio::server::Server;
use sansocket_testkit::CountingAlloc;
use support::House;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

const SESSIONS: usize = 10_000;

/// A request as a browser makes it.
fn browsers(query: &str) -> sansocket_core::Request {
    let mut request = House::request("GET", query, b"");
    let fields = [
        ("Host", "localhost:9001"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Accept-Language", "en-US,en;q=0.9"),
        (
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        ),
    ];
    fields.into_iter().for_each(|(name, value)| request.headers.add(name, value));
    request
}

/// All that has happened was seen, and dropped.
fn look(server: &mut Server, now: sansocket_core::Instant) {
    while let Some(session) = server.poll_ready() {
        while server.poll_event(session, now).is_some() {}
    }
    while server.poll_response().is_some() {}
}

#[test]
fn a_session_that_nobody_polls_costs_little() {
    CountingAlloc::current();
    let mut house = House::default();
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..SESSIONS {
            house.server.handle_request(browsers("EIO=4&transport=polling&t=abc"), house.now);
            look(&mut house.server, house.now);
        }
    });
    let each = grown.kept / SESSIONS;
    println!("{each} bytes a session that polls");
    assert!(each <= 1536, "{each} bytes a session");
    // Nor does one whose poll is parked cost much more.
    let sids: Vec<_> = house.server.sessions().filter_map(|session| house.server.sid(session)).collect();
    let ((), grown) = CountingAlloc::measure(|| {
        for sid in &sids {
            house.server.handle_request(browsers(&format!("EIO=4&transport=polling&sid={sid}")), house.now);
            look(&mut house.server, house.now);
        }
    });
    let parked = grown.kept / SESSIONS;
    println!("{parked} bytes more with a poll that waits");
    assert!(each + parked <= 1536, "{each} + {parked} bytes");
}

#[test]
fn a_session_over_a_websocket_costs_little_more_than_the_websocket() {
    CountingAlloc::current();
    let mut house = House::default();
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..SESSIONS {
            let asked = browsers("EIO=4&transport=websocket");
            let websocket = house.server.handle_upgrade(asked, house.now).unwrap();
            look(&mut house.server, house.now);
            while house.server.poll_transmit(websocket).is_some() {}
            assert!(house.server.handle_message(websocket, Data::Text("4hello".into()), house.now).is_some());
        }
    });
    let each = grown.kept / SESSIONS;
    println!("{each} bytes a session over a WebSocket");
    assert!(each <= 256, "{each} bytes a session");
}

#[test]
fn all_of_it_comes_back() {
    let mut house = House::default();
    let round = |house: &mut House| {
        for _ in 0..1000 {
            house.server.handle_request(browsers("EIO=4&transport=polling"), house.now);
            look(&mut house.server, house.now);
        }
        house.now = house.now + std::time::Duration::from_secs(100);
        house.server.handle_timeout(house.now);
        house.now = house.now + std::time::Duration::from_secs(100);
        house.server.handle_timeout(house.now);
        look(&mut house.server, house.now);
        assert!(house.server.is_empty());
    };
    // The tables keep their places.
    round(&mut house);
    let ((), grown) = CountingAlloc::measure(|| (0..10).for_each(|_| round(&mut house)));
    assert!(grown.kept <= 1024, "{grown:?}");
}

#[test]
fn a_body_of_many_small_packets_is_read_where_it_lies() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    // As a JavaScript client sends what waits: everything, up to the largest body.
    const PACKETS: usize = 333_333;
    let body = vec!["4x"; PACKETS].join("\u{1e}").into_bytes();
    let len = body.len();
    let post = House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), &body);
    let (messages, grown) = CountingAlloc::measure(|| {
        house.server.handle_request(post, house.now);
        let mut messages = 0;
        while let Some(event) = house.server.poll_event(session, house.now) {
            messages += usize::from(matches!(event, sansocket_engineio::server::Event::Message(_)));
        }
        messages
    });
    assert_eq!(messages, PACKETS);
    assert!(grown.peak <= 1024, "{grown:?} for a body of {len} bytes that is there already");
}
