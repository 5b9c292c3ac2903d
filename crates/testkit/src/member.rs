//! Anything that a server, a user and a clock do to a Socket.IO client.

use std::collections::HashSet;
use std::time::Duration;

use sansocket_core::{Instant, Message};
use sansocket_socketio::client::{
    Auth, Cause, Client, ClientOptions, Event, NamespaceId, Offline, Outgoing, Question, Reconnection,
    Retries, WhenFull,
};
use sansocket_socketio::{Args, Flags, Map, Nsp, RequestId, Revision, Value, Writable};

use crate::slumber::slumber;

/// A client, everybody who has to do with it, and what has to hold.
///
/// * Of a namespace it is told by turns that it is connected and that it is not, and what was said only in between.
/// * Each acknowledgement is told of once.
/// * There is one connection at a time.
/// * At the [end](Member::end) nothing is left, and nothing wakes it.
#[derive(Debug)]
pub struct Member {
    client: Client,
    now: Instant,
    line: Line,
    namespaces: Vec<NamespaceId>,
    connected: HashSet<NamespaceId>,
    waiting: HashSet<RequestId>,
    questions: Vec<Question>,
    /// What the user was told; what went out, and what came of what he said; each in order.
    told: Vec<String>,
    sent: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Line {
    None,
    Dialled,
    Open,
}

/// What a server may say, in `/` and in `/b`.
const SAID: [&str; 22] = [
    r#"0{"sid":"a"}"#,
    r#"0{"sid":"a","pid":"p"}"#,
    r#"0/b,{"sid":"b"}"#,
    r#"0/b,{"sid":"b","pid":"q"}"#,
    "0",
    "0/b,",
    "1",
    "1/b,",
    r#"2["a","o1"]"#,
    r#"2/b,["b",1]"#,
    r#"21["q"]"#,
    r#"2/b,2["q"]"#,
    "30[]",
    "31[1]",
    "3/b,0[]",
    r#"4{"message":"no"}"#,
    r#"4/b,{"message":"no","data":1}"#,
    r#"51-["f",{"_placeholder":true,"num":0}]"#,
    r#"61-0[{"_placeholder":true,"num":0}]"#,
    r#"2/nobody,["a"]"#,
    r#"4"no""#,
    "zz",
];
/// How much time passes at once.
const TIMES: [u64; 6] = [1, 100, 1_000, 5_000, 20_000, 45_000];

type Choose<'c> = &'c mut dyn FnMut(usize) -> usize;

impl Member {
    /// It wants nothing yet. `choose(n)` is a number below `n`.
    pub fn new(mut choose: impl FnMut(usize) -> usize) -> Member {
        let choose: Choose<'_> = &mut choose;
        let when_full = [WhenFull::Refuse, WhenFull::DropOldest, WhenFull::DropNewest][choose(3)];
        let attempts = [None, Some(2)][choose(2)];
        let retries = Retries { most: choose(3) as u32, ack_timeout: Duration::from_millis(500) };
        let options = ClientOptions {
            revision: [Revision::V5, Revision::V5, Revision::V4][choose(3)],
            reconnection: (choose(8) > 0).then(|| Reconnection { attempts, ..Reconnection::default() }),
            retries: (choose(3) == 0).then_some(retries),
            offline: Offline { max_bytes: 60, when_full },
            high_water: 40,
            hard_cap: 80,
            max_early: 600,
            max_pending_acks: 4,
            ..ClientOptions::default()
        };
        Member {
            client: Client::new(options, [choose(256) as u8; 32]),
            now: Instant::from_micros(1),
            line: Line::None,
            namespaces: Vec::new(),
            connected: HashSet::new(),
            waiting: HashSet::new(),
            questions: Vec::new(),
            told: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Something happens.
    pub fn happen(&mut self, mut choose: impl FnMut(usize) -> usize) {
        let choose: Choose<'_> = &mut choose;
        match choose(20) {
            0 => self.join(choose),
            1 => self.move_about(choose),
            2..=4 => self.transmit(choose),
            5 => self.open(),
            6 => self.break_down(choose),
            7..=9 => self.say(choose),
            10 => self.begin(choose),
            11 => self.look(),
            12 | 13 => self.emit(choose),
            14 => self.ask(choose),
            15 => self.answer(choose),
            16 => self.introduce(choose),
            17 => self.pass(choose),
            18 if choose(8) == 0 => self.client.close(self.now),
            18 => self.client.open(self.now),
            _ => self.client.handle_timeout(self.now),
        }
    }

    /// Calls that change nothing: questions, calls that come too early, and to look at what happened.
    pub fn be_curious(&mut self) {
        let client = &mut self.client;
        let _ = (client.is_idle(), client.has_events(), client.waiting_bytes(), client.is_open());
        for namespace in &self.namespaces {
            let _ = (client.has_room(*namespace), client.id(*namespace), client.name(*namespace));
        }
        if client.poll_timeout().is_none_or(|due| due > self.now) {
            client.handle_timeout(self.now);
        }
        self.look();
    }

    /// Nothing happens for so long, but that its clock rings. Answers how often it did.
    pub fn sleep(&mut self, time: Duration) -> usize {
        let client = &mut self.client;
        slumber(&mut self.now, time, client, Client::poll_timeout, Client::handle_timeout)
    }

    /// Nothing more happens, but that it is ended. What the user was told; what went out, and what came of what he said.
    ///
    /// # Panics
    /// If something is left.
    pub fn end(mut self) -> [Vec<String>; 2] {
        for namespace in std::mem::take(&mut self.namespaces) {
            self.client.remove(namespace, self.now);
        }
        self.client.close(self.now);
        while let Some(outgoing) = self.client.poll_transmit(Writable::Now) {
            self.note_sent(&outgoing);
        }
        self.look();
        assert!(self.client.is_idle() && self.connected.is_empty() && self.waiting.is_empty(), "{self:?}");
        assert_eq!((self.client.pending_acks(), self.client.waiting_bytes()), (0, 0), "{self:?}");
        assert_eq!((self.client.poll_timeout(), self.line), (None, Line::None), "{self:?}");
        [self.told, self.sent]
    }
}

/// What servers do.
impl Member {
    fn open(&mut self) {
        if self.line == Line::Dialled {
            self.line = Line::Open;
            self.client.handle_open("engine", self.now);
        }
    }

    fn break_down(&mut self, choose: Choose<'_>) {
        let cause = [Cause::TransportClose, Cause::TransportError, Cause::PingTimeout, Cause::ParseError];
        self.line = Line::None;
        self.client.handle_close(cause[choose(4)], self.now);
    }

    fn say(&mut self, choose: Choose<'_>) {
        let said = SAID[choose(SAID.len())];
        let message = if choose(6) == 0 { Message::binary(said.as_bytes()) } else { Message::text(said) };
        self.client.handle_message(message, self.now);
    }

    /// As it should be: a connection, and a welcome.
    fn begin(&mut self, choose: Choose<'_>) {
        self.transmit_all(Writable::Now);
        self.open();
        self.transmit_all(Writable::Now);
        for said in [[SAID[0], SAID[2]], [SAID[1], SAID[3]]][choose(2)] {
            self.client.handle_message(Message::text(said), self.now);
        }
    }
}

/// What users, adapters and clocks do.
impl Member {
    fn join(&mut self, choose: Choose<'_>) {
        let auth = match choose(4) {
            0 => Auth::Asked,
            1 => Auth::Given([Value::from(1_u64), Value::Object(Map::new())][choose(2)].clone()),
            _ => Auth::None,
        };
        let nsp = Nsp::new(["/", "/b", "/b"][choose(3)]).expect("a name");
        let namespace = self.client.namespace(nsp, auth, self.now);
        if !self.namespaces.contains(&namespace) {
            self.namespaces.push(namespace);
        }
    }

    fn move_about(&mut self, choose: Choose<'_>) {
        let Some(namespace) = one_of(&self.namespaces, choose) else { return };
        match choose(5) {
            0 => self.client.remove(namespace, self.now),
            1 | 2 => self.client.disconnect(namespace, self.now),
            _ => self.client.connect(namespace, self.now),
        }
    }

    fn transmit(&mut self, choose: Choose<'_>) {
        let writable = [Writable::Now, Writable::Later][choose(2)];
        match choose(2) {
            0 => self.transmit_all(writable),
            _ => _ = self.transmit_one(writable),
        }
    }

    fn transmit_all(&mut self, writable: Writable) {
        while self.transmit_one(writable) {}
    }

    fn transmit_one(&mut self, writable: Writable) -> bool {
        let outgoing = self.client.poll_transmit(writable);
        outgoing.inspect(|outgoing| self.note_sent(outgoing)).is_some()
    }

    fn note_sent(&mut self, outgoing: &Outgoing) {
        match outgoing {
            Outgoing::Open => {
                assert_eq!(self.line, Line::None, "one at a time");
                self.line = Line::Dialled;
            }
            Outgoing::Message { .. } => assert_eq!(self.line, Line::Open, "{outgoing:?}"),
            Outgoing::Close => {
                assert_ne!(self.line, Line::None, "there is nothing to close");
                self.line = Line::None;
            }
        }
        self.sent.push(format!("{outgoing:?}"));
    }

    fn look(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.note_told(&event);
            self.told.push(format!("{event:?}"));
        }
    }

    fn note_told(&mut self, event: &Event) {
        match event {
            Event::Connected { namespace, .. } => {
                assert!(self.connected.insert(*namespace), "connected twice: {self:?}");
            }
            Event::Disconnected { namespace, .. } => {
                assert!(self.connected.remove(namespace), "disconnected twice: {self:?}");
            }
            Event::Received { namespace, ack, .. } => {
                assert!(self.connected.contains(namespace), "said to nobody: {self:?}");
                self.questions.extend(ack);
            }
            Event::ConnectError { namespace, .. } => assert!(!self.connected.contains(namespace), "{self:?}"),
            Event::Acked { request, .. } | Event::AckFailed { request, .. } => {
                assert!(self.waiting.remove(request), "nobody waits for it: {self:?}");
            }
            Event::Opened | Event::Auth(_) | Event::Drained(_) => {}
            Event::Reconnecting { .. } | Event::ReconnectFailed => {}
        }
    }

    fn emit(&mut self, choose: Choose<'_>) {
        let Some(namespace) = one_of(&self.namespaces, choose) else { return };
        let flags = [Flags::default(), Flags::default().volatile(), Flags::default().latest()][choose(3)];
        let args = Args::new(&"x".repeat(choose(20))).expect("text");
        let name = ["a", "b", "connect"][choose(3)];
        let emitted = self.client.emit(namespace, name, args, flags, self.now);
        self.sent.push(format!("{emitted:?}"));
    }

    fn ask(&mut self, choose: Choose<'_>) {
        let Some(namespace) = one_of(&self.namespaces, choose) else { return };
        let flags = [Flags::default(), Flags::default().volatile()][choose(2)];
        let timeout = Duration::from_millis(TIMES[choose(TIMES.len())]);
        let asked = self.client.emit_with_ack(namespace, "q", Args::none(), timeout, flags, self.now);
        self.waiting.extend(&asked);
        self.sent.push(format!("{asked:?}"));
    }

    fn answer(&mut self, choose: Choose<'_>) {
        // Whoever answers has heard the question.
        self.look();
        if let Some(question) = one_of(&self.questions, choose) {
            self.client.acknowledge(question, Args::none(), self.now);
        }
    }

    fn introduce(&mut self, choose: Choose<'_>) {
        if let Some(namespace) = one_of(&self.namespaces, choose) {
            let auth = [None, Some(Value::Object(Map::new())), Some(Value::from(1_u64))][choose(3)].clone();
            self.client.provide_auth(namespace, auth);
        }
    }

    fn pass(&mut self, choose: Choose<'_>) {
        self.now = self.now + Duration::from_millis(TIMES[choose(TIMES.len())]);
        if choose(4) > 0 {
            self.client.handle_timeout(self.now);
            assert!(self.client.poll_timeout().is_none_or(|next| next > self.now), "strictly later");
        }
    }
}

/// One of those who came last; mostly the others are gone.
fn one_of<T: Copy>(all: &[T], choose: Choose<'_>) -> Option<T> {
    let recent = all.len().min(3);
    (recent > 0).then(|| all[all.len() - 1 - choose(recent)])
}
