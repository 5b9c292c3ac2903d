//! What the user says.

use core::time::Duration;

use sansocket_core::{Instant, Utf8Bytes};

use super::options::WhenFull;
use super::outlet::{Parcel, Worth};
use super::requests::{Interest, Place, Request, Trial};
use super::{Cause, Client, NamespaceId, Question};
use crate::{AckError, Args, EmitError, Flags, Kind, Packet, RequestId, Volatile, is_reserved};

/// An event that the user wants to be sent.
struct Draft {
    namespace: NamespaceId,
    name: Utf8Bytes,
    args: Args,
    flags: Flags,
}

/// An acknowledgement that is to be waited for.
#[derive(Clone, Copy)]
struct Wait {
    interest: Interest,
    timeout: Duration,
}

/// What becomes of an event where there may be too many.
enum Fate {
    Taken,
    Dropped,
    Refused,
}

/// The error that hands the arguments back.
type Refuse = fn(Args) -> EmitError<Args>;

/// Events and acknowledgements.
impl Client {
    /// Says something to the server. While the namespace is not connected it is kept, up to a [bound](super::Offline);
    /// volatile events are dropped then.
    ///
    /// # Errors
    /// [`EmitError`], which hands the arguments back: `Blocked` until the event [`Drained`](super::Event::Drained),
    /// `Closed` if there is no such namespace, `Reserved` if there can be no event of that name.
    pub fn emit(
        &mut self,
        namespace: NamespaceId,
        name: impl Into<Utf8Bytes>,
        args: Args,
        flags: Flags,
        now: Instant,
    ) -> Result<(), EmitError<Args>> {
        let draft = Draft { namespace, name: name.into(), args, flags };
        let retries = self.options.retries.filter(|_| flags.volatile == Volatile::No);
        let wait = retries.map(|retries| Wait { interest: Interest::Nobody, timeout: retries.ack_timeout });
        match self.admit(&draft, wait) {
            Ok(fate) => {
                let request = wait.map(|wait| self.ask(&draft, wait, now));
                self.dispatch(draft, request, fate, now);
                Ok(())
            }
            Err(refuse) => Err(refuse(draft.args)),
        }
    }

    /// Says something that the server has to acknowledge within `timeout` from now on; where events are
    /// [sent again](super::Retries), from each try on. What comes of it is an event, [`Acked`](super::Event::Acked) or
    /// [`AckFailed`](super::Event::AckFailed).
    ///
    /// # Errors
    /// As [`emit`](Client::emit), and `TooManyAcks`.
    pub fn emit_with_ack(
        &mut self,
        namespace: NamespaceId,
        name: impl Into<Utf8Bytes>,
        args: Args,
        timeout: Duration,
        flags: Flags,
        now: Instant,
    ) -> Result<RequestId, EmitError<Args>> {
        let draft = Draft { namespace, name: name.into(), args, flags };
        let wait = Wait { interest: Interest::User, timeout };
        match self.admit(&draft, Some(wait)) {
            Ok(fate) => {
                let request = self.ask(&draft, wait, now);
                self.dispatch(draft, Some(request), fate, now);
                Ok(request)
            }
            Err(refuse) => Err(refuse(draft.args)),
        }
    }

    /// Answers an event of the server that [wants to be](super::Event::Received). A no-op if its session is over.
    pub fn acknowledge(&mut self, question: Question, args: Args, now: Instant) {
        let Question { namespace, ack, session } = question;
        let Some(state) = self.namespaces.get(namespace) else { return };
        if !state.is_connected() || state.session != session {
            return;
        }
        if !self.outlet.is_empty() && self.outlet.bytes() >= self.options.hard_cap {
            // It asks, and does not take the answers.
            return self.break_off(Cause::TransportError, now);
        }
        let packet = Packet::new(state.nsp.clone(), Kind::Ack { id: ack, args });
        self.say(namespace, &packet);
    }

    /// Would [`emit`](Client::emit) take an event now?
    pub fn has_room(&self, namespace: NamespaceId) -> bool {
        let offline = self.options.offline;
        match self.namespaces.get(namespace) {
            None => false,
            Some(state) if state.is_connected() && self.options.retries.is_none() => {
                self.outlet.bytes() < self.options.high_water
            }
            Some(state) => offline.when_full != WhenFull::Refuse || state.kept.bytes < offline.max_bytes,
        }
    }

    /// May it be said?
    fn admit(&mut self, draft: &Draft, wait: Option<Wait>) -> Result<Fate, Refuse> {
        let Some(state) = self.namespaces.get(draft.namespace).filter(|state| !state.is_gone()) else {
            return Err(EmitError::Closed);
        };
        if is_reserved(&draft.name) {
            return Err(EmitError::Reserved);
        }
        if wait.is_some() && state.acks.len() >= self.options.max_pending_acks {
            return Err(EmitError::TooManyAcks);
        }
        match self.fate(draft) {
            Fate::Refused => {
                self.namespaces[draft.namespace].is_blocked = true;
                Err(EmitError::Blocked)
            }
            fate => Ok(fate),
        }
    }

    /// What is to become of it? Others may be dropped for it.
    fn fate(&mut self, draft: &Draft) -> Fate {
        let state = &self.namespaces[draft.namespace];
        let is_full = self.outlet.bytes() >= self.options.high_water;
        let offline = self.options.offline;
        match draft.flags.volatile {
            Volatile::Latest => Fate::Taken,
            Volatile::Drop if is_full || !state.is_connected() => Fate::Dropped,
            Volatile::Drop => Fate::Taken,
            Volatile::No if state.is_connected() && self.options.retries.is_none() => {
                if is_full {
                    Fate::Refused
                } else {
                    Fate::Taken
                }
            }
            Volatile::No if state.kept.bytes < offline.max_bytes => Fate::Taken,
            Volatile::No => match offline.when_full {
                WhenFull::Refuse => Fate::Refused,
                WhenFull::DropNewest => Fate::Dropped,
                WhenFull::DropOldest => {
                    self.drop_oldest(draft.namespace);
                    Fate::Taken
                }
            },
        }
    }

    /// Drops the oldest events that are kept and not under way, until there is room for one more.
    fn drop_oldest(&mut self, namespace: NamespaceId) {
        while self.namespaces[namespace].kept.bytes >= self.options.offline.max_bytes {
            let requests = &self.requests;
            let may_go = |parcel: &Parcel| match parcel.worth {
                Worth::Always(Some(request)) => !requests.is_under_way(request),
                _ => true,
            };
            let Some(dropped) = self.namespaces[namespace].kept.take_oldest(may_go) else { break };
            if let Worth::Always(Some(request)) = dropped.worth {
                self.fail(request, AckError::Dropped);
            }
        }
    }

    /// Notes down that an acknowledgement is waited for.
    fn ask(&mut self, draft: &Draft, wait: Wait, now: Instant) -> RequestId {
        let Draft { namespace, flags, .. } = *draft;
        let Wait { interest, timeout } = wait;
        let is_tried = self.options.retries.is_some() && flags.volatile == Volatile::No;
        let trial = is_tried.then_some(Trial { timeout, tries: 0, is_under_way: false });
        let state = &mut self.namespaces[namespace];
        let ack = state.draw_ack();
        let id = self.requests.insert(Request { namespace, ack, place: Place::Kept, interest, trial });
        state.acks.insert(ack, id);
        if !is_tried {
            self.requests.set_deadline(id, Some(now + timeout));
        }
        id
    }

    /// Makes it a packet, and brings that to the connection, or to those that are kept.
    fn dispatch(&mut self, draft: Draft, request: Option<RequestId>, fate: Fate, now: Instant) {
        let Draft { namespace, name, args, flags } = draft;
        if !matches!(fate, Fate::Taken) {
            // A volatile one is not missed: whoever waits for its answer waits in vain.
            if let Some(request) = request.filter(|_| flags.volatile == Volatile::No) {
                self.fail(request, AckError::Dropped);
            }
            return;
        }
        let worth = match flags.volatile {
            Volatile::No => Worth::Always(request),
            Volatile::Drop => Worth::Now,
            Volatile::Latest => Worth::Latest(name.clone()),
        };
        let id = request.and_then(|request| self.requests.get(request)).map(|request| request.ack);
        let state = &mut self.namespaces[namespace];
        let packet = Packet::new(state.nsp.clone(), Kind::Event { id, name, args });
        let packet = self.options.parser.encode_for(self.options.revision, &packet);
        let parcel = Parcel { namespace, packet, compress: flags.compress, worth };
        match parcel.worth {
            Worth::Always(_) if self.options.retries.is_some() => {
                state.kept.push(parcel);
                self.try_next(namespace, now);
            }
            Worth::Always(_) if !state.is_connected() => state.kept.push(parcel),
            Worth::Latest(_) => self.outlet.push_latest(parcel, self.options.high_water),
            _ => self.give(parcel),
        }
    }
}
