//! What a connection knows of its transport, whatever its role.

use core::time::Duration;

use sansocket_core::{Instant, Outbox};

/// What is left of a connection that goes on in another protocol, over the same [`Input`](sansocket_core::Input), in
/// which bytes of that protocol may already wait.
#[derive(Debug)]
pub struct Parts {
    /// What was not written yet: it goes before anything else.
    pub out: Outbox,
    /// Has the peer ended its stream? Tell the next machine (`handle_eof`), for nobody else will.
    pub has_ended: bool,
}

/// A connection that did not switch to another protocol has no parts to give: the caller's fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the connection has not switched to another protocol")]
pub struct NotSwitched;

/// What is known of the peer's bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Reading {
    /// Some may not have been looked at.
    Waiting,
    /// All were looked at.
    Dry,
    /// None come any more.
    Ended,
}

impl Reading {
    /// The last poll ran into this.
    pub(crate) fn found(&mut self, found: Reading) {
        if *self != Reading::Ended {
            *self = found;
        }
    }
}

/// What is left to do with the transport.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Farewell {
    /// Write, then say that nothing follows.
    Saying,
    /// Say that nothing follows, and go.
    Parting,
    /// Wait for the peer to close.
    Lingering,
    /// Nothing.
    Done,
}

/// The output, and whether the peer takes it.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    pub(crate) out: Outbox,
    /// Bytes ever queued.
    queued: u64,
    /// Of these, bytes that were written when [`has_moved`](Outgoing::has_moved) was last asked.
    moved: u64,
}

impl Outgoing {
    /// Queues what `write` writes.
    pub(crate) fn queue<R>(&mut self, write: impl FnOnce(&mut Outbox) -> R) -> R {
        let before = self.out.len();
        let result = write(&mut self.out);
        self.queued += (self.out.len() - before) as u64;
        result
    }

    /// Was anything written since this was last asked?
    pub(crate) fn has_moved(&mut self) -> bool {
        let written = self.queued - self.out.len() as u64;
        let before = core::mem::replace(&mut self.moved, written);
        written != before
    }

    /// Nothing of it will be written.
    pub(crate) fn drop_all(&mut self) {
        self.out.written(self.out.len());
    }
}

/// A deadline lies strictly in the future, whatever the options say.
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    now + time.max(Duration::from_micros(1))
}
