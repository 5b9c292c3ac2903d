//! What the server says.

use sansocket_core::{Instant, Message, Utf8Bytes};

use super::line::{Main, Phase as Line, Why};
use super::namespace::{After, Phase, Said, Then};
use super::{Cause, Client, ConnectError, Event, NamespaceId, Question};
use crate::{AckId, Args, Kind, Nsp, Packet, Revision, Value};

impl Client {
    /// A message came. What it says is an event, as far as it concerns anybody. Who says what is no packet is heard no
    /// further: the connection is lost, "parse error".
    pub fn handle_message(&mut self, message: Message, now: Instant) {
        if self.line.phase != Line::Open {
            return;
        }
        match self.line.decoder.handle_message(message) {
            Ok(Some(packet)) => {
                self.line.deadlines.clear(Why::Attachments);
                self.hear(packet, now);
                self.relieve();
            }
            // One time for all of them: a server that sends one now and then is no better than one that sends none.
            Ok(None) if self.line.deadlines.at(Why::Attachments).is_none() => {
                self.line.deadlines.set(Why::Attachments, now + self.options.attachment_timeout);
            }
            Ok(None) => {}
            Err(error) => {
                self.fault = Some(error);
                self.break_off(Cause::ParseError, now);
            }
        }
    }

    fn hear(&mut self, packet: Packet, now: Instant) {
        if packet.nsp.is_main() {
            self.note_main(&packet.kind);
        }
        // Nobody's business: a namespace that was removed, or that never was.
        let Some(id) = self.find_heard(&packet.nsp) else { return };
        match packet.kind {
            Kind::Connect(answer) => self.hear_connect(id, answer, now),
            Kind::Disconnect => self.hear_disconnect(id, now),
            Kind::Event { id: ack, name, args } => self.hear_event(id, Said { ack, name, args }, now),
            Kind::Ack { id: ack, args } => self.hear_ack(id, ack, args, now),
            Kind::ConnectError(error) => self.hear_refusal(id, &error, now),
        }
    }

    /// Socket.IO 2 may say the query again that we said.
    fn find_heard(&self, nsp: &Nsp) -> Option<NamespaceId> {
        let found = self.find(nsp);
        match self.options.revision {
            Revision::V4 => found.or_else(|| self.find(nsp.split('?').next()?)),
            Revision::V5 => found,
        }
    }

    /// In Socket.IO 2 `/` is connected, or not, whether we want it or not.
    fn note_main(&mut self, kind: &Kind) {
        match kind {
            Kind::Connect(_) => self.line.main = Main::Here,
            Kind::Disconnect | Kind::ConnectError(_) => self.line.main = Main::Gone,
            Kind::Event { .. } | Kind::Ack { .. } => {}
        }
    }

    fn hear_connect(&mut self, id: NamespaceId, answer: Option<Value>, now: Instant) {
        match self.namespaces[id].phase {
            Phase::Connecting => {
                let text = |key| answer.as_ref()?.get(key)?.as_str().map(Utf8Bytes::from);
                let (sid, pid) = (text("sid"), text("pid"));
                if self.options.revision == Revision::V5 && sid.is_none() {
                    self.turned_away(id, ConnectError::V2Server);
                } else {
                    self.let_in(id, sid, pid, now);
                }
            }
            Phase::Leaving(then) => {
                // Now it can be told.
                self.say_disconnect(id);
                self.has_left(id, then, now);
            }
            // Said twice, or to somebody who did not ask.
            Phase::Idle | Phase::Waiting | Phase::Asking | Phase::Connected => {}
        }
    }

    /// The server knows that we do not want it any more, or it did not want us.
    fn has_left(&mut self, id: NamespaceId, then: Then, now: Instant) {
        match then {
            Then::Rest => self.namespaces[id].phase = Phase::Idle,
            Then::Gone => _ = self.namespaces.remove(id),
            Then::Again => self.begin(id, now),
        }
    }

    fn hear_disconnect(&mut self, id: NamespaceId, now: Instant) {
        let state = &self.namespaces[id];
        match state.phase {
            Phase::Connected => self.put_out(id, now),
            // It crossed our goodbye, most likely.
            Phase::Connecting | Phase::Leaving(_) if state.after == After::Goodbye => {}
            Phase::Connecting => self.turned_away(id, ConnectError::Dismissed),
            Phase::Leaving(then) => self.has_left(id, then, now),
            Phase::Idle | Phase::Waiting | Phase::Asking => {}
        }
    }

    fn hear_refusal(&mut self, id: NamespaceId, error: &Value, now: Instant) {
        match self.namespaces[id].phase {
            Phase::Connecting => self.turned_away(id, refusal(error)),
            Phase::Leaving(then) => self.has_left(id, then, now),
            Phase::Idle | Phase::Waiting | Phase::Asking | Phase::Connected => {}
        }
    }

    fn hear_event(&mut self, id: NamespaceId, said: Said, now: Instant) {
        let state = &mut self.namespaces[id];
        match state.phase {
            Phase::Connected => self.deliver(id, said),
            Phase::Connecting if state.after == After::Nothing => {
                state.early.push(said);
                if state.early.bytes > self.options.max_early {
                    self.break_off(Cause::ParseError, now);
                }
            }
            // It was said to who we were before.
            Phase::Connecting | Phase::Asking | Phase::Leaving(_) => {}
            Phase::Idle | Phase::Waiting => {}
        }
    }

    fn hear_ack(&mut self, id: NamespaceId, ack: AckId, args: Args, now: Instant) {
        let state = &mut self.namespaces[id];
        // One that we did not ask for, or not any more, or that was given already.
        let Some(request) = state.acks.get(&ack).copied().filter(|_| state.is_connected()) else { return };
        self.answered(request, args, now);
    }

    /// The user hears an event.
    pub(super) fn deliver(&mut self, namespace: NamespaceId, said: Said) {
        let state = &mut self.namespaces[namespace];
        state.note_offset(&said);
        let Said { ack, name, args } = said;
        let ack = ack.map(|ack| Question { namespace, ack, session: state.session });
        self.events.push_back(Event::Received { namespace, name, args, ack });
    }
}

/// What a server says when it says no: an object with a message and perhaps data, or (Socket.IO 2) anything.
fn refusal(error: &Value) -> ConnectError {
    let text = |value: &Value| value.as_str().map(Into::into);
    match error.get("message").and_then(text) {
        Some(message) => ConnectError::Refused { message, data: error.get("data").cloned() },
        None => ConnectError::Refused {
            message: text(error).unwrap_or_default(),
            data: error.as_str().is_none().then(|| error.clone()),
        },
    }
}
