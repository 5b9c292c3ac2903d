//! What holds for every client's connection: how bytes are cut, and when calls come, changes nothing, and nothing is
//! held beyond a bound.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use sansocket_core::{Instant, Machine, Request};
use sansocket_http1::{BodyLimits, ClientConnection, ClientOptions, Delivery};
use sansocket_testkit::http::{Answered, get};
use sansocket_testkit::{Random, Side};

fn start() -> Instant {
    Instant::from_micros(1000)
}

/// What a server says to one request, right or wrong.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let right = [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0a;b=c\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\n\r\nup to the end",
        "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ];
    let right = right.map(|text| text.as_bytes().to_vec());
    prop_oneof![12 => select(right.to_vec()), 1 => any::<Vec<u8>>()]
}

/// A client whose server says each answer when it was asked for it, in pieces.
struct Asking {
    side: Side<ClientConnection>,
    heard: Vec<Answered>,
}

impl Asking {
    fn new(delivery: Delivery) -> Asking {
        let body = BodyLimits { body: Some(200), ..BodyLimits::default() };
        let options = ClientOptions { delivery, body, ..ClientOptions::default() };
        let side = Side::new(ClientConnection::new(Arc::new(options), start()));
        Asking { side, heard: Vec::new() }
    }

    fn ask(&mut self, request: &Request) -> bool {
        let is_sent = self.side.machine.send(request, start()).is_ok();
        self.side.write_all();
        is_sent
    }

    fn listen(&mut self) {
        self.side.listen(start());
        for event in self.side.heard() {
            match (self.heard.last_mut(), event) {
                (Some(Answered::Body(before)), Answered::Body(more)) => before.extend(more),
                (_, event) => self.heard.push(event),
            }
        }
    }

    fn end(mut self) -> Vec<Answered> {
        self.side.machine.handle_eof(start());
        self.listen();
        self.side.write_all();
        let has_switched = matches!(self.heard.last(), Some(Answered::Switched(_)));
        assert!(has_switched || (self.side.machine.is_finished() && self.side.is_shut_down()));
        self.heard
    }
}

/// Calls that may come at any time and change nothing.
fn fidget(asking: &mut Asking, random: &mut Random) {
    for _ in 0..random.below(4) {
        let side = &mut asking.side;
        match random.below(4) {
            0 => side.machine.handle_timeout(start() + Duration::from_micros(random.below(1000) as u64)),
            1 => drop((side.machine.poll_timeout(), side.machine.wants_input(), side.machine.is_finished())),
            2 => side.input.release(&mut side.pool),
            _ => {
                side.machine.attach(&mut side.pool);
                side.machine.detach(&mut side.pool);
            }
        }
        asking.listen();
    }
}

proptest! {
    #[test]
    fn how_bytes_are_cut_and_when_calls_come_changes_nothing(
        answers in prop::collection::vec(answer(), 0..5),
        delivery in select(vec![Delivery::Whole, Delivery::Pieces]),
        method in select(vec!["GET", "HEAD"]),
        upgrades in any::<bool>(),
        seed in any::<u64>(),
        most in 1_usize..100,
    ) {
        let mut request = Request { method: method.into(), ..get("/") };
        if upgrades {
            request.headers.add("Connection", "upgrade");
            request.headers.add("Upgrade", "x");
        }
        let (mut whole, mut cut) = (Asking::new(delivery), Asking::new(delivery));
        let mut random = Random::new(seed);
        for answer in &answers {
            let is_sent = whole.ask(&request);
            whole.side.input.fill(answer, &mut whole.side.pool);
            whole.listen();
            prop_assert_eq!(is_sent, cut.ask(&request));
            let (mut rest, mut received) = (&answer[..], 0);
            while !rest.is_empty() {
                let (read, behind) = rest.split_at((1 + random.below(most)).min(rest.len()));
                cut.side.input.fill(read, &mut cut.side.pool);
                cut.listen();
                fidget(&mut cut, &mut random);
                cut.side.input.release(&mut cut.side.pool);
                received += read.len();
                if !matches!(cut.heard.last(), Some(Answered::Switched(_))) {
                    prop_assert!(cut.side.input.memory() <= 2 * received + 4096);
                }
                rest = behind;
            }
        }
        prop_assert_eq!(whole.end(), cut.end());
    }
}
