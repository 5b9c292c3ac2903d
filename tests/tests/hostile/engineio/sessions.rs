//! Entries that a test has to build: floods of sessions, of messages and of requests.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use sansocket_core::{Instant, Message, Request};
use sansocket_engineio::Protocol;
use sansocket_engineio::server::{Server, ServerOptions, Sid};
use sansocket_testkit::CountingAlloc;

use super::desk::{Desk, Told};
use crate::how_many;

/// What a map of ids keeps apart them by.
#[derive(Default)]
struct Kept(u64);

impl Hasher for Kept {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("an id is one number");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Nobody but us puts an id into a map, so that colliding ones cannot be sent: what stands for it is that the ids we draw
/// fill a table evenly, and that others are looked for and never kept.
#[test]
fn i_020_ids_are_drawn_evenly_and_others_are_not_kept() {
    let mut server = Server::new(ServerOptions::default(), [1; 32]);
    let many = how_many(10_000, 100_000);
    let (mut ids, mut hashes) = (HashSet::new(), HashSet::new());
    let mut places = vec![0_u8; many.next_power_of_two()];
    for _ in 0..many {
        server.handle_request(Request::get("/engine.io/?EIO=4&transport=polling"), Instant::ZERO);
        let session = server.poll_ready().expect("a session");
        while server.poll_event(session, Instant::ZERO).is_some() {}
        let sid = server.sid(session).expect("it lives");
        let mut hash = Kept::default();
        sid.hash(&mut hash);
        let place = hash.finish() as usize % places.len();
        places[place] += 1;
        assert!(ids.insert(sid.to_string()) && hashes.insert(hash.finish()), "{sid} was drawn twice");
    }
    // With three for four places, one with more than a dozen is a matter of one in a hundred million.
    assert!(places.iter().all(|many| *many <= 12), "{:?}", places.iter().max());
    while server.poll_response().is_some() {}

    let alike = (0..many).map(|n| format!("AAAAAAAAAAAA{n:08}"));
    let ((), grown) = CountingAlloc::measure(|| {
        for sid in alike {
            assert!(Sid::parse(&sid).is_some(), "it looks like one of ours");
            let poll = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
            server.handle_request(Request::get(poll), Instant::ZERO);
            assert_eq!(server.poll_response().map(|answer| answer.response.status), Some(400));
        }
    });
    assert_eq!(server.len(), many);
    assert!(grown.kept <= 1024, "the queue of answers, and nothing for any of them: {grown:?}");
}

#[test]
fn i_022_what_is_worth_saying_only_now_is_dropped_while_nobody_polls() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, _) = desk.open(Protocol::V4);
    let position = Message::text("position 17");
    while desk.hub.has_room(session) {
        desk.hub.send(session, position.clone()).expect("there is room");
    }
    let waiting = desk.hub.waiting_bytes(session);
    let (dropped, grown) = CountingAlloc::measure(|| {
        let emits = (0..1_000_000).filter(|_| {
            let room = desk.hub.has_room(session);
            if room {
                desk.hub.send(session, position.clone()).expect("there is room");
            }
            !room
        });
        emits.count()
    });
    assert_eq!((dropped, grown.peak), (1_000_000, 0));
    assert_eq!(desk.hub.waiting_bytes(session), waiting);
}

#[test]
fn i_016_sessions_past_the_limit_are_sent_away_until_others_are_forgotten() {
    let most = how_many(10_000, 100_000);
    let mut desk = Desk::new(ServerOptions { max_sessions: Some(most), ..ServerOptions::default() });
    let handshake = || Request::get("/engine.io/?EIO=4&transport=polling");
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..most {
            assert_eq!(desk.ask(handshake()).map(|answer| answer.status), Some(200));
        }
    });
    assert!(grown.kept <= 1536 * most, "{} bytes a session", grown.kept / most);
    assert_eq!(desk.ask(handshake()).map(|answer| answer.status), Some(503));
    let options = desk.hub.options();
    let (interval, timeout) = (options.ping_interval, options.ping_timeout);
    desk.passes(interval);
    assert_eq!(desk.hub.len(), most);
    desk.passes(timeout);
    assert!(desk.hub.is_empty(), "{:?}", desk.hub);
    assert_eq!(desk.ask(handshake()).map(|answer| answer.status), Some(200));
}

#[test]
fn t_065_a_poll_behind_a_poll_on_one_connection_is_no_overlap() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    let poll =
        format!("GET /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes();
    desk.say(&poll.repeat(2), usize::MAX);
    assert_eq!((desk.statuses(), desk.targets.len()), (vec![], 1));
    desk.hub.send(session, "one".into()).expect("room");
    desk.turn();
    assert!(desk.answers().ends_with("\r\n\r\n4one"), "{}", desk.answers());
    desk.hub.send(session, "two".into()).expect("room");
    desk.turn();
    assert!(desk.answers().ends_with("\r\n\r\n4two"), "{}", desk.answers());
    assert_eq!(desk.told_by(session), []);
}

/// A body that was made smaller is one that may grow, and no client of Engine.IO sends one.
#[test]
fn t_070_a_compressed_body_is_refused_unread_and_the_session_goes_on() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    let target = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
    for coding in ["gzip", "deflate, gzip", "br"] {
        let mut post = Request::get(&*target);
        (post.method, post.body) = ("POST".into(), b"\x1f\x8b\x08\x00".repeat(5).into());
        post.headers.add("Content-Encoding", coding);
        assert_eq!(desk.ask(post).map(|answer| answer.status), Some(415), "{coding}");
    }
    assert_eq!(desk.post(&sid, Protocol::V4, "text/plain", b"4here"), 200);
    assert_eq!(desk.told_by(session), [Told::Text("here".into())]);
}

#[test]
fn t_071_two_thousand_codings_are_read_once_and_none_is_ours() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    desk.hub.send(session, "x".repeat(10_000).into()).expect("room");
    let mut poll = Request::get(format!("/engine.io/?EIO=4&transport=polling&sid={sid}"));
    let codings: Vec<_> = (0..2000).map(|n| format!("a;q=0.{n}")).collect();
    poll.headers.add("Accept-Encoding", codings.join(","));
    let answer = desk.ask(poll).expect("at once");
    assert_eq!((answer.body.len(), answer.headers.get("content-encoding")), (10_001, None));
}

/// Of a key that is there twice the last one counts: so do the servers that clients were written for.
#[test]
fn t_087_of_ten_thousand_parameters_the_last_of_each_counts() {
    let mut desk = Desk::new(ServerOptions::default());
    let many = "a=1&".repeat(10_000);
    let target = format!("/engine.io/?EIO=3&transport=websocket&{many}EIO=4&transport=polling");
    let (answer, grown) = CountingAlloc::measure(|| desk.ask(Request::get(target)).expect("at once"));
    assert_eq!(answer.status, 200);
    // The request is the user's to look at.
    assert!(grown.peak <= 8192, "{grown:?}");
}
