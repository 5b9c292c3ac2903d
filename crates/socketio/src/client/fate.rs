//! What becomes of what was said.

use alloc::vec::Vec;

use sansocket_core::Instant;

use super::outlet::{Parcel, Worth};
use super::requests::{Interest, Place};
use super::{Client, Event, NamespaceId};
use crate::{AckError, Args, RequestId};

/// On its way.
impl Client {
    /// Brings an event to the connection.
    pub(super) fn give(&mut self, parcel: Parcel) {
        if let Worth::Always(Some(request)) = parcel.worth
            && let Some(request) = self.requests.get_mut(request)
        {
            request.place = Place::Away;
        }
        self.outlet.push(parcel);
    }

    /// The namespace is connected: what was kept leaves, in order.
    pub(super) fn send_kept(&mut self, namespace: NamespaceId, now: Instant) {
        if self.options.retries.is_some() {
            return self.try_next(namespace, now);
        }
        for parcel in core::mem::take(&mut self.namespaces[namespace].kept).parcels {
            self.give(parcel);
        }
    }

    /// Sends the first of the events that are sent until they are acknowledged, if it is not under way.
    pub(super) fn try_next(&mut self, namespace: NamespaceId, now: Instant) {
        let state = &self.namespaces[namespace];
        let Some(first) = state.kept.parcels.front().filter(|_| state.is_connected()) else { return };
        let Worth::Always(Some(id)) = first.worth else { return };
        let trial = self.requests.get_mut(id).and_then(|request| request.trial.as_mut());
        let Some(trial) = trial.filter(|trial| !trial.is_under_way) else { return };
        trial.is_under_way = true;
        trial.tries = trial.tries.saturating_add(1);
        let deadline = now + trial.timeout;
        self.outlet.push(first.clone());
        self.requests.set_deadline(id, Some(deadline));
    }

    /// Tells those who were told to wait that there is room.
    pub(super) fn relieve(&mut self) {
        let is_relieved = |id: &NamespaceId| self.namespaces[*id].is_blocked && self.has_room(*id);
        let relieved: Vec<NamespaceId> = self.namespaces.keys().filter(is_relieved).collect();
        for id in relieved {
            self.namespaces[id].is_blocked = false;
            self.events.push_back(Event::Drained(id));
        }
    }
}

/// At its end.
impl Client {
    /// The acknowledgement came.
    pub(super) fn answered(&mut self, id: RequestId, args: Args, now: Instant) {
        let Some(request) = self.requests.remove(id) else { return };
        let state = &mut self.namespaces[request.namespace];
        state.acks.remove(&request.ack);
        if request.interest == Interest::User {
            self.events.push_back(Event::Acked { request: id, args });
        }
        if request.trial.is_some() {
            state.kept.take_back(id);
            // It may be about to be sent again.
            self.outlet.take_back(id);
            self.try_next(request.namespace, now);
        }
    }

    /// It took too long: whatever of it is still here does not leave any more.
    pub(super) fn time_out(&mut self, id: RequestId, now: Instant) {
        let Some(request) = self.requests.get(id) else { return };
        if request.trial.is_some() {
            return self.try_failed(id, AckError::TimedOut, now);
        }
        match request.place {
            Place::Kept => self.namespaces[request.namespace].kept.take_back(id),
            Place::Away => self.outlet.take_back(id),
        }
        self.fail(id, AckError::TimedOut);
    }

    /// The acknowledgement of an event that is sent again did not come in time, or cannot come any more.
    pub(super) fn try_failed(&mut self, id: RequestId, error: AckError, now: Instant) {
        let Some(request) = self.requests.get_mut(id) else { return };
        let namespace = request.namespace;
        let Some(trial) = request.trial.as_mut().filter(|trial| trial.is_under_way) else { return };
        trial.is_under_way = false;
        let was_last = trial.tries > self.options.retries.map_or(0, |retries| retries.most);
        self.requests.set_deadline(id, None);
        self.outlet.take_back(id);
        if was_last {
            self.namespaces[namespace].kept.take_back(id);
            self.fail(id, error);
        }
        self.try_next(namespace, now);
    }

    /// The acknowledgement does not come.
    pub(super) fn fail(&mut self, id: RequestId, error: AckError) {
        let Some(request) = self.requests.remove(id) else { return };
        if let Some(state) = self.namespaces.get_mut(request.namespace) {
            state.acks.remove(&request.ack);
        }
        if request.interest == Interest::User {
            self.events.push_back(Event::AckFailed { request: id, error });
        }
    }
}
