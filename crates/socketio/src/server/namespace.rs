//! Namespaces: their sockets and rooms.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use sansocket_core::Utf8Bytes;

use super::ids::{NamespaceId, SocketId};
use super::maps::{ByName, Keyed, Members, Name, shrink, shrink_set};
use super::recovery::Log;
use crate::cluster::Opts;
use crate::{Nsp, Value};

/// Where namespaces come from.
pub(crate) enum Origin {
    /// It was added by its name.
    Added,
    /// It is a pattern.
    Pattern(Matcher),
}

/// Is there a namespace of this name, for who says this of himself?
pub(crate) type Matcher = Box<dyn Fn(&str, Option<&Value>) -> bool + Send>;

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Added => "Added",
            Origin::Pattern(_) => "Pattern",
        })
    }
}

/// A namespace that there is.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) nsp: Nsp,
    pub(crate) origin: NamespaceId,
    /// How many sockets it has, connected or not.
    pub(crate) population: usize,
    /// Events that sockets may miss.
    pub(crate) log: Log,
    /// Those that are connected. Their ids are rooms, too.
    by_id: ByName<SocketId>,
    rooms: ByName<Members>,
}

/// What became of a room when a socket joined or left it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// It is the first, or was the last.
    Boundary,
    Another,
    /// It was there already, or was not.
    Nothing,
}

impl Namespace {
    pub(crate) fn new(nsp: Nsp, origin: NamespaceId, keyed: &Keyed) -> Namespace {
        Namespace {
            nsp,
            origin,
            population: 0,
            log: Log::default(),
            by_id: ByName::with_hasher(keyed.clone()),
            rooms: ByName::with_hasher(keyed.clone()),
        }
    }

    /// A socket is connected.
    pub(crate) fn enter(&mut self, id: Utf8Bytes, socket: SocketId) {
        self.by_id.insert(id, socket);
    }

    /// It is not, any more.
    pub(crate) fn exit(&mut self, id: &Utf8Bytes, socket: SocketId) {
        // Its id may be another's by now: those of old clients are not ours to draw.
        if self.by_id.get(id) == Some(&socket) {
            self.by_id.remove(id);
            shrink(&mut self.by_id);
        }
    }

    pub(crate) fn join(&mut self, room: &Utf8Bytes, socket: SocketId) -> Change {
        let members = self.rooms.entry(room.clone()).or_default();
        let is_first = members.is_empty();
        match members.insert(socket) {
            true if is_first => Change::Boundary,
            true => Change::Another,
            false => Change::Nothing,
        }
    }

    pub(crate) fn leave(&mut self, room: &Utf8Bytes, socket: SocketId) -> Change {
        let Some(members) = self.rooms.get_mut(room) else { return Change::Nothing };
        if !members.remove(&socket) {
            return Change::Nothing;
        }
        if !members.is_empty() {
            shrink_set(members);
            return Change::Another;
        }
        self.rooms.remove(room);
        shrink(&mut self.rooms);
        Change::Boundary
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<SocketId> {
        self.by_id.get(&Name(id)).copied()
    }

    pub(crate) fn is_in(&self, socket: SocketId, room: &str) -> bool {
        self.by_id(room) == Some(socket)
            || self.members(room).is_some_and(|members| members.contains(&socket))
    }

    pub(crate) fn rooms(&self) -> impl Iterator<Item = &Utf8Bytes> {
        self.rooms.keys()
    }

    pub(crate) fn has_memory(&self) -> bool {
        self.by_id.capacity() > 0 || self.rooms.capacity() > 0
    }

    /// The sockets that are meant, each once. Some may not be connected yet.
    pub(crate) fn targets(&self, opts: &Opts) -> Vec<SocketId> {
        let excepted: Vec<&Members> = opts.except.iter().filter_map(|room| self.members(room)).collect();
        let excepted_ids: Vec<SocketId> = opts.except.iter().filter_map(|room| self.by_id(room)).collect();
        let is_meant = |socket: &SocketId| {
            !excepted_ids.contains(socket) && !excepted.iter().any(|members| members.contains(socket))
        };
        let mut targets = Vec::new();
        match opts.rooms.as_slice() {
            [] => targets.extend(self.by_id.values().copied().filter(is_meant)),
            [room] => targets.extend(self.in_room(room).filter(is_meant)),
            rooms => {
                let mut all = Members::default();
                let meant = rooms.iter().flat_map(|room| self.in_room(room)).filter(is_meant);
                targets.extend(meant.filter(|socket| all.insert(*socket)));
            }
        }
        targets
    }

    fn members(&self, room: &str) -> Option<&Members> {
        self.rooms.get(&Name(room))
    }

    /// Those in a room, and the one whose id it is.
    fn in_room(&self, room: &str) -> impl Iterator<Item = SocketId> {
        let members = self.members(room);
        let named = self.by_id(room).filter(|socket| members.is_none_or(|members| !members.contains(socket)));
        named.into_iter().chain(members.into_iter().flatten().copied())
    }
}
