//! Anything that a server, a user and a clock do to an Engine.IO client.

use std::time::Duration;

use sansocket_core::{Data, Instant, Message, Response};
use sansocket_engineio::client::{
    Client, ClientOptions, ConnectionId, Event, Outgoing, RequestId, UpgradeMemory,
};
use sansocket_engineio::{Protocol, Reason, Transport};

use crate::slumber::slumber;

/// A client, everybody who has to do with it, and what has to hold.
///
/// * It opens once at most, before anything else, and ends exactly once, after everything else.
/// * There are two requests at most under way, and two WebSockets.
/// * No request, and no WebSocket, is asked for twice.
/// * At the [end](Traveller::end) nothing is left, and nothing wakes it.
#[derive(Debug)]
pub struct Traveller {
    client: Client,
    now: Instant,
    protocol: Protocol,
    /// All requests that it made, and all WebSockets.
    requests: Vec<RequestId>,
    connections: Vec<ConnectionId>,
    told: Vec<String>,
    opened: bool,
    closed: bool,
}

/// What a server may say.
const SAID: [&str; 14] =
    ["3probe", "4a", "6", "2", "3", "1", "5", "bAQID", "b4AQID", "zz", "", "4b", "7", "0{}"];
/// An open packet; the offer of an upgrade is one of two.
const OPEN: [&str; 2] = [
    r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":20}"#,
    r#"0{"sid":"abc","upgrades":[],"pingInterval":1000,"pingTimeout":1000}"#,
];
/// How much time passes at once: ticks, and whole timeouts.
const TIMES: [u64; 6] = [1, 100, 1_000, 10_000, 20_000, 25_000];

type Choose<'c> = &'c mut dyn FnMut(usize) -> usize;

impl Traveller {
    /// It has not begun. `choose(n)` is a number below `n`.
    pub fn new(mut choose: impl FnMut(usize) -> usize) -> Traveller {
        let both = [Transport::Polling, Transport::WebSocket];
        let first = choose(2);
        let protocol = [Protocol::V4, Protocol::V3][choose(2)];
        let options = ClientOptions {
            protocol,
            transports: vec![both[first], both[1 - first]],
            try_all_transports: choose(2) == 0,
            remember_upgrade: Some(UpgradeMemory::default()),
            request_timeout: [None, Some(Duration::from_secs(40))][choose(2)],
            high_water: 20,
            ..ClientOptions::default()
        };
        let now = Instant::from_micros(1);
        Traveller {
            client: Client::new(options, now),
            now,
            protocol,
            requests: Vec::new(),
            connections: Vec::new(),
            told: Vec::new(),
            opened: false,
            closed: false,
        }
    }

    /// Something happens.
    pub fn happen(&mut self, mut choose: impl FnMut(usize) -> usize) {
        let choose: Choose<'_> = &mut choose;
        match choose(18) {
            0 | 1 => self.ask(),
            2..=4 => self.respond(choose),
            5 => self.connect(),
            6 => self.open(choose),
            7 | 8 => self.say(choose),
            9 => self.break_something(choose),
            10 => self.transmit(choose),
            11 | 12 => self.look(),
            13 => self.send(choose),
            14 => self.pass(choose),
            15 => self.begin(choose),
            16 => self.upgrade(choose),
            _ if choose(8) == 0 => self.client.close(self.now),
            _ => self.client.handle_timeout(self.now),
        }
    }

    /// Calls that change nothing: questions, and calls that come too early.
    pub fn be_curious(&mut self) {
        let client = &mut self.client;
        let _ = (client.is_finished(), client.has_room(), client.sid(), client.transport());
        if client.poll_timeout().is_none_or(|due| due > self.now) {
            client.handle_timeout(self.now);
        }
    }

    /// Nothing happens for so long, but that its clock rings. Answers how often it did.
    pub fn sleep(&mut self, time: Duration) -> usize {
        let client = &mut self.client;
        slumber(&mut self.now, time, client, Client::poll_timeout, Client::handle_timeout)
    }

    /// Nothing more happens, but that it is ended. What was heard and asked for, in order.
    ///
    /// # Panics
    /// If something is left.
    pub fn end(mut self) -> Vec<String> {
        self.client.close(self.now);
        // The user looks, the goodbye goes unanswered, and its time runs out.
        for _ in 0..10 {
            while !self.closed {
                let before = self.told.len();
                self.look();
                if self.told.len() == before {
                    break;
                }
            }
            for connection in self.connections.clone() {
                while self.client.poll_transmit(connection).is_some() {}
            }
            self.now = self.client.poll_timeout().unwrap_or(self.now).max(self.now);
            self.client.handle_timeout(self.now);
        }
        assert!(self.closed && self.client.is_finished(), "{self:?}");
        assert_eq!(self.client.poll_timeout(), None);
        assert_eq!(self.client.poll_request(self.now), None);
        assert_eq!(self.client.poll_connect(self.now), None);
        assert_eq!(self.client.poll_event(self.now), None);
        self.told
    }
}

/// What servers do.
impl Traveller {
    /// As it should be: the first request or WebSocket brings an open packet.
    fn begin(&mut self, choose: Choose<'_>) {
        let open = OPEN[choose(OPEN.len())];
        self.ask();
        self.connect();
        match (self.requests.last(), self.connections.last()) {
            (Some(request), _) => self.answer(*request, 200, &[open]),
            (None, Some(connection)) => {
                self.client.handle_open(*connection, self.now);
                self.hear(*connection, Data::from(open));
            }
            (None, None) => {}
        }
        self.look();
    }

    /// An upgrade as it should be, up to some point.
    fn upgrade(&mut self, choose: Choose<'_>) {
        self.connect();
        let steps = choose(4);
        let Some(connection) = self.connections.last().copied().filter(|_| steps > 0) else { return };
        self.client.handle_open(connection, self.now);
        self.transmit_all(connection);
        if steps > 1 {
            self.hear(connection, Data::from("3probe"));
        }
        for request in self.requests.clone().into_iter().rev().take(2).filter(|_| steps > 2) {
            self.answer(request, 200, &["6"]);
        }
    }

    fn respond(&mut self, choose: Choose<'_>) {
        let Some(request) = recent(&self.requests, choose) else { return };
        let packets: Vec<&str> = (0..1 + choose(3)).map(|_| packet(choose)).collect();
        let status = if choose(12) == 0 { 400 } else { 200 };
        self.answer(request, status, &packets);
    }

    fn answer(&mut self, request: RequestId, status: u16, packets: &[&str]) {
        let body = match self.protocol {
            Protocol::V4 => packets.join("\u{1e}"),
            Protocol::V3 => packets.iter().map(|packet| format!("{}:{packet}", packet.len())).collect(),
        };
        let cookie = Response::new(status).with_header("Set-Cookie", "a=b; Max-Age=60");
        self.client.handle_response(request, cookie.with_body(body), self.now);
    }

    fn open(&mut self, choose: Choose<'_>) {
        if let Some(connection) = recent(&self.connections, choose) {
            self.client.handle_open(connection, self.now);
        }
    }

    fn say(&mut self, choose: Choose<'_>) {
        let Some(connection) = recent(&self.connections, choose) else { return };
        let said = packet(choose);
        let data = if choose(8) == 0 { Data::Binary(said.as_bytes()) } else { Data::from(said) };
        self.hear(connection, data);
    }

    fn hear(&mut self, connection: ConnectionId, data: Data<'_>) {
        let event = self.client.handle_message(connection, data, self.now);
        note(event, &mut self.told, &mut self.opened, &mut self.closed);
    }

    fn break_something(&mut self, choose: Choose<'_>) {
        let reason = [Reason::TransportClose, Reason::TransportError][choose(2)];
        match choose(4) {
            0 => {
                if let Some(request) = recent(&self.requests, choose) {
                    self.client.handle_failure(request, self.now);
                }
            }
            1 => {
                if let Some(connection) = recent(&self.connections, choose) {
                    self.client.handle_close(connection, reason, self.now);
                }
            }
            _ => {}
        }
    }
}

/// What users, adapters and clocks do.
impl Traveller {
    fn ask(&mut self) {
        for asked in 0.. {
            let Some((id, request)) = self.client.poll_request(self.now) else { break };
            assert!(asked < 2 && !self.requests.contains(&id), "too many requests");
            let form = (&*request.method, request.body.is_empty());
            assert!([("GET", true), ("POST", false)].contains(&form), "{request:?}");
            self.told.push(request.target);
            self.requests.push(id);
        }
    }

    fn connect(&mut self) {
        if let Some((id, request)) = self.client.poll_connect(self.now) {
            assert!(!self.connections.contains(&id) && self.connections.len() < 2, "too many WebSockets");
            self.told.push(request.target);
            self.connections.push(id);
        }
    }

    fn transmit(&mut self, choose: Choose<'_>) {
        if let Some(connection) = recent(&self.connections, choose) {
            self.transmit_all(connection);
        }
    }

    fn transmit_all(&mut self, connection: ConnectionId) {
        while let Some(outgoing) = self.client.poll_transmit(connection) {
            if let Outgoing::Message(message) = &outgoing {
                assert!(!message.as_bytes().is_empty() || self.protocol == Protocol::V4);
            }
            self.told.push(format!("{outgoing:?}"));
        }
    }

    fn look(&mut self) {
        let event = self.client.poll_event(self.now);
        note(event, &mut self.told, &mut self.opened, &mut self.closed);
    }

    fn send(&mut self, choose: Choose<'_>) {
        let message = match choose(3) {
            0 => Message::binary(vec![1; choose(20)]),
            _ => Message::text("x".repeat(choose(20))),
        };
        let room = self.client.has_room();
        assert_eq!(self.client.send(message).is_ok(), room);
    }

    fn pass(&mut self, choose: Choose<'_>) {
        self.now = self.now + Duration::from_millis(TIMES[choose(TIMES.len())]);
        if choose(4) > 0 {
            self.client.handle_timeout(self.now);
            assert!(self.client.poll_timeout().is_none_or(|next| next > self.now), "strictly later");
        }
    }
}

/// What an event says, and whether it may come now.
pub(crate) fn note(event: Option<Event<'_>>, told: &mut Vec<String>, opened: &mut bool, closed: &mut bool) {
    let Some(event) = event else { return };
    assert!(!*closed, "{event:?} after the end");
    told.push(format!("{event:?}"));
    match event {
        Event::Opened => assert!(!std::mem::replace(opened, true), "it opened twice"),
        Event::Message(_) | Event::Upgraded(_) => assert!(*opened, "{event:?} before it opened"),
        Event::Closed(_) => *closed = true,
        Event::Room | Event::Housekeeping => {}
    }
}

fn packet(choose: Choose<'_>) -> &'static str {
    if choose(4) == 0 { OPEN[choose(OPEN.len())] } else { SAID[choose(SAID.len())] }
}

/// One of those who came last; mostly the others are gone.
fn recent<T: Copy>(all: &[T], choose: Choose<'_>) -> Option<T> {
    let recent = all.len().min(3);
    (recent > 0).then(|| all[all.len() - 1 - choose(recent)])
}
