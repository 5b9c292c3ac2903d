//! Entries that are one body, or one WebSocket message: what it is answered, what the session's user hears, and what
//! it costs.

use sansocket_core::Data;
use sansocket_engineio::server::ServerOptions;
use sansocket_engineio::{Protocol, Reason};
use sansocket_testkit::CountingAlloc;
use sansocket_testkit::hostile::{Entry, entries, unhex};

use super::desk::{Desk, Told};

use Outcome::{Binary, Ends, Nothing, TextThenEnds};

/// What the session's user hears.
#[derive(Clone, Copy)]
enum Outcome {
    /// That it has ended. What is no packet is answered with 400, which clients take as well as the reference's 200.
    Ends(Reason),
    TextThenEnds(&'static str, Reason),
    Binary(&'static [u8]),
    /// It goes on.
    Nothing,
}

/// What comes of each.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("E-001", Ends(Reason::ParseError)),
    ("E-002", Ends(Reason::ParseError)),
    ("E-003", Ends(Reason::ParseError)),
    ("E-005", Nothing),
    ("E-006", TextThenEnds("a", Reason::TransportClose)),
    ("E-007", Ends(Reason::TransportError)),
    ("E-008", Nothing),
    ("E-010", Nothing),
    ("E-011", Nothing),
    ("E-012", Ends(Reason::ParseError)),
    ("E-013", Ends(Reason::ParseError)),
    ("E-015", Ends(Reason::ParseError)),
    ("E-016", Binary(&[])),
    ("E-018", Ends(Reason::ParseError)),
    ("E-023", Ends(Reason::ParseError)),
    ("E-025", Ends(Reason::ParseError)),
    ("E-026", Ends(Reason::ParseError)),
    ("E-027", Ends(Reason::ParseError)),
    ("E-028", Ends(Reason::ParseError)),
    ("E-030", Ends(Reason::ParseError)),
    ("E-031", Ends(Reason::ParseError)),
    ("E-032", Ends(Reason::ParseError)),
    ("E-033", Ends(Reason::ParseError)),
    ("E-035", Ends(Reason::ParseError)),
    ("E-036", Ends(Reason::ParseError)),
    ("E-056", Ends(Reason::ParseError)),
    ("E-057", Ends(Reason::TransportError)),
    ("E-058", Nothing),
    ("E-060", Ends(Reason::TransportError)),
    ("E-061", Binary(&[1, 2, 3])),
    ("E-062", Binary(&[])),
];

/// What stands before a body in the list.
const POSTED: &str = "POST body: ";

/// Is this entry one of these?
pub(crate) fn tests(entry: &Entry) -> bool {
    OUTCOMES.iter().any(|(id, _)| *id == entry.id)
}

/// How an entry comes in.
struct Attack {
    protocol: Protocol,
    by: By,
}

enum By {
    Body(Vec<u8>, &'static str),
    Text(String),
    Binary(Vec<u8>),
}

impl Attack {
    fn of(entry: &Entry) -> Attack {
        let is_old = entry.title.starts_with("v3");
        let protocol = if is_old { Protocol::V3 } else { Protocol::V4 };
        let by = match (&*entry.kind, entry.input.split_once(POSTED)) {
            ("text", Some((_, body))) => By::Body(unquoted(body).into_bytes(), "text/plain"),
            ("text", None) => By::Text(unquoted(&entry.input)),
            // A frame of its own: what stands in it is nothing.
            ("hex", _) if entry.title.starts_with("ws") => By::Binary(Vec::new()),
            ("hex", _) if is_old => By::Body(unhex(&entry.input), "application/octet-stream"),
            ("hex", _) => By::Body(unhex(&entry.input), "text/plain"),
            other => panic!("{}: {other:?}", entry.id),
        };
        Attack { protocol, by }
    }
}

/// A string as the list writes it: as JSON with bytes, or many of one and another.
fn unquoted(text: &str) -> String {
    match text.strip_prefix("\"9\"*400+") {
        Some(rest) => "9".repeat(400) + &unquoted(rest),
        None => serde_json::from_str(&text.replace("\\x", "\\u00"))
            .unwrap_or_else(|error| panic!("{text}: {error}")),
    }
}

#[test]
fn every_packet_of_the_list_leads_to_what_it_should() {
    let listed: Vec<Entry> = entries("engineio").into_iter().filter(tests).collect();
    assert_eq!(listed.len(), OUTCOMES.len(), "all of these are on the list");
    for entry in listed {
        let (_, outcome) = OUTCOMES.iter().find(|(id, _)| *id == entry.id).expect("it is tested");
        suffer(&entry, *outcome);
    }
}

fn suffer(entry: &Entry, outcome: Outcome) {
    let context = format!("{} ({})", entry.id, entry.title);
    let mut desk = Desk::new(ServerOptions { allow_eio3: true, ..ServerOptions::default() });
    let Attack { protocol, by } = Attack::of(entry);
    let (session, status) = match by {
        By::Body(body, kind) => {
            let (session, sid) = desk.open(protocol);
            let (status, grown) = CountingAlloc::measure(|| desk.post(&sid, protocol, kind, &body));
            assert!(grown.peak <= 2 * body.len() + 8192, "{context}: {grown:?}");
            (session, Some(status))
        }
        By::Text(text) => (desk.say_by_websocket(Data::Text((&*text).into())), None),
        By::Binary(bytes) => (desk.say_by_websocket(Data::Binary(&bytes)), None),
    };
    let expected = match outcome {
        Ends(reason) => vec![Told::Closed(reason)],
        TextThenEnds(text, reason) => vec![Told::Text(text.into()), Told::Closed(reason)],
        Binary(bytes) => vec![Told::Binary(bytes.to_vec())],
        Nothing => vec![],
    };
    let wanted = if expected == [Told::Closed(Reason::ParseError)] { 400 } else { 200 };
    assert!(status.is_none_or(|status| status == wanted), "{context}: {status:?}");
    assert_eq!(desk.told_by(session), expected, "{context}");
    let lives = matches!(outcome, Binary(_) | Nothing);
    assert_eq!(desk.hub.sessions().any(|it| it == session), lives, "{context}");
}
