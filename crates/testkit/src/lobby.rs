//! Anything that clients, users and clocks do to an Engine.IO server.

use std::collections::HashMap;
use std::time::Duration;

use sansocket_core::{Data, Instant, Message, Request, Response};
use sansocket_engineio::server::{
    ConnectionId, Event, ExchangeId, Outgoing, Server, ServerOptions, SessionId,
};
use sansocket_engineio::{Form, Packet, PayloadReader, Protocol, Reason, Transport};

use crate::slumber::slumber;

/// A server, everybody who knows it, and what has to hold.
///
/// * What a client says arrives once and in order, and so does what it is told.
/// * A session begins once, ends once, and nothing happens to it before or after.
/// * A request is answered once.
/// * At the [end](Lobby::end) nothing is left.
#[derive(Debug)]
pub struct Lobby {
    server: Server,
    now: Instant,
    sessions: Vec<Visitor>,
    connections: Vec<(ConnectionId, usize)>,
    /// Requests without an answer, those among them whose body is still to come, and whose they are.
    exchanges: HashMap<ExchangeId, Option<usize>>,
    unread: Vec<(ExchangeId, usize)>,
    number: u32,
}

/// A session as its client and its user know it.
#[derive(Debug)]
struct Visitor {
    id: SessionId,
    sid: String,
    protocol: Protocol,
    /// The last number that was heard of it, and that it was told.
    heard: u32,
    told: u32,
    opened: bool,
    closed: bool,
}

/// What a client may say besides messages.
const ODD: [&str; 12] = ["0{}", "1", "2", "2probe", "3", "3probe", "5", "6", "7", "", "b!", "bAQID"];
/// Requests that belong to no session, or to none that lives.
const QUERIES: [&str; 8] = [
    "",
    "EIO=4",
    "EIO=4&transport=polling&sid=nope",
    "EIO=4&transport=websocket",
    "EIO=5&transport=polling",
    "EIO=4&transport=webtransport",
    "EIO=3&transport=polling&j=1&sid=aaaaaaaaaaaaaaaaaaaa",
    "transport=polling&sid=",
];
/// How much time passes at once: ticks, and whole timeouts.
const TIMES: [u64; 6] = [1, 100, 1_000, 10_000, 20_000, 25_000];

impl Lobby {
    /// Nobody is here yet.
    pub fn new() -> Lobby {
        let options =
            ServerOptions { allow_eio3: true, max_payload: 1000, high_water: 500, ..Default::default() };
        Lobby {
            server: Server::new(options, [3; 32]),
            now: Instant::ZERO,
            sessions: Vec::new(),
            connections: Vec::new(),
            exchanges: HashMap::new(),
            unread: Vec::new(),
            number: 0,
        }
    }

    /// Something happens. `choose(n)` is a number below `n`.
    pub fn happen(&mut self, mut choose: impl FnMut(usize) -> usize) {
        let choose = &mut choose;
        match choose(16) {
            0 => self.arrive(choose),
            1 => self.arrive_by_websocket(choose),
            2 | 3 => self.poll(choose),
            4 | 5 => self.post(choose),
            6 => self.finish_post(choose),
            7 => self.abort(choose),
            8 => self.probe(choose),
            9 | 10 => self.say(choose),
            11 => self.hang_up(choose),
            12 => self.tell(choose),
            13 => self.dismiss(choose),
            14 => self.pass(Duration::from_millis(TIMES[choose(TIMES.len())])),
            _ => self.ask_nonsense(choose),
        }
        if choose(3) > 0 {
            self.look(1 + choose(8));
        }
        self.answer();
    }

    /// Nothing happens for so long, but that its clock rings. Answers how often it did.
    pub fn sleep(&mut self, time: Duration) -> usize {
        let server = &mut self.server;
        slumber(&mut self.now, time, server, Server::poll_timeout, Server::handle_timeout)
    }

    /// Everybody goes home.
    pub fn end(mut self) {
        for _ in 0..10 {
            self.look(usize::MAX);
            self.answer();
            for (connection, visitor) in self.connections.clone() {
                self.send(connection, visitor);
            }
            self.pass(Duration::from_secs(60));
        }
        for (connection, _) in std::mem::take(&mut self.connections) {
            self.server.handle_close(connection, Reason::TransportClose);
        }
        for exchange in std::mem::take(&mut self.exchanges).into_keys() {
            self.server.handle_abort(exchange);
        }
        self.look(usize::MAX);
        assert!(self.server.is_empty(), "{:?}", self.server);
        assert!(self.sessions.iter().all(|visitor| visitor.opened && visitor.closed));
        assert_eq!(self.server.poll_timeout(), None);
    }
}

/// What clients do.
impl Lobby {
    fn arrive(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let protocol = [Protocol::V4, Protocol::V4, Protocol::V3][choose(3)];
        let base64 = ["", "&b64=1"][choose(2)];
        let asked = request("GET", &format!("{}&transport=polling{base64}", eio(protocol)));
        let exchange = self.server.handle_request(asked, self.now);
        let visitor = self.meet(protocol);
        self.exchanges.insert(exchange, visitor);
    }

    fn arrive_by_websocket(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let protocol = [Protocol::V4, Protocol::V3][choose(2)];
        let asked = request("GET", &format!("{}&transport=websocket", eio(protocol)));
        let connection = self.server.handle_upgrade(asked, self.now).expect("everybody is welcome");
        let visitor = self.meet(protocol).expect("it begins a session");
        self.connections.push((connection, visitor));
    }

    fn poll(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let Some(visitor) = self.any(choose) else { return };
        let asked = request("GET", &self.query(visitor, Transport::Polling));
        let exchange = self.server.handle_request(asked, self.now);
        self.exchanges.insert(exchange, Some(visitor));
    }

    fn post(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let Some(visitor) = self.any(choose) else { return };
        let asked = request("POST", &self.query(visitor, Transport::Polling));
        let exchange = self.server.handle_head(asked, self.now);
        self.exchanges.insert(exchange, Some(visitor));
        self.unread.push((exchange, visitor));
        if choose(4) > 0 {
            self.finish_post(choose);
        }
    }

    fn finish_post(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        if self.unread.is_empty() {
            return;
        }
        let (exchange, visitor) = self.unread.swap_remove(choose(self.unread.len()));
        if choose(8) == 0 {
            return self.server.handle_too_large(exchange);
        }
        let packets: Vec<String> = (0..1 + choose(4)).map(|_| self.packet(choose)).collect();
        let body = match self.sessions[visitor].protocol {
            Protocol::V4 => packets.join("\u{1e}"),
            Protocol::V3 => packets.iter().map(|packet| format!("{}:{packet}", packet.len())).collect(),
        };
        self.server.handle_body(exchange, body.into());
    }

    fn abort(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let mut waiting: Vec<ExchangeId> = self.exchanges.keys().copied().collect();
        waiting.sort();
        if !waiting.is_empty() {
            let exchange = waiting[choose(waiting.len())];
            self.server.handle_abort(exchange);
            self.exchanges.remove(&exchange);
        }
    }

    fn probe(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let Some(visitor) = self.any(choose) else { return };
        let asked = request("GET", &self.query(visitor, Transport::WebSocket));
        if let Ok(connection) = self.server.handle_upgrade(asked, self.now) {
            self.connections.push((connection, visitor));
            for said in ["2probe", "5"].into_iter().take(choose(3)) {
                self.hear(connection, visitor, said);
            }
        }
    }

    fn say(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        if let Some((connection, visitor)) = self.any_connection(choose) {
            let packet = self.packet(choose);
            self.hear(connection, visitor, &packet);
        }
    }

    fn hang_up(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        if let Some((connection, _)) = self.any_connection(choose) {
            let reason = [Reason::TransportClose, Reason::TransportError][choose(2)];
            self.server.handle_close(connection, reason);
            self.connections.retain(|(known, _)| *known != connection);
        }
    }

    fn ask_nonsense(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let method = ["GET", "POST", "PUT", "OPTIONS"][choose(4)];
        let query = QUERIES[choose(QUERIES.len())];
        let exchange = self.server.handle_request(request(method, query), self.now);
        self.exchanges.insert(exchange, None);
        let refused = self.server.handle_upgrade(request(method, QUERIES[choose(3)]), self.now);
        assert!(refused.is_err());
    }

    fn hear(&mut self, connection: ConnectionId, visitor: usize, said: &str) {
        let Lobby { server, sessions, now, .. } = self;
        if let Some(event) = server.handle_message(connection, Data::Text(said.into()), *now) {
            sessions[visitor].happened(&event);
        }
    }

    fn packet(&mut self, choose: &mut dyn FnMut(usize) -> usize) -> String {
        if choose(4) == 0 {
            return ODD[choose(ODD.len())].into();
        }
        self.number += 1;
        format!("4{}", self.number)
    }
}

/// What users do.
impl Lobby {
    fn tell(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        let Some(visitor) = self.any(choose) else { return };
        self.number += 1;
        let message = match choose(3) {
            0 => Message::binary(self.number.to_string().into_bytes()),
            _ => Message::text(self.number.to_string()),
        };
        let id = self.sessions[visitor].id;
        let room = self.server.has_room(id);
        assert_eq!(self.server.send(id, message).is_ok(), room);
        assert!(self.server.waiting_bytes(id) <= 500 + 100);
    }

    fn dismiss(&mut self, choose: &mut dyn FnMut(usize) -> usize) {
        if let Some(visitor) = self.any(choose) {
            self.server.close(self.sessions[visitor].id, self.now);
        }
    }

    /// Looks at what happened, but not at all of it.
    fn look(&mut self, most: usize) {
        let Lobby { server, sessions, now, .. } = self;
        while let Some(id) = server.poll_ready() {
            let visitor = sessions.iter_mut().find(|visitor| visitor.id == id).expect("somebody we have met");
            for _ in 0..most {
                let Some(event) = server.poll_event(id, *now) else { break };
                visitor.happened(&event);
            }
            if most != usize::MAX {
                break;
            }
        }
    }
}

/// What adapters do.
impl Lobby {
    fn answer(&mut self) {
        while let Some(answer) = self.server.poll_response() {
            let whose = self.exchanges.remove(&answer.exchange).expect("asked, and not answered before");
            self.unread.retain(|(exchange, _)| *exchange != answer.exchange);
            if let Some(visitor) = whose {
                self.sessions[visitor].polled(&answer.response);
            }
        }
        while let Some(connection) = self.server.poll_dirty() {
            if let Some((_, visitor)) = self.connections.iter().find(|(known, _)| *known == connection) {
                self.send(connection, *visitor);
            }
        }
    }

    fn send(&mut self, connection: ConnectionId, visitor: usize) {
        while let Some(outgoing) = self.server.poll_transmit(connection) {
            match outgoing {
                Outgoing::Message(message) => self.sessions[visitor].sent(&message),
                Outgoing::Close => self.connections.retain(|(known, _)| *known != connection),
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.server.handle_timeout(self.now);
        assert!(self.server.poll_timeout().is_none_or(|next| next > self.now), "strictly later");
    }

    /// The session that began just now.
    fn meet(&mut self, protocol: Protocol) -> Option<usize> {
        let id = self.server.sessions().find(|id| self.sessions.iter().all(|visitor| visitor.id != *id))?;
        let sid = self.server.sid(id)?.to_string();
        self.sessions.push(Visitor { id, sid, protocol, heard: 0, told: 0, opened: false, closed: false });
        Some(self.sessions.len() - 1)
    }

    fn any(&self, choose: &mut dyn FnMut(usize) -> usize) -> Option<usize> {
        // Mostly of those who came last: the others are gone.
        let recent = self.sessions.len().min(4);
        (recent > 0).then(|| self.sessions.len() - 1 - choose(recent))
    }

    fn any_connection(&self, choose: &mut dyn FnMut(usize) -> usize) -> Option<(ConnectionId, usize)> {
        (!self.connections.is_empty()).then(|| self.connections[choose(self.connections.len())])
    }

    fn query(&self, visitor: usize, transport: Transport) -> String {
        let Visitor { sid, protocol, .. } = &self.sessions[visitor];
        format!("{}&transport={}&sid={sid}", eio(*protocol), transport.name())
    }
}

impl Default for Lobby {
    fn default() -> Lobby {
        Lobby::new()
    }
}

impl Visitor {
    fn happened(&mut self, event: &Event<'_>) {
        assert!(!self.closed, "{event:?} after the end");
        match event {
            Event::Housekeeping => {}
            Event::Opened(_) => assert!(!std::mem::replace(&mut self.opened, true)),
            _ => assert!(self.opened, "{event:?} before the beginning"),
        }
        match event {
            Event::Message(Data::Text(text)) => next(&mut self.heard, text.parse().expect("a number")),
            Event::Message(Data::Binary(bytes)) => assert_eq!(*bytes, [1, 2, 3]),
            Event::Closed(_) => self.closed = true,
            _ => {}
        }
    }

    /// A poll was answered.
    fn polled(&mut self, answer: &Response) {
        let kind = answer.headers.get("content-type").unwrap_or_default();
        let form = match (answer.status, self.protocol) {
            (200, _) if kind == b"text/html" => return,
            (200, Protocol::V3) if kind == b"application/octet-stream" => Form::V3Binary,
            (200, Protocol::V3) => Form::V3Text,
            (200, Protocol::V4) => Form::V4,
            _ => return,
        };
        let mut payload = PayloadReader::new(form, answer.body.clone(), Default::default());
        while let Some(packet) = payload.next() {
            self.told(packet.expect("we write packets"));
        }
    }

    /// A WebSocket got this.
    fn sent(&mut self, message: &Message) {
        let mut scratch = Vec::new();
        let packet = Packet::decode(self.protocol, message.into(), &mut scratch);
        self.told(packet.expect("we write packets"));
    }

    fn told(&mut self, packet: Packet<'_>) {
        if let Packet::Message(data) = packet {
            next(&mut self.told, std::str::from_utf8(data.as_bytes()).unwrap().parse().unwrap());
        }
    }
}

/// Numbers only grow.
fn next(last: &mut u32, number: u32) {
    assert!(number > *last, "{number} came after {last}");
    *last = number;
}

fn eio(protocol: Protocol) -> &'static str {
    if protocol == Protocol::V4 { "EIO=4" } else { "EIO=3" }
}

fn request(method: &str, query: &str) -> Request {
    let mut request = Request::get(format!("/engine.io/?{query}"));
    request.method = method.into();
    request
}
