//! What a client does.

use core::time::Duration;

use crate::{Limits, Parser, Revision, Value};

/// Settings of a [`Client`](super::Client). All fields are public, and [`ClientOptions::default`] is what the JavaScript
/// client does, with limits.
///
/// | what | default | what happens then |
/// |---|---|---|
/// | [`open_timeout`](ClientOptions::open_timeout) | 20 s | the attempt failed |
/// | [`attachment_timeout`](ClientOptions::attachment_timeout) | 45 s | the connection is lost, "parse error" |
/// | [`high_water`](ClientOptions::high_water) | 64 KiB | – ([`emit`](super::Client::emit) answers `Blocked`) |
/// | [`hard_cap`](ClientOptions::hard_cap) | 1 MiB | the connection is lost, "transport error" |
/// | [`offline`](ClientOptions::offline) | 1 MiB | as its policy says; by default `Blocked` too |
/// | [`max_early`](ClientOptions::max_early) | 16 MiB | the connection is lost, "parse error" |
/// | [`max_pending_acks`](ClientOptions::max_pending_acks) | 10,000 | – ([`emit_with_ack`](super::Client::emit_with_ack) answers `TooManyAcks`) |
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// What the server speaks.
    pub revision: Revision,
    /// How packets are written; the server has to do the same.
    pub parser: Parser,
    /// What the server may ask of us.
    pub limits: Limits,
    /// Time that an attempt to connect may take.
    pub open_timeout: Duration,
    /// Time in which all attachments of a packet have to come.
    pub attachment_timeout: Duration,
    /// What is done when a connection is lost or cannot be made. `None`: nothing.
    pub reconnection: Option<Reconnection>,
    /// Send each event again until it is acknowledged. `None`: once.
    pub retries: Option<Retries>,
    /// Bytes waiting for the connection from which on [`emit`](super::Client::emit) answers `Blocked`. An empty queue
    /// takes any one event.
    pub high_water: usize,
    /// Bytes waiting for the connection at which a server is given up that asks and asks and does not take the answers.
    /// An empty queue takes any one answer.
    pub hard_cap: usize,
    /// What is kept of what is emitted while a namespace is not connected.
    pub offline: Offline,
    /// Bytes of events that may come before the server has said that we are connected: what is
    /// [recovered](super::Event::Connected) comes so.
    pub max_early: usize,
    /// Acknowledgements that a namespace may wait for.
    pub max_pending_acks: usize,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            revision: Revision::V5,
            parser: Parser::default(),
            limits: Limits::default(),
            open_timeout: Duration::from_secs(20),
            attachment_timeout: Duration::from_secs(45),
            reconnection: Some(Reconnection::default()),
            retries: None,
            high_water: 64 << 10,
            hard_cap: 1 << 20,
            offline: Offline::default(),
            max_early: 16 << 20,
            max_pending_acks: 10_000,
        }
    }
}

/// When a client tries again, and how often.
///
/// Before the first attempt it waits [`delay`](Reconnection::delay), before each further one twice as long; up to
/// [`jitter`](Reconnection::jitter) of that is added or taken away at random, so that the clients of a server that went
/// down do not come back all at once; and it never waits longer than [`max_delay`](Reconnection::max_delay). Whole
/// milliseconds.
#[derive(Clone, PartialEq, Debug)]
pub struct Reconnection {
    /// The time before the first attempt: 1 s.
    pub delay: Duration,
    /// The longest time before an attempt: 5 s.
    pub max_delay: Duration,
    /// How much of the time is left to chance, from 0 to 1: 0.5.
    pub jitter: f64,
    /// After so many attempts it gives up. `None`, the default: never.
    pub attempts: Option<u32>,
}

impl Default for Reconnection {
    fn default() -> Reconnection {
        Reconnection {
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(5),
            jitter: 0.5,
            attempts: None,
        }
    }
}

/// Events are sent one after the other, each until it is acknowledged or was tried often enough: they arrive in order,
/// over as many connections as it takes. The server may see one twice, if its acknowledgement is lost.
///
/// Volatile events are no part of this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retries {
    /// How often an event is sent again. A connection that is lost meanwhile counts.
    pub most: u32,
    /// Time in which each try has to be acknowledged.
    pub ack_timeout: Duration,
}

/// What is kept for a namespace while it is not connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offline {
    /// Bytes from which on [`when_full`](Offline::when_full) decides: 1 MiB. Where nothing is kept yet any one event is.
    pub max_bytes: usize,
    /// What happens to further events.
    pub when_full: WhenFull,
}

impl Default for Offline {
    fn default() -> Offline {
        Offline { max_bytes: 1 << 20, when_full: WhenFull::Refuse }
    }
}

/// What happens to an event when as much is kept already as may be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum WhenFull {
    /// It is handed back: `Blocked`.
    #[default]
    Refuse,
    /// The oldest ones make room for it.
    DropOldest,
    /// It is dropped.
    DropNewest,
}

/// What a client says about itself when it connects to a namespace, each time.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Auth {
    /// Nothing.
    #[default]
    None,
    /// This object.
    Given(Value),
    /// The user is asked each time: [`Event::Auth`](super::Event::Auth).
    Asked,
}

impl From<Option<Value>> for Auth {
    fn from(given: Option<Value>) -> Auth {
        given.map_or(Auth::None, Auth::Given)
    }
}

impl From<Value> for Auth {
    fn from(given: Value) -> Auth {
        Auth::Given(given)
    }
}
