//! Any calls in any order.

use core::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use sansocket_core::{Data, Instant, Message, Response};
use sansocket_engineio::client::{Client, ClientOptions, ConnectionId, Outgoing, RequestId, UpgradeMemory};
use sansocket_engineio::{Reason, Transport};

use crate::support::{Heard, handshake, ok};

/// One call.
#[derive(Clone, Debug)]
enum Call {
    Request,
    Respond(u8, u16, Vec<u8>),
    Fail(u8),
    Connect,
    Open(u8),
    Say(u8, Vec<u8>),
    SayText(u8, String),
    Hang(u8),
    Transmit(u8),
    Event,
    Send(String),
    Close,
    Timeout,
    Wait(u32),
}

fn said() -> impl Strategy<Value = String> {
    let some = ["3probe", "6", "1", "2", "4a", "3", "5", "bAQID", "zz", "", "4a\x1e4b\x1e2", "ok"];
    prop_oneof![
        4 => prop::sample::select(some.to_vec()).prop_map(String::from),
        1 => Just(format!("0{}", handshake("\"websocket\""))),
        1 => Just(format!("0{}\x1e4hi", handshake(""))),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let status = prop_oneof![9 => Just(200), 1 => Just(400)];
    prop_oneof![
        3 => Just(Call::Request),
        4 => (0..3_u8, status, said()).prop_map(|(at, status, body)| Call::Respond(at, status, body.into())),
        1 => (0..9_u8).prop_map(Call::Fail),
        2 => Just(Call::Connect),
        2 => (0..3_u8).prop_map(Call::Open),
        4 => (0..3_u8, said()).prop_map(|(at, text)| Call::SayText(at, text)),
        1 => (0..3_u8, vec(any::<u8>(), 0..4)).prop_map(|(at, bytes)| Call::Say(at, bytes)),
        1 => (0..9_u8).prop_map(Call::Hang),
        3 => (0..3_u8).prop_map(Call::Transmit),
        4 => Just(Call::Event),
        2 => "[ab]{0,9}".prop_map(Call::Send),
        1 => Just(Call::Close),
        1 => Just(Call::Timeout),
        1 => (0..60_000_000_u32).prop_map(Call::Wait),
    ]
}

struct Caller {
    client: Client,
    now: Instant,
    requests: Vec<RequestId>,
    connections: Vec<ConnectionId>,
    heard: Vec<Heard>,
}

impl Caller {
    fn make(&mut self, call: &Call) {
        let (client, now) = (&mut self.client, self.now);
        let request = |at: u8| self.requests.iter().rev().nth(at.into()).copied();
        let connection = |at: u8| self.connections.iter().rev().nth(at.into()).copied();
        match call {
            Call::Request => self.requests.extend(client.poll_request(now).map(|(id, _)| id)),
            Call::Respond(at, status, body) => {
                let response = Response { status: *status, ..ok(body.clone()) };
                request(*at).into_iter().for_each(|id| client.handle_response(id, response.clone(), now));
            }
            Call::Fail(at) => request(*at).into_iter().for_each(|id| client.handle_failure(id, now)),
            Call::Connect => self.connections.extend(client.poll_connect(now).map(|(id, _)| id)),
            Call::Open(at) => connection(*at).into_iter().for_each(|id| client.handle_open(id, now)),
            Call::Say(at, bytes) => {
                let lent = connection(*at).and_then(|id| client.handle_message(id, Data::Binary(bytes), now));
                self.heard.extend(lent.and_then(Heard::of));
            }
            Call::SayText(at, text) => {
                let lent =
                    connection(*at).and_then(|id| client.handle_message(id, Data::from(text.as_str()), now));
                self.heard.extend(lent.and_then(Heard::of));
            }
            Call::Hang(at) => {
                let reason = Reason::TransportClose;
                connection(*at).into_iter().for_each(|id| client.handle_close(id, reason, now));
            }
            Call::Transmit(at) => {
                connection(*at).and_then(|id| client.poll_transmit(id));
            }
            Call::Event => self.heard.extend(client.poll_event(now).and_then(Heard::of)),
            Call::Send(text) => {
                let _ = client.send(Message::text(text.as_str()));
            }
            Call::Close => client.close(now),
            Call::Timeout => client.handle_timeout(now),
            Call::Wait(micros) => self.now = now + Duration::from_micros(u64::from(*micros)),
        }
    }

    /// Nothing more happens: the session is ended, and everything is heard.
    fn finish(&mut self) {
        self.client.close(self.now);
        for _ in 0..1000 {
            self.listen();
            for id in self.connections.clone() {
                while let Some(outgoing) = self.client.poll_transmit(id) {
                    if outgoing == Outgoing::Close {
                        self.client.handle_close(id, Reason::TransportClose, self.now);
                    }
                }
            }
            let Some(at) = self.client.poll_timeout() else { break };
            self.now = self.now.max(at);
            self.client.handle_timeout(self.now);
        }
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(event) = self.client.poll_event(self.now) {
            self.heard.extend(Heard::of(event));
        }
    }
}

fn caller(transports: &[Transport], try_all_transports: bool) -> Caller {
    let options = ClientOptions {
        transports: transports.to_vec(),
        try_all_transports,
        remember_upgrade: Some(UpgradeMemory::default()),
        request_timeout: Some(Duration::from_secs(40)),
        ..ClientOptions::default()
    };
    let now = Instant::from_micros(1);
    let client = Client::new(options, now);
    Caller { client, now, requests: Vec::new(), connections: Vec::new(), heard: Vec::new() }
}

const BOTH: [Transport; 2] = [Transport::Polling, Transport::WebSocket];

proptest! {
    #[test]
    fn a_session_opens_once_at_most_and_ends_exactly_once(
        calls in vec(call(), 0..80), first in 0usize..2, all in any::<bool>(),
    ) {
        let mut caller = caller(&[BOTH[first], BOTH[1 - first]], all);
        for call in &calls {
            caller.make(call);
        }
        caller.finish();
        let ends = caller.heard.iter().filter(|heard| matches!(heard, Heard::Closed(_))).count();
        let opens = caller.heard.iter().filter(|heard| **heard == Heard::Opened).count();
        prop_assert_eq!(ends, 1, "{:?}", &caller.heard);
        prop_assert!(matches!(caller.heard.last(), Some(Heard::Closed(_))));
        prop_assert!(opens <= 1);
        let before = caller.heard.iter().take_while(|heard| **heard != Heard::Opened).count();
        prop_assert!(opens == 0 || before == 0, "it opens before anything else: {:?}", &caller.heard);
        prop_assert!(caller.client.is_finished());
        prop_assert_eq!(caller.client.poll_timeout(), None);
        for call in &calls {
            caller.make(call);
        }
        prop_assert!(caller.client.is_finished(), "nothing wakes it");
    }

    /// Calls that ask, and calls of the clock that come early, change nothing that is said or heard.
    #[test]
    fn calls_that_ask_may_come_at_any_time(calls in vec(call(), 0..60), asked in vec(0u8..4, 0..60)) {
        let (mut quiet, mut curious) = (caller(&BOTH, true), caller(&BOTH, true));
        for (at, call) in calls.iter().enumerate() {
            match asked.get(at) {
                Some(0) => {
                    let due = curious.client.poll_timeout().is_some_and(|due| due <= curious.now);
                    if !due {
                        curious.client.handle_timeout(curious.now);
                    }
                }
                Some(1) => {
                    let _ = (curious.client.poll_timeout(), curious.client.is_finished());
                }
                Some(2) => {
                    curious.client.handle_failure(OTHER.with(|id| *id), curious.now);
                }
                _ => {}
            }
            quiet.make(call);
            curious.make(call);
        }
        quiet.finish();
        curious.finish();
        prop_assert_eq!(&quiet.heard, &curious.heard);
        prop_assert_eq!(&quiet.requests, &curious.requests);
    }
}

thread_local! {
    /// A request that no other client has made.
    static OTHER: RequestId = {
        let mut other = caller(&BOTH, false);
        let mut last = None;
        for _ in 0..1000 {
            let (id, _) = other.client.poll_request(other.now).expect("a poll");
            let open = if last.is_none() { format!("0{}", handshake("")) } else { "6".into() };
            other.client.handle_response(id, ok(open), other.now);
            while other.client.poll_event(other.now).is_some() {}
            last = Some(id);
        }
        last.expect("some")
    };
}
