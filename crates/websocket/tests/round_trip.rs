//! What is sent is heard, whatever was negotiated and however it is cut.

use proptest::prelude::*;
use sansocket_core::Message;
use sansocket_testkit::{Heard, RSV1, Random, dialogues, frames, ws};
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};
use sansocket_websocket::{Extensions, Options, Role};

fn any_direction() -> impl Strategy<Value = Direction> {
    let takeover = prop_oneof![Just(Takeover::Keep), Just(Takeover::Reset)];
    (takeover, 9..=15_u8).prop_map(|(takeover, window)| Direction {
        takeover,
        window: WindowBits::new(window).expect("8 to 15"),
    })
}

/// What was agreed on, as the client and as the server see it.
fn any_extensions() -> impl Strategy<Value = (Extensions, Extensions)> {
    let agreed = (any_direction(), any_direction()).prop_map(|(clients, servers)| {
        let client = DeflateParams { ours: clients, peers: servers };
        let server = DeflateParams { ours: servers, peers: clients };
        (Extensions { deflate: Some(client) }, Extensions { deflate: Some(server) })
    });
    prop_oneof![Just(Default::default()), agreed]
}

fn any_options() -> impl Strategy<Value = Options> {
    (prop_oneof![Just(None), (1..2000_usize).prop_map(Some)], 0..200_usize, 1..=9_u8).prop_map(
        |(fragment, threshold, level)| Options {
            fragment,
            high_water: usize::MAX,
            deflate: Some(DeflateOptions { threshold, level, ..DeflateOptions::default() }),
            ..Options::default()
        },
    )
}

fn any_message() -> impl Strategy<Value = Message> {
    let noise = proptest::collection::vec(any::<u8>(), 0..3000);
    let length = prop_oneof![Just(0), 120..130_usize, 65_530..65_540_usize, 0..20_000_usize];
    prop_oneof![
        "[ -~]{0,200}".prop_map(Message::text),
        "[äöü€𝄞a-c]{0,500}".prop_map(Message::text),
        noise.prop_map(Message::binary),
        length.prop_map(|length| Message::binary(vec![7; length])),
        length_of_text().prop_map(Message::text),
    ]
}

fn length_of_text() -> impl Strategy<Value = String> {
    prop_oneof![120..130_usize, 0..20_000_usize].prop_map(|length| "again and ".repeat(length / 10))
}

fn heard(message: &Message) -> Heard {
    match message.as_text() {
        Some(text) => Heard::Text(text.to_owned()),
        None => Heard::Binary(message.as_bytes().to_vec()),
    }
}

proptest! {
    #[test]
    fn messages_arrive_both_ways(
        (clients, servers) in any_extensions(),
        (client, server) in (any_options(), any_options()),
        chunk in prop_oneof![Just(usize::MAX), 1..5000_usize],
        there in proptest::collection::vec(any_message(), 0..8),
        back in proptest::collection::vec(any_message(), 0..8),
    ) {
        let mut pair = ws::pair_with(client, clients, server, servers);
        (pair.to_client.chunk, pair.to_server.chunk) = (chunk, chunk);
        for message in &there {
            pair.client.machine.send(message.clone()).expect("no mark is high enough");
        }
        for message in &back {
            pair.server.machine.send(message.clone()).expect("no mark is high enough");
        }
        pair.drive();
        prop_assert_eq!(pair.server.heard(), there.iter().map(heard).collect::<Vec<_>>());
        prop_assert_eq!(pair.client.heard(), back.iter().map(heard).collect::<Vec<_>>());
    }
}

#[test]
fn every_length_around_the_forms_of_a_header_arrives() {
    for role in [Role::Client, Role::Server] {
        for length in [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 100_000] {
            let mut pair = ws::pair(Options::default(), Options::default());
            let payload = Random::new(length as u64).bytes(length);
            let (from, to) = match role {
                Role::Client => (&mut pair.client, &mut pair.server),
                Role::Server => (&mut pair.server, &mut pair.client),
            };
            from.machine.send(Message::binary(payload.clone())).expect("an empty queue takes any one");
            let said = from.write_all();
            let (sent, rest) = frames(role, &said);
            assert_eq!(
                (sent.len(), rest),
                (1, 0),
                "one frame of {length} bytes, its length in the shortest form"
            );
            to.read(&said, pair.clock.now());
            assert_eq!(to.heard(), [Heard::Binary(payload)]);
        }
    }
}

#[test]
fn borrowed_and_owned_messages_are_the_same_on_the_wire() {
    for length in [0, 5, 8191, 8192, 50_000] {
        let text = "x".repeat(length);
        let mut pairs = [
            ws::pair(Options::default(), Options::default()),
            ws::pair(Options::default(), Options::default()),
        ];
        pairs[0].server.machine.send_text(&text).expect("room");
        pairs[1].server.machine.send(Message::text(text.clone())).expect("room");
        let [borrowed, owned] = pairs.each_mut().map(|pair| pair.server.write_all());
        assert!(borrowed == owned, "{length} bytes");
        pairs[0].client.machine.send_binary(text.as_bytes()).expect("room");
        pairs[1].client.machine.send(Message::binary(text.into_bytes())).expect("room");
        let [borrowed, owned] = pairs.each_mut().map(|pair| pair.client.write_all());
        assert!(borrowed == owned, "{length} bytes, masked with the same keys");
    }
}

#[test]
fn a_client_that_shares_its_payload_does_not_change_it() {
    let payload = bytes::Bytes::from(vec![1_u8; 50_000]);
    let mut pair = ws::pair(Options::default(), Options::default());
    pair.client.machine.send(Message::binary(payload.clone())).expect("room");
    pair.client.machine.send(Message::binary(payload.clone())).expect("room for two");
    pair.drive();
    assert_eq!(pair.server.heard(), [Heard::Binary(payload.to_vec()), Heard::Binary(payload.to_vec())]);
    assert!(payload.iter().all(|byte| *byte == 1), "masking changed what others hold");
}

#[test]
fn every_frame_of_a_client_has_another_key() {
    let mut pair = ws::pair(Options::default(), Options::default());
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        pair.client.machine.send_binary(b"").expect("room");
        let said = pair.client.write_all();
        assert_eq!((said[0], said[1], said.len()), (0x82, 0x80, 6));
        keys.insert(said[2..].to_vec());
    }
    assert!(keys.len() >= 999, "{} keys in a thousand frames", keys.len());
}

#[test]
fn short_messages_are_not_worth_deflating() {
    let options = || Options {
        deflate: Some(DeflateOptions { threshold: 100, ..DeflateOptions::default() }),
        ..Options::default()
    };
    let extensions = dialogues::deflate(Takeover::Reset, 15);
    let mut pair = ws::pair_with(options(), extensions, options(), extensions);
    for (length, compressed) in [(99, 0), (100, RSV1), (5000, RSV1)] {
        pair.server.machine.send_text(&"x".repeat(length)).expect("room");
        let said = pair.server.write_all();
        assert_eq!(said[0] & RSV1, compressed, "{length} bytes");
        pair.client.read(&said, pair.clock.now());
        assert_eq!(pair.client.heard(), [Heard::Text("x".repeat(length))]);
    }
}
