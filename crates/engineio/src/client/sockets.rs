//! WebSockets: one that carries the session, and one that wants to.

use alloc::vec::Vec;

use sansocket_core::{Data, Instant, Message, Request};

use super::life::{Intake, Meaning, Phase, Why};
use super::options::Worked;
use super::{Client, Event, Fault, Place};
use crate::inlet::Item;
use crate::packet::PROBE;
use crate::{Binary, Packet, Protocol, Reason, Transport};

/// A WebSocket that a [`Client`] wants to be opened. Never given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionId(u64);

/// What a WebSocket is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// Send this message.
    Message(Message),
    /// Close, without a status code; if it is not open yet, give it up. What it says after that is listened to until
    /// [`handle_close`](Client::handle_close).
    Close,
}

/// What takes packets to the server.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    Polls,
    WebSocket(Line),
}

/// A WebSocket.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Line {
    id: ConnectionId,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It is not open.
    Dialled,
    /// This is to be said before anything else.
    Greets(Packet<'static>),
    Open,
    /// It was told to close.
    Leaves,
}

/// An upgrade under way.
#[derive(Debug)]
struct Upgrade {
    line: Line,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// The server has to answer our probe.
    Probing,
    /// It has. No request is made any more; when none is under way the WebSocket takes over.
    Pausing,
}

/// The WebSockets that are to be opened or closed.
#[derive(Default, Debug)]
pub(crate) struct Sockets {
    to_open: Option<ConnectionId>,
    to_close: Vec<ConnectionId>,
    upgrade: Option<Upgrade>,
    number: u64,
}

impl Sockets {
    pub(crate) fn is_empty(&self) -> bool {
        self.to_close.is_empty()
    }

    pub(crate) fn dial(&mut self) -> Line {
        self.number += 1;
        let id = ConnectionId(self.number);
        self.to_open = Some(id);
        Line { id, state: State::Dialled }
    }

    /// Gives a WebSocket up, or closes it.
    pub(crate) fn hang_up(&mut self, line: Line) {
        let asked_for = self.to_open.take_if(|open| *open == line.id).is_none();
        if asked_for && line.state != State::Leaves {
            self.to_close.push(line.id);
        }
    }
}

impl Carrier {
    fn line(&mut self, id: ConnectionId) -> Option<&mut Line> {
        match self {
            Carrier::WebSocket(line) if line.id == id => Some(line),
            _ => None,
        }
    }
}

/// WebSockets.
impl Client {
    /// The next WebSocket to be opened, by this request: `GET` with the target, the headers and the cookies it is to
    /// have. `Host` and what makes it a handshake is left to whoever makes it.
    pub fn poll_connect(&mut self, now: Instant) -> Option<(ConnectionId, Request)> {
        self.settle(now);
        let id = self.sockets.to_open.take()?;
        Some((id, self.asking().get(Transport::WebSocket, now)))
    }

    /// A WebSocket is open.
    pub fn handle_open(&mut self, connection: ConnectionId, now: Instant) {
        self.settle(now);
        if let Some(line) = self.carrier.line(connection).filter(|line| line.state == State::Dialled) {
            line.state = State::Open;
        } else if let Some(upgrade) = self.upgrade_by(connection)
            && upgrade.line.state == State::Dialled
        {
            upgrade.line.state = State::Greets(Packet::Ping(PROBE.into()));
        }
    }

    /// A message came. If nothing else waits to be looked at, what it says is lent right here; else it comes by
    /// [`poll_event`](Client::poll_event), in order. To keep what waits small hand over no more messages while
    /// it [has events](Client::has_events).
    pub fn handle_message<'i>(
        &mut self,
        connection: ConnectionId,
        message: Data<'i>,
        now: Instant,
    ) -> Option<Event<'i>> {
        self.settle(now);
        let Some(line) = self.carrier.line(connection) else {
            self.handle_probe(connection, message);
            return None;
        };
        if line.state == State::Dialled {
            // Who speaks is open.
            line.state = State::Open;
        }
        let meaning = match Packet::lend(self.life.protocol, message) {
            Some(Ok(packet)) => self.life.hear(packet, now),
            Some(Err(error)) => Meaning::Fault(Fault::Packet(error)),
            None => {
                self.handle_armored(message, now);
                return None;
            }
        };
        match meaning {
            Meaning::Message(data) if self.inlet.is_empty() => return Some(Event::Message(data)),
            Meaning::Message(data) => self.inlet.push(Item::Message(data.into_owned())),
            Meaning::Opened(open) => {
                self.opened(open, now, Place::Nowhere);
                return Some(Event::Opened);
            }
            Meaning::Closed => self.end(Reason::TransportClose),
            Meaning::Fault(fault) => self.fail(fault, now),
            Meaning::Nothing => {}
        }
        None
    }

    /// Bytes that came as text have to lie somewhere.
    fn handle_armored(&mut self, message: Data<'_>, now: Instant) {
        let mut scratch = Vec::new();
        let meaning = match Packet::decode(self.life.protocol, message, &mut scratch) {
            Ok(packet) => self.life.hear(packet, now),
            Err(error) => Meaning::Fault(Fault::Packet(error)),
        };
        match meaning {
            Meaning::Message(data) => self.inlet.push(Item::Message(data.into_owned())),
            Meaning::Fault(fault) => self.fail(fault, now),
            // Base64 is a message or nothing.
            Meaning::Opened(_) | Meaning::Closed | Meaning::Nothing => {}
        }
    }

    /// The user takes his time: what comes over a WebSocket stays unread until [`resume`](Client::resume). A heartbeat
    /// may be among that, so silence is not the server's fault meanwhile.
    pub fn hold(&mut self) {
        self.life.intake = Intake::Held;
    }

    /// What comes is taken again.
    pub fn resume(&mut self, now: Instant) {
        if core::mem::replace(&mut self.life.intake, Intake::Open) == Intake::Held {
            self.life.catch_up(now);
        }
    }

    /// A WebSocket is gone: the server closed it or its stream ([`Reason::TransportClose`]), or it was refused or used
    /// wrongly ([`Reason::TransportError`]).
    pub fn handle_close(&mut self, connection: ConnectionId, reason: Reason, now: Instant) {
        self.settle(now);
        self.sockets.to_close.retain(|id| *id != connection);
        if self.carrier.line(connection).is_some() {
            self.carrier = Carrier::Polls;
            match self.life.phase {
                Phase::Opening => self.fail(Fault::Socket, now),
                Phase::Leaving => self.end(Reason::ForcedClose),
                Phase::Open | Phase::Closing | Phase::Ended => self.end(reason),
            }
        } else if self.upgrade_by(connection).is_some() {
            self.sockets.upgrade = None;
            self.life.deadlines.clear(Why::Upgrade);
        }
    }

    /// What this WebSocket is to do next. `None`: nothing for now. Ask after each other call: there are two at most.
    pub fn poll_transmit(&mut self, connection: ConnectionId) -> Option<Outgoing> {
        self.settle_verdict();
        if let Some(place) = self.sockets.to_close.iter().position(|id| *id == connection) {
            self.sockets.to_close.remove(place);
            return Some(Outgoing::Close);
        }
        if let Some(upgrade) = self.upgrade_by(connection) {
            return upgrade.line.greeting();
        }
        let line = self.carrier.line(connection)?;
        if let Some(greeting) = line.greeting() {
            return Some(greeting);
        }
        if line.state != State::Open || self.life.phase == Phase::Opening {
            return None;
        }
        if let Some(message) = self.life.outlet.next(self.life.protocol, self.options.binary) {
            self.relieved();
            return Some(Outgoing::Message(message));
        }
        if self.life.phase != Phase::Closing {
            return None;
        }
        self.life.phase = Phase::Leaving;
        line.state = State::Leaves;
        Some(Outgoing::Close)
    }
}

impl Line {
    fn greeting(&mut self) -> Option<Outgoing> {
        let State::Greets(packet) = self.state else { return None };
        self.state = State::Open;
        Some(Outgoing::Message(packet.encode(Protocol::V4, Binary::Raw)))
    }
}

/// The upgrade.
impl Client {
    pub(super) fn begin_upgrade(&mut self, now: Instant) {
        let line = self.sockets.dial();
        self.sockets.upgrade = Some(Upgrade { line, stage: Stage::Probing });
        self.life.deadlines.set(Why::Upgrade, now + self.options.upgrade_timeout);
    }

    /// Has the server agreed, and what is under way has to end first?
    pub(super) fn is_pausing(&self) -> bool {
        self.sockets.upgrade.as_ref().is_some_and(|upgrade| upgrade.stage == Stage::Pausing)
    }

    /// The WebSocket takes over, if the server agreed and no request is under way. What waited leaves by it, in order.
    pub(super) fn switch(&mut self) {
        if !self.polls.are_quiet() || !self.is_pausing() {
            return;
        }
        let Some(Upgrade { line, .. }) = self.sockets.upgrade.take() else { return };
        self.life.deadlines.clear(Why::Upgrade);
        self.carrier = Carrier::WebSocket(Line { id: line.id, state: State::Greets(Packet::Upgrade) });
        self.inlet.push(Item::Upgraded(Transport::WebSocket));
    }

    /// Polling goes on.
    pub(super) fn give_up_upgrade(&mut self) {
        if let Some(upgrade) = self.sockets.upgrade.take() {
            self.sockets.hang_up(upgrade.line);
            self.life.deadlines.clear(Why::Upgrade);
        }
    }

    fn handle_probe(&mut self, connection: ConnectionId, message: Data<'_>) {
        let protocol = self.life.protocol;
        let Some(upgrade) = self.upgrade_by(connection) else { return };
        match (Packet::lend(protocol, message), upgrade.stage, upgrade.line.state) {
            (Some(Ok(Packet::Pong(said))), Stage::Probing, State::Open) if said == PROBE => {
                upgrade.stage = Stage::Pausing;
                self.remember(Worked::Yes);
                self.switch();
            }
            _ => self.give_up_upgrade(),
        }
    }

    fn upgrade_by(&mut self, connection: ConnectionId) -> Option<&mut Upgrade> {
        self.sockets.upgrade.as_mut().filter(|upgrade| upgrade.line.id == connection)
    }
}
