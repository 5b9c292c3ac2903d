//! What whoever calls a client may do to it: the layer `driver` of the hostile list. The properties among them stand in
//! `properties`.

use core::time::Duration;

use bytes::Bytes;
use sansocket_core::{Instant, Message};
use sansocket_socketio::client::{Cause, ClientOptions, NamespaceId};
use sansocket_socketio::{Flags, Writable};
use sansocket_testkit::hostile::entries;
use sansocket_testkit::{CountingAlloc, Member, Random};

use crate::support::{Talk, args, millis};

/// An event that needs an attachment.
const HEADING: &str = r#"51-["b",{"_placeholder":true,"num":0}]"#;
/// What ends a connection: the user hears of no event, and the client comes back.
const LOST: [&str; 2] = ["disconnected /: parse error", "attempt 1 in 1000 ms"];

fn connected() -> (Talk, NamespaceId) {
    Talk::connected(ClientOptions::default())
}

/// What a server says: packets of one message and of several.
fn speech() -> Vec<Message> {
    let bytes = || Message::binary(vec![1]);
    vec![
        r#"2["a",1]"#.into(),
        r#"52-7["b",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#.into(),
        bytes(),
        Message::binary(vec![4, 5]),
        r#"61-0[{"_placeholder":true,"num":0}]"#.into(),
        bytes(),
        r#"51-/nobody,["c",{"_placeholder":true,"num":0}]"#.into(),
        bytes(),
        HEADING.into(),
        bytes(),
    ]
}

#[test]
fn r_001_attachments_may_come_in_any_company() {
    let told = |meanwhile: &mut dyn FnMut(&mut Talk) -> Vec<String>| {
        let (mut talk, main) = connected();
        talk.client
            .emit_with_ack(main, "q", args(()), millis(20_000), Flags::default(), talk.now)
            .map(|request| talk.requests.push(request))
            .expect("room");
        let mut told = Vec::new();
        for message in speech() {
            told.extend(meanwhile(&mut talk));
            talk.client.handle_message(message, talk.now);
        }
        told.extend(talk.told());
        told
    };
    let alone = told(&mut |_| Vec::new());
    assert_eq!(alone.len(), 4, "{alone:?}");
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let in_company = told(&mut |talk| match random.below(5) {
            0 => talk.told(),
            1 => talk.wait(random.below(1000) as u64),
            2 => {
                talk.sent();
                Vec::new()
            }
            3 => {
                talk.client.handle_timeout(talk.now);
                talk.client.poll_transmit(Writable::Later);
                Vec::new()
            }
            _ => Vec::new(),
        });
        assert_eq!(in_company, alone, "company {seed}");
    }
}

#[test]
fn r_003_output_taken_a_message_at_a_time_is_the_same() {
    let talked = || {
        let (mut talk, main) = connected();
        for number in 0..20_u32 {
            talk.emit(main, "bytes", (number, Bytes::from_static(b"x")));
            talk.ask(main, "q", number);
        }
        talk
    };
    let at_once = talked().sent();
    let mut talk = talked();
    let mut one_by_one = Vec::new();
    loop {
        talk.client.handle_timeout(talk.now);
        assert_eq!(talk.told(), [""; 0]);
        let writable = [Writable::Now, Writable::Later][one_by_one.len() % 2];
        let Some(next) = talk.sent_one(writable) else { break };
        one_by_one.push(next);
    }
    assert_eq!((one_by_one.len(), one_by_one), (60, at_once));
}

/// What comes too late.
fn late() -> [Message; 5] {
    [r#"2["a"]"#.into(), "0".into(), "1".into(), HEADING.into(), Message::binary(vec![1])]
}

#[test]
fn r_006_input_after_a_fault_changes_nothing() {
    for fault in ["zz", "51-[]", r#"2["connect"]"#] {
        let (mut talk, _) = connected();
        talk.client.handle_message(fault.into(), talk.now);
        late().into_iter().for_each(|late| talk.client.handle_message(late, talk.now));
        assert_eq!(talk.told(), LOST);
        late().into_iter().for_each(|late| talk.client.handle_message(late, talk.now));
        assert_eq!((talk.told(), talk.sent()), (vec![], vec!["CLOSE".into()]));
    }
}

#[test]
fn r_007_input_after_the_end_changes_nothing() {
    let (mut talk, main) = connected();
    talk.emit(main, "kept", 1);
    assert_eq!(talk.cut(), ["disconnected /: transport close", "attempt 1 in 1000 ms"]);
    for _ in 0..2 {
        late().into_iter().for_each(|late| talk.client.handle_message(late, talk.now));
        assert_eq!((talk.cut(), talk.sent()), (vec![], vec![]));
    }
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
    assert_eq!(talk.say(r#"0{"sid":"new"}"#), ["opened", "connected / new"]);
    assert_eq!(talk.sent(), [r#"2["kept",1]"#]);
}

/// A client at each of its deadlines: before an attempt, within one, with a question, and with half a packet.
fn waiting() -> [Talk; 4] {
    let (mut lost, _) = connected();
    lost.cut();
    let mut opening = Talk::new(ClientOptions::default());
    opening.namespace("/");
    assert_eq!(opening.sent(), ["OPEN"]);
    let (mut asking, main) = connected();
    asking.ask(main, "q", ());
    asking.sent();
    let (mut waiting, _) = connected();
    waiting.say(HEADING);
    [lost, opening, asking, waiting]
}

#[test]
fn r_008_time_that_goes_backwards_stands_still() {
    for mut talk in waiting() {
        let (deadline, past) = (talk.client.poll_timeout(), Instant::ZERO);
        talk.client.handle_timeout(past);
        assert_eq!((talk.client.poll_timeout(), talk.told(), talk.sent()), (deadline, vec![], vec![]));
    }
    let (mut talk, main) = connected();
    let past = Instant::ZERO;
    talk.client.handle_message(r#"2["a"]"#.into(), past);
    assert_eq!(talk.told(), ["/ a[]"]);
    talk.client.emit(main, "b", args(()), Flags::default(), past).expect("room");
    talk.client.emit_with_ack(main, "q", args(()), millis(1), Flags::default(), past).expect("room");
    assert_eq!(talk.sent().len(), 2);
    talk.client.handle_close(Cause::TransportClose, past);
    talk.client.handle_timeout(past);
    assert_eq!(talk.told().len(), 3);
    assert!(talk.client.poll_timeout().is_some_and(|next| next > past));
}

#[test]
fn r_010_a_timeout_called_early_has_no_effect() {
    for mut talk in waiting() {
        let deadline = talk.client.poll_timeout().expect("it waits");
        for early in [0, 1, 999_999] {
            talk.client.handle_timeout(talk.now + Duration::from_micros(early));
            assert_eq!(talk.client.poll_timeout(), Some(deadline));
            assert_eq!((talk.told(), talk.sent()), (vec![], vec![]));
        }
        talk.client.handle_timeout(deadline);
        assert!(!talk.told().is_empty() || !talk.sent().is_empty(), "now it has");
    }
}

#[test]
fn r_011_a_timeout_never_called_loses_nothing() {
    let [_, mut opening, mut asking, mut waiting] = waiting();
    let forever = Duration::from_secs(1000);
    let deadlines = [&opening, &asking].map(|talk| talk.client.poll_timeout());
    for talk in [&mut opening, &mut asking, &mut waiting] {
        talk.now = talk.now + forever;
    }
    assert_eq!(asking.say(r#"2["a"]"#), ["/ a[]"]);
    assert_eq!([&opening, &asking].map(|talk| talk.client.poll_timeout()), deadlines);
    opening.client.handle_open("engine", opening.now);
    assert_eq!(opening.sent(), ["0"]);
    assert_eq!(asking.say("30[1]"), ["acked 0 [1]"], "an answer is one until it is given up");
    assert_eq!(waiting.say_bytes(b"x").len(), 1);
}

#[test]
fn r_012_clocks_ring_only_for_what_is_due() {
    const MINUTES: usize = 10;
    for seed in 0..1_000 {
        let mut random = Random::new(seed);
        let mut member = Member::new(|n| random.below(n));
        (0..60).for_each(|_| member.happen(|n| random.below(n)));
        let rings = member.sleep(Duration::from_secs(60 * MINUTES as u64));
        assert!(rings <= MINUTES * 10, "{rings} times in {MINUTES} minutes of life {seed}");
        member.end();
    }
}

#[test]
fn r_013_a_client_dropped_at_any_moment_leaves_nothing() {
    let grown = |seed, steps| {
        let mut random = Random::new(seed);
        CountingAlloc::measure(|| {
            let mut member = Member::new(|n| random.below(n));
            (0..steps).for_each(|_| member.happen(|n| random.below(n)));
        })
    };
    grown(0, 1);
    for (seed, steps) in (0..20).flat_map(|seed| (0..80).map(move |steps| (seed, steps))) {
        assert_eq!(grown(seed, steps).1.kept, 0, "after {steps} steps of life {seed}");
    }
}

#[test]
fn r_015_no_call_does_more_work_than_its_bytes_are_worth() {
    // Without a counter of instructions: memory calls are counted, and every event stands for something that came.
    let long = |item: &str| [item].repeat(10_000).join(",");
    let own = [
        format!("0{{\"sid\":\"x\",\"y\":[{}]}}", long("[1]")),
        format!("2[\"a\",{}]", long(r#"{"a":"\u0000"}"#)),
        format!("4{{\"message\":\"no\",\"data\":[{}]}}", long("{}")),
    ];
    let listed = entries("socketio").into_iter().map(|entry| entry.input);
    for said in listed.chain(own) {
        let (mut talk, _) = connected();
        let message = Message::from(said.as_str());
        let ((), heard) = CountingAlloc::measure(|| talk.client.handle_message(message, talk.now));
        let context = said.get(..60).unwrap_or(&said);
        assert!(heard.calls <= 64 + said.len(), "{context}: {heard:?}");
        let (told, sent) = (talk.told(), talk.sent());
        assert!(told.len() <= 2 && sent.len() <= 1, "{context}: {told:?} {sent:?}");
    }
}
