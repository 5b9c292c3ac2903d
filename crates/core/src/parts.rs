//! What an [`Outbox`](crate::Outbox) has beside its flat bytes.

use alloc::collections::VecDeque;

use bytes::Bytes;

/// How bytes are changed: writes `from` into `to`, which is as long, and answers the key that is for what follows. It is
/// never asked for more than it was said to be for.
pub type Change = fn(to: &mut [u8], from: &[u8], key: u32) -> u32;

/// Payloads by reference, and what overtook.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// In the order in which they are written.
    pub(crate) parts: VecDeque<Part>,
    /// Bytes in `parts`.
    pub(crate) bytes: usize,
    /// Bytes from the next one to be written to the end of what overtook last; 0 once that is written.
    pub(crate) urgent_end: usize,
    /// How many of `parts` are still to be changed …
    pub(crate) unchanged: usize,
    /// … and how.
    pub(crate) change: Option<Change>,
}

/// A payload by reference, to be written before `buffer[before..]`.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) before: u32,
    pub(crate) bytes: Bytes,
    pub(crate) kind: PartKind,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum PartKind {
    /// Belongs to the item whose header stands in the buffer.
    Tail,
    /// An item of its own.
    Item,
    /// As [`Tail`](PartKind::Tail), but not what is to be written yet.
    Changed { key: u32 },
}

impl Parts {
    /// Bytes of memory owned, but for the payloads.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Parts>() + self.parts.capacity() * size_of::<Part>()
    }

    /// The first part that is still to be changed.
    #[inline]
    pub(crate) fn first_unchanged(&self) -> Option<usize> {
        if self.unchanged == 0 { None } else { self.find_unchanged() }
    }

    fn find_unchanged(&self) -> Option<usize> {
        self.parts.iter().position(|part| matches!(part.kind, PartKind::Changed { .. }))
    }

    /// All is written.
    pub(crate) fn clear(&mut self) {
        self.parts.clear();
        (self.bytes, self.urgent_end, self.unchanged) = (0, 0, 0);
    }
}
