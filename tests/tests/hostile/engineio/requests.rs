//! Entries that are whole requests: whole, in pieces and byte by byte.

use std::time::Duration;

use sansocket_engineio::server::{ServerOptions, SessionId};
use sansocket_engineio::{Protocol, Reason};
use sansocket_testkit::hostile::{Entry, entries};
use sansocket_testkit::{CountingAlloc, Grown};

use super::desk::{Desk, Told};

/// What is answered where the entry does not name one status for it all, and why.
const ANSWERS: &[(&str, &[u16])] = &[
    // Decimal, so there is more to come.
    ("T-015", &[]),
    // The body is one byte, an empty message.
    ("T-036", &[200]),
    // Trailers are read, and merged with nothing.
    ("T-057", &[200]),
    // Half a body is none.
    ("T-061", &[]),
    // What stands behind the five bytes is a request by itself.
    ("T-062", &[400, 404]),
    // What stands within the body is body.
    ("T-063", &[200]),
    ("T-068", &[100]),
    // The path counts, whoever is said to be its host.
    ("T-077", &[200]),
    // By prefix, as the facts have it, so that it is a handshake without a transport.
    ("T-078", &[400]),
    ("T-081", &[404]),
    ("T-082", &[404]),
    ("T-085", &[404]),
    ("E-037", &[200]),
];

/// What a connection may hold: a buffer from its pool, the head, a body of a few bytes.
const BOUND: usize = 300_000;

/// Is this entry one of these?
pub(crate) fn tests(entry: &Entry) -> bool {
    entry.kind == "http" && entry.role == "server"
}

fn all() -> Vec<Entry> {
    let layers = ["http1", "engineio", "session"].into_iter().flat_map(entries);
    layers.filter(tests).collect()
}

#[test]
fn every_request_of_the_list_is_answered_as_it_should_and_harms_nobody_else() {
    assert!(all().len() >= 80, "the list has shrunk to {}", all().len());
    for entry in all() {
        for size in [usize::MAX, 7, 1] {
            let (mut met, grown) = suffer(&entry, size);
            let answers = met.desk.answers();
            let context = format!("{} ({}), {size} bytes a read: {answers}", entry.id, entry.title);
            met.check_answers(&entry, &context);
            met.check_routes(&entry, &context);
            met.check_sessions(&entry, &context);
            assert!(grown.peak <= BOUND, "{context}: {grown:?}");
        }
    }
}

/// A server that has met with an entry, and two sessions of it.
struct Met {
    desk: Desk,
    /// Whose id stands in the entry.
    victim: SessionId,
    /// Who has nothing to do with it.
    bystander: SessionId,
}

fn suffer(entry: &Entry, size: usize) -> (Met, Grown) {
    // Protocol 3 is let in, but where the entry asks what happens if it is not.
    let options = ServerOptions { allow_eio3: entry.id != "E-043", ..ServerOptions::default() };
    let mut desk = Desk::new(options);
    let (victim, sid) = desk.open(Protocol::V4);
    let (bystander, _) = desk.open(Protocol::V4);
    let input = entry.input.replace("<sid>", &sid).replace("<v4 sid>", &sid);
    let bytes = Entry { input, ..entry.clone() }.bytes();
    let ((), grown) = CountingAlloc::measure(|| desk.say(&bytes, size));
    (Met { desk, victim, bystander }, grown)
}

impl Met {
    /// The right status, and the right code where clients look at one.
    fn check_answers(&self, entry: &Entry, context: &str) {
        let (answers, statuses) = (self.desk.answers(), self.desk.statuses());
        match ANSWERS.iter().find(|(id, _)| *id == entry.id) {
            Some((_, expected)) => assert_eq!(statuses, *expected, "{context}"),
            None => {
                let [status] = statuses[..] else { panic!("{context}") };
                // The list has 400 for what is malformed; a coding that is not known is that, or 501.
                let named = [status, if status == 501 { 400 } else { status }];
                assert!(named.iter().any(|one| entry.expected.contains(&one.to_string())), "{context}");
                let closes = answers.contains("\r\nConnection: close\r\n");
                assert!(closes || !entry.expected.contains("Connection: close"), "{context}");
            }
        }
        if let Some((_, code)) = entry.expected.split_once("\"code\":") {
            assert!(answers.contains(&format!("{{\"code\":{}", &code[..1])), "{context}");
        }
        assert!(!answers.contains("alert"), "{context}");
    }

    /// No request hides in another.
    fn check_routes(&self, entry: &Entry, context: &str) {
        let hidden = self.desk.targets.iter().any(|target| target.contains("smuggled"));
        assert_eq!(hidden, entry.id == "T-062", "{context}");
    }

    /// Sessions begin and end only where they have to, and of half a body nobody hears.
    fn check_sessions(&mut self, entry: &Entry, context: &str) {
        let began = self.desk.hub.sessions().filter(|it| ![self.victim, self.bystander].contains(it)).count();
        let may_begin = self.desk.statuses() == [200] && !entry.input.contains("sid=");
        assert_eq!(began, usize::from(may_begin), "{context}");

        let told = self.desk.told_by(self.victim);
        let expected = match &*entry.id {
            "T-036" | "T-057" => &[Told::Text(String::new())][..],
            // A body that goes wrong under way has no end, so its sender is gone.
            id if id == "E-020" || ("T-037".."T-055").contains(&id) => {
                &[Told::Closed(Reason::TransportError)]
            }
            _ => &[],
        };
        assert_eq!(told, expected, "{context}");

        assert!(self.desk.told_by(self.bystander).is_empty(), "{context}");
        let sid = self.desk.hub.sid(self.bystander).expect("it lives");
        let status = self.desk.post(&sid.to_string(), Protocol::V4, "text/plain", b"4here");
        assert_eq!(status, 200, "{context}");
        assert_eq!(self.desk.told_by(self.bystander), [Told::Text("here".into())], "{context}");
    }
}

#[test]
fn t_061_half_a_body_ends_its_session_and_says_nothing() {
    let entry = all().into_iter().find(|entry| entry.id == "T-061").expect("it is on the list");
    let (mut met, _) = suffer(&entry, usize::MAX);
    met.desk.hang_up();
    assert_eq!(met.desk.told_by(met.victim), [Told::Closed(Reason::TransportError)]);
    assert!(met.desk.statuses().is_empty(), "nobody waits for an answer");
}

#[test]
fn t_060_a_body_that_drips_ends_its_session_and_its_connection() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    let head = format!(
        "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    );
    desk.say(head.as_bytes(), usize::MAX);
    for _ in 0..3 {
        desk.say(b"4", 1);
        desk.passes(Duration::from_secs(10));
    }
    assert_eq!(desk.statuses(), [408]);
    assert_eq!(desk.told_by(session), [Told::Closed(Reason::TransportError)]);
}

#[test]
fn t_045_chunks_that_are_too_large_together_are_refused_where_they_pass_the_limit() {
    let mut desk = Desk::new(ServerOptions::default());
    let (session, sid) = desk.open(Protocol::V4);
    let head = format!(
        "POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    desk.say(head.as_bytes(), usize::MAX);
    let chunk = format!("3e8\r\n{}\r\n", "4".repeat(1000));
    let ((), grown) =
        CountingAlloc::measure(|| (0..1000).for_each(|_| desk.say(chunk.as_bytes(), usize::MAX)));
    assert!(desk.statuses().is_empty(), "a million bytes are allowed");
    desk.say(b"1\r\n4", 1);
    assert_eq!(desk.statuses(), [413]);
    assert!(grown.peak <= 2_000_000 + BOUND, "{grown:?}");
    assert!(desk.told_by(session).is_empty(), "the session goes on");
}
