//! What whoever calls a client may do to it: the layer `driver` of the hostile list. The properties among them stand in
//! `properties`.

use core::time::Duration;

use sansocket_core::{Data, Instant};
use sansocket_engineio::Reason;
use sansocket_engineio::client::ClientOptions;
use sansocket_testkit::hostile::entries;
use sansocket_testkit::{CountingAlloc, Random, Traveller};

use crate::support::{CLOSE, Heard, Talk, handshake};

const SECOND: Duration = Duration::from_secs(1);
/// What comes too late.
const LATE: [&str; 6] = ["4late", "3probe", "6", "2", "1", "zz"];

fn closed(reason: Reason) -> [Heard; 1] {
    [Heard::Closed(reason)]
}

#[test]
fn r_001_packets_may_come_in_any_number_of_answers() {
    let packets = ["4a", "bAQID", "6", "2", "4b", "zz", "4never"];
    for cuts in 0..1_u32 << (packets.len() - 1) {
        let (mut talk, mut poll) = Talk::polling("");
        let mut heard = Vec::new();
        let mut body: Vec<&str> = Vec::new();
        for (at, packet) in packets.into_iter().enumerate() {
            body.push(packet);
            if cuts >> at & 1 == 1 || at + 1 == packets.len() {
                talk.answer(poll, std::mem::take(&mut body).join("\u{1e}"));
                heard.extend(talk.heard());
                // The answer to a ping leaves, too.
                let mut requests = std::iter::from_fn(|| talk.request());
                let Some((next, _)) = requests.find(|(_, request)| request.method == "GET") else { break };
                poll = next;
            }
        }
        let bytes = Heard::Said(vec![1, 2, 3].into());
        let ends = Heard::Closed(Reason::ParseError);
        assert_eq!(heard, [Heard::text("a"), bytes, Heard::text("b"), ends], "{cuts:b}");
    }
}

#[test]
fn r_003_output_taken_a_message_at_a_time_is_the_same() {
    let (mut talk, connection) = Talk::websocket();
    (0..20).for_each(|number| talk.send(&number.to_string()));
    for number in 0..20 {
        talk.client.handle_timeout(talk.now);
        let next = talk.client.poll_transmit(connection).map(|outgoing| format!("{outgoing:?}"));
        assert!(next.as_ref().is_some_and(|next| next.contains(&format!("4{number}"))), "{next:?}");
    }
    assert_eq!(talk.sent(connection), []);
}

#[test]
fn r_006_input_after_a_fault_changes_nothing() {
    let (mut talk, connection) = Talk::websocket();
    assert_eq!(talk.say(connection, "zz"), closed(Reason::ParseError));
    LATE.iter().for_each(|late| assert_eq!(talk.say(connection, late), []));
    assert!(talk.client.handle_message(connection, Data::Binary(b"late"), talk.now).is_none());
    assert_eq!(talk.sent(connection), [CLOSE]);
    LATE.iter().for_each(|late| assert_eq!(talk.say(connection, late), []));
    assert_eq!(talk.sent(connection), []);

    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "zz");
    assert_eq!(talk.heard(), closed(Reason::ParseError));
    talk.answer(poll, "4late");
    assert_eq!((talk.heard(), talk.request()), (vec![], None));
    assert_eq!(talk.client.poll_timeout(), None);
}

#[test]
fn r_007_input_after_the_end_changes_nothing() {
    let (mut talk, connection) = Talk::websocket();
    talk.send("never sent");
    talk.client.handle_close(connection, Reason::TransportClose, talk.now);
    assert_eq!(talk.heard(), closed(Reason::TransportClose));
    for late in LATE {
        assert_eq!(talk.say(connection, late), []);
        talk.client.handle_close(connection, Reason::TransportError, talk.now);
    }
    assert_eq!((talk.heard(), talk.sent(connection)), (vec![], vec![]));
    assert!(talk.client.is_finished());
}

#[test]
fn r_008_time_that_goes_backwards_stands_still() {
    let (mut talk, connection) = Talk::websocket();
    let (deadline, present) = (talk.client.poll_timeout(), talk.now);
    talk.now = Instant::ZERO;
    talk.client.handle_timeout(talk.now);
    assert_eq!(talk.client.poll_timeout(), deadline);
    assert_eq!(talk.say(connection, "4from the past"), [Heard::text("from the past")]);
    assert_eq!(talk.say(connection, "2"), []);
    talk.client.handle_timeout(talk.now);
    assert_eq!(talk.heard(), []);
    talk.now = present;
    talk.wait(1000 * SECOND);
    assert_eq!(talk.heard(), closed(Reason::PingTimeout));
}

#[test]
fn r_010_a_timeout_called_early_has_no_effect() {
    let (mut talk, connection) = Talk::websocket();
    let deadline = talk.client.poll_timeout().expect("a ping is due");
    for early in [0, 1, 44_999_999] {
        talk.client.handle_timeout(talk.now + Duration::from_micros(early));
        assert_eq!(talk.client.poll_timeout(), Some(deadline));
        assert_eq!((talk.heard(), talk.sent(connection)), (vec![], vec![]));
    }
    talk.client.handle_timeout(deadline);
    assert_eq!(talk.heard(), closed(Reason::PingTimeout));
}

#[test]
fn r_011_a_timeout_never_called_loses_nothing() {
    let (mut talk, connection) = Talk::websocket();
    let deadline = talk.client.poll_timeout();
    talk.sleep(44 * SECOND);
    assert_eq!(talk.say(connection, "4still here"), [Heard::text("still here")]);
    talk.send("so am I");
    assert_eq!(talk.sent(connection), ["4so am I".into()]);
    assert_eq!(talk.client.poll_timeout(), deadline);
    // A server that was not heard of for so long is gone, whether anybody says that it is late or not.
    talk.sleep(SECOND);
    assert_eq!(talk.say(connection, "4too late"), closed(Reason::PingTimeout));

    // What came in time is heard at any time.
    let (mut talk, poll) = Talk::polling("");
    talk.answer(poll, "4in time");
    talk.sleep(1000 * SECOND);
    assert_eq!(talk.heard()[..1], [Heard::text("in time")]);
}

#[test]
fn r_012_clocks_ring_only_for_what_is_due() {
    const MINUTES: usize = 10;
    for seed in 0..1_000 {
        let mut random = Random::new(seed);
        let mut traveller = Traveller::new(|n| random.below(n));
        (0..60).for_each(|_| traveller.happen(|n| random.below(n)));
        let rings = traveller.sleep(Duration::from_secs(60 * MINUTES as u64));
        assert!(rings <= 60 * MINUTES, "{rings} times in {MINUTES} minutes of journey {seed}");
        traveller.end();
    }
}

#[test]
fn r_013_a_client_dropped_at_any_moment_leaves_nothing() {
    let grown = |seed, steps| {
        let mut random = Random::new(seed);
        CountingAlloc::measure(|| {
            let mut traveller = Traveller::new(|n| random.below(n));
            (0..steps).for_each(|_| traveller.happen(|n| random.below(n)));
        })
    };
    grown(0, 1);
    for (seed, steps) in (0..20).flat_map(|seed| (0..80).map(move |steps| (seed, steps))) {
        assert_eq!(grown(seed, steps).1.kept, 0, "after {steps} steps of journey {seed}");
    }
}

#[test]
fn r_015_no_call_does_more_work_than_its_bytes_are_worth() {
    // Without a counter of instructions: memory calls are counted, and every event stands for something that came.
    let listed = entries("engineio").into_iter().map(|entry| entry.input);
    let own = ["4x\x1e".repeat(10_000), "bAQID\x1e".repeat(10_000), "6\x1e".repeat(10_000)];
    for body in listed.chain(own) {
        let (mut talk, poll) = Talk::polling("");
        let len = body.len();
        let (events, heard) = CountingAlloc::measure(|| {
            talk.answer(poll, body);
            let mut events = 0;
            while talk.client.poll_event(talk.now).is_some() {
                events += 1;
            }
            events
        });
        assert!(events <= 2 + len / 2, "{events} events of {len} bytes");
        assert!(heard.calls <= 64 + events, "{heard:?} for {events} events of {len} bytes");
    }
    // Before it is open, too.
    let mut talk = Talk::new(ClientOptions::default());
    let poll = talk.get();
    let upgrades = ["\"websocket\""].repeat(10_000).join(",");
    let ((), heard) = CountingAlloc::measure(|| {
        talk.answer(poll, format!("0{}", handshake(&upgrades)));
        assert!(talk.client.poll_event(talk.now).is_some());
    });
    assert!(heard.calls <= 10_100 && heard.peak <= 1 << 20, "{heard:?}");
}
