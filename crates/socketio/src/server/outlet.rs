//! What waits for a connection to take it.

use alloc::vec::Vec;

use sansocket_core::{Compress, Message, Utf8Bytes};

use super::line::Line;
use super::options::Slow;
use crate::flow::{Flags, Volatile, Writable};
use crate::{Encoded, Nsp};

/// What a packet that waits costs beside its bytes.
const PLACE: usize = size_of::<Waiting>();

/// Packets that wait for a connection to take them. Owns nothing while none does.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    waiting: Line<Waiting>,
    /// Of volatile events the latest ones, which leave when nothing else waits.
    latest: Vec<Latest>,
    bytes: usize,
    /// So many messages of the first packet were taken.
    taken: usize,
    /// An event was not taken for want of room, and somebody waits for it.
    blocked: bool,
}

#[derive(Debug)]
struct Waiting {
    packet: Encoded,
    compress: Compress,
    worth: Worth,
}

/// A volatile event whose newest is worth something.
#[derive(Debug)]
struct Latest {
    nsp: Nsp,
    name: Utf8Bytes,
    packet: Encoded,
    compress: Compress,
}

/// What a packet is worth, if it cannot leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Worth {
    /// Nothing works without it.
    Needed,
    /// It was for many, and is dropped where the policy says so.
    Shared,
    /// It is dropped if it cannot leave at once.
    Fleeting,
    /// It was missed. How much of such there is the log bounds: it leaves no less room for what is new, or whoever missed
    /// much would be closed for it as soon as he is back.
    Missed,
}

/// What became of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pushed {
    Waits,
    Dropped,
    /// So much waits that the connection is to end.
    TooMuch,
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) high_water: usize,
    pub(crate) max_waiting: usize,
    pub(crate) slow: Slow,
}

/// One packet for a connection.
pub(crate) struct Parcel<'p> {
    pub(crate) nsp: &'p Nsp,
    pub(crate) name: &'p Utf8Bytes,
    pub(crate) packet: &'p Encoded,
    pub(crate) flags: Flags,
}

impl Outlet {
    /// Queues a packet that cannot be refused; only how much of such there is has a bound.
    pub(crate) fn push(&mut self, packet: Encoded, compress: Compress, room: Room) -> Pushed {
        if self.bytes >= room.max_waiting {
            return Pushed::TooMuch;
        }
        self.wait(packet, compress, Worth::Needed);
        Pushed::Waits
    }

    /// Queues an event that was missed.
    pub(crate) fn push_missed(&mut self, packet: Encoded) {
        self.wait(packet, Compress::Yes, Worth::Missed);
    }

    /// Queues an event that is for one: there is [room](Outlet::has_room) for it, or it is volatile.
    pub(crate) fn push_event(&mut self, parcel: &Parcel<'_>, room: Room) -> Pushed {
        let Flags { volatile, compress, .. } = parcel.flags;
        match volatile {
            Volatile::No => self.wait(parcel.packet.clone(), compress, Worth::Needed),
            Volatile::Drop if !self.has_room(room) => return Pushed::Dropped,
            Volatile::Drop => self.wait(parcel.packet.clone(), compress, Worth::Fleeting),
            Volatile::Latest => self.replace(parcel),
        }
        Pushed::Waits
    }

    /// Queues an event that is for many.
    pub(crate) fn push_shared(&mut self, parcel: &Parcel<'_>, room: Room) -> Pushed {
        if parcel.flags.volatile != Volatile::No {
            return self.push_event(parcel, room);
        }
        if self.bytes >= room.max_waiting {
            match room.slow {
                Slow::Close => return Pushed::TooMuch,
                Slow::DropNewest => return Pushed::Dropped,
                Slow::KeepLatest => self.drop_shared(0),
                // Half, so that not every packet goes over all of them.
                Slow::DropOldest => self.drop_shared(room.max_waiting / 2),
            }
            if self.bytes >= room.max_waiting {
                return Pushed::Dropped;
            }
        }
        self.wait(parcel.packet.clone(), parcel.flags.compress, Worth::Shared);
        Pushed::Waits
    }

    /// Is there room for one more event?
    pub(crate) fn has_room(&self, room: Room) -> bool {
        self.bytes < room.high_water
    }

    /// Does nothing wait?
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.latest.is_empty()
    }

    /// Somebody waits for room.
    pub(crate) fn block(&mut self) {
        self.blocked = true;
    }

    /// There is room again, and somebody waits for it.
    pub(crate) fn unblock(&mut self, room: Room) -> bool {
        let unblocks = self.blocked && self.has_room(room);
        self.blocked &= !unblocks;
        unblocks
    }

    /// The next message.
    pub(crate) fn next(&mut self, writable: Writable) -> Option<(Message, Compress)> {
        while let Some(first) = self.waiting.first() {
            let misses = first.worth == Worth::Fleeting && self.taken == 0 && writable == Writable::Later;
            let message = first.packet.messages().nth(self.taken).filter(|_| !misses).cloned();
            let compress = first.compress;
            self.taken += 1;
            if message.is_none() || self.taken >= first.packet.len() {
                self.pop();
            }
            if let Some(message) = message {
                return Some((message, compress));
            }
        }
        if writable == Writable::Later || self.latest.is_empty() {
            return None;
        }
        let Latest { packet, compress, .. } = self.latest.remove(0);
        if self.latest.is_empty() {
            self.latest = Vec::new();
        }
        // From here on it is like any other, for all of its messages have to leave.
        self.bytes -= weight(&packet);
        self.wait(packet, compress, Worth::Needed);
        self.next(writable)
    }

    /// Bytes that wait, with their places, but for what was missed.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what is volatile: no more comes, and it is not waited for.
    pub(crate) fn finish(&mut self) {
        for latest in core::mem::take(&mut self.latest) {
            self.bytes -= weight(&latest.packet);
        }
    }

    fn wait(&mut self, packet: Encoded, compress: Compress, worth: Worth) {
        let waiting = Waiting { packet, compress, worth };
        self.bytes += waiting.weight();
        self.waiting.push(waiting);
    }

    fn replace(&mut self, parcel: &Parcel<'_>) {
        let Parcel { nsp, name, packet, flags } = *parcel;
        self.bytes += weight(packet);
        let older = self.latest.iter_mut().find(|older| older.name == *name && older.nsp == *nsp);
        match older {
            Some(older) => {
                self.bytes -= weight(&older.packet);
                older.packet = packet.clone();
            }
            None => self.latest.push(Latest {
                nsp: nsp.clone(),
                name: name.clone(),
                packet: packet.clone(),
                compress: flags.compress,
            }),
        }
    }

    /// Drops what was for many, the oldest first, until no more than `most` bytes wait.
    fn drop_shared(&mut self, most: usize) {
        // One that was begun has to leave whole.
        let begun = usize::from(self.taken > 0);
        let (mut at, mut bytes) = (0, self.bytes);
        self.waiting.retain(|waiting| {
            let goes = waiting.worth == Worth::Shared && at >= begun && bytes > most;
            at += 1;
            if goes {
                bytes -= waiting.weight();
            }
            !goes
        });
        self.bytes = bytes;
    }

    fn pop(&mut self) {
        self.taken = 0;
        if let Some(gone) = self.waiting.pop() {
            self.bytes -= gone.weight();
        }
    }
}

impl Waiting {
    fn weight(&self) -> usize {
        if self.worth == Worth::Missed { 0 } else { weight(&self.packet) }
    }
}

fn weight(packet: &Encoded) -> usize {
    packet.weight() + PLACE
}
