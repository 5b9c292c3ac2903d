//! A client, its user and its machine.

use std::collections::BTreeSet;
use std::time::Duration;

use sansocket_core::{Data, Headers, Instant, SendError};
use sansocket_engineio::client::{Client, ClientOptions, ConnectionId, Event, Outgoing};
use sansocket_engineio::{Reason, Transport};

use super::network::{Network, Parcel};
use super::story::{Closer, Story, Talker};
use super::{Faults, some_time};
use crate::Random;

/// The header in which a client says who it is.
pub(super) const NAME: &str = "Guest";

#[derive(Debug)]
pub(super) struct Guest {
    name: usize,
    client: Client,
    talker: Talker,
    closer: Closer,
    faults: Faults,
    /// The WebSockets it knows.
    connections: BTreeSet<ConnectionId>,
    /// When the user looks again at what happened.
    looks: Instant,
    pause: Duration,
    /// The machine sleeps until then.
    wakes: Instant,
    /// What arrived in its sleep.
    mail: Vec<Parcel>,
    power: Power,
    opened: bool,
    upgraded: bool,
    closed: Option<Reason>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Power {
    On,
    Off,
}

impl Guest {
    pub(super) fn new(name: usize, story: &Story, random: &mut Random, now: Instant) -> Guest {
        let options = ClientOptions {
            headers: Headers::from([(NAME, name.to_string())]),
            transports: Story::transports(random),
            try_all_transports: random.below(2) == 0,
            protocol: Story::protocol(random),
            binary: Story::binary(random),
            high_water: 200,
            close_timeout: story.close_timeout(),
            ..ClientOptions::default()
        };
        Guest {
            name,
            client: Client::new(options, now),
            talker: Talker::new(story, now),
            closer: story.closer,
            faults: story.faults,
            connections: BTreeSet::new(),
            looks: now,
            pause: story.pause,
            wakes: now,
            mail: Vec::new(),
            power: Power::On,
            opened: false,
            upgraded: false,
            closed: None,
        }
    }

    pub(super) fn receive(
        &mut self,
        parcel: Parcel,
        network: &mut Network,
        random: &mut Random,
        now: Instant,
    ) {
        if self.power == Power::Off {
            return;
        }
        if self.wakes > now {
            return self.mail.push(parcel);
        }
        match parcel {
            Parcel::Response(_, id, response) => self.client.handle_response(id, response, now),
            Parcel::Failure(_, id) => self.client.handle_failure(id, now),
            Parcel::Accepted((_, id)) => self.client.handle_open(id, now),
            Parcel::Down((_, id), message) => {
                // What is lent right here is looked at right here.
                let event = self.client.handle_message(id, Data::from(&message), now);
                if let Some(event) = event {
                    Story::note(&mut self.talker, &mut self.opened, event);
                }
            }
            Parcel::DownEnd((_, id), reason) => {
                self.connections.remove(&id);
                self.client.handle_close(id, reason, now);
                if reason == Reason::TransportClose {
                    network.send(Parcel::UpEnd((self.name, id), reason), random, now);
                }
            }
            other => panic!("not for a client: {other:?}"),
        }
    }

    /// Does what there is to be done; was there anything?
    pub(super) fn act(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        if self.power == Power::Off || self.wakes > now {
            return false;
        }
        let mut busy = self.suffer(network, random, now) || !self.mail.is_empty();
        for parcel in std::mem::take(&mut self.mail) {
            self.receive(parcel, network, random, now);
        }
        let first = random.below(5);
        for turn in 0..5 {
            busy |= match (first + turn) % 5 {
                0 => self.make_requests(network, random, now),
                1 => self.use_connections(network, random, now),
                2 => self.look(random, now),
                3 => self.speak(random, now),
                _ => self.notice_time(now),
            };
        }
        busy
    }

    /// Misfortunes of a machine.
    fn suffer(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        if network.strikes(random, 1500) {
            self.power = Power::Off;
        } else if network.strikes(random, 500) {
            self.wakes = now + some_time(random, Duration::from_secs(90));
        } else if network.strikes(random, 500) {
            self.client.close(now);
        } else {
            return false;
        }
        true
    }

    fn make_requests(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        while let Some((id, request)) = self.client.poll_request(now) {
            network.request(self.name, id, request, random, now);
            busy = true;
        }
        if let Some((id, request)) = self.client.poll_connect(now) {
            self.connections.insert(id);
            network.send(Parcel::Dial((self.name, id), request), random, now);
            busy = true;
        }
        busy
    }

    fn use_connections(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        for id in self.connections.clone() {
            while let Some(outgoing) = self.client.poll_transmit(id) {
                let wire = (self.name, id);
                let parcel = match outgoing {
                    Outgoing::Message(message) => Parcel::Up(wire, message),
                    Outgoing::Close => Parcel::UpEnd(wire, Reason::TransportClose),
                };
                network.send(parcel, random, now);
                busy = true;
            }
        }
        busy
    }

    /// The user looks at what happened, if he does not pause.
    fn look(&mut self, random: &mut Random, now: Instant) -> bool {
        if self.looks > now {
            return false;
        }
        let mut busy = false;
        while let Some(event) = self.client.poll_event(now) {
            busy = true;
            assert_eq!(self.closed, None, "{event:?} behind the end");
            match event {
                Event::Closed(reason) => self.closed = Some(reason),
                Event::Upgraded(transport) => {
                    assert!(self.opened && !self.upgraded && transport == Transport::WebSocket);
                    self.upgraded = true;
                }
                event => Story::note(&mut self.talker, &mut self.opened, event),
            }
            if self.pause > Duration::ZERO && random.below(4) == 0 {
                self.looks = now + some_time(random, self.pause);
                break;
            }
        }
        busy
    }

    fn speak(&mut self, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        while let Some(message) = self.talker.due(now).filter(|_| self.closed.is_none()) {
            match self.client.send(message) {
                Ok(()) => self.talker.was_sent(random, now),
                Err(SendError::Blocked(_)) => self.talker.was_blocked(),
                Err(_) => return busy,
            }
            busy = true;
        }
        if self.is_complete() && self.closer == Closer::Guest && self.client.is_open() {
            self.client.close(now);
            busy = true;
        }
        busy
    }

    fn notice_time(&mut self, now: Instant) -> bool {
        if self.client.poll_timeout().is_none_or(|at| at > now) {
            return false;
        }
        self.client.handle_timeout(now);
        assert!(self.client.poll_timeout().is_none_or(|at| at > now), "time stands still");
        true
    }

    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        if self.power == Power::Off || self.client.is_finished() {
            return None;
        }
        if self.wakes > now {
            return Some(self.wakes);
        }
        let looks = Some(self.looks).filter(|at| *at > now);
        let talks = self.talker.next(now).filter(|_| self.closed.is_none());
        [looks, talks, self.client.poll_timeout()].into_iter().flatten().min()
    }

    pub(super) fn has_opened(&self) -> bool {
        self.opened
    }

    pub(super) fn has_upgraded(&self) -> bool {
        self.upgraded
    }

    pub(super) fn heard(&self) -> usize {
        self.talker.heard()
    }

    /// Was everything said and heard?
    pub(super) fn is_complete(&self) -> bool {
        self.talker.has_said_all() && self.talker.has_heard_all()
    }

    pub(super) fn check_end(&self) {
        if self.power == Power::Off {
            return;
        }
        assert!(self.closed.is_some() && self.client.is_finished(), "not ended: {self:?}");
        if self.faults == Faults::None {
            assert!(self.is_complete(), "not everything arrived: {self:?}");
            let expected = match self.closer {
                Closer::Guest => Reason::ForcedClose,
                Closer::Host => Reason::TransportClose,
            };
            assert_eq!(self.closed, Some(expected), "{self:?}");
        }
    }
}

impl Story {
    /// Events that may be lent by either way.
    fn note(talker: &mut Talker, opened: &mut bool, event: Event<'_>) {
        match event {
            Event::Opened => assert!(!std::mem::replace(opened, true), "opened twice"),
            Event::Message(data) => {
                assert!(*opened, "said before it was open");
                talker.hear(data);
            }
            Event::Room => talker.has_room(),
            Event::Housekeeping => {}
            other => panic!("{other:?} is not lent by a message"),
        }
    }
}
