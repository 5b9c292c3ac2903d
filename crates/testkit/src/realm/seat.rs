//! A socket as the user of its server knows it, and what he keeps of its client.

use std::collections::{BTreeMap, BTreeSet};

use sansocket_core::Instant;
use sansocket_socketio::Args;

/// What was heard of whom, by guest and namespace.
pub(super) type Records = BTreeMap<(usize, usize), Record>;

/// What a guest said in a namespace.
#[derive(Default, Debug)]
pub(super) struct Record {
    pub(super) said: BTreeSet<u32>,
    pub(super) asked: BTreeSet<u32>,
    /// How much it was told in its last session.
    pub(super) told: u32,
}

/// A socket as the user knows it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) guest: usize,
    pub(super) place: usize,
    pub(super) id: String,
    pub(super) state: State,
    pub(super) told: u32,
    pub(super) asked: u32,
    pub(super) due: Instant,
    pub(super) is_blocked: bool,
    /// What is said is said again until it is acknowledged: it may arrive twice.
    pub(super) is_insistent: bool,
    /// The last that was said on this connection.
    pub(super) last_said: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    Waiting,
    Connected,
    Away,
}

impl Seat {
    pub(super) fn arrives(&mut self, from: State) {
        assert_eq!(self.state, from, "{self:?}");
        self.state = State::Connected;
        self.is_blocked = false;
        self.last_said = None;
    }

    /// The guest says something. The number that he wants to have acknowledged.
    pub(super) fn hears(&mut self, record: &mut Record, name: &str, args: &Args) -> Option<u32> {
        if name == "wave" {
            return None;
        }
        let number: u32 = args.read().expect("as it was said");
        match name {
            "say" => {
                assert!(record.said.insert(number) || self.is_insistent, "{number} twice: {self:?}");
                let is_next = self.last_said.is_none_or(|last| number == last + 1);
                let is_again = self.is_insistent && self.last_said == Some(number);
                assert!(is_next || is_again, "{number}: {self:?}");
                self.last_said = Some(number);
            }
            "query" => {
                assert!(record.asked.insert(number) || self.is_insistent, "{number} twice: {self:?}");
            }
            other => panic!("nobody says {other}"),
        }
        Some(number)
    }
}
