//! A message is encoded, and deflated, once, and sent to many.

use sansocket_core::{Message, SendError};
use sansocket_testkit::{CountingAlloc, Heard, Pair, RSV1, dialogues, ws};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{Extensions, Kind, Options, Prepared, WebSocket};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

fn options() -> Options {
    Options { deflate: Some(DeflateOptions::default()), ..Options::default() }
}

fn pair(extensions: Extensions) -> Pair<WebSocket, WebSocket> {
    ws::pair_with(options(), extensions, options(), extensions)
}

fn long() -> String {
    "again and again and ".repeat(500)
}

#[test]
fn one_message_arrives_everywhere_whatever_was_negotiated() {
    let everywhere = [
        Extensions::default(),
        dialogues::deflate(Takeover::Reset, 15),
        dialogues::deflate(Takeover::Reset, 12),
        dialogues::deflate(Takeover::Reset, 9),
        dialogues::deflate(Takeover::Keep, 15),
        dialogues::deflate(Takeover::Keep, 9),
    ];
    for message in
        [Message::text(long()), Message::binary(vec![7; 3000]), Message::text("short"), Message::text("")]
    {
        let prepared = Prepared::new(message.clone(), &options());
        let heard = match message.as_text() {
            Some(text) => Heard::Text(text.to_owned()),
            None => Heard::Binary(message.as_bytes().to_vec()),
        };
        for extensions in everywhere {
            let mut pair = pair(extensions);
            let now = pair.clock.now();
            // Among messages of its own, whose window it must not disturb.
            for _ in 0..3 {
                pair.server.machine.send_text(&long()).expect("room");
                pair.server.machine.send_prepared(&prepared, now).expect("open");
                pair.client.machine.send_text(&long()).expect("room");
                pair.client.machine.send_prepared(&prepared, now).expect("open");
            }
            pair.drive();
            let own = Heard::Text(long());
            let all: Vec<Heard> = (0..3).flat_map(|_| [own.clone(), heard.clone()]).collect();
            assert_eq!(pair.client.heard(), all, "{extensions:?}");
            assert_eq!(pair.server.heard(), all, "{extensions:?}");
        }
    }
}

#[test]
fn it_goes_out_deflated_where_that_is_right() {
    let prepared = Prepared::new(Message::text(long()), &options());
    for (extensions, compressed) in [
        (Extensions::default(), 0),
        (dialogues::deflate(Takeover::Reset, 12), RSV1),
        (dialogues::deflate(Takeover::Reset, 15), RSV1),
        // It was deflated with a window of 12 bits, and a peer with less could not follow.
        (dialogues::deflate(Takeover::Reset, 9), 0),
        // The connection's own deflater would not know what the peer has seen.
        (dialogues::deflate(Takeover::Keep, 15), 0),
    ] {
        let mut pair = pair(extensions);
        pair.server.machine.send_prepared(&prepared, pair.clock.now()).expect("open");
        assert_eq!(pair.server.write_all()[0] & RSV1, compressed, "{extensions:?}");
    }
}

#[test]
fn a_thousand_listeners_share_its_bytes() {
    CountingAlloc::current();
    let prepared = Prepared::new(Message::binary(vec![1; 100_000]), &Options::default());
    let mut pairs: Vec<_> = (0..1000).map(|_| ws::pair(Options::default(), Options::default())).collect();
    let now = pairs[0].clock.now();
    let ((), grown) = CountingAlloc::measure(|| {
        for pair in &mut pairs {
            pair.server.machine.send_prepared(&prepared, now).expect("open");
        }
    });
    assert!(grown.kept <= 1000 * 512, "{grown:?} for a thousand times 100 kB");
    assert!(pairs.iter().all(|pair| pair.server.machine.buffered() == 100_010));
}

#[test]
fn it_is_no_part_of_a_message_in_pieces() {
    let mut pair = pair(Extensions::default());
    let prepared = Prepared::new(Message::text("whole"), &Options::default());
    pair.server.machine.begin(Kind::Text).expect("nothing is under way");
    let refused = pair.server.machine.send_prepared(&prepared, pair.clock.now());
    assert_eq!(refused, Err(SendError::Unfinished(())));
    pair.server.machine.finish().expect("begun");
    pair.server.machine.send_prepared(&prepared, pair.clock.now()).expect("open");
    pair.drive();
    assert_eq!(pair.client.heard(), ["", "whole"].map(sansocket_testkit::heard_text));
}

#[test]
fn it_knows_what_it_is() {
    let prepared = Prepared::new(Message::text("text"), &Options::default());
    assert_eq!((prepared.kind(), &prepared.payload()[..]), (Kind::Text, &b"text"[..]));
}
