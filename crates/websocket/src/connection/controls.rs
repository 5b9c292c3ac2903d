//! Control frames that wait to be written (RFC 6455 §5.5).

use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::Outbox;

/// Bytes of control frames that may wait; past that only the newest pong is kept.
const WAITING: usize = 4096;

/// Pings and pongs that wait to be written. They overtake data at frame boundaries, and never queue without bound.
#[derive(Default)]
pub(super) struct Controls {
    /// Encoded frames.
    frames: Vec<u8>,
    /// The newest pong, once `frames` is full.
    newest: Vec<u8>,
    /// Bytes that overtook last, and may wait in the outbox still.
    overtaking: usize,
}

impl Controls {
    /// Is there room for one more frame of `len` bytes?
    pub(super) fn has_room(&self, len: usize, out: &Outbox) -> bool {
        let overtaking = if out.has_urgent() { self.overtaking } else { 0 };
        self.frames.len() + overtaking + len <= WAITING
    }

    /// Queues a frame.
    pub(super) fn push(&mut self, frame: &[u8]) {
        self.frames.extend_from_slice(frame);
    }

    /// Queues a pong; when there is no room it replaces the one that came last without room.
    /// RFC 6455 §5.5.3: an endpoint "MAY elect to send a Pong frame for only the most recently processed Ping frame".
    pub(super) fn push_pong(&mut self, frame: &[u8], out: &Outbox) {
        if self.newest.is_empty() && self.has_room(frame.len(), out) {
            self.push(frame);
        } else {
            self.newest.clear();
            self.newest.extend_from_slice(frame);
        }
    }

    /// Hands what waits to the output, unless what was handed over before is still there.
    pub(super) fn flush(&mut self, out: &mut Outbox) {
        if self.is_empty() || out.has_urgent() {
            return;
        }
        self.hand_over(out);
    }

    /// Hands everything over: a close frame comes next, and nothing may follow that.
    pub(super) fn flush_all(&mut self, out: &mut Outbox) {
        if !self.is_empty() {
            self.hand_over(out);
        }
    }

    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.newest.is_empty()
    }

    fn hand_over(&mut self, out: &mut Outbox) {
        let mut frames = core::mem::take(&mut self.frames);
        frames.append(&mut self.newest);
        self.newest = Vec::new();
        self.overtaking = frames.len();
        out.overtake(Bytes::from(frames));
    }
}
