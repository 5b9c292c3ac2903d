//! Servers that mean harm: the hostile list for clients. `E-067` is in `heartbeat`, `U-015` and `U-016` are in `upgrade`.

use sansocket_core::{Message, Response};
use sansocket_engineio::client::{ClientOptions, Fault};
use sansocket_engineio::{OpenError, Reason};
use sansocket_testkit::hostile;

use crate::support::{Heard, Talk, handshake};

/// What comes of a handshake.
fn told(open: &str) -> (Vec<Heard>, Option<Fault>) {
    let mut talk = Talk::new(ClientOptions::default());
    let poll = talk.get();
    talk.answer(poll, format!("0{open}"));
    let heard = talk.heard();
    let ends = heard.contains(&Heard::Closed(Reason::ParseError));
    assert_eq!(talk.client.poll_timeout().is_none(), ends, "no timer stays");
    (heard, talk.client.fault())
}

#[test]
fn all_entries_for_clients_are_here() {
    let clients = ["engineio", "upgrade", "http1"].into_iter().flat_map(hostile::entries);
    let ids: Vec<String> = clients.filter(|entry| entry.role == "client").map(|entry| entry.id).collect();
    // What a connection makes of T-090, its own tests say.
    assert_eq!(ids, ["E-063", "E-065", "E-066", "E-067", "U-015", "U-016", "T-090", "T-091"]);
}

#[test]
fn e_063_a_wrong_handshake_opens_nothing() {
    let with = |interval: &str| handshake("").replace("25000", interval);
    let closed = vec![Heard::Closed(Reason::ParseError)];
    for json in ["", "x", r#"{"sid":1}"#, "{}", "[]", &with("\"25000\"")] {
        assert_eq!(told(json), (closed.clone(), Some(Fault::Handshake(OpenError::Malformed))), "{json}");
    }
    for interval in ["-1", "0", "1e308"] {
        let fault = Fault::Handshake(OpenError::PingInterval);
        assert_eq!(told(&with(interval)), (closed.clone(), Some(fault)), "{interval}");
    }
}

#[test]
fn e_065_unknown_upgrades_are_passed_over() {
    let long = format!("\"__proto__\",\"webtransport\",{:?}", "x".repeat(100_000));
    assert_eq!(told(&handshake(&long)), (vec![Heard::Opened], None));
}

#[test]
fn e_066_a_post_brings_something_however_little_is_taken() {
    let closed = vec![Heard::Closed(Reason::ParseError)];
    for most in ["0", "1e308"] {
        let fault = Fault::Handshake(OpenError::MaxPayload);
        assert_eq!(told(&handshake("").replace("100", most)), (closed.clone(), Some(fault)));
    }
    let mut talk = Talk::new(ClientOptions::default());
    let poll = talk.get();
    talk.answer(poll, format!("0{}", handshake("").replace("100", "1")));
    assert_eq!(talk.heard(), [Heard::Opened]);
    for n in 0..3 {
        talk.client.send(Message::text(n.to_string())).expect("room");
    }
    for n in 0..3 {
        let (post, body) = talk.post();
        assert_eq!(body, format!("4{n}"));
        talk.answer(post, "ok");
    }
}

#[test]
fn t_091_a_redirect_ends_the_session_and_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let mut talk = Talk::new(ClientOptions::default());
        let poll = talk.get();
        let elsewhere = Response::new(status).with_header("Location", "http://169.254.169.254/");
        talk.client.handle_response(poll, elsewhere, talk.now);
        assert_eq!(talk.heard(), [Heard::Closed(Reason::TransportError)]);
        assert_eq!(talk.client.fault(), Some(Fault::Status(status)));
        assert!(talk.request().is_none(), "nothing is asked for elsewhere");
    }
}
