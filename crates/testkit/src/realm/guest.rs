//! A client and its user.

use std::collections::HashMap;
use std::time::Duration;

use sansocket_core::Instant;
use sansocket_socketio::client::{Auth, Client, Event, NamespaceId, Outgoing, Question, Reason};
use sansocket_socketio::{Args, Flags, RequestId, Revision, Writable};

use super::host::Host;
use super::network::{Network, Parcel, Wire, engine_id};
use super::story::{Persona, Story, nsp, said};
use crate::Random;
use crate::world::{Faults, some_time};

/// Time after the end of all talking in which what is under way arrives.
const CALM: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Guest {
    name: usize,
    story: Story,
    client: Client,
    places: Vec<Place>,
    wire: Option<Wire>,
    wires: u32,
    /// The machine sleeps until then, and this arrived meanwhile.
    wakes: Instant,
    mail: Vec<Parcel>,
    /// What it waits for, by what was asked.
    waits: HashMap<RequestId, u32>,
    /// What it was asked, and when it answers.
    answers: Vec<(Instant, Question, u32)>,
    stage: Stage,
    pub(super) counts: Counts,
}

#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) sessions: usize,
    pub(super) recoveries: usize,
    pub(super) told: usize,
    pub(super) acknowledged: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Talking,
    Leaving,
    Gone,
}

/// A namespace, and what was said and heard there.
#[derive(Debug)]
struct Place {
    id: NamespaceId,
    /// The server lets us in when it likes, and we may come later.
    is_unasked: bool,
    /// Our id, while we are connected, and the one before.
    sid: Option<String>,
    last_sid: String,
    /// What comes next of what is said to us alone, and to all; `None` if that is not known.
    next_tell: Option<u32>,
    next_news: Option<u32>,
    last_volatile: Option<u32>,
    said: u32,
    asked: u32,
    due: Instant,
    is_blocked: bool,
    /// When the user comes back, if he left or was turned away.
    returns: Option<Instant>,
}

impl Guest {
    pub(super) fn new(name: usize, story: &Story, random: &mut Random, now: Instant) -> Guest {
        let mut seed = [0; 32];
        seed.copy_from_slice(&random.bytes(32));
        let mut client = Client::new(story.client_options(name), seed);
        let persona = story.guests[name];
        let auth = |place| persona.identity(name, place).map_or(Auth::None, Auth::Given);
        let places = (0..story.places).map(|place| Place {
            id: client.namespace(nsp(place), auth(place), now),
            is_unasked: persona.is_unasked(place),
            sid: None,
            last_sid: String::new(),
            next_tell: Some(0),
            next_news: None,
            last_volatile: None,
            said: 0,
            asked: 0,
            due: now + some_time(random, story.gap),
            is_blocked: false,
            returns: None,
        });
        Guest {
            name,
            places: places.collect(),
            story: story.clone(),
            client,
            wire: None,
            wires: 0,
            wakes: now,
            mail: Vec::new(),
            waits: HashMap::new(),
            answers: Vec::new(),
            stage: Stage::Talking,
            counts: Counts::default(),
        }
    }

    fn persona(&self) -> Persona {
        self.story.guests[self.name]
    }

    pub(super) fn is_old(&self) -> bool {
        self.persona().revision == Revision::V4
    }

    pub(super) fn is_packed(&self) -> bool {
        self.story.is_msgpack()
    }

    pub(super) fn connections(&self) -> usize {
        self.wires as usize
    }

    pub(super) fn receive(&mut self, parcel: Parcel, now: Instant) {
        if self.wakes > now {
            return self.mail.push(parcel);
        }
        // Of a connection that was closed nothing is reported.
        if self.wire != Some(parcel.wire()) {
            return;
        }
        match parcel {
            Parcel::Accepted(wire) => self.client.handle_open(engine_id(wire), now),
            Parcel::Down(_, message) => self.client.handle_message(message, now),
            Parcel::DownEnd(_, cause) => {
                self.wire = None;
                self.client.handle_close(cause, now);
            }
            other => panic!("not for a client: {other:?}"),
        }
    }

    /// Does what there is to be done; was there anything?
    pub(super) fn act(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        if self.wakes > now || self.stage == Stage::Gone {
            return false;
        }
        let mut busy = self.suffer(random, now) || !self.mail.is_empty();
        for parcel in std::mem::take(&mut self.mail) {
            self.receive(parcel, now);
        }
        let first = random.below(4);
        for turn in 0..4 {
            busy |= match (first + turn) % 4 {
                0 => self.transmit(network, random, now),
                1 => self.look(random, now),
                2 => self.speak(random, now),
                _ => self.notice_time(now),
            };
        }
        busy | self.leave(now)
    }

    /// Misfortunes of a machine, and whims of its user.
    fn suffer(&mut self, random: &mut Random, now: Instant) -> bool {
        let place = random.below(self.places.len());
        if self.story.strikes(random, 300, now) {
            self.wakes = now + some_time(random, Duration::from_secs(60));
        } else if self.story.strikes(random, 200, now) {
            self.client.disconnect(self.places[place].id, now);
            self.places[place].returns = Some(now + some_time(random, Duration::from_secs(3)));
        } else if self.story.strikes(random, 400, now) {
            self.client.close(now);
            self.client.open(now);
        } else {
            return false;
        }
        true
    }

    fn transmit(&mut self, network: &mut Network, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        let writable = random.pick(&[Writable::Now, Writable::Now, Writable::Later]);
        while let Some(outgoing) = self.client.poll_transmit(writable) {
            busy = true;
            match outgoing {
                Outgoing::Open => {
                    assert_eq!(self.wire, None, "one at a time");
                    let wire = (self.name, self.wires);
                    self.wires += 1;
                    self.wire = Some(wire);
                    network.send(Parcel::Dial(wire), random, now);
                }
                Outgoing::Message { message, .. } => {
                    network.send(Parcel::Up(self.wire.expect("open"), message), random, now);
                }
                Outgoing::Close => {
                    let wire = self.wire.take().expect("open");
                    let cause = sansocket_socketio::client::Cause::TransportClose;
                    network.send(Parcel::UpEnd(wire, cause), random, now);
                }
            }
        }
        busy
    }

    /// The user looks at what happened.
    fn look(&mut self, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        while let Some(event) = self.client.poll_event() {
            busy = true;
            self.hear(event, random, now);
        }
        busy
    }

    fn hear(&mut self, event: Event, random: &mut Random, now: Instant) {
        match event {
            Event::Connected { namespace, id, recovered } => {
                assert!(!recovered || !self.is_old(), "nobody could say who we were");
                let place = self.place(namespace);
                match recovered {
                    true => place.goes_on(&id),
                    false => place.begins(&id),
                }
                self.counts.sessions += usize::from(!recovered);
                self.counts.recoveries += usize::from(recovered);
            }
            Event::Disconnected { namespace, reason } => {
                let place = self.place(namespace);
                assert!(place.sid.take().is_some(), "disconnected twice");
                if reason == Reason::ServerDisconnect {
                    place.returns = Some(now + some_time(random, Duration::from_secs(3)));
                }
            }
            Event::ConnectError { namespace, error } => {
                let place = self.place(namespace);
                assert_eq!(place.sid, None, "{error}");
                if error.is_final() {
                    place.returns = Some(now + some_time(random, Duration::from_secs(3)));
                }
            }
            Event::Received { namespace, name, args, ack } => {
                self.counts.told += 1;
                let asked = self.place(namespace).heard(&name, &args);
                if let (Some(ack), Some(asked)) = (ack, asked) {
                    let at = now + some_time(random, Duration::from_secs(3));
                    self.answers.push((at, ack, asked));
                }
            }
            Event::Acked { request, args } => {
                let asked = self.waits.remove(&request).expect("told of once");
                assert_eq!(args.read::<u32>(), Ok(asked), "the answer to another question");
                self.counts.acknowledged += 1;
            }
            Event::AckFailed { request, .. } => _ = self.waits.remove(&request).expect("told of once"),
            Event::Drained(namespace) => self.place(namespace).is_blocked = false,
            Event::Opened | Event::Reconnecting { .. } => {}
            Event::Auth(_) | Event::ReconnectFailed => panic!("{event:?}"),
        }
    }

    fn place(&mut self, namespace: NamespaceId) -> &mut Place {
        self.places.iter_mut().find(|place| place.id == namespace).expect("known")
    }

    fn speak(&mut self, random: &mut Random, now: Instant) -> bool {
        let mut busy = false;
        let due = |answer: &mut (Instant, Question, u32)| answer.0 <= now;
        for (_, question, asked) in self.answers.extract_if(.., due).collect::<Vec<_>>() {
            self.client.acknowledge(question, number(asked), now);
            busy = true;
        }
        for place in &mut self.places {
            if place.returns.take_if(|at| *at <= now).is_some() {
                self.client.connect(place.id, now);
                busy = true;
            }
            while place.due <= now && now < self.story.until && !place.is_blocked {
                busy = true;
                place.due = now + some_time(random, self.story.gap);
                let flags = Flags::default();
                let said = match random.below(5) {
                    0 => self.client.emit(place.id, "wave", Args::none(), flags.volatile(), now),
                    1 => {
                        let timeout = Duration::from_millis(500 + random.below(9_000) as u64);
                        let question = number(place.asked);
                        let asked =
                            self.client.emit_with_ack(place.id, "query", question, timeout, flags, now);
                        asked.map(|request| {
                            self.waits.insert(request, place.asked);
                            place.asked += 1;
                        })
                    }
                    _ => {
                        let said = self.client.emit(place.id, "say", number(place.said), flags, now);
                        said.inspect(|()| place.said += 1)
                    }
                };
                place.is_blocked = said.is_err();
            }
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

    /// When everything was said the user leaves.
    fn leave(&mut self, now: Instant) -> bool {
        match self.stage {
            Stage::Talking if now >= self.story.until + CALM && self.is_complete() => {
                self.client.close(now);
                self.stage = Stage::Leaving;
                true
            }
            Stage::Leaving if self.client.is_idle() => {
                self.stage = Stage::Gone;
                true
            }
            _ => false,
        }
    }

    fn is_complete(&self) -> bool {
        let is_silent = |place: &Place| place.sid.is_some() && self.client.kept_bytes(place.id) == 0;
        self.places.iter().all(is_silent) && self.client.waiting_bytes() == 0 && self.waits.is_empty()
    }

    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        if self.stage == Stage::Gone {
            return None;
        }
        if self.wakes > now {
            return Some(self.wakes);
        }
        let talks = self.places.iter().filter(|place| !place.is_blocked).map(|place| place.due);
        let talks = talks.filter(|at| *at < self.story.until).chain([self.story.until + CALM]);
        let returns = self.places.iter().filter_map(|place| place.returns);
        let answers = self.answers.iter().map(|(at, ..)| *at);
        let mine = talks.chain(returns).chain(answers).filter(|at| *at > now);
        mine.chain(self.client.poll_timeout()).min()
    }

    pub(super) fn check_end(&self, host: &Host) {
        assert_eq!(self.stage, Stage::Gone, "{self:?}");
        assert!(self.places.iter().all(|place| place.sid.is_none()), "still connected: {self:?}");
        assert_eq!((self.client.pending_acks(), self.client.poll_timeout()), (0, None), "{self:?}");
        assert!(self.waits.is_empty(), "never told: {self:?}");
        for (place, state) in self.places.iter().enumerate() {
            let heard = host.heard(self.name, place);
            if self.persona().is_insistent || self.story.faults == Faults::None {
                assert_eq!(heard, state.said, "not everything arrived: {self:?}");
            }
            if self.story.faults == Faults::None {
                let told = state.next_tell.unwrap_or(0);
                assert_eq!(told, host.told(self.name, place), "not everything arrived: {self:?}");
            }
        }
    }
}

impl Place {
    /// A session begins: what is said in it is counted anew.
    fn begins(&mut self, id: &str) {
        assert_eq!(self.sid, None, "connected twice");
        self.next_tell = (!self.is_unasked).then_some(0);
        self.next_news = None;
        self.last_volatile = None;
        self.last_sid = id.to_string();
        self.sid = Some(id.to_string());
    }

    /// A session goes on on another connection.
    fn goes_on(&mut self, id: &str) {
        assert_eq!(self.sid, None, "connected twice");
        assert_eq!(self.last_sid, id, "somebody else's session");
        self.sid = Some(id.to_string());
    }

    /// Something was said: it has to be for us, and what comes next. The number that a question has.
    fn heard(&mut self, name: &str, args: &Args) -> Option<u32> {
        let (sid, number) = said(args);
        let me = self.sid.as_deref().expect("connected");
        match name {
            "tell" => {
                let next = self.next_tell.unwrap_or(number);
                assert_eq!((&*sid, number), (me, next), "lost, doubled, reordered or not ours");
                self.next_tell = Some(number + 1);
            }
            "news" => {
                assert!(
                    self.next_news.is_none_or(|next| next == number),
                    "{number}, not {:?}",
                    self.next_news
                );
                self.next_news = Some(number + 1);
            }
            "volatile" => {
                assert!(self.last_volatile < Some(number), "doubled or reordered");
                self.last_volatile = Some(number);
            }
            "ask" => {
                assert_eq!(sid, me, "not ours");
                return Some(number);
            }
            other => panic!("nobody says {other}"),
        }
        None
    }
}

fn number(number: u32) -> Args {
    Args::new(&number).expect("a number")
}
