//! Namespaces come and go.

use alloc::vec::Vec;

use sansocket_core::{Instant, Utf8Bytes};

use super::line::{Main, Phase as Line};
use super::namespace::{After, Namespace, Phase, Recovery, Then};
use super::options::Auth;
use super::outlet::{Parcel, Worth};
use super::requests::Place;
use super::{Client, ConnectError, Event, NamespaceId, Reason};
use crate::{AckError, Compress, Kind, Nsp, Packet, Revision, Value};

/// What the user wants.
impl Client {
    /// A namespace to be connected to, now and whenever the connection was lost. If there is one of that name it is that,
    /// with this `auth` from now on.
    ///
    /// What comes of it is an event: [`Connected`](Event::Connected) or [`ConnectError`](Event::ConnectError). It can be
    /// [emitted](Client::emit) to at once.
    pub fn namespace(&mut self, nsp: Nsp, auth: impl Into<Auth>, now: Instant) -> NamespaceId {
        let auth = auth.into();
        let id = match self.find(&nsp) {
            Some(id) => {
                self.namespaces[id].auth = auth;
                id
            }
            None => self.namespaces.insert(Namespace::new(nsp, auth)),
        };
        self.connect(id, now);
        id
    }

    /// Connects to a namespace that was left, that the server refused or put us out of. Else a no-op.
    pub fn connect(&mut self, namespace: NamespaceId, now: Instant) {
        let Some(state) = self.namespaces.get_mut(namespace) else { return };
        match state.phase {
            Phase::Idle => {
                state.phase = Phase::Waiting;
                match self.line.phase {
                    Line::Open => self.begin(namespace, now),
                    Line::Closed => self.open(now),
                    Line::Waiting | Line::Due | Line::Opening => {}
                }
            }
            Phase::Waiting if self.line.phase == Line::Closed => self.open(now),
            Phase::Leaving(_) => state.phase = Phase::Leaving(Then::Again),
            Phase::Waiting | Phase::Asking | Phase::Connecting | Phase::Connected => {}
        }
    }

    /// Leaves a namespace: what was emitted before leaves first. With the last one the connection is closed. What is
    /// emitted from now on is kept for when it is [connected](Client::connect) again.
    pub fn disconnect(&mut self, namespace: NamespaceId, now: Instant) {
        let Some(state) = self.namespaces.get_mut(namespace) else { return };
        // Who leaves does not come back to where he was, not even if the server is about to say so.
        state.recovery = None;
        state.early = Default::default();
        match state.phase {
            Phase::Idle | Phase::Leaving(Then::Rest | Then::Gone) => {}
            Phase::Waiting | Phase::Asking => state.phase = Phase::Idle,
            // A server that was not heard of yet would take the goodbye for a mistake.
            Phase::Connecting | Phase::Leaving(Then::Again) => state.phase = Phase::Leaving(Then::Rest),
            Phase::Connected => self.say_goodbye(namespace, Phase::Idle, now),
        }
        self.rest();
    }

    /// Leaves a namespace, and forgets it: what is kept for it is dropped, and what of it is waited for fails.
    pub fn remove(&mut self, namespace: NamespaceId, now: Instant) {
        self.disconnect(namespace, now);
        let Some(state) = self.namespaces.get_mut(namespace) else { return };
        state.kept = Default::default();
        for request in core::mem::take(&mut state.acks).into_values() {
            self.fail(request, AckError::Disconnected);
        }
        self.outlet.forget(namespace);
        let state = &mut self.namespaces[namespace];
        if let Phase::Leaving(_) = state.phase {
            // The server has to be told, when it answers.
            state.phase = Phase::Leaving(Then::Gone);
        } else {
            self.namespaces.remove(namespace);
        }
    }

    /// What a namespace says about us from its next connection on.
    pub fn set_auth(&mut self, namespace: NamespaceId, auth: impl Into<Auth>) {
        if let Some(state) = self.namespaces.get_mut(namespace) {
            state.auth = auth.into();
        }
    }

    /// Answers [`Event::Auth`]: this object, or nothing, goes to the server. A no-op if nobody asked, or the connection
    /// was lost meanwhile: then the next one asks again.
    pub fn provide_auth(&mut self, namespace: NamespaceId, auth: Option<Value>) {
        if self.namespaces.get(namespace).is_some_and(|state| state.phase == Phase::Asking) {
            self.ask_for(namespace, auth);
        }
    }
}

/// What comes of it.
impl Client {
    /// The connection is open and the namespace is wanted.
    pub(super) fn begin(&mut self, id: NamespaceId, now: Instant) {
        let state = &mut self.namespaces[id];
        if self.options.revision == Revision::V4 && state.nsp.is_main() && self.line.main != Main::Gone {
            // Nobody has to ask.
            state.phase = Phase::Connecting;
            if self.line.main == Main::Here {
                self.let_in(id, None, None, now);
            }
            return;
        }
        match &state.auth {
            Auth::None => self.ask_for(id, None),
            Auth::Given(auth) => {
                let auth = auth.clone();
                self.ask_for(id, Some(auth));
            }
            Auth::Asked => {
                state.phase = Phase::Asking;
                self.events.push_back(Event::Auth(id));
            }
        }
    }

    /// Asks the server to let us in.
    fn ask_for(&mut self, id: NamespaceId, auth: Option<Value>) {
        match self.namespaces[id].connect_packet(auth) {
            Ok(packet) => {
                self.namespaces[id].phase = Phase::Connecting;
                self.say(id, &packet);
            }
            Err(error) => self.turned_away(id, error),
        }
    }

    /// The server let us in, as `id`; who we were tells whether it is the session that was lost.
    pub(super) fn let_in(
        &mut self,
        namespace: NamespaceId,
        id: Option<Utf8Bytes>,
        pid: Option<Utf8Bytes>,
        now: Instant,
    ) {
        let state = &mut self.namespaces[namespace];
        // In Socket.IO 2 the layer below says who we are.
        let id = id.unwrap_or_else(|| match state.nsp.is_main() {
            true => self.line.engine_id.clone(),
            false => Utf8Bytes::concat([&state.nsp, "#", &self.line.engine_id]),
        });
        let before = state.recovery.take();
        let recovered = pid.is_some() && pid == before.as_ref().map(|before| before.pid.clone());
        if recovered {
            state.recovery = before;
        } else {
            state.session = state.session.wrapping_add(1);
            state.recovery = pid.map(|pid| Recovery { pid, offset: None });
        }
        state.id = Some(id.clone());
        state.phase = Phase::Connected;
        state.after = After::Nothing;
        self.events.push_back(Event::Connected { namespace, id, recovered });
        for said in core::mem::take(&mut self.namespaces[namespace].early).events {
            self.deliver(namespace, said);
        }
        self.send_kept(namespace, now);
    }

    /// The namespace does not connect, and does not try again.
    pub(super) fn turned_away(&mut self, namespace: NamespaceId, error: ConnectError) {
        let state = &mut self.namespaces[namespace];
        state.phase = Phase::Idle;
        state.after = After::Nothing;
        state.early = Default::default();
        state.recovery = None;
        self.events.push_back(Event::ConnectError { namespace, error });
        self.rest();
    }

    /// The server said that we are out.
    pub(super) fn put_out(&mut self, id: NamespaceId, now: Instant) {
        self.namespaces[id].recovery = None;
        self.end_session(id, Reason::ServerDisconnect, Phase::Idle, now);
        self.rest();
    }

    /// We say that we are out.
    pub(super) fn say_goodbye(&mut self, id: NamespaceId, next: Phase, now: Instant) {
        self.namespaces[id].recovery = None;
        self.say_disconnect(id);
        self.end_session(id, Reason::ClientDisconnect, next, now);
    }

    pub(super) fn say_disconnect(&mut self, id: NamespaceId) {
        let state = &mut self.namespaces[id];
        state.after = After::Goodbye;
        let packet = Packet::new(state.nsp.clone(), Kind::Disconnect);
        self.say(id, &packet);
        if packet.nsp.is_main() {
            self.line.main = Main::Gone;
        }
    }

    /// Queues a packet that means nothing but on this connection.
    pub(super) fn say(&mut self, namespace: NamespaceId, packet: &Packet) {
        let packet = self.options.parser.encode_for(self.options.revision, packet);
        self.outlet.push(Parcel { namespace, packet, compress: Compress::default(), worth: Worth::Here });
    }

    /// The namespace is not connected any more: acknowledgements of what has left will not come. What is kept stays.
    pub(super) fn end_session(&mut self, id: NamespaceId, reason: Reason, next: Phase, now: Instant) {
        let state = &mut self.namespaces[id];
        state.id = None;
        state.phase = next;
        self.events.push_back(Event::Disconnected { namespace: id, reason });
        let waiting: Vec<_> = self.namespaces[id].acks.values().copied().collect();
        for request in waiting {
            match self.requests.get(request) {
                Some(one) if one.trial.is_some() => self.try_failed(request, AckError::Disconnected, now),
                Some(one) if one.place == Place::Away => self.fail(request, AckError::Disconnected),
                _ => {}
            }
        }
        // Who found the connection full may find that there is room among what is kept.
        self.relieve();
    }
}
