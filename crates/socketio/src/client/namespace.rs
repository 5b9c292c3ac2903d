//! One namespace of a client.

use alloc::collections::{BTreeMap, VecDeque};

use sansocket_core::Utf8Bytes;

use super::options::Auth;
use super::outlet::{Parcel, Worth};
use super::reason::ConnectError;
use crate::{AckId, Args, Kind, Map, Nsp, Packet, RequestId, Value};

/// Bytes that the mark of an event has at most, by which a server knows what we missed. What is longer is no mark, but an
/// argument of the user's; the longest in use has 24.
const OFFSET: usize = 128;

/// One namespace: what the user wants of it, and how far it came.
#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) nsp: Nsp,
    pub(super) auth: Auth,
    pub(super) phase: Phase,
    pub(super) after: After,
    /// Our id, while it is connected.
    pub(super) id: Option<Utf8Bytes>,
    /// Counts sessions, so that no answer of one is given in another. To recover one is not to begin another.
    pub(super) session: u32,
    pub(super) recovery: Option<Recovery>,
    pub(super) early: Early,
    pub(super) kept: Kept,
    /// Acknowledgements that are waited for.
    pub(super) acks: BTreeMap<AckId, RequestId>,
    next_ack: u64,
    /// The user was told that there is no room.
    pub(super) is_blocked: bool,
}

/// How far a namespace came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// Nobody wants it.
    Idle,
    /// It is wanted, and the connection is not open.
    Waiting,
    /// The user is asked who we are.
    Asking,
    /// The server is asked to let us in.
    Connecting,
    Connected,
    /// It is not wanted any more, but the server was asked already, and cannot be told before it answers.
    Leaving(Then),
}

/// What the namespace had on this connection before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum After {
    /// Nothing: events that come before the answer are what we missed.
    Nothing,
    /// A goodbye of ours: events that come before the answer were said before the server heard of it.
    Goodbye,
}

/// What follows a goodbye.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Then {
    Rest,
    /// It is wanted again.
    Again,
    /// It is to be removed.
    Gone,
}

/// By what a server knows what we missed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Recovery {
    pub(super) pid: Utf8Bytes,
    pub(super) offset: Option<Utf8Bytes>,
}

/// An event of the server.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) ack: Option<AckId>,
    pub(super) name: Utf8Bytes,
    pub(super) args: Args,
}

/// Events that came before we knew that we are connected.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) events: VecDeque<Said>,
    pub(super) bytes: usize,
}

/// Events that wait for the namespace to connect; or, where events are tried until they are acknowledged, all of them.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) parcels: VecDeque<Parcel>,
    pub(super) bytes: usize,
}

impl Namespace {
    pub(super) fn new(nsp: Nsp, auth: Auth) -> Namespace {
        Namespace {
            nsp,
            auth,
            phase: Phase::Idle,
            after: After::Nothing,
            id: None,
            session: 0,
            recovery: None,
            early: Early::default(),
            kept: Kept::default(),
            acks: BTreeMap::new(),
            next_ack: 0,
            is_blocked: false,
        }
    }

    /// Does it need the connection?
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Leaving(Then::Rest | Then::Gone))
    }

    /// Does nobody know it any more?
    pub(super) fn is_gone(&self) -> bool {
        self.phase == Phase::Leaving(Then::Gone)
    }

    pub(super) fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// A number by which an acknowledgement is asked for, and that no other waits with.
    pub(super) fn draw_ack(&mut self) -> AckId {
        // Nobody lives to see them begin anew.
        let ack = AckId::new(self.next_ack).unwrap_or(AckId::from(0));
        self.next_ack = ack.get() + 1;
        ack
    }

    /// What asks the server to let us in: who we are, and who we were.
    pub(super) fn connect_packet(&self, auth: Option<Value>) -> Result<Packet, ConnectError> {
        let auth = match auth {
            None | Some(Value::Null) => None,
            Some(Value::Object(auth)) => Some(auth),
            Some(_) => return Err(ConnectError::Auth),
        };
        let greeting = match &self.recovery {
            None => auth,
            Some(recovery) => {
                let pid = [("pid".into(), recovery.pid.as_str().into())];
                let offset = recovery.offset.as_ref().map(|offset| ("offset".into(), offset.as_str().into()));
                // What the user says of himself counts more.
                Some(pid.into_iter().chain(offset).chain(auth.into_iter().flatten()).collect::<Map>())
            }
        };
        Ok(Packet::new(self.nsp.clone(), Kind::Connect(greeting.map(Value::Object))))
    }

    /// Remembers the mark of an event: the last argument, if the server marks events and does so with this kind.
    pub(super) fn note_offset(&mut self, said: &Said) {
        let Some(recovery) = self.recovery.as_mut().filter(|_| said.ack.is_none()) else { return };
        if let Some(offset) = said.args.last_text().filter(|offset| offset.len() <= OFFSET) {
            // A copy: a few bytes must not hold a whole message.
            recovery.offset = Some(offset.as_str().into());
        }
    }
}

impl Early {
    pub(super) fn push(&mut self, said: Said) {
        self.bytes += said.args.weight() + said.name.len() + size_of::<Said>();
        self.events.push_back(said);
    }
}

impl Kept {
    pub(super) fn push(&mut self, parcel: Parcel) {
        self.bytes += parcel.packet.weight();
        self.parcels.push_back(parcel);
    }

    /// The oldest one of whom `may` says so.
    pub(super) fn take_oldest(&mut self, may: impl Fn(&Parcel) -> bool) -> Option<Parcel> {
        let place = self.parcels.iter().position(may)?;
        let parcel = self.parcels.remove(place)?;
        self.bytes -= parcel.packet.weight();
        Some(parcel)
    }

    /// Takes out what waits for this answer.
    pub(super) fn take_back(&mut self, request: RequestId) {
        self.take_oldest(|parcel| parcel.worth == Worth::Always(Some(request)));
    }
}
