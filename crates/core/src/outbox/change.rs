//! Payloads that are changed on their way out: large ones, a window of them at a time, so that what is written next lies in
//! a cache, and no copy of all of it is ever made.

use bytes::{Buf, Bytes};

use super::Outbox;
use crate::parts::{Change, Part, PartKind};

/// Bytes that are changed ahead of being written: what a socket takes at once.
const WINDOW: usize = 64 * 1024;

impl Outbox {
    /// As [`share`](Outbox::share), for bytes that leave as `change` makes them with this `key`: not now, but shortly
    /// before they are written. What this is said of in one outbox is always the same `change`.
    pub fn share_changed(&mut self, bytes: Bytes, key: u32, change: Change) {
        self.push(bytes, PartKind::Changed { key });
        let rare = self.rare.get_or_insert_default();
        rare.change = Some(change);
        rare.unchanged += 1;
    }

    /// Changes what is written next, if there is something to be changed and not enough before it. Called before a write
    /// it saves one; nothing depends on it.
    #[inline]
    pub fn prepare(&mut self) {
        if self.rare.as_ref().is_some_and(|rare| rare.unchanged > 0) {
            self.fill_window();
        }
    }

    #[cold]
    pub(super) fn fill_window(&mut self) {
        while let Some(missing) = self.ready().map(|ready| WINDOW.saturating_sub(ready)).filter(|n| *n > 0) {
            self.change_first(missing);
        }
    }

    /// Bytes before the first one that is to be changed, if there is one.
    fn ready(&self) -> Option<usize> {
        let rare = self.rare.as_ref()?;
        let index = rare.first_unchanged()?;
        let by_reference: usize = rare.parts.iter().take(index).map(|part| part.bytes.len()).sum();
        Some((rare.parts[index].before - self.start) as usize + by_reference)
    }

    /// Makes the first `most` bytes that are to be changed, or as many as one part has, flat ones: they take the place
    /// before the part they are of.
    fn change_first(&mut self, most: usize) {
        let Some(index) = self.rare.as_ref().and_then(|rare| rare.first_unchanged()) else { return };
        if self.start == self.end {
            self.renumber();
        }
        if self.room(most).is_none() {
            self.grow(most);
        }
        let Some(rare) = &mut self.rare else { return };
        let (Some(change), Some(Part { before, bytes, kind: PartKind::Changed { key } })) =
            (rare.change, rare.parts.get_mut(index))
        else {
            return;
        };
        let (n, at) = (most.min(bytes.len()), *before as usize);
        self.buffer.copy_within(at..self.end as usize, at + n);
        *key = change(&mut self.buffer[at..at + n], &bytes[..n], *key);
        bytes.advance(n);
        rare.bytes -= n;
        let is_done = bytes.is_empty();
        rare.parts.iter_mut().skip(index).for_each(|part| part.before += n as u32);
        self.end += n as u32;
        if is_done {
            rare.unchanged -= 1;
            rare.parts.remove(index);
        }
    }
}
