//! One session: what its client sent, what waits for it, and its heartbeat.

mod life;
mod receive;
mod upgrade;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::{Compress, Instant, Message, Request, SendError};

use super::event::Event;
use super::exchange::{Reply, Shape};
use super::ids::{ConnectionId, ExchangeId};
use super::options::ServerOptions;
use super::sid::Sid;
use crate::content::Content;
use crate::inlet::{Inlet, Item};
use crate::outlet::{Outlet, Payload};
use crate::{Binary, Form, Open, Packet, PayloadLimits, PayloadReader, Protocol, Reason, Transport};

use life::{Beat, Life, Phase, Unread};
use upgrade::{Probe, Why};

/// One session. Most are idle: what one has only now and then is in a box.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) sid: Sid,
    life: Life,
    pub(crate) carrier: Carrier,
    /// The poll that waits.
    get: Option<ExchangeId>,
    /// The request whose body is being read.
    post: Option<ExchangeId>,
    probe: Option<Box<Probe>>,
    inlet: Inlet<Box<Request>, Box<Body>>,
    reading: Reading,
}

/// A body and the request that brought it, which is answered when the body was read.
#[derive(Debug)]
struct Body {
    payload: PayloadReader,
    exchange: Option<ExchangeId>,
}

/// What takes packets to the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    Polls,
    WebSocket(ConnectionId),
}

/// Whether messages of its WebSocket are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    On,
    /// So many wait already that it was said that no more are.
    Stalled,
    /// They are again, which nobody noticed yet.
    Resumed,
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

/// What a client speaks and reads, as it said at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Speech {
    pub(crate) protocol: Protocol,
    /// What a client of protocol 3 can read.
    pub(crate) binary: Binary,
}

/// How a session begins.
pub(crate) struct Beginning {
    pub(crate) sid: Sid,
    pub(crate) speech: Speech,
    pub(crate) request: Box<Request>,
    pub(crate) options: Arc<ServerOptions>,
}

impl Session {
    pub(crate) fn new(beginning: Beginning, carrier: Carrier, now: Instant) -> Session {
        let Beginning { sid, speech, request, options } = beginning;
        let mut session = Session {
            sid,
            life: Life::new(speech, options, now),
            carrier,
            get: None,
            post: None,
            probe: None,
            inlet: Inlet::default(),
            reading: Reading::On,
        };
        let options = &session.life.options;
        let open = Open {
            sid: alloc::format!("{sid}"),
            upgrades: options.upgrades(session.transport()),
            ping_interval: options.ping_interval,
            ping_timeout: options.ping_timeout,
            max_payload: Some(options.max_payload),
        };
        let open = open.to_json();
        session.life.outlet.say(Packet::Open(open.as_str().into()));
        session.inlet.push(Item::Opened(request));
        session
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.life.speech.protocol
    }

    pub(crate) fn transport(&self) -> Transport {
        match self.carrier {
            Carrier::Polls => Transport::Polling,
            Carrier::WebSocket(_) => Transport::WebSocket,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.life.phase == Phase::Ended
    }

    /// Something happened that was not asked for.
    pub(crate) fn has_events(&self) -> bool {
        !self.inlet.is_empty() || self.life.verdict.is_some() || self.life.is_relieved()
    }

    /// Takes the event that says that there is room.
    pub(crate) fn take_room(&mut self) -> bool {
        self.life.outlet.unblock(self.life.options.high_water)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.life.phase == Phase::Open && self.life.outlet.has_room(self.life.options.high_water)
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.life.outlet.bytes()
    }

    /// Would a message leave now, with nothing before it?
    pub(crate) fn is_writable(&self) -> bool {
        let carries = match self.carrier {
            Carrier::Polls => self.get.is_some(),
            Carrier::WebSocket(_) => true,
        };
        carries && self.life.phase == Phase::Open && self.life.outlet.bytes() == 0
    }

    pub(crate) fn send(&mut self, message: Message, compress: Compress) -> Result<(), SendError<Message>> {
        if self.life.phase != Phase::Open {
            return Err(SendError::Closed(message));
        }
        self.life.outlet.send(message, compress, self.life.options.high_water)
    }

    /// Ends it when what waits was taken, or when that takes too long.
    pub(crate) fn close(&mut self, now: Instant) {
        if self.life.phase == Phase::Open {
            self.life.phase = Phase::Closing;
            self.life.alarm = Some(now + self.life.options.close_timeout);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let Some(probe) = &self.probe else { return self.life.alarm };
        [self.life.alarm, probe.deadlines.next()].into_iter().flatten().min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, orders: &mut Orders) {
        while self.life.alarm.take_if(|at| *at <= now).is_some() {
            if self.life.phase == Phase::Closing {
                self.end(Reason::ForcedClose, orders);
            } else if let Beat::Stops = self.life.beat(self.unread(), now) {
                self.end(Reason::PingTimeout, orders);
            }
        }
        while let Some(why) = self.probe.as_mut().and_then(|probe| probe.deadlines.expired(now)) {
            match why {
                Why::Upgrade => self.drop_probe(orders),
                Why::Release => self.release_polls(now, orders),
            }
        }
    }

    fn unread(&self) -> Unread {
        if self.reading == Reading::Stalled || self.inlet.has_body() {
            Unread::Something
        } else {
            Unread::Nothing
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
    pub(crate) fn handle_post(&mut self, exchange: ExchangeId, content: Content, orders: &mut Orders) {
        let overlaps = self.post.is_some() || self.inlet.has_body();
        let readable = content == Content::Text || self.life.speech.protocol == Protocol::V3;
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
        if self.life.phase != Phase::Open {
            return orders.reply(exchange, Reply::Accepted);
        }
        let form = content.form(self.life.speech.protocol);
        let limits = PayloadLimits { packets: self.life.options.max_packets };
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
        let waits = !self.life.outlet.is_empty() || self.life.phase == Phase::Closing;
        self.get.filter(|_| waits && self.carrier == Carrier::Polls)
    }

    /// The answer to it.
    pub(crate) fn answer(&mut self, shape: &Shape, orders: &mut Orders) -> Payload {
        self.get = None;
        let form = self.form(shape);
        // The goodbye has a body of its own, as with JavaScript servers: their clients hear of a message a turn later, and
        // of a goodbye behind it in the same body at once.
        let closes = self.life.phase == Phase::Closing && self.life.outlet.is_empty();
        let mut last = closes.then_some(Packet::Close);
        let payload = self.life.outlet.payload(form, self.life.options.max_payload, &mut last);
        if closes && last.is_none() {
            self.end(Reason::ForcedClose, orders);
        }
        payload
    }

    fn form(&self, shape: &Shape) -> Form {
        // A script is text.
        let binary = if shape.jsonp.is_some() { Binary::Base64 } else { self.life.speech.binary };
        self.life.outlet.form(self.life.speech.protocol, binary)
    }

    /// Answers the poll that waits with a packet that says nothing else.
    fn dismiss(&mut self, packet: Packet<'_>, orders: &mut Orders) {
        let Some(get) = self.get.take() else { return };
        let form = if self.life.speech.protocol == Protocol::V4 { Form::V4 } else { Form::V3Text };
        let payload = Outlet::default().payload(form, usize::MAX, &mut Some(packet));
        orders.reply(get, Reply::Payload(payload, None));
    }
}

/// WebSocket.
impl Session {
    /// The next message for `connection`.
    pub(crate) fn transmit(&mut self, connection: ConnectionId, orders: &mut Orders) -> Option<Message> {
        if self.carrier != Carrier::WebSocket(connection) {
            return self.probe.as_mut().filter(|probe| probe.connection == connection)?.answer();
        }
        let message = self.life.outlet.next(self.life.speech.protocol, self.life.speech.binary);
        if message.is_none() && self.life.phase == Phase::Closing {
            self.end(Reason::ForcedClose, orders);
        }
        message
    }

    /// Has `connection` something to send, or to be told?
    pub(crate) fn wants_to_transmit(&self, connection: ConnectionId) -> bool {
        if self.carrier == Carrier::WebSocket(connection) {
            let resumes = self.reading == Reading::Resumed;
            return resumes || !self.life.outlet.is_empty() || self.life.phase == Phase::Closing;
        }
        self.probe.as_ref().is_some_and(|probe| probe.connection == connection && probe.has_answer())
    }

    /// `connection` is gone.
    pub(crate) fn handle_close(&mut self, connection: ConnectionId, reason: Reason, orders: &mut Orders) {
        if self.carrier == Carrier::WebSocket(connection) {
            self.end(reason, orders);
        } else {
            self.probe.take_if(|probe| probe.connection == connection);
        }
    }

    /// The connections it has.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        let carrier = match self.carrier {
            Carrier::Polls => None,
            Carrier::WebSocket(connection) => Some(connection),
        };
        [carrier, self.probe.as_ref().map(|probe| probe.connection)].into_iter().flatten()
    }
}

/// The end.
impl Session {
    pub(crate) fn end(&mut self, reason: Reason, orders: &mut Orders) {
        if self.life.phase == Phase::Ended {
            return;
        }
        self.life.phase = Phase::Ended;
        self.life.alarm = None;
        self.life.outlet.clear();
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
}
