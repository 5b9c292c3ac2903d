//! What a client does.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use sansocket_core::Headers;

use crate::{Binary, Protocol, Transport};

/// Settings of a [`Client`](super::Client). All fields are public, and [`ClientOptions::default`] is what other clients
/// do, with limits.
///
/// | what | default | what happens then |
/// |---|---|---|
/// | [`open_timeout`](ClientOptions::open_timeout), each transport | 20 s | the next transport, or the end |
/// | [`request_timeout`](ClientOptions::request_timeout) | none | the session ends |
/// | [`upgrade_timeout`](ClientOptions::upgrade_timeout) | 10 s | polling goes on |
/// | [`close_timeout`](ClientOptions::close_timeout) | 10 s | the session ends without a goodbye |
/// | [`high_water`](ClientOptions::high_water) | 64 KiB | – ([`send`](super::Client::send) answers `Blocked`) |
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The path that the server listens at.
    pub path: String,
    /// Further keys and values of the query, sent with each request.
    pub query: Vec<(String, String)>,
    /// Further headers, sent with each request.
    pub headers: Headers,
    /// The revision to speak.
    pub protocol: Protocol,
    /// How to talk. The first one is begun with; the others are for upgrades, and for
    /// [`try_all_transports`](ClientOptions::try_all_transports).
    pub transports: Vec<Transport>,
    /// If a transport does not work from the start, try the next one.
    pub try_all_transports: bool,
    /// Go from polling to a WebSocket if the server offers it.
    pub upgrade: bool,
    /// Begin with a WebSocket if the last one of these who share the memory worked. `None`: begin with the first
    /// transport in any case.
    pub remember_upgrade: Option<UpgradeMemory>,
    /// How bytes travel where they could travel as they are.
    pub binary: Binary,
    /// Keep the server's cookies and send them: what keeps a session at its server behind a load balancer.
    pub cookies: bool,
    /// The key of the query under which each polling request says something new, so that no cache answers it. `None`:
    /// none does.
    pub timestamp: Option<String>,
    /// Time in which a session has to open, with each transport.
    pub open_timeout: Duration,
    /// Time in which a polling request has to be answered. A poll is answered after half a minute and more if there is
    /// nothing to say.
    pub request_timeout: Option<Duration>,
    /// Time that the switch to another transport may take.
    pub upgrade_timeout: Duration,
    /// Time that the end may take: what waits leaves first.
    pub close_timeout: Duration,
    /// Bytes waiting for the server from which on [`send`](super::Client::send) answers `Blocked`. An empty queue takes
    /// any one message.
    pub high_water: usize,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            path: "/engine.io/".into(),
            query: Vec::new(),
            headers: Headers::new(),
            protocol: Protocol::V4,
            transports: vec![Transport::Polling, Transport::WebSocket],
            try_all_transports: false,
            upgrade: true,
            remember_upgrade: None,
            binary: Binary::Raw,
            cookies: true,
            timestamp: Some("t".into()),
            open_timeout: Duration::from_secs(20),
            request_timeout: None,
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(10),
            high_water: 64 << 10,
        }
    }
}

/// Did a WebSocket work the last time? Clones share the memory.
#[derive(Clone, Default, Debug)]
pub struct UpgradeMemory(Arc<AtomicBool>);

impl UpgradeMemory {
    pub(crate) fn has_worked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, last: Worked) {
        self.0.store(last == Worked::Yes, Ordering::Relaxed);
    }
}

/// Did it?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Worked {
    Yes,
    No,
}
