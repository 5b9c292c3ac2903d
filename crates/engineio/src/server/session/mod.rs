//! One session: what its client sent, what waits for it, and its heartbeat.

mod inlet;
mod receive;
mod upgrade;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use sansocket_core::{Deadlines, Instant, Message, Request, SendError};

use super::event::Event;
use super::exchange::{Content, Reply, Shape};
use super::ids::{ConnectionId, ExchangeId};
use super::options::ServerOptions;
use super::sid::Sid;
use crate::outlet::{Compress, Outlet, Payload};
use crate::{Binary, Form, Open, Packet, PayloadLimits, PayloadReader, Protocol, Reason, Transport};

use inlet::{Body, Inlet, Item};
use upgrade::Probe;

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) sid: Sid,
    pub(crate) protocol: Protocol,
    /// What a client of protocol 3 can read.
    binary: Binary,
    pub(crate) carrier: Carrier,
    /// The poll that waits.
    get: Option<ExchangeId>,
    /// The request whose body is being read.
    post: Option<ExchangeId>,
    probe: Option<Probe>,
    outlet: Outlet,
    inlet: Inlet,
    heart: Heart,
    deadlines: Deadlines<Why, 4>,
    phase: Phase,
    /// What the body that is being read turned out to be worth. It is acted on at the next call, for what was lent may
    /// still be held.
    verdict: Option<Reason>,
    options: Arc<ServerOptions>,
}

/// What takes packets to the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    Polls,
    WebSocket(ConnectionId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Open,
    /// We want to end it, when what waits was taken.
    Closing,
    Ended,
}

/// Who has to speak next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heart {
    /// We, when the interval is over (protocol 4).
    Resting,
    /// The client: an answer to our ping (protocol 4), or a ping.
    Waiting,
    /// The same, and it has said something since, so it got more time. It gets that once.
    Extended,
}

#[derive(Clone, Copy, Debug)]
enum Why {
    Heartbeat,
    Upgrade,
    /// Polls are to be released while the client wants to leave them.
    Release,
    Close,
}

impl sansocket_core::Reason for Why {
    const ALL: &'static [Why] = &[Why::Heartbeat, Why::Upgrade, Why::Release, Why::Close];

    fn index(self) -> usize {
        self as usize
    }
}

/// What the hub has to do for a session.
#[derive(Default)]
pub(crate) struct Orders {
    pub(crate) replies: VecDeque<(ExchangeId, Reply)>,
    pub(crate) close: Vec<ConnectionId>,
}

impl Orders {
    pub(crate) fn reply(&mut self, exchange: ExchangeId, reply: Reply) {
        self.replies.push_back((exchange, reply));
    }
}

/// How a session begins.
pub(crate) struct Beginning {
    pub(crate) sid: Sid,
    pub(crate) protocol: Protocol,
    pub(crate) binary: Binary,
    pub(crate) request: Box<Request>,
    pub(crate) options: Arc<ServerOptions>,
}

impl Session {
    pub(crate) fn new(beginning: Beginning, carrier: Carrier, now: Instant) -> Session {
        let Beginning { sid, protocol, binary, request, options } = beginning;
        let mut session = Session {
            sid,
            protocol,
            binary,
            carrier,
            get: None,
            post: None,
            probe: None,
            outlet: Outlet::default(),
            inlet: Inlet::default(),
            heart: Heart::Resting,
            deadlines: Deadlines::default(),
            phase: Phase::Open,
            verdict: None,
            options,
        };
        let options = &session.options;
        let open = Open {
            sid: alloc::format!("{sid}"),
            upgrades: options.upgrades(session.transport()),
            ping_interval: options.ping_interval,
            ping_timeout: options.ping_timeout,
            max_payload: Some(options.max_payload),
        };
        let open = open.to_json();
        session.outlet.say(Packet::Open(open.as_str().into()));
        session.inlet.push(Item::Opened(request));
        session.rest(now);
        session
    }

    pub(crate) fn transport(&self) -> Transport {
        match self.carrier {
            Carrier::Polls => Transport::Polling,
            Carrier::WebSocket(_) => Transport::WebSocket,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// Something happened that was not asked for.
    pub(crate) fn has_events(&self) -> bool {
        !self.inlet.is_empty() || self.verdict.is_some()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.phase == Phase::Open && self.outlet.has_room(self.options.high_water)
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.outlet.bytes()
    }

    pub(crate) fn send(&mut self, message: Message, compress: Compress) -> Result<(), SendError<Message>> {
        if self.phase != Phase::Open {
            return Err(SendError::Closed(message));
        }
        self.outlet.send(message, compress, self.options.high_water)
    }

    /// Ends it when what waits was taken, or when that takes too long.
    pub(crate) fn close(&mut self, now: Instant) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closing;
            self.deadlines.clear(Why::Heartbeat);
            self.deadlines.set(Why::Close, now + self.options.close_timeout);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, orders: &mut Orders) {
        while let Some(why) = self.deadlines.expired(now) {
            match why {
                Why::Heartbeat => self.beat(now, orders),
                Why::Upgrade => self.drop_probe(orders),
                Why::Release => self.release_polls(now, orders),
                Why::Close => self.end(Reason::ForcedClose, orders),
            }
        }
    }
}

/// Polling.
impl Session {
    /// A poll came.
    pub(crate) fn handle_poll(&mut self, exchange: ExchangeId, orders: &mut Orders) {
        if self.get.is_some() {
            orders.reply(exchange, Reply::Status(400));
            return self.end(Reason::TransportError, orders);
        }
        self.get = Some(exchange);
    }

    /// The head of a request with a body came.
    pub(crate) fn handle_post(&mut self, exchange: ExchangeId, is_binary: Content, orders: &mut Orders) {
        let overlaps = self.post.is_some() || self.inlet.body().is_some();
        let readable = is_binary == Content::Text || self.protocol == Protocol::V3;
        if overlaps || !readable {
            orders.reply(exchange, Reply::Status(400));
            return self.end(Reason::TransportError, orders);
        }
        self.post = Some(exchange);
    }

    /// Its body did.
    pub(crate) fn handle_body(
        &mut self,
        exchange: ExchangeId,
        body: Bytes,
        content: Content,
        orders: &mut Orders,
    ) {
        if self.post.take_if(|post| *post == exchange).is_none() {
            return;
        }
        if self.phase != Phase::Open {
            return orders.reply(exchange, Reply::Accepted);
        }
        let form = match (self.protocol, content) {
            (Protocol::V4, _) => Form::V4,
            (Protocol::V3, Content::Text) => Form::V3Text,
            (Protocol::V3, Content::Binary) => Form::V3Binary,
        };
        let limits = PayloadLimits { packets: self.options.max_packets };
        let payload = PayloadReader::new(form, body, limits);
        self.inlet.push(Item::Body(Box::new(Body { payload, exchange: Some(exchange) })));
    }

    /// Its body is too large. The session goes on.
    pub(crate) fn handle_too_large(&mut self, exchange: ExchangeId, orders: &mut Orders) {
        if self.post.take_if(|post| *post == exchange).is_some() {
            orders.reply(exchange, Reply::Status(413));
        }
    }

    /// The client did not wait for the answer.
    pub(crate) fn handle_abort(&mut self, exchange: ExchangeId, orders: &mut Orders) {
        let polled = self.get.take_if(|get| *get == exchange).is_some();
        let posted = self.post.take_if(|post| *post == exchange).is_some();
        let read =
            self.inlet.body().is_some_and(|body| body.exchange.take_if(|post| *post == exchange).is_some());
        if polled || posted || read {
            self.end(Reason::TransportError, orders);
        }
    }

    /// The poll that can be answered now.
    pub(crate) fn answerable(&self) -> Option<ExchangeId> {
        let waits = !self.outlet.is_empty() || self.phase == Phase::Closing;
        self.get.filter(|_| waits && self.carrier == Carrier::Polls)
    }

    /// The answer to it.
    pub(crate) fn answer(&mut self, shape: &Shape, orders: &mut Orders) -> Payload {
        self.get = None;
        let form = self.form(shape);
        let last = (self.phase == Phase::Closing).then_some(Packet::Close);
        let payload = self.outlet.payload(form, self.options.max_payload, last);
        self.relieved();
        if self.phase == Phase::Closing && self.outlet.is_empty() {
            self.end(Reason::ForcedClose, orders);
        }
        payload
    }

    fn form(&self, shape: &Shape) -> Form {
        match self.protocol {
            Protocol::V4 => Form::V4,
            Protocol::V3 if self.binary == Binary::Base64 || shape.jsonp.is_some() => Form::V3Text,
            Protocol::V3 if self.outlet.has_binary() => Form::V3Binary,
            Protocol::V3 => Form::V3Text,
        }
    }

    /// Answers the poll that waits with a packet that says nothing else.
    fn dismiss(&mut self, packet: Packet<'_>, orders: &mut Orders) {
        let Some(get) = self.get.take() else { return };
        let form = if self.protocol == Protocol::V4 { Form::V4 } else { Form::V3Text };
        let payload = Outlet::default().payload(form, usize::MAX, Some(packet));
        orders.reply(get, Reply::Payload(payload, None));
    }
}

/// WebSocket.
impl Session {
    /// The next message for `connection`; `Err` when it is to be closed.
    pub(crate) fn transmit(&mut self, connection: ConnectionId, orders: &mut Orders) -> Option<Message> {
        if self.carrier != Carrier::WebSocket(connection) {
            return self.probe.as_mut().filter(|probe| probe.connection == connection)?.answer();
        }
        let message = self.outlet.next(self.protocol, self.binary);
        self.relieved();
        if message.is_none() && self.phase == Phase::Closing {
            self.end(Reason::ForcedClose, orders);
        }
        message
    }

    /// Has `connection` something to send, or to be told?
    pub(crate) fn wants_to_transmit(&self, connection: ConnectionId) -> bool {
        if self.carrier == Carrier::WebSocket(connection) {
            return !self.outlet.is_empty() || self.phase == Phase::Closing;
        }
        self.probe.as_ref().is_some_and(|probe| probe.connection == connection && probe.has_answer())
    }

    /// `connection` is gone.
    pub(crate) fn handle_close(&mut self, connection: ConnectionId, reason: Reason, orders: &mut Orders) {
        if self.carrier == Carrier::WebSocket(connection) {
            self.end(reason, orders);
        } else if self.probe.take_if(|probe| probe.connection == connection).is_some() {
            self.stop_upgrade();
        }
    }

    /// The connections it has.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        let carrier = match self.carrier {
            Carrier::Polls => None,
            Carrier::WebSocket(connection) => Some(connection),
        };
        carrier.into_iter().chain(self.probe.as_ref().map(|probe| probe.connection))
    }
}

/// Heartbeat.
impl Session {
    /// The client has shown that it is there.
    fn rest(&mut self, now: Instant) {
        let ServerOptions { ping_interval, ping_timeout, .. } = *self.options;
        let (heart, after) = match self.protocol {
            Protocol::V4 => (Heart::Resting, ping_interval),
            Protocol::V3 => (Heart::Waiting, ping_interval + ping_timeout),
        };
        self.heart = heart;
        self.deadlines.set(Why::Heartbeat, now + after);
    }

    fn beat(&mut self, now: Instant, orders: &mut Orders) {
        let unread = self.inlet.body().is_some();
        match self.heart {
            Heart::Resting => {
                self.outlet.say(Packet::Ping("".into()));
                self.heart = Heart::Waiting;
            }
            // The answer may lie in what the user did not look at: that is not the client's fault.
            Heart::Waiting | Heart::Extended if unread => {}
            Heart::Waiting | Heart::Extended => return self.end(Reason::PingTimeout, orders),
        }
        self.deadlines.set(Why::Heartbeat, now + self.options.ping_timeout);
    }
}

/// The end.
impl Session {
    fn end(&mut self, reason: Reason, orders: &mut Orders) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        self.deadlines.clear_all();
        self.outlet.clear();
        // Who ended it himself is told nothing; that is what clients expect.
        let last = if reason == Reason::TransportClose { Packet::Noop } else { Packet::Close };
        self.dismiss(last, orders);
        if let Some(post) = self.post.take() {
            orders.reply(post, Reply::Status(400));
        }
        if let Some(read) = self.inlet.body().and_then(|body| body.exchange.take()) {
            // It is complete, and what it says is still handed out.
            orders.reply(read, Reply::Accepted);
        }
        orders.close.extend(self.connections());
        self.probe = None;
        self.inlet.push(Item::Closed(reason));
    }

    /// Somebody may wait for the room that there is now.
    fn relieved(&mut self) {
        if self.outlet.unblock(self.options.high_water) {
            self.inlet.push(Item::Room);
        }
    }
}

/// How often a poll is released during an upgrade, in case another one came.
const RELEASE: Duration = Duration::from_millis(100);
