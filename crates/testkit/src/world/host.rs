//! The server, its users and its machine.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use sansocket_core::{Data, Instant, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::client::RequestId;
use sansocket_engineio::server::{ConnectionId, Event, ExchangeId, Outgoing, Server, SessionId};

use super::guest::{Guest, NAME};
use super::network::{Network, Parcel, Wire};
use super::some_time;
use super::story::{Closer, Story, Talker};
use crate::Random;

#[derive(Debug)]
pub(super) struct Host {
    server: Server,
    story: Story,
    /// Whose request each exchange is.
    exchanges: HashMap<ExchangeId, (usize, RequestId)>,
    wires: HashMap<ConnectionId, Wire>,
    connections: HashMap<Wire, ConnectionId>,
    visits: BTreeMap<SessionId, Visit>,
    /// Sessions that something happened to.
    ready: Vec<SessionId>,
    /// When the users look again.
    looks: Instant,
}

/// A session and what its user heard.
#[derive(Debug)]
struct Visit {
    guest: usize,
    talker: Talker,
    /// We have said that it ends.
    leaving: bool,
    closed: Option<Reason>,
}

impl Host {
    pub(super) fn new(story: &Story, random: &mut Random, now: Instant) -> Host {
        let mut seed = [0; 32];
        seed.copy_from_slice(&random.bytes(32));
        Host {
            server: Server::new(story.server_options(), seed),
            story: story.clone(),
            exchanges: HashMap::new(),
            wires: HashMap::new(),
            connections: HashMap::new(),
            visits: BTreeMap::new(),
            ready: Vec::new(),
            looks: now,
        }
    }

    pub(super) fn receive(
        &mut self,
        parcel: Parcel,
        network: &mut Network,
        random: &mut Random,
        now: Instant,
    ) {
        match parcel {
            Parcel::Request(guest, id, request, breaks) => {
                let exchange = self.server.handle_request(request, now);
                self.exchanges.insert(exchange, (guest, id));
                if let Some(time) = breaks {
                    network.send_later(Parcel::Failure(guest, id), time, now);
                    // Who vanishes does not say so.
                    if random.below(4) > 0 {
                        network.send_later(Parcel::Abort(exchange), some_time(random, 2 * time), now);
                    }
                }
            }
            Parcel::Abort(exchange) => {
                self.exchanges.remove(&exchange);
                self.server.handle_abort(exchange);
            }
            Parcel::Dial(wire, request) => match self.server.handle_upgrade(request, now) {
                Ok(connection) => {
                    self.wires.insert(connection, wire);
                    self.connections.insert(wire, connection);
                    network.send(Parcel::Accepted(wire), random, now);
                }
                Err(_) => network.send(Parcel::DownEnd(wire, Reason::TransportError), random, now),
            },
            Parcel::Up(wire, message) => {
                let Some(connection) = self.connections.get(&wire) else { return };
                let session = self.server.carried_by(*connection);
                let event = self.server.handle_message(*connection, Data::from(&message), now);
                if let (Some(event), Some(session)) = (event, session) {
                    let visit = self.visits.get_mut(&session).expect("it was opened");
                    visit.note(event);
                }
            }
            Parcel::UpEnd(wire, reason) => {
                let Some(connection) = self.connections.remove(&wire) else { return };
                self.wires.remove(&connection);
                self.server.handle_close(connection, reason);
                if reason == Reason::TransportClose {
                    network.send(Parcel::DownEnd(wire, reason), random, now);
                }
            }
            other => panic!("not for a server: {other:?}"),
        }
    }

    /// Does what there is to be done; was there anything?
    pub(super) fn act(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        let first = random.below(5);
        for turn in 0..5 {
            busy |= match (first + turn) % 5 {
                0 => self.answer(network, random, now),
                1 => self.use_connections(network, random, now),
                2 => self.look(random, now),
                3 => self.speak(random, now),
                _ => self.notice_time(now),
            };
        }
        busy
    }

    fn answer(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        while let Some(answer) = self.server.poll_response() {
            busy = true;
            let (guest, id) = self.exchanges.remove(&answer.exchange).expect("each is answered once");
            network.send(Parcel::Response(guest, id, answer.response), random, now);
        }
        busy
    }

    fn use_connections(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        while let Some(connection) = self.server.poll_dirty() {
            busy = true;
            while let Some(outgoing) = self.server.poll_transmit(connection) {
                let wire = self.wires[&connection];
                match outgoing {
                    Outgoing::Message(message) => network.send(Parcel::Down(wire, message), random, now),
                    Outgoing::Close => {
                        self.wires.remove(&connection);
                        self.connections.remove(&wire);
                        network.send(Parcel::DownEnd(wire, Reason::TransportClose), random, now);
                    }
                }
            }
        }
        busy
    }

    /// The users look at what happened, if they do not pause.
    fn look(&mut self, random: &mut Random, now: Instant) -> bool {
        if self.looks > now {
            return false;
        }
        let mut busy = false;
        while let Some(session) = self.server.poll_ready() {
            self.ready.push(session);
        }
        while let Some(session) = self.ready.pop() {
            while let Some(event) = self.server.poll_event(session, now) {
                busy = true;
                if let Event::Opened(request) = &event {
                    let name = request.headers.get(NAME).and_then(|name| str::from_utf8(name).ok());
                    let guest = name.and_then(|name| name.parse().ok()).expect("a name");
                    let talker = Talker::new(&self.story, now);
                    let before =
                        self.visits.insert(session, Visit { guest, talker, leaving: false, closed: None });
                    assert!(before.is_none(), "opened twice");
                    continue;
                }
                self.visits.get_mut(&session).expect("it was opened").note(event);
                if self.story.pause > Duration::ZERO && random.below(4) == 0 {
                    self.looks = now + some_time(random, self.story.pause);
                    self.ready.push(session);
                    return true;
                }
            }
        }
        busy
    }

    fn speak(&mut self, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        for (session, visit) in &mut self.visits {
            while let Some(message) = visit.talker.due(now).filter(|_| visit.closed.is_none()) {
                match self.server.send(*session, message) {
                    Ok(()) => visit.talker.was_sent(random, now),
                    Err(SendError::Blocked(_)) => visit.talker.was_blocked(),
                    Err(_) => break,
                }
                busy = true;
            }
            let complete = visit.talker.has_said_all() && visit.talker.has_heard_all();
            if complete && self.story.closer == Closer::Host && !visit.leaving {
                visit.leaving = true;
                self.server.close(*session, now);
                busy = true;
            }
        }
        busy
    }

    fn notice_time(&mut self, now: Instant) -> bool {
        if self.server.poll_timeout().is_none_or(|at| at > now) {
            return false;
        }
        self.server.handle_timeout(now);
        assert!(self.server.poll_timeout().is_none_or(|at| at > now), "time stands still");
        true
    }

    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let looks = Some(self.looks).filter(|at| *at > now && !self.server.is_empty());
        let talks = self.visits.values().filter(|visit| visit.closed.is_none());
        let talks = talks.filter_map(|visit| visit.talker.next(now)).min();
        [looks, talks, self.server.poll_timeout()].into_iter().flatten().min()
    }

    pub(super) fn heard(&self) -> usize {
        self.visits.values().map(|visit| visit.talker.heard()).sum()
    }

    pub(super) fn check_end(&self, guests: &[Guest]) {
        assert!(self.server.is_empty(), "something is left: {self:?}");
        assert!(self.exchanges.is_empty(), "somebody waits for an answer: {self:?}");
        for visit in self.visits.values() {
            assert!(visit.closed.is_some(), "it has no end: {visit:?}");
            if self.story.faults == super::Faults::None {
                assert!(visit.talker.has_heard_all(), "not everything arrived: {visit:?}");
            }
        }
        let opened = guests.iter().filter(|guest| guest.has_opened()).count();
        assert!(self.visits.len() >= opened, "a session that the server does not know");
        assert!(self.visits.values().all(|visit| visit.guest < guests.len()));
    }
}

impl Visit {
    fn note(&mut self, event: Event<'_>) {
        assert_eq!(self.closed, None, "{event:?} behind the end");
        match event {
            Event::Opened(_) => panic!("opened twice"),
            Event::Message(data) => self.talker.hear(data),
            Event::Upgraded(_) | Event::Housekeeping => {}
            Event::Room => self.talker.has_room(),
            Event::Closed(reason) => self.closed = Some(reason),
        }
    }
}
