//! The hostile list against the server's handshake: every entry of the layer `handshake`.
//!
//! Entries with bytes stand in [`ANSWERS`], with the status that we answer of those that the list allows. The others have
//! a test of their own, named in [`NAMED`]; all are there.
#![cfg(feature = "deflate")]

mod answers;

use std::time::Duration;

use answers::{Answer, Answered, answer_to, handshake, request, still};
use sansocket_core::{Machine, Response};
use sansocket_http1::HeadError;
use sansocket_testkit::{CountingAlloc, Random, Side, binary, hostile};
use sansocket_websocket::handshake::FieldError;
use sansocket_websocket::handshake::server::{
    AnswerError, Choice, ChoiceError, Origins, ServerError, ServerEvent, ServerOptions,
};
use sansocket_websocket::{Event, Options};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// What each entry with bytes is answered.
const ANSWERS: &[(&str, u16)] = &[
    ("H-001", 405),
    ("H-002", 405),
    ("H-003", 405),
    ("H-005", 400),
    ("H-006", 505),
    ("H-007", 400),
    ("H-008", 400),
    ("H-010", 426),
    ("H-011", 400),
    ("H-012", 400),
    ("H-013", 101),
    ("H-015", 400),
    ("H-016", 101),
    ("H-017", 400),
    // A plain request, so whatever the application answers to those; here it says what would be right.
    ("H-018", 426),
    ("H-020", 426),
    ("H-021", 426),
    ("H-022", 426),
    ("H-023", 426),
    ("H-025", 426),
    ("H-026", 426),
    ("H-027", 426),
    ("H-028", 426),
    ("H-030", 400),
    ("H-031", 400),
    ("H-032", 400),
    ("H-033", 400),
    ("H-035", 400),
    ("H-036", 400),
    ("H-037", 400),
    ("H-038", 400),
    ("H-040", 400),
    ("H-041", 400),
    ("H-042", 101),
    ("H-043", 101),
    ("H-046", 403),
    ("H-055", 400),
    ("H-056", 400),
    ("H-057", 400),
    ("H-058", 400),
    ("H-060", 400),
    ("H-061", 400),
    ("H-065", 400),
    ("H-066", 400),
    ("H-068", 101),
    ("H-070", 101),
    ("H-071", 101),
    ("H-072", 101),
    ("H-073", 101),
    ("H-075", 101),
    ("H-076", 400),
    ("H-077", 400),
    ("H-078", 101),
    ("H-080", 101),
    ("H-082", 403),
];

/// Entries that a test has to build.
const NAMED: &[&str] = &[
    "H-045", "H-047", "H-048", "H-050", "H-051", "H-052", "H-053", "H-062", "H-063", "H-067", "H-081",
    "H-083",
];

/// Of the entries that are accepted, those that get permessage-deflate, and as what.
const DEFLATED: &[(&str, &str)] = &[("H-075", "server_max_window_bits=10"), ("H-080", "permessage-deflate")];

#[test]
fn every_entry_of_the_list_is_tested() {
    let listed: Vec<String> = hostile::entries("handshake").into_iter().map(|entry| entry.id).collect();
    let mut tested: Vec<&str> = ANSWERS.iter().map(|(id, _)| *id).chain(NAMED.iter().copied()).collect();
    tested.sort_unstable();
    assert_eq!(tested, listed);
}

#[test]
fn every_request_gets_the_answer_that_the_list_allows() {
    for entry in hostile::entries("handshake") {
        let Some((_, status)) = ANSWERS.iter().find(|(id, _)| *id == entry.id) else { continue };
        let (bytes, name) = (entry.bytes(), format!("{}: {}", entry.id, entry.title));
        for cut in [bytes.len(), 1, 7] {
            let answer = answer_to(&bytes, cut, decide(&entry.id));
            assert_eq!(answer.status, *status, "{name}, {cut} bytes a read");
            check_form(&answer, &name);
            // The head, an owned copy of it and the answer: nothing of what comes behind.
            assert!(answer.peak <= 3 * 16384, "{name}: {}", answer.peak);
        }
        let allows = |status: &str| entry.expected.contains(status);
        assert!(
            allows(&status.to_string()) || allows("declined") || allows("plain HTTP") || allows("accepted"),
            "{name} wants {}",
            entry.expected
        );
    }
}

#[test]
fn extensions_are_agreed_on_only_where_the_offer_is_right() {
    for entry in hostile::entries("handshake").iter().filter(|entry| entry.title.contains("Extensions: ")) {
        if !ANSWERS.contains(&(&entry.id, 101)) {
            continue;
        }
        let answer = answer_to(&entry.bytes(), 16, decide(&entry.id));
        let agreed = answer.header("sec-websocket-extensions");
        match DEFLATED.iter().find(|(id, _)| *id == entry.id) {
            Some((_, param)) => assert!(agreed.is_some_and(|agreed| agreed.contains(param)), "{}", entry.id),
            None => assert_eq!(agreed, None, "{}", entry.id),
        }
    }
}

/// What the application does in the list: it denies one request, and lets pages of one origin in.
fn decide(id: &str) -> Answer {
    match id {
        "H-046" => Answer::Respond(Response::new(403)),
        "H-082" => Answer::Accept(Origins::Only(vec!["https://friend.example".into()])),
        _ => Answer::Accept(Origins::Any),
    }
}

fn check_form(answer: &Answered, name: &str) {
    if answer.status == 101 {
        return assert!(answer.header("sec-websocket-accept").is_some(), "{name}");
    }
    assert!(answer.header("connection").is_some_and(|value| value.contains("close")), "{name}");
    assert!(answer.is_over, "{name}: what follows is thrown away, and the connection ends");
    match answer.status {
        405 => assert_eq!(answer.header("allow").as_deref(), Some("GET"), "{name}"),
        426 => assert!(
            answer.header("sec-websocket-version").as_deref() == Some("13")
                || answer.header("upgrade").as_deref() == Some("websocket"),
            "{name}"
        ),
        _ => {}
    }
}

#[test]
fn h045_frames_before_the_answer_are_taken_up_to_a_limit_only() {
    // The list would have reading pause there. Our table of limits says 400, and RFC 6455 §4.1 has a client wait.
    let frame = binary(vec![7; 65536]).masked();
    let mut side = Side::new(handshake(Origins::Any));
    side.read(request("").as_bytes(), still());
    for piece in frame.chunks(4096).cycle().take(2560) {
        side.read(piece, still());
        // A buffer doubles as it grows.
        assert!(side.input.memory() <= 2 * (65536 + 4096), "{:?}", side.input);
    }
    let [ServerEvent::Upgrade(_), ServerEvent::Failed(ServerError::Early)] = &side.heard()[..] else {
        panic!("{side:?}")
    };
    assert!(side.write_all().starts_with(b"HTTP/1.1 400 "));
    assert!(side.is_shut_down());
    assert_eq!(side.input.memory(), 0, "what it says now is thrown away");
}

#[test]
fn what_came_before_the_answer_reaches_the_connection() {
    let mut side = Side::new(handshake(Origins::Any));
    side.read(request("").as_bytes(), still());
    let frame = binary(vec![7; 65536]).masked();
    // To the last byte of what may come.
    for piece in frame[..65536].chunks(4096) {
        side.read(piece, still());
    }
    assert!(matches!(&side.heard()[..], [ServerEvent::Upgrade(_)]));
    side.machine.accept(&Choice::default()).unwrap();
    let mut ws = side.machine.into_websocket(still()).unwrap();
    side.input.fill(&frame[65536..], &mut side.pool);
    assert_eq!(ws.poll_event(&mut side.input, still()), Some(Event::Binary(&[7; 65536])));
}

#[test]
fn h047_one_endless_header_ends_at_the_limit() {
    let mut side = Side::new(handshake(Origins::Any));
    side.read(b"GET / HTTP/1.1\r\nX: ", still());
    let (mut read, mut heard) = (0, Vec::new());
    while heard.is_empty() {
        side.read(&[b'a'; 1000], still());
        read += 1000;
        heard = side.heard();
    }
    assert!(read <= 9000, "{read} bytes were read");
    assert_eq!(heard, [ServerEvent::Failed(ServerError::Head(HeadError::LineTooLong))]);
    assert!(side.write_all().starts_with(b"HTTP/1.1 431 "));
    assert!(side.is_shut_down());
    // What comes behind is thrown away, not kept.
    side.read(&[b'a'; 100_000], still());
    assert_eq!((side.input.memory(), side.machine.wants_input()), (0, true));
}

#[test]
fn h048_a_head_of_16_kib_byte_by_byte_takes_linear_time() {
    let mut head = request("");
    head.truncate(head.len() - 2);
    while head.len() < 16_384 - 400 {
        head += &format!("X-{}: {}\r\n", head.len(), "y".repeat(185));
    }
    head += &format!("P: {}\r\n\r\n", "y".repeat(16_384 - head.len() - 7));
    assert_eq!(head.len(), 16_384);
    let mut side = Side::new(handshake(Origins::Any));
    for byte in head.as_bytes() {
        assert_eq!(side.heard(), []);
        side.read(&[*byte], still());
    }
    assert!(matches!(&side.heard()[..], [ServerEvent::Upgrade(_)]));
    // The scan's own test counts looks; here one byte more is too many.
    let longer = head.replacen("P: ", "P: y", 1);
    assert_eq!(answer_to(longer.as_bytes(), 16, decide("")).status, 431);
}

#[test]
fn h050_a_silent_connection_is_dropped_without_a_word() {
    let (mut side, grown) = CountingAlloc::measure(|| Side::new(handshake(Origins::Any)));
    assert!(grown.kept <= 512 + size_of::<ServerOptions>() + size_of::<Options>(), "{grown:?}");
    side.listen(still());
    let deadline = side.machine.poll_timeout().unwrap();
    assert_eq!(deadline - still(), Duration::from_secs(10));
    side.machine.handle_timeout(deadline);
    side.listen(deadline);
    assert_eq!(side.heard(), [ServerEvent::Failed(ServerError::Timeout)]);
    assert_eq!((side.write_all().len(), side.machine.is_finished()), (0, true));
}

#[test]
fn h051_the_hundredth_header_is_the_last() {
    // Five belong to the handshake; the limit counts them.
    let with = |more: usize| request(&(0..more).map(|n| format!("x{n}: y\r\n")).collect::<String>());
    assert_eq!(answer_to(with(95).as_bytes(), 1024, decide("")).status, 101);
    assert_eq!(answer_to(with(96).as_bytes(), 1024, decide("")).status, 431);
    assert_eq!(answer_to(with(97).as_bytes(), 1024, decide("")).status, 431);
}

#[test]
fn h052_ten_thousand_headers_end_at_the_limit() {
    let many: String = (0..10_000).map(|n| format!("x{n}: y\r\n")).collect();
    let head = request("").replacen("Upgrade:", &format!("{many}Upgrade:"), 1);
    let answer = answer_to(head.as_bytes(), 512, decide(""));
    assert_eq!((answer.status, answer.peak <= 3 * 16384), (431, true), "{}", answer.peak);
}

#[test]
fn h053_a_name_of_9000_bytes_is_refused() {
    let head = request(&format!("{}: b\r\n", "a".repeat(9000)));
    assert_eq!(answer_to(head.as_bytes(), 512, decide("")).status, 431);
}

#[test]
fn h062_two_empty_lines_before_a_request_are_skipped_and_no_more() {
    let head = |lines: usize| "\r\n".repeat(lines) + &request("");
    assert_eq!(answer_to(head(2).as_bytes(), 1, decide("")).status, 101);
    assert_eq!(answer_to(head(3).as_bytes(), 1, decide("")).status, 400);
    assert_eq!(answer_to(head(1000).as_bytes(), 512, decide("")).status, 400);
}

#[test]
fn h063_garbage_ends_at_its_first_illegal_byte() {
    for seed in 0..100 {
        let garbage = Random::new(seed).bytes(4096);
        let may_be_method = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let legal = garbage.iter().position(|byte| !may_be_method(byte)).unwrap();
        let mut side = Side::new(handshake(Origins::Any));
        for byte in &garbage[..legal] {
            side.read(&[*byte], still());
        }
        assert_eq!(side.heard(), []);
        // A space or CR LF may still be right there; what follows them will not.
        if ![b' ', b'\r'].contains(&garbage[legal]) {
            side.read(&[garbage[legal]], still());
            assert!(matches!(&side.heard()[..], [ServerEvent::Failed(ServerError::Head(_))]), "{seed}");
        }
        let status = answer_to(&garbage, 4096, decide("")).status;
        assert!([400, 414, 431].contains(&status), "{seed}: {status}");
    }
}

#[test]
fn h067_64_subprotocols_are_enough() {
    let offer = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("p{n}")).collect();
        let lines = names.chunks(300).map(|names| format!("Sec-WebSocket-Protocol: {}\r\n", names.join(",")));
        request(&lines.collect::<String>())
    };
    assert_eq!(answer_to(offer(64).as_bytes(), 512, decide("")).status, 101);
    assert_eq!(answer_to(offer(65).as_bytes(), 512, decide("")).status, 400);
    assert_eq!(answer_to(offer(2000).as_bytes(), 512, decide("")).status, 400);
}

#[test]
fn h081_sixteen_offers_are_considered() {
    let offers = |declined: usize| {
        let mut offers = vec!["permessage-deflate; server_max_window_bits=7"; declined];
        offers.extend(vec!["permessage-deflate; server_max_window_bits=10"; 100]);
        let lines =
            offers.chunks(100).map(|some| format!("Sec-WebSocket-Extensions: {}\r\n", some.join(",")));
        request(&lines.collect::<String>())
    };
    let agreed = |declined: usize| {
        let answer = answer_to(offers(declined).as_bytes(), 512, decide(""));
        assert_eq!(answer.status, 101);
        answer.header("sec-websocket-extensions")
    };
    assert!(agreed(0).is_some_and(|agreed| agreed.contains("server_max_window_bits=10")));
    assert!(agreed(15).is_some());
    assert_eq!(agreed(16), None);
    assert_eq!(agreed(100), None);
}

#[test]
fn h083_an_application_cannot_split_the_response() {
    let mut side = Side::new(handshake(Origins::Any));
    side.read(request("Sec-WebSocket-Protocol: a\r\n").as_bytes(), still());
    let split = "a\r\nX: y";
    let chosen = |protocol: Option<&str>, header: (&str, &str)| Choice {
        protocol: protocol.map(String::from),
        headers: [(header.0, header.1.to_owned())].into(),
    };
    let field = |error| AnswerError::Choice(ChoiceError::Field(error));
    let wrong = [
        (chosen(Some(split), ("X", "y")), AnswerError::Choice(ChoiceError::Protocol(split.into()))),
        (chosen(None, (split, "y")), field(FieldError::Name(split.into()))),
        (chosen(None, ("X", split)), field(FieldError::Value("X".into()))),
        (chosen(None, ("X", "\0")), field(FieldError::Value("X".into()))),
        (
            chosen(None, ("Sec-WebSocket-Accept", "y")),
            field(FieldError::Reserved("Sec-WebSocket-Accept".into())),
        ),
    ];
    for (choice, error) in wrong {
        assert_eq!(side.machine.accept(&choice), Err(error));
        assert_eq!(side.write_all(), b"", "nothing was written");
    }
    let refusal = Response::new(403).with_header("X", split);
    assert!(matches!(side.machine.respond(refusal, still()), Err(AnswerError::Encode(_))));
    assert_eq!(side.write_all(), b"");
    // And the request still waits.
    side.machine.accept(&Choice { protocol: Some("a".into()), ..Choice::default() }).unwrap();
    assert!(side.write_all().starts_with(b"HTTP/1.1 101 "));
}
