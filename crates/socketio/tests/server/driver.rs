//! What whoever calls a server may do to it: the layer `driver` of the hostile list. The properties among them stand in
//! `properties` and `anything`.

use std::time::Duration;

use bytes::Bytes;
use sansocket_core::{Instant, Message};
use sansocket_socketio::server::{Event, Reason, Recovery, ServerOptions, SocketId};
use sansocket_socketio::{Args, Flags, Writable};
use sansocket_testkit::hostile::entries;
use sansocket_testkit::{CountingAlloc, Party, Random};

use crate::support::{Guest, House, args, ends, everybody};

const SECOND: Duration = Duration::from_secs(1);
/// An event that needs an attachment.
const HEADING: &str = r#"51-["b",{"_placeholder":true,"num":0}]"#;

fn bytes() -> Message {
    Message::binary(vec![1, 2, 3])
}

/// What a client says: packets of one message and of several, some of which want to be acknowledged.
fn speech() -> Vec<Message> {
    let two = r#"52-7["b",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#;
    let nobodys = r#"61-99[{"_placeholder":true,"num":0}]"#;
    vec![
        r#"2["a",1]"#.into(),
        two.into(),
        bytes(),
        Message::binary(vec![4]),
        r#"28["a"]"#.into(),
        nobodys.into(),
        bytes(),
        HEADING.into(),
        bytes(),
        r#"2["z"]"#.into(),
    ]
}

/// What happened so far, and what was sent.
#[derive(Default, PartialEq, Debug)]
struct Tale {
    events: Vec<Event>,
    sent: Vec<String>,
}

impl Tale {
    /// Looks at what happened; whoever wants an answer gets one.
    fn look(&mut self, house: &mut House, guest: Guest) {
        for event in house.events(guest.connection) {
            if let Event::Received { socket, args, ack: Some(ack), .. } = &event {
                house.server.acknowledge(*socket, *ack, args.clone(), house.now);
            }
            self.events.push(event);
        }
    }

    fn send(&mut self, house: &mut House, guest: Guest) {
        self.sent.extend(house.hears(guest.connection));
    }
}

#[test]
fn r_001_attachments_may_come_in_any_company() {
    let alone = tale(|_, _, _, _| {});
    assert_eq!((alone.events.len(), alone.sent.len()), (5, 1 + 2 + 1));
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let mut others = [Message::from(HEADING), bytes()].into_iter().cycle();
        let in_company = tale(|tale, house, guest, other| {
            for _ in 0..random.below(4) {
                match random.below(6) {
                    0 => tale.look(house, guest),
                    1 => tale.send(house, guest),
                    2 => house.passes(Duration::from_millis(random.below(500) as u64)),
                    3 => house.says(other.connection, others.next().expect("for ever")),
                    4 => while house.server.poll_dirty().is_some() {},
                    _ => assert!(house.server.has_appetite(guest.connection)),
                }
            }
        });
        assert_eq!(in_company, alone, "company {seed}");
    }
}

/// What comes of a speech, with this happening before each message.
fn tale(mut meanwhile: impl FnMut(&mut Tale, &mut House, Guest, Guest)) -> Tale {
    let mut house = House::default();
    let (guest, other) = (house.guest(), house.guest());
    let mut tale = Tale::default();
    for message in speech() {
        meanwhile(&mut tale, &mut house, guest, other);
        house.says(guest.connection, message);
    }
    tale.look(&mut house, guest);
    tale.send(&mut house, guest);
    tale
}

#[test]
fn r_003_output_taken_a_message_at_a_time_is_the_same() {
    let told = || {
        let mut house = House::default();
        let guest = house.guest();
        for number in 0..20_u32 {
            house.emit(guest, "bytes", args((number, Bytes::from_static(b"x"))));
            house.broadcast(&everybody(), "all", args(number));
            let (flags, now) = (Flags::default(), house.now);
            house.server.emit_with_ack(guest.socket, "q", args(number), SECOND, flags, now).unwrap();
        }
        (house, guest.connection)
    };
    let (mut house, connection) = told();
    let at_once = house.hears(connection);
    let (mut house, connection) = told();
    let mut one_by_one = Vec::new();
    loop {
        while house.server.poll_dirty().is_some() {}
        house.server.handle_timeout(house.now);
        let writable = [Writable::Now, Writable::Later][one_by_one.len() % 2];
        let Some(next) = house.hears_one(connection, writable) else { break };
        one_by_one.push(next);
    }
    assert_eq!((one_by_one.len(), one_by_one), (80, at_once));
}

/// What comes too late.
fn late() -> [Message; 5] {
    [r#"2["a"]"#.into(), "0".into(), "1".into(), HEADING.into(), bytes()]
}

#[test]
fn r_006_input_after_a_fault_changes_nothing() {
    for fault in [Message::from("zz"), "51-[]".into(), r#"2["connect"]"#.into(), bytes()] {
        let mut house = House::default();
        let guest = house.guest();
        house.says(guest.connection, fault);
        late().into_iter().for_each(|late| house.says(guest.connection, late));
        let mut expected = ends(guest.socket, Reason::ParseError).to_vec();
        expected.push(Event::Closed);
        assert_eq!(house.events(guest.connection), expected);
        late().into_iter().for_each(|late| house.says(guest.connection, late));
        assert_eq!(house.events(guest.connection), []);
        assert_eq!(house.hears(guest.connection), ["close"]);
        assert!(house.server.is_empty());
        assert_eq!(house.server.poll_timeout(), None);
    }
}

#[test]
fn r_007_input_after_the_end_changes_nothing() {
    let mut house = House::default();
    let guest = house.guest();
    house.emit(guest, "never sent", Args::none());
    for _ in 0..2 {
        house.leaves(guest);
        late().into_iter().for_each(|late| house.says(guest.connection, late));
    }
    let mut expected = ends(guest.socket, Reason::TransportClose).to_vec();
    expected.push(Event::Closed);
    assert_eq!(house.events(guest.connection), expected);
    late().into_iter().for_each(|late| house.says(guest.connection, late));
    assert_eq!((house.events(guest.connection), house.hears(guest.connection)), (vec![], vec![]));
    assert!(house.server.is_empty());
}

/// A server with a deadline of each kind: somebody in no namespace, half a packet, a question, and one who may return.
fn waiting() -> (House, Guest) {
    let recovery = Some(Recovery { max_disconnection: 100 * SECOND, ..Recovery::default() });
    let mut house = House::new(ServerOptions { recovery, ..ServerOptions::default() });
    house.passes(100 * SECOND);
    house.open();
    let (guest, gone) = (house.guest(), house.guest());
    house.says(guest.connection, HEADING);
    let now = house.now;
    house.server.emit_with_ack(guest.socket, "q", Args::none(), 50 * SECOND, Flags::default(), now).unwrap();
    house.leaves(gone);
    house.events(gone.connection);
    house.hears(guest.connection);
    (house, guest)
}

#[test]
fn r_008_time_that_goes_backwards_stands_still() {
    let (mut house, guest) = waiting();
    let (deadline, past) = (house.server.poll_timeout(), Instant::ZERO);
    house.server.handle_timeout(past);
    assert_eq!(house.server.poll_timeout(), deadline);
    house.server.handle_message(guest.connection, bytes(), past);
    assert_eq!(house.events(guest.connection).len(), 1, "the packet is whole");
    house.server.emit_with_ack(guest.socket, "q", Args::none(), SECOND, Flags::default(), past).unwrap();
    house.server.broadcast(&everybody(), "all", Args::none(), past).unwrap();
    assert_eq!(house.hears(guest.connection).len(), 2);
    house.server.handle_close(guest.connection, Reason::TransportClose, past);
    house.server.handle_timeout(past);
    house.passes(1000 * SECOND);
    assert_eq!((house.outcomes().len(), house.notices().len()), (2, 1));
}

#[test]
fn r_010_a_timeout_called_early_has_no_effect() {
    let (mut house, guest) = waiting();
    while house.server.poll_timeout().is_some() {
        let deadline = house.server.poll_timeout().expect("there is one");
        for early in [0, 1, 44_000_000] {
            let early = (house.now + Duration::from_micros(early)).min(deadline);
            if early < deadline {
                house.server.handle_timeout(early);
            }
            assert_eq!(house.server.poll_timeout(), Some(deadline));
        }
        assert_eq!((house.events(guest.connection), house.hears(guest.connection)), (vec![], vec![]));
        assert_eq!((house.outcomes(), house.notices()), (vec![], vec![]));
        house.now = deadline;
        house.server.handle_timeout(deadline);
        let _ = (house.events(guest.connection), house.hears(guest.connection));
        let _ = (house.outcomes(), house.notices());
    }
}

#[test]
fn r_011_a_timeout_never_called_loses_nothing() {
    let (mut house, guest) = waiting();
    let deadline = house.server.poll_timeout();
    house.now = house.now + 1000 * SECOND;
    house.says(guest.connection, bytes());
    house.says(guest.connection, r#"2["still here"]"#);
    assert_eq!(house.events(guest.connection).len(), 2);
    house.emit(guest, "so am I", Args::none());
    assert_eq!(house.hears(guest.connection).len(), 1);
    house.says(guest.connection, "30[]");
    assert_eq!(house.outcomes().len(), 1, "an answer is one until it is given up");
    assert_eq!(house.server.poll_timeout(), deadline);
}

#[test]
fn r_012_clocks_ring_only_for_what_is_due() {
    const MINUTES: usize = 10;
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut party = Party::new();
        (0..100).for_each(|_| party.happen(|n| random.below(n)));
        // Two nodes tell each other every few seconds that they live.
        let rings = party.sleep(Duration::from_secs(60 * MINUTES as u64));
        assert!(rings <= MINUTES * 60, "{rings} times in {MINUTES} minutes of party {seed}");
        party.end();
    }
}

#[test]
fn r_013_a_server_dropped_at_any_moment_leaves_nothing() {
    let grown = |seed, steps| {
        let mut random = Random::new(seed);
        CountingAlloc::measure(|| {
            let mut party = Party::new();
            (0..steps).for_each(|_| party.happen(|n| random.below(n)));
        })
    };
    grown(0, 1);
    for (seed, steps) in (0..10).flat_map(|seed| (0..100).map(move |steps| (seed, steps))) {
        assert_eq!(grown(seed, steps).1.kept, 0, "after {steps} steps of party {seed}");
    }
}

#[test]
fn r_015_no_call_does_more_work_than_its_bytes_are_worth() {
    // Without a counter of instructions: memory calls are counted, and every event stands for something that came.
    let long = |item: &str| [item].repeat(10_000).join(",");
    let own = [
        format!("0/a,{{\"x\":[{}]}}", long("[1]")),
        format!("2[\"a\",{}]", long(r#"{"a":"\u0000"}"#)),
        format!("3999[{}]", long("\"x\"")),
    ];
    let listed = entries("socketio").into_iter().map(|entry| entry.input);
    for said in listed.chain(own) {
        let mut house = House::default();
        let guest = house.guest();
        let message = Message::from(said.as_str());
        let ((), heard) =
            CountingAlloc::measure(|| house.server.handle_message(guest.connection, message, house.now));
        let context = said.get(..60).unwrap_or(&said);
        assert!(heard.calls <= 64 + said.len(), "{context}: {heard:?}");
        let (events, sent) = (house.events(guest.connection), house.hears(guest.connection));
        assert!(events.len() <= 4 && sent.len() <= 1, "{context}: {events:?} {sent:?}");
    }
    // Who says nothing makes no work.
    let mut house = House::default();
    let guests: Vec<SocketId> = (0..1000).map(|_| house.guest().socket).collect();
    while house.server.poll_dirty().is_some() {}
    let ((), idle) = CountingAlloc::measure(|| {
        house.passes(100 * SECOND);
        assert_eq!(house.server.poll_dirty(), None);
    });
    assert_eq!((idle.calls, guests.len()), (0, 1000));
}
