//! What holds for every server's connection: how bytes are cut, and when calls come, changes nothing, and nothing is
//! held beyond a bound.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use sansocket_core::{Instant, Machine, Response};
use sansocket_http1::{BodyLimits, Delivery, ServerConnection, ServerOptions};
use sansocket_testkit::http::Asked;
use sansocket_testkit::{Random, Side, hostile};

fn start() -> Instant {
    Instant::from_micros(1000)
}

/// A piece of a conversation, right or wrong.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let listed: Vec<Vec<u8>> = hostile::entries("http1")
        .iter()
        .filter(|entry| entry.kind == "http")
        .map(hostile::Entry::bytes)
        .collect();
    let right = [
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD /b HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
        "GET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /od HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD /odde HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /d HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0a;b=c\r\n0123456789\r\n0\r\n\r\n",
        "POST /f HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
        "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nunread",
        "POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n",
        "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "\r\n",
    ];
    let right = right.map(|text| text.as_bytes().to_vec());
    prop_oneof![8 => select(right.to_vec()), 1 => select(listed), 1 => any::<Vec<u8>>()]
}

fn options(delivery: Delivery) -> ServerOptions {
    let body = BodyLimits { body: Some(200), ..BodyLimits::default() };
    ServerOptions { delivery, body, drain: 20, ..ServerOptions::default() }
}

/// A server whose user answers at once, with what it was asked.
struct Served {
    side: Side<ServerConnection>,
    heard: Vec<Asked>,
    written: Vec<u8>,
}

impl Served {
    fn new(delivery: Delivery) -> Served {
        let side = Side::new(ServerConnection::new(Arc::new(options(delivery)), start()));
        Served { side, heard: Vec::new(), written: Vec::new() }
    }

    fn listen(&mut self) {
        while self.side.listen_once(start()) {
            let event = self.side.heard().remove(0);
            let answer = match &event {
                Asked::Head(request, _) if request.target == "/refused" => Some(Response::new(400)),
                Asked::Whole(request) => Some(Response::new(200).with_body(request.target.clone())),
                Asked::End => Some(Response::new(200)),
                _ => None,
            };
            match (self.heard.last_mut(), event) {
                (Some(Asked::Body(before)), Asked::Body(more)) => before.extend(more),
                (_, event) => self.heard.push(event),
            }
            let machine = &mut self.side.machine;
            match answer {
                None => {}
                // Some answers come in pieces.
                Some(answer) if answer.body.len() % 2 == 1 => {
                    machine.begin(&answer, start()).expect("a request waits");
                    machine.append(b"and more", start()).expect("there is room");
                    machine.finish(start()).expect("it was begun");
                }
                Some(answer) => machine.respond(&answer, start()).expect("a request waits"),
            }
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        self.side.input.fill(bytes, &mut self.side.pool);
        self.listen();
    }

    fn end(mut self) -> (Vec<Asked>, Vec<u8>) {
        self.side.machine.handle_eof(start());
        self.listen();
        self.written.extend(self.side.write_all());
        assert!(self.side.machine.is_finished() && self.side.is_shut_down());
        (self.heard, self.written)
    }
}

/// Calls that may come at any time and change nothing.
fn fidget(served: &mut Served, random: &mut Random) {
    for _ in 0..random.below(4) {
        let side = &mut served.side;
        match random.below(5) {
            0 => side.machine.handle_timeout(start() + Duration::from_micros(random.below(1000) as u64)),
            1 => drop((side.machine.poll_timeout(), side.machine.wants_input(), side.machine.is_finished())),
            2 => side.input.release(&mut side.pool),
            3 => side.machine.attach(&mut side.pool),
            _ => {
                let some = side.write(random.below(100));
                side.machine.detach(&mut side.pool);
                served.written.extend(some);
            }
        }
        served.listen();
    }
}

proptest! {
    #[test]
    fn how_bytes_are_cut_and_when_calls_come_changes_nothing(
        pieces in prop::collection::vec(piece(), 0..6),
        delivery in select(vec![Delivery::Whole, Delivery::Pieces]),
        seed in any::<u64>(),
        most in 1_usize..200,
    ) {
        let bytes = pieces.concat();
        let mut whole = Served::new(delivery);
        whole.read(&bytes);
        let (mut cut, mut random) = (Served::new(delivery), Random::new(seed));
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (read, behind) = rest.split_at((1 + random.below(most)).min(rest.len()));
            cut.read(read);
            fidget(&mut cut, &mut random);
            rest = behind;
        }
        prop_assert_eq!(whole.end(), cut.end());
    }

    #[test]
    fn a_request_is_followed_by_its_answer_or_its_abortion(
        pieces in prop::collection::vec(piece(), 0..6),
        delivery in select(vec![Delivery::Whole, Delivery::Pieces]),
    ) {
        let mut served = Served::new(delivery);
        served.read(&pieces.concat());
        let (heard, written) = served.end();
        let asked = heard.iter().filter(|event| matches!(event, Asked::Whole(_) | Asked::Head(..))).count();
        let aborted = heard.iter().filter(|event| **event == Asked::Aborted).count();
        let text = String::from_utf8_lossy(&written);
        let answers = text.matches("HTTP/1.1 200 ").count() + text.matches("HTTP/1.1 400 Bad Request\r\nCont").count();
        prop_assert!(matches!(heard.last(), Some(Asked::Closed(_))));
        prop_assert!(aborted <= 1 && asked - aborted <= answers, "{heard:?}\n{text}");
    }

    #[test]
    fn nothing_is_held_beyond_twice_what_is_unfinished(
        pieces in prop::collection::vec(piece(), 0..6),
        seed in any::<u64>(),
    ) {
        let bytes = pieces.concat();
        let (mut served, mut random) = (Served::new(Delivery::Whole), Random::new(seed));
        let mut received = 0;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (read, behind) = rest.split_at((1 + random.below(64)).min(rest.len()));
            served.read(read);
            served.side.write_all();
            served.side.input.release(&mut served.side.pool);
            received += read.len();
            prop_assert!(served.side.input.memory() <= 2 * received + 4096);
            rest = behind;
        }
    }
}
