//! Control frames that wait to be written (RFC 6455 §5.5).

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::Outbox;

/// Bytes of control frames that may wait; past that only the newest pong is kept.
const WAITING: usize = 4096;

/// Pings and pongs that wait to be written. They overtake data at frame boundaries, and never queue without bound.
///
/// Mostly there are none, and no memory for them.
#[derive(Default)]
pub(super) struct Controls(Option<Box<Waiting>>);

#[derive(Default)]
struct Waiting {
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
        let waiting = self.0.as_ref().map_or(0, |waiting| waiting.len(out));
        waiting + len <= WAITING
    }

    /// Queues a frame.
    pub(super) fn push(&mut self, frame: &[u8]) {
        self.0.get_or_insert_default().frames.extend_from_slice(frame);
    }

    /// Queues a pong; when there is no room it replaces the one that came last without room.
    /// RFC 6455 §5.5.3: an endpoint "MAY elect to send a Pong frame for only the most recently processed Ping frame".
    pub(super) fn push_pong(&mut self, frame: &[u8], out: &Outbox) {
        let waiting = self.0.get_or_insert_default();
        if waiting.newest.is_empty() && waiting.len(out) + frame.len() <= WAITING {
            waiting.frames.extend_from_slice(frame);
        } else {
            waiting.newest.clear();
            waiting.newest.extend_from_slice(frame);
        }
    }

    /// Hands what waits to the output, unless what was handed over before is still there.
    #[inline]
    pub(super) fn flush(&mut self, out: &mut Outbox) {
        if self.0.is_some() && !out.has_urgent() {
            self.hand_over(out);
        }
    }

    /// Hands everything over: a close frame comes next, and nothing may follow that.
    pub(super) fn flush_all(&mut self, out: &mut Outbox) {
        self.hand_over(out);
    }

    fn hand_over(&mut self, out: &mut Outbox) {
        let Some(waiting) = &mut self.0 else { return };
        let mut frames = core::mem::take(&mut waiting.frames);
        frames.append(&mut waiting.newest);
        if frames.is_empty() {
            // All is on its way, or gone.
            self.0 = None;
            return;
        }
        waiting.overtaking = frames.len();
        waiting.newest = Vec::new();
        out.overtake(Bytes::from(frames));
    }
}

impl Waiting {
    /// Bytes that wait, here and in the outbox.
    fn len(&self, out: &Outbox) -> usize {
        self.frames.len() + if out.has_urgent() { self.overtaking } else { 0 }
    }
}
