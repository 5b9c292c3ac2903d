//! Acknowledgements that are waited for.

use core::time::Duration;

use sansocket_core::{Instant, Timetable};
use slotmap::SlotMap;

use super::NamespaceId;
use crate::{AckId, RequestId};

/// An acknowledgement that is waited for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) namespace: NamespaceId,
    /// What the server calls it.
    pub(super) ack: AckId,
    pub(super) place: Place,
    pub(super) interest: Interest,
    /// How its event is tried, if it is tried until it is acknowledged.
    pub(super) trial: Option<Trial>,
}

/// Where the event is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Kept for when the namespace is connected: to lose the connection does it no harm.
    Kept,
    /// Given to the connection.
    Away,
}

/// Who waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Interest {
    /// The user.
    User,
    /// Nobody: it is a matter of trying again alone.
    Nobody,
}

/// An event that is sent until it is acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    /// Time for each try.
    pub(super) timeout: Duration,
    /// How often it was sent.
    pub(super) tries: u32,
    /// Is its acknowledgement waited for now?
    pub(super) is_under_way: bool,
}

/// All that are waited for, and until when.
#[derive(Debug, Default)]
pub(super) struct Requests {
    all: SlotMap<RequestId, Request>,
    timetable: Timetable<RequestId>,
}

impl Requests {
    pub(super) fn insert(&mut self, request: Request) -> RequestId {
        self.all.insert(request)
    }

    pub(super) fn get(&self, id: RequestId) -> Option<&Request> {
        self.all.get(id)
    }

    /// Is its event sent again until it is acknowledged, and its acknowledgement waited for just now?
    pub(super) fn is_under_way(&self, id: RequestId) -> bool {
        self.get(id).and_then(|request| request.trial).is_some_and(|trial| trial.is_under_way)
    }

    pub(super) fn get_mut(&mut self, id: RequestId) -> Option<&mut Request> {
        self.all.get_mut(id)
    }

    pub(super) fn remove(&mut self, id: RequestId) -> Option<Request> {
        let request = self.all.remove(id)?;
        self.timetable.set(id, None);
        Some(request)
    }

    /// From now on `at` alone counts.
    pub(super) fn set_deadline(&mut self, id: RequestId, at: Option<Instant>) {
        // A table calls no later than it was asked to, so a later time has to be asked for anew.
        self.timetable.set(id, None);
        self.timetable.set(id, at);
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.timetable.next()
    }

    /// One that waited too long.
    pub(super) fn expired(&mut self, now: Instant) -> Option<RequestId> {
        self.timetable.expired(now)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}
