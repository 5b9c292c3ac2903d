//! What a window holds between messages.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::WindowBits;
use super::contexts::Ticket;

/// The last bytes of the messages so far, as many as a window reaches back: all that is kept of a context from one
/// message to the next.
pub(super) struct History {
    /// A ring once it is as large as the window; until then it grows.
    bytes: Vec<u8>,
    /// Where in a full ring the oldest byte lies.
    oldest: usize,
    window: WindowBits,
    /// Of the context that knows it too.
    ticket: Option<Ticket>,
}

impl History {
    /// An empty one, boxed: most connections keep none.
    pub(super) fn new(window: WindowBits) -> Box<History> {
        Box::new(History { bytes: Vec::new(), oldest: 0, window, ticket: None })
    }

    /// The ticket of the context that stands where this history does.
    pub(super) fn take_ticket(&mut self) -> Option<Ticket> {
        self.ticket.take()
    }

    pub(super) fn set_ticket(&mut self, ticket: Option<Ticket>) {
        self.ticket = ticket;
    }

    /// All of it, the oldest first: turns the ring, which costs a copy.
    pub(super) fn bytes(&mut self) -> &[u8] {
        self.bytes.rotate_left(self.oldest);
        self.oldest = 0;
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Goes on with `bytes`, and forgets what the window no longer reaches.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let size = 1 << self.window.get();
        let bytes = &bytes[bytes.len().saturating_sub(size)..];
        let (append, replace) = bytes.split_at(bytes.len().min(size - self.bytes.len()));
        if self.bytes.capacity() < self.bytes.len() + append.len() {
            // Doubled, so that many small messages copy little, but never beyond the window.
            let room = (2 * (self.bytes.len() + append.len())).min(size);
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(append);
        let (first, second) = replace.split_at(replace.len().min(size - self.oldest));
        self.bytes[self.oldest..][..first.len()].copy_from_slice(first);
        self.bytes[..second.len()].copy_from_slice(second);
        self.oldest = (self.oldest + replace.len()) % size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_tells_what_came_last() {
        let mut history = History::new(WindowBits::NINE);
        let mut all: Vec<u8> = Vec::new();
        for n in [0, 1, 300, 200, 11, 0, 512, 1, 511, 513, 2000, 700, 3, 509, 1] {
            let new: Vec<u8> = (0..n).map(|i| (all.len() + i * 7) as u8).collect();
            all.extend(&new);
            history.push(&new);
            // Turned only now and then, so that every place of the oldest byte is met.
            if n % 2 == 1 {
                assert_eq!(history.bytes(), &all[all.len().saturating_sub(512)..]);
            }
        }
        assert_eq!(history.memory(), 512);
    }
}
