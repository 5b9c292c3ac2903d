//! The way to the other servers of a cluster.

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sansocket_socketio::cluster::{Body, Outbound};

/// Takes messages to other servers.
pub(super) type Link = dyn Fn(Outbound) + Send + Sync;

/// How many bytes may wait for whoever carries: as much as a slow moment of a busy server may bring.
const MOST: usize = 16 << 20;

/// What is on its way to the other servers. It is queued while the hub is locked, and carried when it is not: by one
/// thread at a time, so that it arrives in its order, and whatever arrives may answer at once.
#[derive(Default)]
pub(super) struct Uplink {
    link: Option<Arc<Link>>,
    waiting: VecDeque<Outbound>,
    /// What these keep in memory.
    weight: usize,
    /// Somebody carries already, and will look again.
    is_busy: bool,
}

/// Messages, and the link that takes them.
pub(super) struct Load {
    link: Arc<Link>,
    messages: VecDeque<Outbound>,
}

impl Uplink {
    /// From now on messages go this way. Gives back the one before.
    pub(super) fn open(&mut self, link: Arc<Link>) -> Option<Arc<Link>> {
        self.link.replace(link)
    }

    pub(super) fn push(&mut self, outbound: Outbound) {
        if self.link.is_some() {
            self.weight += outbound.weight();
            self.waiting.push_back(outbound);
        }
    }

    /// Is more said than is carried? Who says it then had better wait.
    pub(super) fn is_full(&self) -> bool {
        self.weight > MOST
    }

    /// Is there something to be carried, and nobody who does? Whoever asks has to.
    pub(super) fn begin(&mut self) -> bool {
        let begins = !self.is_busy && !self.waiting.is_empty();
        self.is_busy |= begins;
        begins
    }

    /// What is to be carried next, by the one who [began](Uplink::begin). `None`: nothing any more.
    pub(super) fn next(&mut self) -> Option<Load> {
        let messages = mem::take(&mut self.waiting);
        self.weight = 0;
        // Who says goodbye is not heard of again: a link may hold what holds us.
        let is_last = messages.back().is_some_and(|last| matches!(last.message.body, Body::AdapterClose));
        let link = if is_last { self.link.take() } else { self.link.clone() };
        let load = link.filter(|_| !messages.is_empty()).map(|link| Load { link, messages });
        self.is_busy = load.is_some();
        load
    }
}

impl Load {
    pub(super) fn carry(self) {
        for message in self.messages {
            // A link that panics has lost a message; whoever emitted it has nothing to do with that.
            let _ = catch_unwind(AssertUnwindSafe(|| (self.link)(message)));
        }
    }
}
