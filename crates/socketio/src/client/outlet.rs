//! What waits for the connection.

use alloc::collections::VecDeque;

use sansocket_core::{Message, Utf8Bytes};

use super::NamespaceId;
use crate::{Compress, Encoded, RequestId, Writable};

/// A packet and what is known about it.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) namespace: NamespaceId,
    pub(super) packet: Encoded,
    pub(super) compress: Compress,
    pub(super) worth: Worth,
}

/// What becomes of a packet that cannot leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Worth {
    /// It means nothing but on this connection: who we are, goodbye, an answer.
    Here,
    /// It waits for the next connection; perhaps somebody waits for the answer.
    Always(Option<RequestId>),
    /// It is dropped.
    Now,
    /// It waits behind all others, until a newer one of this name takes its place.
    Latest(Utf8Bytes),
}

/// Packets in the order in which they leave.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    /// In order.
    waiting: VecDeque<Parcel>,
    /// How many messages of the first one were given already.
    given: usize,
    /// Behind them, of each name one.
    latest: VecDeque<Parcel>,
    /// What those that wait in order weigh.
    bytes: usize,
}

impl Outlet {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, parcel: Parcel) {
        self.bytes += parcel.packet.weight();
        self.waiting.push_back(parcel);
    }

    /// One of which only the latest counts. Of `most` bytes of them the oldest makes room.
    pub(super) fn push_latest(&mut self, parcel: Parcel, most: usize) {
        let same = |older: &&mut Parcel| older.namespace == parcel.namespace && older.worth == parcel.worth;
        if let Some(older) = self.latest.iter_mut().find(same) {
            *older = parcel;
            return;
        }
        let weight: usize = self.latest.iter().map(|older| older.packet.weight()).sum();
        if weight >= most {
            self.latest.pop_front();
        }
        self.latest.push_back(parcel);
    }

    /// The next message. Of those that only the latest counts of, the ones of whom `is_connected`.
    pub(super) fn next(
        &mut self,
        writable: Writable,
        is_connected: impl Fn(NamespaceId) -> bool,
    ) -> Option<(Message, Compress)> {
        if writable == Writable::Later {
            self.drop_volatile();
        } else if self.waiting.is_empty() {
            let place = self.latest.iter().position(|parcel| is_connected(parcel.namespace));
            if let Some(latest) = place.and_then(|place| self.latest.remove(place)) {
                self.push(latest);
            }
        }
        let first = self.waiting.front()?;
        let message = first.packet.messages().nth(self.given)?.clone();
        let compress = first.compress;
        self.given += 1;
        if self.given == first.packet.len() {
            self.pop();
        }
        Some((message, compress))
    }

    fn pop(&mut self) {
        self.given = 0;
        let gone = self.waiting.pop_front();
        self.bytes -= gone.map_or(0, |parcel| parcel.packet.weight());
    }

    /// What would have to wait is worth nothing; what has begun to leave has to go on.
    fn drop_volatile(&mut self) {
        while self.given == 0 && self.waiting.front().is_some_and(|first| first.worth == Worth::Now) {
            self.pop();
        }
    }

    /// Takes back what waits for this answer, if it has not begun to leave.
    pub(super) fn take_back(&mut self, request: RequestId) {
        let begun = usize::from(self.given > 0);
        let wanted = Worth::Always(Some(request));
        let place = self.waiting.iter().skip(begun).position(|parcel| parcel.worth == wanted);
        if let Some(parcel) = place.and_then(|place| self.waiting.remove(begun + place)) {
            self.bytes -= parcel.packet.weight();
        }
    }

    /// The connection is gone: what did not leave as a whole comes back, in order. What only the latest counts of waits
    /// for the next one.
    pub(super) fn unsent(&mut self) -> VecDeque<Parcel> {
        self.given = 0;
        self.bytes = 0;
        core::mem::take(&mut self.waiting)
    }

    /// One of which only the latest counts waits again, unless there is a later one.
    pub(super) fn restore_latest(&mut self, parcel: Parcel) {
        let same = |other: &Parcel| other.namespace == parcel.namespace && other.worth == parcel.worth;
        if !self.latest.iter().any(same) {
            self.latest.push_front(parcel);
        }
    }

    /// A namespace is gone, and what waits for it to connect.
    pub(super) fn forget(&mut self, namespace: NamespaceId) {
        self.latest.retain(|parcel| parcel.namespace != namespace);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
