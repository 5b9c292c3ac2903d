//! What was said to whom, for those who may come back.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;

use sansocket_core::{Instant, Utf8Bytes};

use super::ids::SocketId;
use super::maps::{ByName, Name};
use super::options::Recovery;
use crate::Encoded;
use crate::cluster::Opts;

/// A place in a [`Log`].
pub(crate) type Position = u64;

/// The events of a namespace that sockets may miss. Each has an offset, which its receivers remember, and which says
/// where it stands: nothing is searched for.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Where the first entry stands.
    first: Position,
    entries: VecDeque<Entry>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    at: Instant,
    audience: Audience,
    packet: Encoded,
}

/// Whom an event was for.
#[derive(Debug)]
pub(crate) enum Audience {
    One(SocketId),
    Many { rooms: Vec<Utf8Bytes>, except: Vec<Utf8Bytes> },
}

impl From<&Opts> for Audience {
    fn from(opts: &Opts) -> Audience {
        Audience::Many { rooms: opts.rooms.clone(), except: opts.except.clone() }
    }
}

/// An event that a socket missed.
#[derive(Debug)]
pub(crate) struct Missed {
    pub(crate) position: Position,
    pub(crate) packet: Encoded,
}

/// What a socket was sent of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    pub(crate) first: Position,
    pub(crate) last: Position,
}

/// The rooms that a socket has left, as long as something may have been said in them that it missed.
#[derive(Debug, Default)]
pub(crate) struct Past(Vec<Stay>);

#[derive(Debug)]
struct Stay {
    room: Utf8Bytes,
    /// From this event on.
    since: Position,
    /// Before this one.
    until: Position,
}

/// Who moves from room to room all the time is not followed for ever: so many of the latest are enough.
const MAX_STAYS: usize = 1024;

impl Past {
    /// A socket that joined a room at `since` leaves it.
    pub(crate) fn left(&mut self, room: &Utf8Bytes, since: Position, log: &Log) {
        if since < log.end() {
            if self.0.len() >= MAX_STAYS {
                self.0.drain(..MAX_STAYS / 2);
            }
            self.0.retain(|stay| stay.until > log.first);
            self.0.push(Stay { room: room.clone(), since, until: log.end() });
        }
    }

    fn has(&self, room: &Utf8Bytes, position: Position) -> bool {
        self.0.iter().any(|stay| stay.room == *room && (stay.since..stay.until).contains(&position))
    }
}

/// A socket that comes back.
pub(crate) struct Returning<'s> {
    pub(crate) socket: SocketId,
    pub(crate) id: &'s Utf8Bytes,
    /// Its rooms, and since when it was in each.
    pub(crate) rooms: &'s ByName<Position>,
    pub(crate) past: &'s Past,
    /// What it was sent; `None`: nothing.
    pub(crate) sent: Option<Sent>,
    /// Since when it was sent nothing.
    pub(crate) away: Position,
}

impl Log {
    /// Where the next entry will stand.
    pub(crate) fn end(&self) -> Position {
        self.first + self.entries.len() as Position
    }

    /// Keeps an event, for as long as `recovery` says.
    pub(crate) fn push(&mut self, audience: Audience, packet: Encoded, recovery: Recovery, now: Instant) {
        self.bytes += weight(&audience, &packet);
        self.entries.push_back(Entry { at: now, audience, packet });
        while self.bytes > recovery.max_bytes && self.pop() {}
    }

    /// Forgets what nobody can come back for any more.
    pub(crate) fn purge(&mut self, recovery: Recovery, now: Instant) {
        while self.expires(recovery).is_some_and(|at| at <= now) && self.pop() {}
        if self.entries.len() * 4 < self.entries.capacity() {
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }

    /// When there will be something to [forget](Log::purge).
    pub(crate) fn expires(&self, recovery: Recovery) -> Option<Instant> {
        self.entries.front().map(|first| first.at + recovery.max_disconnection)
    }

    /// What a socket missed whose client knows of all up to `known`. `None`: more than is still here.
    pub(crate) fn missed(&self, returning: &Returning<'_>, known: Option<Position>) -> Option<Vec<Missed>> {
        let from = match (known, returning.sent) {
            (Some(known), _) if known >= self.end() => return None,
            // All that it was sent arrived; and what it was never sent cannot have.
            (Some(known), Some(sent)) if known >= sent.last => returning.away,
            (_, None) => returning.away,
            (Some(known), Some(sent)) => (known + 1).max(sent.first),
            (None, Some(sent)) => sent.first,
        };
        if from < self.first {
            return None;
        }
        let positions = (self.first..).zip(&self.entries).skip((from - self.first) as usize);
        let its = positions.filter(|(position, entry)| returning.belongs_to(&entry.audience, *position));
        Some(its.map(|(position, entry)| Missed { position, packet: entry.packet.clone() }).collect())
    }

    fn pop(&mut self) -> bool {
        let Some(gone) = self.entries.pop_front() else { return false };
        self.first += 1;
        self.bytes -= weight(&gone.audience, &gone.packet);
        true
    }
}

impl Returning<'_> {
    fn belongs_to(&self, audience: &Audience, position: Position) -> bool {
        match audience {
            Audience::One(socket) => *socket == self.socket,
            Audience::Many { rooms, except } => {
                (rooms.is_empty() || rooms.iter().any(|room| self.is_in(room, position)))
                    && !except.iter().any(|room| self.is_in(room, position))
            }
        }
    }

    /// Was it in this room when the event at `position` was sent?
    fn is_in(&self, room: &Utf8Bytes, position: Position) -> bool {
        room == self.id
            || self.rooms.get(&Name(room)).is_some_and(|since| *since <= position)
            || self.past.has(room, position)
    }
}

fn weight(audience: &Audience, packet: &Encoded) -> usize {
    let names = match audience {
        Audience::One(_) => 0,
        Audience::Many { rooms, except } => {
            rooms.iter().chain(except).map(|name| size_of::<Utf8Bytes>() + name.len()).sum()
        }
    };
    size_of::<Entry>() + names + packet.weight()
}

/// Writes and reads offsets: whose log it is, and the place in it.
#[derive(Debug)]
pub(crate) struct Offsets {
    node: Utf8Bytes,
}

impl Offsets {
    pub(crate) fn new(node: Utf8Bytes) -> Offsets {
        Offsets { node }
    }

    pub(crate) fn write(&self, position: Position) -> Utf8Bytes {
        format!("{}.{position}", self.node).into()
    }

    /// `None`: it is none of ours.
    pub(crate) fn read(&self, offset: &str) -> Option<Position> {
        let digits = offset.strip_prefix(self.node.as_str())?.strip_prefix('.')?;
        let canonical =
            digits.bytes().all(|digit| digit.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits.parse().ok().filter(|_| canonical)
    }
}
