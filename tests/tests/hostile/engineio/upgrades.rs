//! Entries about WebSockets that carry sessions, or were to, byte by byte.

use sansocket_core::Request;
use sansocket_engineio::server::ServerOptions;
use sansocket_engineio::{Protocol, Reason, Transport};
use sansocket_testkit::{CountingAlloc, bare_close, close, frames, text};
use sansocket_websocket::Role;

use super::desk::{Desk, Told};
use crate::how_many;

/// A request for a WebSocket.
fn asks_for(query: &str) -> Vec<u8> {
    let request = format!(
        "GET /engine.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    request.into_bytes()
}

/// A client's part of an upgrade, from the request on, and what it says then.
fn upgrade(sid: &str) -> Vec<u8> {
    let said = ["2probe", "5", "4over there"].map(|said| text(said).masked()).concat();
    [asks_for(&format!("&sid={sid}")), said].concat()
}

#[test]
fn e_021_a_message_longer_than_a_body_may_be_ends_its_websocket_at_the_header() {
    let mut desk = Desk::new(ServerOptions::default());
    let max_payload = desk.hub.options().max_payload;
    desk.say(&asks_for(""), usize::MAX);
    let session = desk.hub.sessions().next().expect("it has begun");
    desk.say(&text("4here").masked(), usize::MAX);
    desk.written.clear();

    let mut head = text(String::from("4") + &"a".repeat(max_payload)).masked();
    head.truncate(head.len() - max_payload - 1);
    let ((), grown) = CountingAlloc::measure(|| desk.say(&head, 3));
    assert_eq!(frames(Role::Server, &desk.written), (vec![close(1009, "")], 0));
    assert!(grown.peak <= 300_000, "a buffer of the pool, and nothing of the message: {grown:?}");
    assert_eq!(desk.told_by(session), [Told::Text("here".into()), Told::Closed(Reason::TransportError)]);
    assert!(desk.hub.is_empty());
}

#[test]
fn u_007_a_flood_of_probes_gets_one_answer_and_ends_the_probe_alone() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    desk.say(&asks_for(&format!("&sid={sid}")), usize::MAX);
    desk.written.clear();
    desk.say(&text("2probe").masked(), usize::MAX);
    let flood = text("2probe").masked();
    let ((), grown) =
        CountingAlloc::measure(|| (0..how_many(10_000, 100_000)).for_each(|_| desk.say(&flood, usize::MAX)));
    assert_eq!(frames(Role::Server, &desk.written), (vec![text("3probe"), bare_close()], 0));
    assert!(grown.peak <= 300_000, "{grown:?}");
    assert_eq!(desk.post(&sid, Protocol::V4, "text/plain", b"4here"), 200);
    assert_eq!(desk.told_by(session), [Told::Text("here".into())]);
}

#[test]
fn u_012_an_upgrade_cut_after_any_byte_leaves_one_transport_or_none() {
    let (mut stayed, mut moved) = (0, 0);
    let all = upgrade(&"x".repeat(20)).len();
    for cut in 0..=all {
        let mut desk = Desk::new(ServerOptions::default());
        let (session, sid) = desk.open(Protocol::V4);
        desk.say(&upgrade(&sid)[..cut], usize::MAX);
        let transport = desk.hub.transport(session);
        desk.cut();
        if transport == Some(Transport::Polling) {
            stayed += 1;
            assert_eq!(desk.post(&sid, Protocol::V4, "text/plain", b"4here"), 200, "cut after {cut}");
            assert_eq!(desk.told_by(session), [Told::Text("here".into())], "cut after {cut}");
            // Nothing is left of it: another one may try.
            let again = Request::get(format!("/engine.io/?EIO=4&transport=websocket&sid={sid}"));
            let again = desk.hub.handle_upgrade(again, desk.now).expect("welcome");
            assert_eq!(desk.hub.poll_transmit(again), None, "cut after {cut}");
        } else {
            moved += 1;
            let last = desk.told_by(session).pop();
            assert_eq!(last, Some(Told::Closed(Reason::ForcedClose)), "cut after {cut}");
            assert!(desk.hub.is_empty(), "cut after {cut}");
        }
    }
    // It moves with the last byte of `5`, behind which stands one more frame.
    let message = text("4over there").masked().len();
    assert_eq!((moved, stayed), (message + 1, all - message));
}

#[test]
fn u_013_a_websocket_that_breaks_behind_its_101_ends_alone() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    desk.say(&asks_for(&format!("&sid={sid}")), usize::MAX);
    assert_eq!(desk.statuses(), [101]);
    desk.hang_up();
    assert!(desk.told_by(session).is_empty());
    assert_eq!(desk.post(&sid, Protocol::V4, "text/plain", b"4here"), 200);
}
