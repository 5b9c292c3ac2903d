//! The streams of a client: which there are, and what each carries.

use alloc::vec::Vec;

use sansocket_core::Request;
use sansocket_engineio::client::{ConnectionId, RequestId};

/// A byte stream of a [`Client`](super::Client). Never given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineId(u64);

/// All streams: two for requests, and a WebSocket or two, so that looking at each is the fastest way to find one.
#[derive(Default, Debug)]
pub(super) struct Lines {
    all: Vec<Entry>,
    number: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: LineId,
    pub(super) stage: Stage,
    pub(super) carries: Carries,
}

/// How far a stream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Nobody knows of it.
    New,
    Dialled,
    Open,
}

#[derive(Debug)]
pub(super) enum Carries {
    Requests(Exchanges),
    WebSocket(ConnectionId, Request),
}

/// One request after the other.
#[derive(Default, Debug)]
pub(super) struct Exchanges {
    /// The request that is not answered yet.
    pub(super) ask: Option<Ask>,
    pub(super) past: Past,
}

/// Did a stream carry an exchange before? Then the server may have given it up just when it is used again.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Past {
    #[default]
    Fresh,
    Kept,
}

#[derive(Debug)]
pub(super) struct Ask {
    pub(super) id: RequestId,
    pub(super) request: Request,
    pub(super) state: Asked,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    NotYet,
    Once,
}

impl Ask {
    /// May it be asked again after a stream was lost before its answer began? A `GET` polls, and to poll again takes
    /// nothing from anybody. What a `POST` brings must not arrive twice, and nobody knows whether it did.
    /// RFC 9110 §9.2.2
    pub(super) fn may_be_repeated(&self) -> bool {
        self.request.method == "GET"
    }
}

impl Lines {
    /// One more stream is needed.
    pub(super) fn add(&mut self, carries: Carries) {
        self.number += 1;
        self.all.push(Entry { id: LineId(self.number), stage: Stage::New, carries });
    }

    /// Over a stream where nothing is asked, or a new one.
    pub(super) fn ask(&mut self, ask: Ask) {
        let idle = self.all.iter_mut().find_map(|entry| match &mut entry.carries {
            Carries::Requests(exchanges) if exchanges.ask.is_none() => Some(exchanges),
            _ => None,
        });
        match idle {
            Some(exchanges) => exchanges.ask = Some(ask),
            None => self.ask_afresh(ask),
        }
    }

    /// Over a new stream.
    pub(super) fn ask_afresh(&mut self, ask: Ask) {
        let ask = Some(Ask { state: Asked::NotYet, ..ask });
        self.add(Carries::Requests(Exchanges { ask, past: Past::Fresh }));
    }

    pub(super) fn get(&mut self, id: LineId) -> Option<&mut Entry> {
        self.all.iter_mut().find(|entry| entry.id == id)
    }

    /// One that has to be dialled.
    pub(super) fn dial(&mut self) -> Option<LineId> {
        let entry = self.all.iter_mut().find(|entry| entry.stage == Stage::New)?;
        entry.stage = Stage::Dialled;
        Some(entry.id)
    }

    pub(super) fn remove(&mut self, id: LineId) -> Option<Entry> {
        let place = self.all.iter().position(|entry| entry.id == id)?;
        Some(self.all.remove(place))
    }

    /// Keeps those that are open, and of the others those that are wanted.
    pub(super) fn keep_wanted(&mut self, mut is_wanted: impl FnMut(&Carries) -> bool) {
        self.all.retain(|entry| entry.stage == Stage::Open || is_wanted(&entry.carries));
    }

    pub(super) fn has_open(&self) -> bool {
        self.all.iter().any(|entry| entry.stage == Stage::Open)
    }
}
