//! The switch from polls to a WebSocket.

use sansocket_core::{Data, Instant, Message};

use super::life::{Phase, Why};
use super::{Carrier, ConnectionId, Orders, RELEASE, Session};
use crate::inlet::Item;
use crate::packet::PROBE;
use crate::{Binary, Packet, Protocol, Transport};

/// A WebSocket that wants to take over.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) connection: ConnectionId,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// It has not said what it wants.
    Silent,
    /// It has, and is to be answered.
    Asked,
    /// It was.
    Answered,
}

impl Probe {
    pub(crate) fn has_answer(&self) -> bool {
        self.stage == Stage::Asked
    }

    pub(crate) fn answer(&mut self) -> Option<Message> {
        if self.stage != Stage::Asked {
            return None;
        }
        self.stage = Stage::Answered;
        Some(Packet::Pong(PROBE.into()).encode(Protocol::V4, Binary::Raw))
    }
}

impl Session {
    /// May another WebSocket take over?
    pub(crate) fn can_upgrade(&self) -> bool {
        let ready = self.carrier == Carrier::Polls && self.probe.is_none() && self.life.phase == Phase::Open;
        ready && self.life.options.allow_upgrades
    }

    /// A WebSocket wants to take over.
    pub(crate) fn begin_upgrade(&mut self, connection: ConnectionId, now: Instant) {
        self.probe = Some(Probe { connection, stage: Stage::Silent });
        self.life.deadlines.set(Why::Upgrade, now + self.life.options.upgrade_timeout);
    }

    /// It says something.
    pub(super) fn handle_probe(
        &mut self,
        connection: ConnectionId,
        message: Data<'_>,
        now: Instant,
        orders: &mut Orders,
    ) {
        let Some(probe) = self.probe.as_mut().filter(|probe| probe.connection == connection) else { return };
        match (Packet::lend(self.life.protocol, message), probe.stage) {
            (Some(Ok(Packet::Ping(said))), Stage::Silent) if said == PROBE => {
                probe.stage = Stage::Asked;
                // The client stops polling when it hears our answer, and waits for the poll under way.
                self.release_polls(now, orders);
            }
            (Some(Ok(Packet::Upgrade)), Stage::Asked | Stage::Answered) => self.upgrade(connection, orders),
            _ => self.drop_probe(orders),
        }
    }

    /// The WebSocket takes over. What waited leaves by it, in order; nothing was sent by it before.
    fn upgrade(&mut self, connection: ConnectionId, orders: &mut Orders) {
        self.probe = None;
        self.stop_upgrade();
        self.dismiss(Packet::Noop, orders);
        self.carrier = Carrier::WebSocket(connection);
        self.inlet.push(Item::Upgraded(Transport::WebSocket));
    }

    /// The WebSocket had its chance; polling goes on.
    pub(super) fn drop_probe(&mut self, orders: &mut Orders) {
        orders.close.extend(self.probe.take().map(|probe| probe.connection));
        self.stop_upgrade();
    }

    pub(super) fn stop_upgrade(&mut self) {
        self.life.deadlines.clear(Why::Upgrade);
        self.life.deadlines.clear(Why::Release);
    }

    /// Answers a poll that has nothing to wait for, and looks again: the client may have sent another one before it
    /// heard that it should not.
    pub(super) fn release_polls(&mut self, now: Instant, orders: &mut Orders) {
        if self.life.outlet.is_empty() {
            self.dismiss(Packet::Noop, orders);
        }
        self.life.deadlines.set(Why::Release, now + RELEASE);
    }
}
