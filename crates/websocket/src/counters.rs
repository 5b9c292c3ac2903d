//! What a connection has seen.

use core::time::Duration;

/// What a connection has seen so far: plain numbers to read, log or export.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// What the peer sent.
    pub received: Traffic,
    /// What we queued to send.
    pub sent: Traffic,
    /// From our latest keepalive ping to its pong.
    pub round_trip: Option<Duration>,
    /// The most bytes that ever waited to be written.
    pub queue_peak: usize,
    /// [Prepared](crate::Prepared) messages dropped by [`Overflow`](crate::Overflow).
    pub dropped: u64,
}

/// One direction.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Traffic {
    /// Bytes on the wire, headers and all.
    pub wire: u64,
    /// Bytes of payload in data messages, after inflation or before deflation.
    pub payload: u64,
    /// Whole data messages.
    pub messages: u64,
    /// Frames of data messages that were not a whole message.
    pub fragments: u64,
}

/// What is counted with every message, in both directions.
#[derive(Default)]
pub(crate) struct Flows {
    pub(crate) received: Flow,
    pub(crate) sent: Flow,
}

/// What of [`Traffic`] is counted with every message.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) wire: u64,
    pub(crate) payload: u64,
    pub(crate) messages: u64,
}

impl Flow {
    /// The same with what is seldom counted.
    pub(crate) fn with_fragments(&self, fragments: u64) -> Traffic {
        let Flow { wire, payload, messages } = *self;
        Traffic { wire, payload, messages, fragments }
    }

    /// Counts a whole message of `payload` bytes that takes `wire` bytes.
    #[inline(always)]
    pub(crate) fn count(&mut self, payload: usize, wire: usize) {
        self.messages += 1;
        self.payload += payload as u64;
        self.wire += wire as u64;
    }
}
