//! A connection of a server and its hub: whatever a client does over it, byte by byte.
mod support;

use std::time::Duration;

use sansocket_core::{Instant, Machine, Message};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{Cors, ServerOptions};
use sansocket_testkit::requests::{get, poll, post, upgrade};
use sansocket_testkit::{CountingAlloc, bare_close, binary, close, deflate_message, ping, pong, text};
use support::{Heard, House, message, options, said, says};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

const SECOND: Duration = Duration::from_secs(1);

fn house() -> House {
    House::new(options())
}

#[test]
fn a_session_begins_by_polling_and_echoes() {
    let (mut house, now) = (house(), Instant::ZERO);
    house.echoes = true;
    let mut wire = house.connect();
    let answer = house.ask(&mut wire, get("EIO=4&transport=polling"));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nContent-Type: text/plain; charset=UTF-8\r\n"), "{answer}");
    let sid = &answer[answer.find("sid").unwrap() + 6..][..20];
    assert_eq!(house.heard(), [Heard::Opened("/engine.io/?EIO=4&transport=polling".into())]);

    // Three packets in one body, on the same connection.
    let answer = house.ask(&mut wire, post(sid, "4one\u{1e}4two\u{1e}bAQID"));
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    assert_eq!(house.heard(), [message("one"), message("two"), Heard::Message(Message::binary(&[1, 2, 3]))]);
    let answer = house.ask(&mut wire, poll(sid));
    assert!(answer.ends_with("\r\n\r\n4one\u{1e}4two\u{1e}bAQID"), "{answer}");

    // A poll waits for what there is to say, here on a connection of its own.
    let mut other = house.connect();
    assert_eq!(house.ask(&mut other, poll(sid)), "");
    assert_eq!(wire.machine.exchange(), None);
    house.say(&mut wire, post(sid, "4three"));
    house.turn(&mut [&mut wire, &mut other]);
    assert!(other.answers().ends_with("\r\n\r\n4three"));
    assert!(wire.machine.poll_timeout() > Some(now));
}

#[test]
fn a_session_goes_on_over_a_websocket_and_its_messages_may_be_compressed() {
    let mut house = house();
    house.echoes = true;
    let (mut polls, mut socket) = (house.connect(), house.connect());
    let sid = house.open(&mut polls);
    house.heard();
    assert_eq!(house.ask(&mut polls, poll(&sid)), "");

    let target = format!("/engine.io/?EIO=4&transport=websocket&sid={sid}");
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let answer = house.ask(&mut socket, upgrade(&target, offer));
    assert!(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{answer}");
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    assert!(answer.contains("permessage-deflate"), "{answer}");

    house.say(&mut socket, says("2probe"));
    assert_eq!(socket.frames(), [text("3probe")]);
    house.turn(&mut [&mut polls]);
    assert!(polls.answers().ends_with("\r\n\r\n6"), "the poll is released");
    house.say(&mut socket, says("5"));
    assert_eq!(house.heard(), [Heard::Upgraded]);

    // A message that is inflated, and one that is not, in one read.
    let long = "4".to_owned() + &"long ".repeat(100);
    let mut bytes = said(text(deflate_message(long.as_bytes())).compressed());
    bytes.extend(says("4short"));
    house.say(&mut socket, bytes);
    assert_eq!(house.heard(), [message(&long[1..]), message("short")]);
    assert_eq!(socket.frames(), [text(&long), text("4short")]);

    // Polls have ended.
    let answer = house.ask(&mut polls, poll(&sid));
    assert!(answer.ends_with(r#"{"code":3,"message":"Bad request"}"#), "{answer}");
}

#[test]
fn a_session_may_begin_as_a_websocket_and_end_with_it() {
    let mut house = house();
    let mut wire = house.connect();
    let asked = upgrade("/engine.io/?EIO=4&transport=websocket", "");
    // What the client says before it has its answer is not lost.
    let answer = house.ask(&mut wire, [asked.into_bytes(), says("4early")].concat());
    assert!(answer.contains(r#"0{"sid":""#), "{answer}");
    let heard = house.heard();
    assert_eq!(heard[1..], [message("early")]);
    house.say(&mut wire, said(ping("?")));
    assert_eq!(wire.frames(), [pong("?")]);
    house.say(&mut wire, said(close(1000, "")));
    assert_eq!(house.heard(), [Heard::Closed(Reason::TransportClose)]);
    assert_eq!(wire.frames(), [close(1000, "")]);
    assert!(wire.is_shut_down && house.hub.is_empty());
    wire.machine.handle_eof(house.now);
    assert!(wire.machine.is_finished());
}

#[test]
fn the_heartbeat_and_the_end_go_by_the_websocket() {
    let mut house = house();
    let mut wire = house.connect();
    house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    house.heard();
    house.wait(25 * SECOND, &mut [&mut wire]);
    assert_eq!(wire.frames(), [text("2")]);
    house.wait(20 * SECOND, &mut [&mut wire]);
    assert_eq!(house.heard(), [Heard::Closed(Reason::PingTimeout)]);
    assert_eq!(wire.frames(), [bare_close()], "without a status code");
    // Who does not answer that either is left.
    house.wait(10 * SECOND, &mut [&mut wire]);
    house.wait(10 * SECOND, &mut [&mut wire]);
    assert!(wire.machine.is_finished(), "{:?}", wire.machine);
}

#[test]
fn why_a_websocket_ended_is_why_the_session_did() {
    let cases: [(Option<Vec<u8>>, _, _); 4] = [
        (Some(said(bare_close())), Reason::TransportClose, Some(bare_close())),
        (None, Reason::TransportClose, None),
        (Some(text("4x").bare()), Reason::TransportError, Some(close(1002, ""))),
        (Some(said(binary([0; 1001]))), Reason::TransportError, Some(close(1009, ""))),
    ];
    for (says, reason, answer) in cases {
        let mut house = house();
        let mut wire = house.connect();
        house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
        house.heard();
        match says {
            Some(says) => house.say(&mut wire, says),
            None => {
                wire.machine.handle_eof(house.now);
                house.turn(&mut [&mut wire]);
            }
        }
        assert_eq!(house.heard(), [Heard::Closed(reason)]);
        assert_eq!(wire.frames().first(), answer.as_ref());
        assert!(house.hub.is_empty());
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_with_what_pages_need_to_read_that() {
    let mut house = House::new(ServerOptions { cors: Some(Cors::default()), ..options() });
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    house.heard();
    // Announced, or found out.
    let announced = post(&sid, &"x".repeat(1001));
    let head = format!("POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: h\r\n");
    let gathered =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n3e8\r\n{}\r\n1\r\nx\r\n0\r\n\r\n", "x".repeat(1000));
    for body in [announced, gathered] {
        let answer = house.ask(&mut wire, body);
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("Access-Control-Allow-Origin: *\r\n"), "{answer}");
    }
    // The session goes on, and the connection too.
    assert!(house.ask(&mut wire, post(&sid, "4x")).ends_with("\r\n\r\nok"));
    assert_eq!(house.heard(), [message("x")]);
}

#[test]
fn no_more_is_kept_of_a_body_than_it_may_have() {
    let mut house = House::new(ServerOptions { max_payload: 100_000, ..ServerOptions::default() });
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    let head = format!("POST /engine.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: h\r\n");
    house.say(&mut wire, head + "Transfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..1000 {
            wire.input.fill(chunk.as_bytes(), &mut wire.pool);
            house.turn(&mut [&mut wire]);
        }
    });
    // Twice, while it moves to where there is room for it.
    assert!(grown.peak <= 200_000 + 300_000, "{grown:?}: a read buffer, and the body");
    assert!(wire.answers().starts_with("HTTP/1.1 413 "));
}

#[test]
fn who_leaves_while_a_poll_waits_ends_the_session() {
    let mut house = house();
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    house.heard();
    house.say(&mut wire, poll(&sid));
    wire.machine.handle_eof(house.now);
    house.turn(&mut [&mut wire]);
    assert_eq!(house.heard(), [Heard::Closed(Reason::TransportError)]);
    assert!(house.hub.is_empty());
    // So does who is cut off, with either transport.
    for asked in [get("EIO=4&transport=polling"), upgrade("/engine.io/?EIO=4&transport=websocket", "")] {
        let mut wire = house.connect();
        let answer = house.ask(&mut wire, asked);
        let sid = &answer[answer.find("sid").unwrap() + 6..][..20];
        if wire.machine.carries().is_none() {
            house.say(&mut wire, poll(sid));
        }
        wire.machine.leave(&mut house.hub);
        wire.machine.leave(&mut house.hub);
        house.turn(&mut []);
        assert!(matches!(house.heard()[..], [Heard::Opened(_), Heard::Closed(_)]));
        assert!(house.hub.is_empty());
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mut house = house();
    house.echoes = true;
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    let pipelined =
        [post(&sid, "4a"), poll(&sid), post(&sid, "4b"), "GET /page HTTP/1.1\r\nHost: h\r\n\r\n".into()];
    house.say(&mut wire, pipelined.concat());
    house.turn(&mut [&mut wire]);
    let answers = wire.answers();
    let bodies: Vec<&str> =
        answers.split("\r\n\r\n").skip(1).map(|rest| rest.split("HTTP").next().unwrap()).collect();
    assert_eq!(bodies, ["ok", "4a", "ok", "page of 0"]);
}

#[test]
fn requests_for_something_else_are_somebody_elses() {
    let mut house = house();
    let mut wire = house.connect();
    let answer = house.ask(&mut wire, "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=b");
    assert!(answer.ends_with("\r\n\r\npage of 3"), "{answer}");
    let too_large =
        format!("POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n{}", "x".repeat(1001));
    assert!(house.ask(&mut wire, too_large).starts_with("HTTP/1.1 413 "));
    assert_eq!(wire.others.len(), 1);
    // A WebSocket is driven by itself from then on.
    let answer = house.ask(&mut wire, upgrade("/echo", "Sec-WebSocket-Protocol: chat\r\n"));
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert_eq!(wire.others[1].path(), "/echo");
    let websocket = wire.machine.into_websocket().unwrap();
    assert!(websocket.is_open() && house.hub.is_empty());
}

#[test]
fn what_is_no_right_websocket_is_told_so() {
    for target in ["/engine.io/?EIO=4&transport=websocket", "/echo"] {
        let mut house = house();
        let mut wire = house.connect();
        let answer = house.ask(&mut wire, upgrade(target, "").replace("Version: 13", "Version: 12"));
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(house.hub.is_empty() && wire.others.is_empty());
    }
    let mut house = house();
    let mut wire = house.connect();
    let answer = house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket&sid=nope", ""));
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\nSession ID unknown"),
        "{answer}"
    );
    let answer = house.ask(&mut house_wire(&house), get("EIO=4&transport=websocket"));
    assert!(answer.ends_with(r#"{"code":3,"message":"Bad request"}"#), "{answer}");
}

fn house_wire(house: &House) -> support::Wire {
    house.connect()
}

#[test]
fn who_may_not_begin_a_session_hears_why() {
    let mut house = house();
    house.refusal = Some("not today");
    let mut wire = house.connect();
    let answer = house.ask(&mut wire, get("EIO=4&transport=polling"));
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.ends_with(r#"{"code":4,"message":"not today"}"#), "{answer}");
    let answer = house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\nnot today"), "{answer}");
    assert!(house.heard().is_empty() && house.hub.is_empty());
}

#[test]
fn headers_of_ones_own_stand_in_every_answer() {
    let mut house = house();
    house.headers.add("X-Own", "1");
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    for asked in [
        post(&sid, "4x"),
        get("EIO=9&transport=polling"),
        upgrade("/engine.io/?EIO=4&transport=websocket", ""),
    ] {
        let answer = house.ask(&mut wire, asked);
        assert!(answer.contains("\r\nX-Own: 1\r\n"), "{answer}");
    }
    // One that cannot be written is no answer, and no session either.
    house.headers.add("not a name", "1");
    for asked in [get("EIO=4&transport=polling"), upgrade("/engine.io/?EIO=4&transport=websocket", "")] {
        let mut wire = house.connect();
        assert!(house.ask(&mut wire, asked).starts_with("HTTP/1.1 500 "));
    }
}

#[test]
fn who_says_more_than_anybody_looks_at_waits_with_the_rest() {
    let mut house = House::new(ServerOptions { read_ahead: 1000, ..options() });
    let mut wire = house.connect();
    house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    let session = house.hub.sessions().next().unwrap();
    let burst: Vec<u8> = (0..100).flat_map(|number| says(&format!("4{number}"))).collect();
    wire.input.fill(&burst, &mut wire.pool);
    let mut looked_at = 0;
    while let Some(event) = wire.machine.poll_event(&mut wire.input, house.now) {
        assert_eq!(wire.machine.handle_event(event, &mut house.hub, house.now), None);
        looked_at += 1;
    }
    assert!((10..30).contains(&looked_at), "{looked_at}");
    assert!(!wire.machine.wants_input() && wire.input.has_raw());
    house.turn(&mut [&mut wire]);
    assert!(wire.machine.wants_input());
    let heard: Vec<Heard> = house.heard();
    assert_eq!(heard[1..], (0..100).map(|number| message(&number.to_string())).collect::<Vec<_>>()[..]);
    assert!(house.hub.has_room(session));
}

#[test]
fn what_finds_no_room_leaves_when_there_is_some() {
    let mut house = House::new(ServerOptions { high_water: 1 << 20, ..options() });
    let mut wire = house.connect();
    house.ask(&mut wire, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    let session = house.hub.sessions().next().unwrap();
    for _ in 0..100 {
        house.hub.send(session, Message::binary(vec![7; 10_000])).unwrap();
    }
    let (mut sent, mut rounds) = (0, 0);
    while house.hub.waiting_bytes(session) > 0 {
        assert!(wire.machine.has_room());
        wire.machine.transmit(&mut house.hub, house.now);
        sent += wire.frames().len();
        rounds += 1;
    }
    assert_eq!(sent, 100);
    assert!(rounds > 5, "{rounds}: not all of it at once");
}

#[test]
fn a_server_that_goes_down_answers_first() {
    let mut house = house();
    let (mut polls, mut idle, mut socket) = (house.connect(), house.connect(), house.connect());
    let sid = house.open(&mut polls);
    house.say(&mut polls, poll(&sid));
    house.ask(&mut socket, upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    house.hub.close_all(house.now);
    let now = house.now;
    [&mut polls, &mut idle, &mut socket].into_iter().for_each(|wire| wire.machine.close(now));
    house.turn(&mut [&mut polls, &mut idle, &mut socket]);
    let answer = polls.answers();
    assert!(answer.contains("Connection: close") && answer.ends_with("\r\n\r\n1"), "{answer}");
    assert_eq!(socket.frames(), [bare_close()]);
    assert!(idle.answers().is_empty() && idle.is_shut_down && polls.is_shut_down);
    let closed = house.heard().into_iter().filter(|heard| *heard == Heard::Closed(Reason::ForcedClose));
    assert_eq!(closed.count(), 2);
}
