//! A client and a server, joined: what is asked is what is heard, and so is what is answered, over any network.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use sansocket_core::{Machine, Request, Response};
use sansocket_http1::{ClientConnection, ClientOptions, Delivery, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Answered, Asked, get};
use sansocket_testkit::{Clock, Flow, Pair, Random};

/// Some exchanges, and what each side has seen of them.
#[derive(Default)]
struct Users {
    to_ask: VecDeque<Request>,
    asked: Vec<Request>,
    answers: Vec<Response>,
    heard: Vec<Response>,
    under_way: Vec<u8>,
    /// The server answers so long after it was asked.
    thinks: Duration,
    due: Option<(sansocket_core::Instant, Response)>,
    streams: bool,
}

type Joined = Pair<ClientConnection, ServerConnection>;

impl Users {
    /// Lets each side do what it has to do now; answers whether it did anything.
    fn act(&mut self, pair: &mut Joined) -> bool {
        let now = pair.clock.now();
        let mut acted = false;
        if pair.client.machine.is_ready()
            && let Some(request) = self.to_ask.pop_front()
        {
            pair.client.machine.send(&request, now).unwrap();
            acted = true;
        }
        for event in pair.server.heard() {
            let request = match event {
                Asked::Whole(request) => request,
                Asked::Aborted => {
                    self.due = None;
                    continue;
                }
                Asked::Closed(_) => continue,
                other => panic!("{other:?}"),
            };
            let body = [request.target.as_bytes(), &request.body].concat();
            self.due = Some((now + self.thinks, Response::new(200).with_header("A", "b").with_body(body)));
            self.asked.push(request);
            acted = true;
        }
        if let Some((_, response)) = self.due.take_if(|(at, _)| *at <= now) {
            if self.streams {
                pair.server.machine.begin(&response, now).unwrap();
                pair.server.machine.finish(now).unwrap();
            } else {
                pair.server.machine.respond(&response, now).unwrap();
            }
            self.answers.push(response);
            acted = true;
        }
        for event in pair.client.heard() {
            match event {
                Answered::Whole(response) => self.heard.push(response),
                Answered::Head(response, _) => self.heard.push(response),
                Answered::Body(bytes) => self.under_way.extend(bytes),
                Answered::End => {
                    let body = std::mem::take(&mut self.under_way);
                    self.heard.last_mut().unwrap().body = body.into();
                }
                Answered::Closed(_) => {}
                other => panic!("{other:?}"),
            }
            acted = true;
        }
        acted
    }
}

fn request() -> impl Strategy<Value = Request> {
    let method = select(vec!["GET", "POST", "PUT", "HEAD", "OPTIONS"]);
    (method, "/[a-z]{0,9}(\\?[a-z=&]{0,9})?", prop::collection::vec(any::<u8>(), 0..1500)).prop_map(
        |(method, target, body)| Request { method: method.into(), body: body.into(), ..get(&target) },
    )
}

proptest! {
    #[test]
    fn what_is_asked_is_heard_and_what_is_answered(
        requests in prop::collection::vec(request(), 1..6),
        delivery in select(vec![Delivery::Whole, Delivery::Pieces]),
        chunk in 10_usize..2000,
        capacity in 100_usize..100_000,
        millis in 0_u64..3000,
        streams in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let now = Clock::default().now();
        let client = ClientOptions { delivery, ..ClientOptions::default() };
        let mut pair: Joined = Pair::new(
            ClientConnection::new(Arc::new(client), now),
            ServerConnection::new(Arc::new(ServerOptions::default()), now),
        );
        for link in [&mut pair.to_client, &mut pair.to_server] {
            (link.chunk, link.capacity, link.delay) = (chunk, capacity, Duration::from_millis(millis / 10));
        }
        pair.order = Some(Random::new(seed));
        let mut users = Users {
            to_ask: requests.iter().cloned().collect(),
            thinks: Duration::from_millis(millis),
            streams,
            ..Users::default()
        };
        for _ in 0..100_000 {
            if users.heard.len() == requests.len() && users.under_way.is_empty() && pair.client.machine.is_ready() {
                break;
            }
            if !users.act(&mut pair) && !pair.step() {
                pair.wait(Duration::from_millis(10));
            }
        }
        prop_assert_eq!(users.asked.len(), requests.len());
        for (asked, request) in users.asked.iter().zip(&requests) {
            prop_assert_eq!((&asked.method, &asked.target), (&request.method, &request.target));
            prop_assert_eq!(&asked.body, &request.body);
        }
        for ((heard, answer), request) in users.heard.iter().zip(&users.answers).zip(&requests) {
            prop_assert_eq!((heard.status, heard.headers.get("a")), (200, Some(&b"b"[..])));
            let body = if request.method == "HEAD" { &bytes::Bytes::new() } else { &answer.body };
            prop_assert_eq!(&heard.body, body);
        }
        prop_assert!(pair.client.input.is_empty() && pair.server.input.is_empty());
    }

    #[test]
    fn every_connection_ends_whatever_the_network_does(
        requests in prop::collection::vec(request(), 1..6),
        cut_to_server in prop::option::of(0_usize..5000),
        cut_to_client in prop::option::of(0_usize..5000),
        stalls in prop::option::of(0_usize..20),
        capacity in 100_usize..10_000,
        millis in 0_u64..3000,
        seed in any::<u64>(),
    ) {
        let now = Clock::default().now();
        let mut pair: Joined = Pair::new(
            ClientConnection::new(Arc::new(ClientOptions::default()), now),
            ServerConnection::new(Arc::new(ServerOptions::default()), now),
        );
        (pair.to_server.cut_after, pair.to_client.cut_after) = (cut_to_server, cut_to_client);
        (pair.to_server.capacity, pair.to_client.capacity) = (capacity, capacity);
        pair.order = Some(Random::new(seed));
        let mut users = Users {
            to_ask: requests.iter().cloned().collect(),
            thinks: Duration::from_millis(millis),
            ..Users::default()
        };
        for second in 0..60 {
            if stalls == Some(second) {
                (pair.to_server.flow, pair.to_client.flow) = (Flow::Stalled, Flow::Stalled);
            }
            while users.act(&mut pair) || pair.step() {}
            pair.wait(Duration::from_secs(if second < 20 { 1 } else { 5 }));
        }
        prop_assert!(pair.server.machine.is_finished() && pair.client.machine.is_finished());
        prop_assert!(pair.server.machine.poll_timeout().is_none() && pair.client.machine.poll_timeout().is_none());
        for (heard, answer) in users.heard.iter().zip(&users.answers) {
            prop_assert!(heard.body == answer.body || heard.body.is_empty(), "whole, or to HEAD none");
        }
    }
}
