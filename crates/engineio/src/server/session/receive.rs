//! What a client says.

use alloc::vec::Vec;

use sansocket_core::{Data, Instant, Message};

use super::life::Meaning;
use super::{Carrier, Event, Orders, Reading, Reply, Session};
use crate::inlet::Item;
use crate::server::ids::ConnectionId;
use crate::{Packet, PacketError, Reason};

impl Session {
    /// What happened next. A message that was kept is `lent` from there.
    pub(crate) fn poll_event<'s>(
        &'s mut self,
        now: Instant,
        orders: &mut Orders,
        lent: &'s mut Option<Message>,
    ) -> Option<Event<'s>> {
        if !self.inlet.begins() && self.take_room() {
            return Some(Event::Room);
        }
        if let Some(reason) = self.life.verdict.take() {
            self.judge(reason, orders);
            return Some(Event::Housekeeping);
        }
        if let Some(body) = self.inlet.front_body() {
            if body.payload.has_more() {
                return Some(self.read_on(now));
            }
            if let Some(exchange) = body.exchange {
                orders.reply(exchange, Reply::Accepted);
            }
            self.inlet.pop();
            return Some(Event::Housekeeping);
        }
        let item = self.inlet.pop()?;
        if self.reading == Reading::Stalled && self.inlet.weight() <= self.life.options.read_ahead / 2 {
            self.reading = Reading::Resumed;
            self.life.read_on(now);
        }
        Some(match item {
            Item::Opened(request) => Event::Opened(request),
            Item::Upgraded(transport) => Event::Upgraded(transport),
            Item::Room => Event::Room,
            Item::Closed(reason) => Event::Closed(reason),
            Item::Message(message) => Event::Message(Data::from(&*lent.insert(message))),
            Item::Body(_) => Event::Housekeeping,
        })
    }

    /// The next packet of the body that is read.
    fn read_on(&mut self, now: Instant) -> Event<'_> {
        let Session { life, inlet, .. } = self;
        let Some(body) = inlet.front_body() else { return Event::Housekeeping };
        let meaning = match body.payload.next() {
            None => Meaning::Nothing,
            Some(Ok(packet)) => life.hear(packet, now),
            Some(Err(_)) => Meaning::End(Reason::ParseError),
        };
        match meaning {
            Meaning::Message(data) => return Event::Message(data),
            Meaning::End(reason) => life.verdict = Some(reason),
            Meaning::Nothing => {}
        }
        Event::Housekeeping
    }

    /// A packet of the body that was read ends the session; what stood behind it is not looked at.
    fn judge(&mut self, reason: Reason, orders: &mut Orders) {
        if let Some(body) = self.inlet.front_body() {
            if let Some(exchange) = body.exchange {
                let right = reason != Reason::ParseError;
                orders.reply(exchange, if right { Reply::Accepted } else { Reply::Status(400) });
            }
            self.inlet.pop();
        }
        self.end(reason, orders);
    }

    /// A WebSocket message came.
    pub(crate) fn handle_message<'i>(
        &mut self,
        connection: ConnectionId,
        message: Data<'i>,
        now: Instant,
        orders: &mut Orders,
    ) -> Option<Event<'i>> {
        if self.carrier != Carrier::WebSocket(connection) {
            self.handle_probe(connection, message, now, orders);
            return None;
        }
        let Some(packet) = Packet::lend(self.life.speech.protocol, message) else {
            // Bytes that came as text have to lie somewhere.
            let mut scratch = Vec::new();
            let packet = Packet::decode(self.life.speech.protocol, message, &mut scratch);
            let meaning = self.hear(packet, now);
            self.act(meaning, orders);
            return None;
        };
        match self.hear(packet, now) {
            Meaning::Message(data) if self.inlet.is_empty() => return Some(Event::Message(data)),
            meaning => self.act(meaning, orders),
        }
        None
    }

    /// The same, and what it says is kept until it is asked for.
    pub(crate) fn keep_message(
        &mut self,
        connection: ConnectionId,
        message: Data<'_>,
        now: Instant,
        orders: &mut Orders,
    ) {
        if let Some(Event::Message(data)) = self.handle_message(connection, message, now, orders) {
            self.inlet.push(Item::Message(data.into_owned()));
        }
    }

    /// Are more messages of `connection` wanted?
    pub(crate) fn has_appetite(&mut self, connection: ConnectionId) -> bool {
        if self.carrier != Carrier::WebSocket(connection) {
            return true;
        }
        let has_room = self.inlet.weight() < self.life.options.read_ahead.max(1);
        self.reading = match self.reading {
            Reading::On | Reading::Resumed if has_room => Reading::On,
            _ => Reading::Stalled,
        };
        self.reading == Reading::On
    }

    fn hear<'p>(&mut self, packet: Result<Packet<'p>, PacketError>, now: Instant) -> Meaning<'p> {
        packet.map_or(Meaning::End(Reason::ParseError), |packet| self.life.hear(packet, now))
    }

    fn act(&mut self, meaning: Meaning<'_>, orders: &mut Orders) {
        match meaning {
            Meaning::Message(data) => self.inlet.push(Item::Message(data.into_owned())),
            Meaning::End(reason) => self.end(reason, orders),
            Meaning::Nothing => {}
        }
    }
}
