//! The switch from polls to a WebSocket.

use alloc::boxed::Box;
use core::time::Duration;

use sansocket_core::{Data, Deadlines, Instant, Message};

use super::life::Phase;
use super::{Carrier, ConnectionId, Orders, Session};
use crate::inlet::Item;
use crate::packet::PROBE;
use crate::{Binary, Packet, Protocol, Transport};

/// How often a poll is released during an upgrade, in case another one came.
const RELEASE: Duration = Duration::from_millis(100);

/// A WebSocket that wants to take over.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) connection: ConnectionId,
    stage: Stage,
    pub(super) deadlines: Deadlines<Why, 2>,
}

/// Why a deadline of it stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// It had time enough.
    Upgrade,
    /// Polls are to be released while the client wants to leave them.
    Release,
}

impl sansocket_core::Reason for Why {
    const ALL: &'static [Why] = &[Why::Upgrade, Why::Release];

    fn index(self) -> usize {
        self as usize
    }
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
        let mut deadlines = Deadlines::default();
        deadlines.set(Why::Upgrade, now + self.life.options.upgrade_timeout);
        self.probe = Some(Box::new(Probe { connection, stage: Stage::Silent, deadlines }));
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
        match (Packet::lend(self.life.speech.protocol, message), probe.stage) {
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
        self.dismiss(Packet::Noop, orders);
        self.carrier = Carrier::WebSocket(connection);
        self.inlet.push(Item::Upgraded(Transport::WebSocket));
    }

    /// The WebSocket had its chance; polling goes on.
    pub(super) fn drop_probe(&mut self, orders: &mut Orders) {
        orders.close.extend(self.probe.take().map(|probe| probe.connection));
    }

    /// Answers a poll that has nothing to wait for, and looks again: the client may have sent another one before it
    /// heard that it should not.
    pub(super) fn release_polls(&mut self, now: Instant, orders: &mut Orders) {
        if self.life.outlet.is_empty() {
            self.dismiss(Packet::Noop, orders);
        }
        if let Some(probe) = &mut self.probe {
            probe.deadlines.set(Why::Release, now + RELEASE);
        }
    }
}
