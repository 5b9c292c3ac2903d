//! What a window holds between messages.

use alloc::vec::Vec;

use super::WindowBits;

/// The last bytes of the messages so far, as many as a window reaches back: all that is kept of a context from one
/// message to the next.
pub(super) struct History {
    bytes: Vec<u8>,
    window: WindowBits,
}

impl History {
    pub(super) fn new(window: WindowBits) -> History {
        History { bytes: Vec::new(), window }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Begins again with `bytes`, which are at most a window.
    pub(super) fn replace(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.push(bytes);
    }

    /// Goes on with `bytes`, and forgets what the window no longer reaches.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let size = 1 << self.window.get();
        let new = &bytes[bytes.len().saturating_sub(size)..];
        let old = self.bytes.len().min(size - new.len());
        self.bytes.drain(..self.bytes.len() - old);
        if self.bytes.capacity() < old + new.len() {
            // Doubled, so that many small messages copy little, but never beyond the window.
            let room = (2 * (old + new.len())).min(size);
            self.bytes.reserve_exact(room - old);
        }
        self.bytes.extend_from_slice(new);
    }
}
