//! What a machine wants to be written.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use bytes::{Buf, Bytes};

mod change;

use crate::Pool;
use crate::parts::{Part, PartKind, Parts};

/// How many slices [`Outbox::slices`] gathers at most: past a few dozen a system call gains nothing more.
pub const OUTBOX_SLICES: usize = 32;
/// The first memory taken without a pool.
const FIRST: usize = 512;

/// What a machine wants to be written: one flat run of bytes, in which small items lie side by side, and payloads by
/// reference between them.
///
/// **Below** (who writes): [`slices`](Outbox::slices) or [`flat`](Outbox::flat), then [`written`](Outbox::written); or
/// use it as a [`bytes::Buf`]. Before a burst, [`attach`](Outbox::attach) lends it a pooled buffer; once all is
/// written, [`release`](Outbox::release) gives it back.
///
/// **Machines** (who queue): [`append`](Outbox::append), [`extend`](Outbox::extend), [`share`](Outbox::share),
/// [`share_changed`](Outbox::share_changed). Where
/// something urgent may [overtake](Outbox::overtake), the outbox has to know how long items are: [`Outbox::new`].
pub struct Outbox {
    buffer: Box<[u8]>,
    start: u32,
    end: u32,
    /// Bytes from the next one to be written to the first item that was not begun.
    boundary: u32,
    /// This connection has queued by reference before: the pool's memory for that comes with the buffer.
    shares: bool,
    item_len: fn(&[u8]) -> usize,
    /// What most outboxes lack most of the time.
    rare: Option<Box<Parts>>,
}

impl Default for Outbox {
    /// An outbox whose content is one long item: nothing overtakes.
    fn default() -> Outbox {
        Outbox::new(<[u8]>::len)
    }
}

/// For machines.
impl Outbox {
    /// An outbox of items: `item_len` tells how long the item is whose first bytes these are (its header lies in one
    /// piece; of the rest some may be missing).
    pub fn new(item_len: fn(&[u8]) -> usize) -> Outbox {
        Outbox { buffer: Box::default(), start: 0, end: 0, boundary: 0, shares: false, item_len, rare: None }
    }

    /// Adds what `fill` writes into a room of `most` bytes; it answers how many it wrote, and so does this.
    ///
    /// # Panics
    /// If it says more than `most`.
    #[inline(always)]
    pub fn append(&mut self, most: usize, fill: impl FnOnce(&mut [u8]) -> usize) -> usize {
        if self.room(most).is_none() {
            self.grow(most);
        }
        let n = self.room(most).map_or(0, fill);
        assert!(n <= most, "more bytes appended than there was room");
        self.appended(n);
        n
    }

    /// Room for `most` bytes behind what is queued, if there is that much without taking memory: for the shortest way
    /// out, which then is free of calls. After writing `n` bytes to its start call [`appended(n)`](Outbox::appended).
    #[inline(always)]
    pub fn room(&mut self, most: usize) -> Option<&mut [u8]> {
        self.buffer[self.end as usize..].get_mut(..most)
    }

    /// `n` bytes were written to the [`room`](Outbox::room).
    ///
    /// # Panics
    /// If there was not so much.
    #[inline(always)]
    pub fn appended(&mut self, n: usize) {
        assert!(n <= self.buffer.len() - self.end as usize, "more bytes appended than there was room");
        self.end += n as u32;
    }

    /// Adds a copy of `bytes`.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.append(bytes.len(), |room| {
            room.copy_from_slice(bytes);
            bytes.len()
        });
    }

    /// What is queued so far is one item (an HTTP head, say); from here on `item_len` tells.
    pub fn begin_items(&mut self, item_len: fn(&[u8]) -> usize) {
        self.item_len = item_len;
        self.boundary = self.len() as u32;
    }

    /// Adds `bytes` by reference, as the rest of the item whose header was appended last.
    #[inline(always)]
    pub fn share(&mut self, bytes: Bytes) {
        self.push(bytes, PartKind::Tail);
    }

    /// Adds `bytes` by reference, as an item of its own, which [`drop_oldest`](Outbox::drop_oldest) may drop.
    pub fn share_item(&mut self, bytes: Bytes) {
        self.push(bytes, PartKind::Item);
    }

    /// Adds `urgent` before the first item that was not begun to be written, and behind what overtook before.
    pub fn overtake(&mut self, urgent: Bytes) {
        let (before, index) = self.place_of(self.boundary as usize);
        self.boundary += urgent.len() as u32;
        let boundary = self.boundary as usize;
        let rare = self.rare.get_or_insert_default();
        rare.bytes += urgent.len();
        rare.urgent_end = boundary;
        rare.parts.insert(index, Part { before, bytes: urgent, kind: PartKind::Tail });
    }

    /// Is something that [overtook](Outbox::overtake) still to be written?
    pub fn has_urgent(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.urgent_end > 0)
    }

    /// Drops the oldest [shared item](Outbox::share_item) that was not begun to be written, and answers its length.
    pub fn drop_oldest(&mut self) -> Option<usize> {
        let begun = self.place_of(self.boundary as usize).1;
        let rare = self.rare.as_mut()?;
        let index = (begun..rare.parts.len()).find(|i| rare.parts[*i].kind == PartKind::Item)?;
        let dropped = rare.parts.remove(index)?.bytes.len();
        rare.bytes -= dropped;
        Some(dropped)
    }

    #[inline(always)]
    fn push(&mut self, bytes: Bytes, kind: PartKind) {
        let before = self.end;
        let rare = self.rare.get_or_insert_default();
        rare.bytes += bytes.len();
        rare.parts.push_back(Part { before, bytes, kind });
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let live = self.start as usize..self.end as usize;
        // Offsets are 32 bits wide; machines cap their queues at far less.
        let size = (live.len() + more).next_power_of_two().max(FIRST).min(u32::MAX as usize);
        if size <= self.buffer.len() {
            self.buffer.copy_within(live, 0);
            self.renumber();
        } else {
            self.move_to(vec![0; size].into_boxed_slice());
        }
    }

    fn move_to(&mut self, mut to: Box<[u8]>) -> Box<[u8]> {
        let live = &self.buffer[self.start as usize..self.end as usize];
        to[..live.len()].copy_from_slice(live);
        self.renumber();
        core::mem::replace(&mut self.buffer, to)
    }

    /// What was flat lies at the start of the buffer now.
    fn renumber(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.parts.iter_mut().for_each(|part| part.before -= self.start);
        }
        (self.start, self.end) = (0, self.end - self.start);
    }

    /// Where the byte lies that comes `ahead` bytes after the next one to be written: the offset in the buffer, and
    /// the first part that is not before it.
    fn place_of(&self, ahead: usize) -> (u32, usize) {
        let (mut at, mut ahead) = (self.start, ahead);
        let parts = self.rare.iter().flat_map(|rare| &rare.parts);
        for (index, part) in parts.enumerate() {
            let flat = (part.before - at) as usize;
            if ahead < flat {
                return (at + ahead as u32, index);
            }
            ahead -= flat;
            at = part.before;
            if ahead < part.bytes.len() {
                return (at, index);
            }
            ahead -= part.bytes.len();
        }
        (at + ahead as u32, self.rare.as_ref().map_or(0, |rare| rare.parts.len()))
    }

    /// Some of the output was taken, and some was not: finds the first item that was not begun.
    #[cold]
    fn find_boundary(&mut self, written: usize) {
        let len = self.len();
        while (self.boundary as usize) < written.min(len) {
            let (at, index) = self.place_of(self.boundary as usize);
            let part =
                self.rare.as_ref().and_then(|rare| rare.parts.get(index)).filter(|part| part.before == at);
            let item = match part {
                Some(part) => part.bytes.len(),
                None => (self.item_len)(&self.buffer[at as usize..self.end as usize]).max(1),
            };
            self.boundary = (self.boundary as usize + item).min(len) as u32;
        }
    }
}

/// For whoever writes.
impl Outbox {
    /// Is there nothing to write?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end && self.rare.as_ref().is_none_or(|rare| rare.bytes == 0)
    }

    /// Bytes to be written.
    #[inline]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize + self.rare.as_ref().map_or(0, |rare| rare.bytes)
    }

    /// Everything, if it lies in one piece.
    #[inline]
    pub fn flat(&self) -> Option<&[u8]> {
        let by_reference = self.rare.as_ref().is_some_and(|rare| !rare.parts.is_empty());
        (!by_reference).then(|| &self.buffer[self.start as usize..self.end as usize])
    }

    /// The next bytes, gathered for one vectored write; answers how many slices were filled.
    #[inline]
    pub fn slices<'a>(&'a self, slices: &mut [&'a [u8]; OUTBOX_SLICES]) -> usize {
        let mut filled = 0;
        for (place, piece) in slices.iter_mut().zip(self.pieces()) {
            *place = piece;
            filled += 1;
        }
        filled
    }

    /// Everything, piece by piece, none of them empty; but as far only as it need not be
    /// [changed](Outbox::share_changed) first.
    #[inline]
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let (mut at, mut end, mut ready) = (self.start, self.end, 0);
        if let Some(rare) = &self.rare {
            ready = rare.parts.len();
            if let Some(first) = rare.first_unchanged() {
                (ready, end) = (first, rare.parts[first].before);
            }
        }
        let (mut next, mut by_reference) = (0, &[][..]);
        core::iter::from_fn(move || {
            loop {
                if !by_reference.is_empty() {
                    return Some(core::mem::take(&mut by_reference));
                }
                let part = self.rare.as_ref().filter(|_| next < ready).map(|rare| &rare.parts[next]);
                let before = part.map_or(end, |part| part.before);
                let flat = &self.buffer[at as usize..before as usize];
                (at, next) = (before, next + 1);
                match part {
                    Some(part) => by_reference = &part.bytes,
                    None if flat.is_empty() => return None,
                    None => {}
                }
                if !flat.is_empty() {
                    return Some(flat);
                }
            }
        })
    }

    /// `n` bytes were written (of more than there are, all).
    pub fn written(&mut self, n: usize) {
        let len = self.len();
        if n >= len {
            (self.start, self.end, self.boundary) = (0, 0, 0);
            if let Some(rare) = &mut self.rare {
                rare.clear();
            }
            return;
        }
        if n > self.boundary as usize {
            self.find_boundary(n);
        }
        self.boundary -= n as u32;
        let mut left = n;
        while let Some(rare) = &mut self.rare {
            let Some(part) = rare.parts.front_mut() else { break };
            let flat = ((part.before - self.start) as usize).min(left);
            self.start += flat as u32;
            left -= flat;
            if self.start < part.before {
                break;
            }
            if matches!(part.kind, PartKind::Changed { .. }) {
                // Nobody was shown any of it.
                left = 0;
                break;
            }
            let taken = left.min(part.bytes.len());
            part.bytes.advance(taken);
            rare.bytes -= taken;
            left -= taken;
            if !part.bytes.is_empty() {
                break;
            }
            rare.parts.pop_front();
        }
        self.start += left as u32;
        if let Some(rare) = &mut self.rare {
            rare.urgent_end = rare.urgent_end.saturating_sub(n);
            self.prepare();
        }
    }

    /// Lends a pooled buffer for a burst, if none is there.
    #[inline]
    pub fn attach(&mut self, pool: &mut Pool) {
        if self.shares && self.rare.is_none() {
            self.rare = pool.take_parts();
        }
        if self.buffer.is_empty() {
            self.buffer = pool.take();
        }
    }

    /// Gives the memory back when all is written: an idle connection owns none. A rest that fills less than half of its
    /// buffer moves to a smaller box, for a peer that does not read may take long.
    pub fn release(&mut self, pool: &mut Pool) {
        let live = (self.end - self.start) as usize;
        // Kept until now, for a burst of large payloads needs it again with each.
        if let Some(rare) = self.rare.take_if(|rare| rare.parts.is_empty()) {
            self.shares = true;
            pool.give_parts(rare);
        }
        if self.buffer.is_empty() {
        } else if self.is_empty() {
            (self.start, self.end, self.boundary) = (0, 0, 0);
            pool.give(core::mem::take(&mut self.buffer));
        } else if 2 * live + FIRST < self.buffer.len() {
            let old = self.move_to(vec![0; live].into_boxed_slice());
            pool.give(old);
        }
    }

    /// Bytes of memory owned now, payloads held by reference included.
    pub fn memory(&self) -> usize {
        let rare =
            self.rare.as_ref().map_or(0, |rare| rare.bytes + rare.parts.capacity() * size_of::<Part>());
        self.buffer.len() + rare
    }
}

impl Buf for Outbox {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn chunk(&self) -> &[u8] {
        self.pieces().next().unwrap_or_default()
    }

    fn advance(&mut self, n: usize) {
        assert!(n <= self.len(), "advanced past the end of the output");
        self.written(n);
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("len", &self.len()).field("memory", &self.memory()).finish()
    }
}

#[cfg(test)]
mod tests;
