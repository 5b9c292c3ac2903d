//! The connection below.

use sansocket_core::{Deadlines, Instant, Message, Reason as Entry, Utf8Bytes};

use super::namespace::{After, Phase as Stage, Then};
use super::outlet::Worth;
use super::requests::Place;
use super::{Cause, Client, ConnectError, Event, NamespaceId, Reason};
use crate::{Compress, Decoder, Revision, Writable};

/// What the connection is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// Connect to the server, then say [`handle_open`](Client::handle_open), or [`handle_close`](Client::handle_close) if
    /// it cannot be done. Never asked for while there is a connection.
    Open,
    /// Send this message.
    Message {
        /// The message.
        message: Message,
        /// Is it worth compressing?
        compress: Compress,
    },
    /// Close, when what was sent before has left; if it is not open yet, give it up. What is heard of it from now on is
    /// nobody's business.
    Close,
}

/// The connection, or how far it is.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) phase: Phase,
    goodbye: Goodbye,
    pub(super) main: Main,
    /// The id that the layer below gave the connection: in Socket.IO 2 our ids come of it.
    pub(super) engine_id: Utf8Bytes,
    pub(super) decoder: Decoder,
    pub(super) deadlines: Deadlines<Why, 3>,
    /// As it is before the first message.
    blank: Decoder,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Closed,
    /// The time before the next attempt.
    Waiting,
    /// It is to be opened.
    Due,
    /// It is being opened.
    Opening,
    Open,
}

/// What the connection before this one is still to be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goodbye {
    Nothing,
    /// All that waits, then to close.
    AfterAll,
    /// To close.
    AtOnce,
}

/// Socket.IO 2: `/` is connected by the server, unasked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Main {
    /// It will be.
    Coming,
    /// It is.
    Here,
    /// It is no longer, and has to be asked for.
    Gone,
}

/// Why a deadline stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// The attempt takes too long.
    Open,
    /// It is time for the next one.
    Reconnect,
    /// Attachments are missing.
    Attachments,
}

impl Entry for Why {
    const ALL: &'static [Why] = &[Why::Open, Why::Reconnect, Why::Attachments];

    fn index(self) -> usize {
        self as usize
    }
}

impl Line {
    pub(super) fn new(decoder: Decoder) -> Line {
        Line {
            phase: Phase::Closed,
            goodbye: Goodbye::Nothing,
            main: Main::Gone,
            engine_id: Utf8Bytes::default(),
            blank: decoder.clone(),
            decoder,
            deadlines: Deadlines::default(),
        }
    }
}

/// From below.
impl Client {
    /// What the connection is to do next. `None`: nothing for now; ask again after each other call. Say `Now` if the
    /// message would leave at once, and ask no more while the layer below is full.
    pub fn poll_transmit(&mut self, writable: Writable) -> Option<Outgoing> {
        match (self.line.goodbye, self.line.phase) {
            (Goodbye::AtOnce, _) => {
                self.line.goodbye = Goodbye::Nothing;
                Some(Outgoing::Close)
            }
            (Goodbye::AfterAll, _) => Some(self.next_message(writable).unwrap_or_else(|| {
                self.line.goodbye = Goodbye::Nothing;
                Outgoing::Close
            })),
            (Goodbye::Nothing, Phase::Due) => {
                self.line.phase = Phase::Opening;
                Some(Outgoing::Open)
            }
            (Goodbye::Nothing, Phase::Open) => {
                let next = self.next_message(writable);
                self.relieve();
                next
            }
            (Goodbye::Nothing, Phase::Closed | Phase::Waiting | Phase::Opening) => None,
        }
    }

    fn next_message(&mut self, writable: Writable) -> Option<Outgoing> {
        let is_connected =
            |id: NamespaceId| self.namespaces.get(id).is_some_and(|namespace| namespace.is_connected());
        let (message, compress) = self.outlet.next(writable, is_connected)?;
        Some(Outgoing::Message { message, compress })
    }

    /// The connection is open. `engine_id` is what the layer below calls it: the session id of Engine.IO. In Socket.IO 2
    /// our ids are made of it; else it may be anything.
    pub fn handle_open(&mut self, engine_id: impl Into<Utf8Bytes>, now: Instant) {
        if self.line.phase != Phase::Opening {
            return;
        }
        self.line.phase = Phase::Open;
        self.line.engine_id = engine_id.into();
        self.line.main = match self.options.revision {
            Revision::V4 => Main::Coming,
            Revision::V5 => Main::Gone,
        };
        self.line.deadlines.clear(Why::Open);
        self.backoff.reset();
        self.events.push_back(Event::Opened);
        for id in self.ids() {
            if self.namespaces[id].phase == Stage::Waiting {
                self.begin(id, now);
            }
        }
    }

    /// The connection is gone, or could not be made. Idempotent.
    pub fn handle_close(&mut self, cause: Cause, now: Instant) {
        match (self.line.goodbye, self.line.phase) {
            (Goodbye::AfterAll | Goodbye::AtOnce, _) => {
                // The one before, that had to be closed anyway.
                self.line.goodbye = Goodbye::Nothing;
                self.outlet.unsent();
            }
            (Goodbye::Nothing, Phase::Opening) => self.attempt_failed(ConnectError::Unreachable(cause), now),
            (Goodbye::Nothing, Phase::Open) => self.lose(cause, now),
            (Goodbye::Nothing, Phase::Closed | Phase::Waiting | Phase::Due) => {}
        }
    }

    /// We want no more of this connection, for that reason.
    pub(super) fn break_off(&mut self, cause: Cause, now: Instant) {
        if self.line.phase == Phase::Open {
            self.lose(cause, now);
            self.line.goodbye = Goodbye::AtOnce;
        }
    }

    /// The connection is lost: what did not leave is kept, and all namespaces wait for the next one.
    fn lose(&mut self, cause: Cause, now: Instant) {
        self.reset_line();
        self.keep_unsent();
        for id in self.ids() {
            if self.namespaces[id].is_connected() {
                self.end_session(id, Reason::Lost(cause), Stage::Waiting, now);
            }
            self.fall_back(id);
        }
        self.try_again(now);
    }

    fn attempt_failed(&mut self, error: ConnectError, now: Instant) {
        self.reset_line();
        for id in self.ids().into_iter().filter(|id| self.namespaces[*id].is_wanted()) {
            self.events.push_back(Event::ConnectError { namespace: id, error: error.clone() });
        }
        self.try_again(now);
    }

    fn try_again(&mut self, now: Instant) {
        let Some(rules) = self.options.reconnection.as_ref().filter(|_| self.is_needed()) else { return };
        match self.backoff.attempt(rules) {
            Some(attempt) => {
                self.line.phase = Phase::Waiting;
                self.line.deadlines.set(Why::Reconnect, now + attempt.delay);
                self.events.push_back(Event::Reconnecting { attempt: attempt.number, delay: attempt.delay });
            }
            None => {
                self.backoff.reset();
                self.events.push_back(Event::ReconnectFailed);
            }
        }
    }

    fn reset_line(&mut self) {
        self.line.phase = Phase::Closed;
        self.line.deadlines.clear_all();
        self.line.decoder = self.line.blank.clone();
    }

    /// A namespace without a connection. It may be removed for that.
    fn fall_back(&mut self, id: NamespaceId) {
        let namespace = &mut self.namespaces[id];
        namespace.early = Default::default();
        namespace.after = After::Nothing;
        namespace.phase = match namespace.phase {
            Stage::Idle | Stage::Leaving(Then::Rest) => Stage::Idle,
            Stage::Leaving(Then::Gone) => {
                self.namespaces.remove(id);
                return;
            }
            Stage::Waiting
            | Stage::Asking
            | Stage::Connecting
            | Stage::Connected
            | Stage::Leaving(Then::Again) => Stage::Waiting,
        };
    }

    /// What waited for the connection that is lost, and means something on another one, is kept for that.
    fn keep_unsent(&mut self) {
        for parcel in self.outlet.unsent() {
            let request = match parcel.worth {
                Worth::Always(request) => request,
                Worth::Latest(_) => {
                    self.outlet.restore_latest(parcel);
                    continue;
                }
                Worth::Here | Worth::Now => continue,
            };
            let request = request.and_then(|request| self.requests.get_mut(request));
            if request.as_ref().is_some_and(|request| request.trial.is_some()) {
                // It is kept anyway.
                continue;
            }
            // Who said goodbye does not say it again, nor what he said before.
            let Some(namespace) = self.namespaces.get_mut(parcel.namespace).filter(|it| it.is_connected())
            else {
                continue;
            };
            if let Some(request) = request {
                request.place = Place::Kept;
            }
            namespace.kept.push(parcel);
        }
    }
}

/// Beginning and end.
impl Client {
    /// Connects now: for the first time, after [`close`](Client::close), after
    /// [`ReconnectFailed`](Event::ReconnectFailed), or instead of waiting for the next attempt. Else a no-op.
    pub fn open(&mut self, now: Instant) {
        if matches!(self.line.phase, Phase::Closed | Phase::Waiting) {
            self.backoff.reset();
            self.dial(now);
        }
    }

    /// Says goodbye everywhere, then closes the connection. Nothing happens until [`open`](Client::open), when all
    /// namespaces come back, or [`connect`](Client::connect).
    pub fn close(&mut self, now: Instant) {
        for id in self.ids() {
            if self.namespaces[id].is_connected() {
                self.say_goodbye(id, Stage::Waiting, now);
            }
        }
        self.hang_up();
    }

    pub(super) fn dial(&mut self, now: Instant) {
        self.line.phase = Phase::Due;
        self.line.deadlines.clear(Why::Reconnect);
        self.line.deadlines.set(Why::Open, now + self.options.open_timeout);
    }

    /// If nobody wants anything any more the connection is closed.
    pub(super) fn rest(&mut self) {
        if !self.is_needed() {
            self.hang_up();
        }
    }

    /// Closes the connection when all was said, and does not open another one.
    fn hang_up(&mut self) {
        match self.line.phase {
            Phase::Open => self.line.goodbye = Goodbye::AfterAll,
            Phase::Opening => self.line.goodbye = Goodbye::AtOnce,
            Phase::Closed | Phase::Waiting | Phase::Due => {}
        }
        self.reset_line();
        for id in self.ids() {
            self.fall_back(id);
        }
    }

    fn is_needed(&self) -> bool {
        self.namespaces.values().any(|namespace| namespace.is_wanted())
    }
}

/// Time.
impl Client {
    /// When [`handle_timeout`](Client::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.line.deadlines.next(), self.requests.next()].into_iter().flatten().min()
    }

    /// It is `now`. Early and spurious calls are no-ops. After a sleep, however long, one call does all that was missed;
    /// let the layer below have its own first, so that nothing is sent into a connection that is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(why) = self.line.deadlines.expired(now) {
            match (why, self.line.phase) {
                (Why::Open, Phase::Opening) => {
                    self.attempt_failed(ConnectError::Timeout, now);
                    self.line.goodbye = Goodbye::AtOnce;
                }
                // Nobody has begun: the time begins when somebody looks.
                (Why::Open, _) => self.line.deadlines.set(Why::Open, now + self.options.open_timeout),
                (Why::Reconnect, _) => self.dial(now),
                (Why::Attachments, _) => self.break_off(Cause::ParseError, now),
            }
        }
        while let Some(request) = self.requests.expired(now) {
            self.time_out(request, now);
        }
        self.relieve();
    }

    /// Is nothing left to do, now or later: no connection, no goodbye, no event that was not asked for?
    pub fn is_idle(&self) -> bool {
        !self.wants_connection() && self.events.is_empty()
    }

    /// Is there a connection, or a goodbye to be said to one, or will there be one that nobody has to ask for again?
    pub fn wants_connection(&self) -> bool {
        self.line.phase != Phase::Closed || self.line.goodbye != Goodbye::Nothing
    }

    /// Is the connection open?
    pub fn is_open(&self) -> bool {
        self.line.phase == Phase::Open
    }
}
