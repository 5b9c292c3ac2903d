//! The shape all machines share.

use crate::{Input, Instant, Outbox, Pool};

/// A protocol machine: it never touches a socket, a clock or a random generator.
///
/// Whoever drives one (`sansocket-driver` over any runtime, or twenty lines of your own) does four things, in any
/// order and as often as he likes:
///
/// * **events**: call [`poll_event`](Machine::poll_event) until it answers `None`; state changes here, one event at
///   a time, and nothing is decoded before it is asked for;
/// * **input**: if [`wants_input`](Machine::wants_input), read into the [`Input`] that stands beside the machine; at
///   the end of the stream call [`handle_eof`](Machine::handle_eof);
/// * **output**: while [`poll_transmit`](Machine::poll_transmit) answers, do what it says;
/// * **time**: when [`poll_timeout`](Machine::poll_timeout) has come, call
///   [`handle_timeout`](Machine::handle_timeout).
///
/// until [`is_finished`](Machine::is_finished). Calls that come early, late or twice are no-ops. How the incoming
/// bytes are cut never changes what comes out.
pub trait Machine {
    /// What happened, lent from the [`Input`] until the next call.
    type Event<'i>;

    /// The next event, or `None` when the input has run dry. After the event that ends the machine, always `None`.
    ///
    /// `now` need not be fresher than the last read.
    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<Self::Event<'i>>;

    /// Should more be read? True exactly when the last [`poll_event`](Machine::poll_event) ran dry and the peer may
    /// still say something that matters.
    fn wants_input(&self) -> bool;

    /// The peer has ended its stream, or the connection broke. Idempotent.
    fn handle_eof(&mut self, now: Instant);

    /// When [`handle_timeout`](Machine::handle_timeout) wants to be called; strictly later, or `None`, once it was.
    fn poll_timeout(&self) -> Option<Instant>;

    /// It is `now`. Early and spurious calls are no-ops.
    fn handle_timeout(&mut self, now: Instant);

    /// What to do with the transport next, or `None` when there is nothing to do for now.
    fn poll_transmit(&mut self) -> Option<Transmit<'_>>;

    /// Lends the output a pooled buffer, best before a burst of answers is queued; without it the output takes memory
    /// of its own. It is given back with [`Outbox::release`] once all is written, or with
    /// [`detach`](Machine::detach).
    fn attach(&mut self, pool: &mut Pool) {
        let _ = pool;
    }

    /// The burst is over: takes back what [`attach`](Machine::attach) lent if nothing is left to be written, for then
    /// [`poll_transmit`](Machine::poll_transmit) does not show it.
    fn detach(&mut self, pool: &mut Pool) {
        let _ = pool;
    }

    /// The transport may be dropped: everything was said and written, or there is no use in waiting longer.
    fn is_finished(&self) -> bool;
}

/// An instruction to whoever holds the transport.
#[derive(Debug)]
pub enum Transmit<'a> {
    /// Write from this; tell it how much was taken with [`Outbox::written`].
    Bytes(&'a mut Outbox),
    /// Nothing more will be written: end our side of the stream (TCP FIN, TLS close_notify). Said once, and always
    /// after the last byte.
    Shutdown,
}

/// A machine that exchanges whole items with its user: what the comfortable `next`, `send` and `close` of an adapter
/// stand on.
pub trait Endpoint: Machine {
    /// What `next` gives: an owned message.
    type Received;
    /// What `send` takes.
    type Sent;
    /// What `close` takes: why the connection ends.
    type Goodbye;

    /// Owns what is worth handing on; `None` for what only the machine or a [lent](Machine::poll_event) loop cares
    /// about.
    fn own(event: Self::Event<'_>) -> Option<Self::Received>;

    /// Would [`send`](Endpoint::send) take an item now, as far as room goes? False exactly when it would answer
    /// [`SendError::Blocked`].
    fn has_room(&self) -> bool;

    /// Queues `item`.
    ///
    /// # Errors
    /// [`SendError`], which hands the item back.
    fn send(&mut self, item: Self::Sent) -> Result<(), SendError<Self::Sent>>;

    /// Begins to end the connection in an orderly way. A second call is a no-op.
    fn close(&mut self, goodbye: Self::Goodbye, now: Instant);
}

/// Why an item was not queued: never the peer's fault, and the item comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError<T> {
    /// The output is full. Write some of it ([`Machine::poll_transmit`]), then try again.
    #[error("the output is full: flush, then send again")]
    Blocked(T),
    /// The connection is closing or closed: nothing more can be sent, ever.
    #[error("the connection is closing: nothing more can be sent")]
    Closed(T),
    /// A message sent in pieces is not finished yet: finish it first.
    #[error("a message is being sent in pieces: finish it first")]
    Unfinished(T),
}

impl<T> SendError<T> {
    /// The item that was not queued.
    pub fn into_item(self) -> T {
        match self {
            SendError::Blocked(item) | SendError::Closed(item) | SendError::Unfinished(item) => item,
        }
    }

    /// The same reason with another item.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> SendError<U> {
        match self {
            SendError::Blocked(item) => SendError::Blocked(change(item)),
            SendError::Closed(item) => SendError::Closed(change(item)),
            SendError::Unfinished(item) => SendError::Unfinished(change(item)),
        }
    }
}

/// What a codec's `decode` made of the bytes it was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoded<T> {
    /// A whole item, and how many bytes it took.
    Complete {
        /// The item.
        value: T,
        /// Its bytes.
        len: usize,
    },
    /// More bytes are needed.
    Incomplete {
        /// So many bytes, from the item's first on, have to be there before another try can tell more.
        at_least: usize,
    },
}
