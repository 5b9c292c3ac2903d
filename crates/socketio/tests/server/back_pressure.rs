//! Those who do not take what waits for them, and those who do.

use sansocket_socketio::server::{Event, Reason, ServerOptions, Slow};
use sansocket_socketio::{Args, EmitError, Flags, Writable};

use crate::support::{House, args, ends, everybody};

fn options(slow: Slow) -> ServerOptions {
    ServerOptions { high_water: 2_000, max_waiting: 10_000, slow, ..ServerOptions::default() }
}

fn number(packet: &str) -> u32 {
    let digits: String = packet.chars().skip(1).filter(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

#[test]
fn who_emits_is_told_to_wait_and_when_there_is_room() {
    let mut house = House::new(options(Slow::Close));
    let guest = house.guest();
    let mut sent = 0;
    let refused = loop {
        match house.server.emit(guest.socket, "n", args(sent), Flags::default(), house.now) {
            Ok(()) => sent += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, EmitError::Blocked(args(sent)));
    assert!(!house.server.has_room(guest.socket));
    assert_eq!(house.events(guest.connection), []);
    house.server.poll_transmit(guest.connection, Writable::Now);
    assert_eq!(house.events(guest.connection), [Event::Drained(guest.socket)]);
    assert!(house.server.has_room(guest.socket));
    assert_eq!(house.hears(guest.connection).len(), sent - 1);
    assert_eq!(house.events(guest.connection), [], "once is enough");
}

#[test]
fn an_empty_queue_takes_any_one_event() {
    let mut house = House::new(options(Slow::Close));
    let guest = house.guest();
    let large = args("x".repeat(100_000));
    house.emit(guest, "large", large.clone());
    assert_eq!(house.hears(guest.connection).len(), 1);
    house.broadcast(&everybody(), "large", large);
    assert_eq!(house.hears(guest.connection).len(), 1);
}

/// One guest who takes nothing, and one who takes all, hear a thousand broadcasts: what the slow one finds then.
fn slow_one_hears(slow: Slow) -> Vec<String> {
    // N-016
    let mut house = House::new(options(slow));
    let (idle, quick) = (house.guest(), house.guest());
    let mut heard = Vec::new();
    for number in 0..1000 {
        house.broadcast(&everybody(), "n", args(number));
        heard.extend(house.hears(quick.connection));
        let waiting = house.server.waiting_bytes(idle.socket);
        assert!(waiting <= 10_000 + 200, "{waiting}");
    }
    assert_eq!(heard.len(), 1000, "nobody else is hindered");
    if slow == Slow::Close {
        let ended = ends(idle.socket, Reason::ForcedServerClose);
        assert_eq!(house.events(idle.connection)[..3], ended);
    } else {
        house.emit_anyway(idle);
    }
    house.hears(idle.connection)
}

impl House {
    /// What is for one alone is not dropped with the rest.
    fn emit_anyway(&mut self, guest: crate::support::Guest) {
        let refused = self.server.emit(guest.socket, "own", Args::none(), Flags::default(), self.now);
        assert!(refused.is_err() || self.server.has_room(guest.socket));
    }
}

#[test]
fn a_slow_one_is_closed() {
    assert_eq!(slow_one_hears(Slow::Close), ["close"]);
}

#[test]
fn or_misses_the_newest() {
    let heard = slow_one_hears(Slow::DropNewest);
    assert!(heard.len() > 50 && heard.len() < 200, "{}", heard.len());
    assert!(heard.iter().map(|packet| number(packet)).eq(0..heard.len() as u32));
}

#[test]
fn or_misses_the_oldest() {
    let heard = slow_one_hears(Slow::DropOldest);
    assert!(heard.len() > 20, "{}", heard.len());
    assert!(heard.iter().map(|packet| number(packet)).eq(1000 - heard.len() as u32..1000), "{heard:?}");
}

#[test]
fn or_keeps_the_latest() {
    let heard = slow_one_hears(Slow::KeepLatest);
    assert!(heard.len() < 200, "{}", heard.len());
    assert_eq!(number(heard.last().expect("the latest")), 999);
}

#[test]
fn what_is_for_one_alone_is_never_dropped() {
    for slow in [Slow::DropNewest, Slow::DropOldest, Slow::KeepLatest] {
        let mut house = House::new(options(slow));
        let guest = house.guest();
        house.emit(guest, "own", args(0));
        for number in 0..1000 {
            house.broadcast(&everybody(), "n", args(number));
        }
        let heard = house.hears(guest.connection);
        assert_eq!(heard[0], r#"2["own",0]"#, "{slow:?}");
    }
}

#[test]
fn who_asks_and_does_not_listen_is_closed() {
    let mut house = House::new(options(Slow::DropNewest));
    let guest = house.guest();
    let mut asked = 0;
    while house.server.socket(guest.socket).is_some_and(|socket| socket.is_connected()) {
        house.says(guest.connection, format!(r#"2{asked}["ask"]"#));
        for event in house.events(guest.connection) {
            if let Event::Received { socket, ack: Some(ack), .. } = event {
                house.server.acknowledge(socket, ack, args("x".repeat(500)), house.now);
            }
        }
        asked += 1;
        assert!(asked < 100, "it cannot go on for ever");
    }
    assert_eq!(house.hears(guest.connection), ["close"]);
}
