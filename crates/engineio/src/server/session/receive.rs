//! What packets mean.

use sansocket_core::{Data, Instant};

use super::inlet::Item;
use super::{Carrier, Event, Heart, Orders, Phase, Reply, Session, Why};
use crate::outlet::Outlet;
use crate::server::ids::ConnectionId;
use crate::server::options::ServerOptions;
use crate::{Packet, Protocol, Reason};
use sansocket_core::Deadlines;

/// What a session's packets act on, but for where they lie.
struct Receiver<'s> {
    protocol: Protocol,
    phase: Phase,
    heart: &'s mut Heart,
    deadlines: &'s mut Deadlines<Why, 4>,
    outlet: &'s mut Outlet,
    options: &'s ServerOptions,
}

/// What a packet leads to.
enum Meaning<'p> {
    Message(Data<'p>),
    Nothing,
    End(Reason),
}

impl Receiver<'_> {
    fn handle_packet<'p>(&mut self, packet: Packet<'p>, now: Instant) -> Meaning<'p> {
        match (self.phase, packet) {
            (Phase::Open, _) => self.heard(now),
            // What a client said before its session ended is handed out still.
            (Phase::Ended, Packet::Message(data)) => return Meaning::Message(data),
            (Phase::Closing | Phase::Ended, _) => return Meaning::Nothing,
        }
        match (packet, self.protocol) {
            (Packet::Message(data), _) => return Meaning::Message(data),
            (Packet::Close, _) => return Meaning::End(Reason::TransportClose),
            (Packet::Pong(_), Protocol::V4) => {
                *self.heart = Heart::Resting;
                self.deadlines.set(Why::Heartbeat, now + self.options.ping_interval);
            }
            (Packet::Ping(data), Protocol::V3) => {
                self.outlet.pong(&data);
                let patience = self.options.ping_interval + self.options.ping_timeout;
                self.deadlines.set(Why::Heartbeat, now + patience);
            }
            // The heartbeat has a direction, and who turns it round is no client of this protocol.
            (Packet::Ping(_), Protocol::V4) | (Packet::Pong(_), Protocol::V3) => {
                return Meaning::End(Reason::TransportError);
            }
            (Packet::Open(_) | Packet::Upgrade | Packet::Noop, _) => {}
        }
        Meaning::Nothing
    }

    /// Any packet gives who owes us a pong more time, once.
    fn heard(&mut self, now: Instant) {
        if self.protocol == Protocol::V4 && *self.heart == Heart::Waiting {
            *self.heart = Heart::Extended;
            self.deadlines.set(Why::Heartbeat, now + self.options.ping_timeout);
        }
    }
}

impl Session {
    /// What happened next.
    pub(crate) fn poll_event(&mut self, now: Instant, orders: &mut Orders) -> Option<Event<'_>> {
        self.inlet.lent = None;
        if let Some(reason) = self.verdict.take() {
            self.judge(reason, orders);
            return Some(Event::Housekeeping);
        }
        match self.inlet.front_mut()? {
            Item::Body(body) if body.payload.has_more() => return Some(self.read_on(now)),
            Item::Body(body) => {
                if let Some(exchange) = body.exchange {
                    orders.reply(exchange, Reply::Accepted);
                }
                self.inlet.pop();
                return Some(Event::Housekeeping);
            }
            _ => {}
        }
        Some(match self.inlet.pop()? {
            Item::Opened(request) => Event::Opened(request),
            Item::Upgraded(transport) => Event::Upgraded(transport),
            Item::Room => Event::Room,
            Item::Closed(reason) => Event::Closed(reason),
            Item::Message(message) => Event::Message(Data::from(&*self.inlet.lent.insert(message))),
            Item::Body(_) => Event::Housekeeping,
        })
    }

    /// The next packet of the body that is read.
    fn read_on(&mut self, now: Instant) -> Event<'_> {
        let Session { protocol, phase, heart, deadlines, outlet, inlet, verdict, options, .. } = self;
        let mut receiver = Receiver { protocol: *protocol, phase: *phase, heart, deadlines, outlet, options };
        let Some(Item::Body(body)) = inlet.front_mut() else { return Event::Housekeeping };
        let meaning = match body.payload.next() {
            None => Meaning::Nothing,
            Some(Ok(packet)) => receiver.handle_packet(packet, now),
            Some(Err(_)) => Meaning::End(Reason::ParseError),
        };
        match meaning {
            Meaning::Message(data) => return Event::Message(data),
            Meaning::End(reason) => *verdict = Some(reason),
            Meaning::Nothing => {}
        }
        Event::Housekeeping
    }

    /// A packet of the body that was read ends the session; what stood behind it is not looked at.
    fn judge(&mut self, reason: Reason, orders: &mut Orders) {
        if let Some(Item::Body(body)) = self.inlet.front_mut() {
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
        let Session { protocol, phase, heart, deadlines, outlet, options, .. } = self;
        let mut receiver = Receiver { protocol: *protocol, phase: *phase, heart, deadlines, outlet, options };
        let meaning = match Packet::lend(*protocol, message) {
            Some(Ok(packet)) => receiver.handle_packet(packet, now),
            Some(Err(_)) => Meaning::End(Reason::ParseError),
            None => {
                self.handle_armored(message, now, orders);
                return None;
            }
        };
        match meaning {
            Meaning::Message(data) if self.inlet.is_empty() => return Some(Event::Message(data)),
            Meaning::Message(data) => self.inlet.push(Item::Message(data.into_owned())),
            Meaning::End(reason) => self.end(reason, orders),
            Meaning::Nothing => {}
        }
        None
    }

    /// Bytes that came as text have to lie somewhere.
    fn handle_armored(&mut self, message: Data<'_>, now: Instant, orders: &mut Orders) {
        let mut scratch = alloc::vec::Vec::new();
        let Session { protocol, phase, heart, deadlines, outlet, options, .. } = self;
        let mut receiver = Receiver { protocol: *protocol, phase: *phase, heart, deadlines, outlet, options };
        let meaning = match Packet::decode(*protocol, message, &mut scratch) {
            Ok(packet) => receiver.handle_packet(packet, now),
            Err(_) => Meaning::End(Reason::ParseError),
        };
        match meaning {
            Meaning::Message(data) => self.inlet.push(Item::Message(data.into_owned())),
            Meaning::End(reason) => self.end(reason, orders),
            Meaning::Nothing => {}
        }
    }
}
