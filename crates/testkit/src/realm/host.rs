//! The server, its user and its machine.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use sansocket_core::{Instant, Request};
use sansocket_socketio::client::Cause;
use sansocket_socketio::server::{
    Closing, ConnectError, ConnectionId, Event, Handshake, Notice, Outcome, Reason, Server, SocketId, Target,
};
use sansocket_socketio::{AckId, Args, Flags, Outgoing, RequestId, Value, Writable};

use super::network::{Network, Parcel, Wire, engine_id};
use super::seat::{Records, Seat, State};
use super::story::{PLACES, Story, nsp, saying};
use crate::Random;
use crate::world::some_time;

#[derive(Debug)]
pub(super) struct Host {
    story: Story,
    life: Option<Life>,
    /// When it comes back, if it is down.
    starts: Instant,
    /// What it heard of whom, whichever server it was.
    records: Records,
    pub(super) counts: Counts,
}

#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) said: usize,
    pub(super) acknowledged: usize,
    pub(super) restarts: usize,
}

/// From a start to a crash.
#[derive(Debug)]
struct Life {
    server: Server,
    wires: BTreeMap<ConnectionId, Wire>,
    connections: BTreeMap<Wire, ConnectionId>,
    seats: BTreeMap<SocketId, Seat>,
    /// Those that the user will look at.
    dirty: BTreeSet<ConnectionId>,
    looks: Instant,
    /// Who waits to be let in, and until when he is thought about.
    doors: Vec<(Instant, SocketId)>,
    answers: Vec<(Instant, SocketId, Answer)>,
    waits: HashMap<RequestId, u32>,
    news: [u32; PLACES.len()],
    volatile: u32,
    /// It goes down then.
    ends: Option<Instant>,
}

#[derive(Debug)]
struct Answer {
    ack: AckId,
    to: u32,
}

impl Host {
    pub(super) fn new(story: &Story, random: &mut Random, now: Instant) -> Host {
        Host {
            life: Some(Life::new(story, random, now)),
            story: story.clone(),
            starts: now,
            records: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// How much a guest said that arrived.
    pub(super) fn heard(&self, guest: usize, place: usize) -> u32 {
        self.records.get(&(guest, place)).map_or(0, |record| record.said.len() as u32)
    }

    /// How much a guest was told in its last session.
    pub(super) fn told(&self, guest: usize, place: usize) -> u32 {
        self.records.get(&(guest, place)).map_or(0, |record| record.told)
    }

    pub(super) fn receive(
        &mut self,
        parcel: Parcel,
        network: &mut Network,
        random: &mut Random,
        now: Instant,
    ) {
        let Some(life) = &mut self.life else {
            // Nobody is there; whether that is noticed at once is another matter.
            if let (Parcel::Dial(wire), 0..2) = (&parcel, random.below(3)) {
                network.send(Parcel::DownEnd(*wire, Cause::TransportError), random, now);
            }
            return;
        };
        match parcel {
            Parcel::Dial(wire) => {
                let revision = self.story.guests[wire.0].revision;
                let handshake = Handshake::new(Request::get("/socket.io/"), revision, engine_id(wire));
                let connection = life.server.handle_connection(handshake, now);
                life.wires.insert(connection, wire);
                life.connections.insert(wire, connection);
                network.send(Parcel::Accepted(wire), random, now);
            }
            Parcel::Up(wire, message) => {
                if let Some(connection) = life.connections.get(&wire) {
                    life.server.handle_message(*connection, message, now);
                }
            }
            Parcel::UpEnd(wire, cause) => {
                if let Some(connection) = life.connections.get(&wire) {
                    life.server.handle_close(*connection, reason(cause), now);
                }
            }
            other => panic!("not for a server: {other:?}"),
        }
    }

    /// Does what there is to be done; was there anything?
    pub(super) fn act(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        if self.suffer(network, random, now) {
            return true;
        }
        let Host { story, life: Some(life), records, counts, .. } = self else { return false };
        let mut busy = false;
        while let Some(connection) = life.server.poll_dirty() {
            busy |= life.dirty.insert(connection);
        }
        busy |= life.transmit(network, random, now);
        if life.looks <= now {
            busy |= life.look(story, records, counts, random, now);
        }
        busy | life.decide(story, random, now)
            | life.speak(story, records, random, now)
            | life.notice_time(now)
    }

    /// Crashes, orderly ends and new starts.
    fn suffer(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let Some(life) = &mut self.life else {
            if self.starts > now {
                return false;
            }
            self.life = Some(Life::new(&self.story, random, now));
            self.counts.restarts += 1;
            return true;
        };
        let is_over = life.ends.is_some_and(|at| at <= now);
        if is_over || self.story.strikes(random, 500, now) {
            for wire in life.wires.values() {
                network.cut(*wire, random, now);
            }
            self.life = None;
            self.starts = now + some_time(random, Duration::from_secs(10));
            return true;
        }
        if life.ends.is_none() && self.story.strikes(random, 800, now) {
            life.server.close(now);
            life.ends = Some(now + Duration::from_secs(2));
            return true;
        }
        false
    }

    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let Some(life) = &self.life else { return Some(self.starts) };
        let talks = life.seats.values().filter(|seat| seat.state == State::Connected && !seat.is_blocked);
        let talks = talks.map(|seat| seat.due).filter(|at| *at < self.story.until);
        let looks = (!life.dirty.is_empty()).then_some(life.looks);
        let doors = life.doors.iter().map(|(at, _)| *at);
        let answers = life.answers.iter().map(|(at, ..)| *at);
        let mine = talks.chain(looks).chain(doors).chain(answers).chain(life.ends);
        mine.filter(|at| *at > now).chain(life.server.poll_timeout()).min()
    }

    pub(super) fn check_end(&self) {
        let life = self.life.as_ref().expect("it was started again");
        assert!(life.seats.is_empty() && life.wires.is_empty() && life.waits.is_empty(), "{life:?}");
        assert!(life.server.is_empty(), "something is left: {life:?}");
        assert_eq!(life.server.poll_timeout(), None);
    }
}

impl Life {
    fn new(story: &Story, random: &mut Random, now: Instant) -> Life {
        let mut seed = [0; 32];
        seed.copy_from_slice(&random.bytes(32));
        let mut server = Server::new(story.server_options(), seed);
        for place in 0..PLACES.len() {
            server.add_namespace(nsp(place));
        }
        Life {
            server,
            wires: BTreeMap::new(),
            connections: BTreeMap::new(),
            seats: BTreeMap::new(),
            dirty: BTreeSet::new(),
            looks: now,
            doors: Vec::new(),
            answers: Vec::new(),
            waits: HashMap::new(),
            news: [0; PLACES.len()],
            volatile: 0,
            ends: None,
        }
    }

    fn transmit(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        for connection in &self.dirty {
            let Some(wire) = self.wires.get(connection).copied() else { continue };
            let writable = random.pick(&[Writable::Now, Writable::Now, Writable::Later]);
            while let Some(outgoing) = self.server.poll_transmit(*connection, writable) {
                busy = true;
                let parcel = match outgoing {
                    Outgoing::Message { message, .. } => Parcel::Down(wire, message),
                    Outgoing::Close => Parcel::DownEnd(wire, Cause::TransportClose),
                };
                network.send(parcel, random, now);
            }
        }
        busy
    }

    /// The user looks at what happened, if he does not pause.
    fn look(
        &mut self,
        story: &Story,
        records: &mut Records,
        counts: &mut Counts,
        random: &mut Random,
        now: Instant,
    ) -> bool {
        let mut busy = false;
        while let Some(connection) = self.dirty.pop_first() {
            while let Some(event) = self.server.poll_event(connection) {
                busy = true;
                self.hear(connection, event, story, records, random, now);
            }
            if random.below(20) == 0 {
                self.looks = now + some_time(random, Duration::from_secs(2));
                break;
            }
        }
        while let Some(notice) = self.server.poll_notice() {
            busy = true;
            if let Notice::Forgotten(socket) = notice {
                self.forget(socket);
            }
        }
        while let Some(outcome) = self.server.poll_outcome() {
            busy = true;
            let Outcome::Acked { request, result } = outcome else { panic!("{outcome:?}") };
            let asked = self.waits.remove(&request).expect("told of once");
            if let Ok(args) = result {
                assert_eq!(args.read::<u32>(), Ok(asked), "the answer to another question");
                counts.acknowledged += 1;
            }
        }
        counts.said = records.values().map(|record| record.said.len() + record.asked.len()).sum();
        busy
    }

    fn hear(
        &mut self,
        connection: ConnectionId,
        event: Event,
        story: &Story,
        records: &mut Records,
        random: &mut Random,
        now: Instant,
    ) {
        match event {
            Event::Connecting(socket) => {
                let seat = self.seat(connection, socket, story, random, now);
                assert!(self.seats.insert(socket, seat).is_none(), "it comes twice");
                self.doors.push((now + some_time(random, Duration::from_millis(500)), socket));
            }
            Event::Connected(socket) => self.known(socket).arrives(State::Waiting),
            Event::Recovered(socket) => self.known(socket).arrives(State::Away),
            Event::Received { socket, name, args, ack } => {
                let seat = self.known(socket);
                assert_eq!(seat.state, State::Connected, "who says that?");
                let record = records.entry((seat.guest, seat.place)).or_default();
                let Some(to) = seat.hears(record, &name, &args) else { return };
                if let Some(ack) = ack {
                    let at = now + some_time(random, Duration::from_secs(2));
                    self.answers.push((at, socket, Answer { ack, to }));
                }
            }
            Event::Drained(socket) => self.known(socket).is_blocked = false,
            Event::Disconnecting { socket, .. } => assert_eq!(self.known(socket).state, State::Connected),
            Event::Disconnected { socket, .. } => {
                let seat = self.known(socket);
                assert_eq!(seat.state, State::Connected, "disconnected twice");
                seat.state = State::Away;
            }
            Event::Forgotten(socket) => self.forget(socket),
            Event::Closed => {
                let wire = self.wires.remove(&connection).expect("closed once");
                self.connections.remove(&wire);
            }
        }
    }

    fn known(&mut self, socket: SocketId) -> &mut Seat {
        self.seats.get_mut(&socket).expect("it came, and was not forgotten")
    }

    fn seat(
        &self,
        connection: ConnectionId,
        socket: SocketId,
        story: &Story,
        random: &mut Random,
        now: Instant,
    ) -> Seat {
        let info = self.server.socket(socket).expect("it comes");
        let place = PLACES.iter().position(|name| info.nsp() == name).expect("known");
        let guest = self.wires[&connection].0;
        let persona = story.guests[guest];
        // Whoever comes back says more than that.
        let identity = persona.identity(guest, place);
        let name = |identity: &Value| identity.get("guest").cloned();
        assert_eq!(info.auth().and_then(name), identity.as_ref().and_then(name), "somebody else");
        Seat {
            guest,
            place,
            id: info.id().to_string(),
            state: State::Waiting,
            told: 0,
            asked: 0,
            due: now + some_time(random, story.gap),
            is_blocked: false,
            is_insistent: persona.is_insistent,
            last_said: None,
        }
    }

    fn forget(&mut self, socket: SocketId) {
        let seat = self.seats.remove(&socket).expect("forgotten once");
        assert_ne!(seat.state, State::Connected, "it was never disconnected");
    }

    /// Lets in, turns away, answers.
    fn decide(&mut self, story: &Story, random: &mut Random, now: Instant) -> bool {
        let doors: Vec<_> = self.doors.extract_if(.., |door| door.0 <= now).collect();
        let answers: Vec<_> = self.answers.extract_if(.., |answer| answer.0 <= now).collect();
        let busy = !doors.is_empty() || !answers.is_empty();
        for (_, socket) in doors {
            if story.strikes(random, 12, now) {
                self.server.refuse(socket, ConnectError::new("not today"), now);
            } else {
                self.server.accept(socket, now);
            }
        }
        for (_, socket, Answer { ack, to }) in answers {
            self.server.acknowledge(socket, ack, Args::new(&to).expect("a number"), now);
        }
        busy
    }

    fn speak(&mut self, story: &Story, records: &mut Records, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        let flags = Flags::default();
        for (socket, seat) in &mut self.seats {
            let is_due = seat.state == State::Connected && !seat.is_blocked && seat.due <= now;
            if !is_due || now >= story.until {
                continue;
            }
            busy = true;
            seat.due = now + some_time(random, story.gap);
            if story.strikes(random, 60, now) {
                let closing = random.pick(&[Closing::Namespace, Closing::Connection]);
                self.server.disconnect(*socket, closing, now);
                continue;
            }
            let said = |number| saying(&seat.id, number);
            let emitted = match random.below(8) {
                0 => {
                    self.volatile += 1;
                    self.server.emit(*socket, "volatile", said(self.volatile), flags.volatile(), now)
                }
                1 => {
                    let timeout = Duration::from_millis(500 + random.below(9_000) as u64);
                    let question = said(seat.asked);
                    let asked = self.server.emit_with_ack(*socket, "ask", question, timeout, flags, now);
                    asked.map(|request| {
                        self.waits.insert(request, seat.asked);
                        seat.asked += 1;
                    })
                }
                2 => {
                    let number = self.news[seat.place];
                    self.news[seat.place] += 1;
                    self.server.broadcast(&Target::new(nsp(seat.place)), "news", said(number), now)
                }
                _ => self.server.emit(*socket, "tell", said(seat.told), flags, now).inspect(|()| {
                    seat.told += 1;
                    records.entry((seat.guest, seat.place)).or_default().told = seat.told;
                }),
            };
            // Who was disconnected meanwhile is not blocked, but that will be heard.
            seat.is_blocked = emitted.is_err();
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
}

fn reason(cause: Cause) -> Reason {
    match cause {
        Cause::TransportClose => Reason::TransportClose,
        Cause::TransportError => Reason::TransportError,
        Cause::PingTimeout => Reason::PingTimeout,
        Cause::ParseError => Reason::ParseError,
    }
}
