//! What a server does, and how much it lets happen.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use crate::Transport;

use super::cookie::Cookie;
use super::cors::Cors;

/// Settings of a [`Server`](super::Server). All fields are public, and [`ServerOptions::default`] is what other servers
/// do, with limits.
///
/// | what | default | who passes it gets |
/// |---|---|---|
/// | [`max_payload`](ServerOptions::max_payload): a body, or a WebSocket's message | 1,000,000 bytes | 413, or close 1009 |
/// | [`max_packets`](ServerOptions::max_packets) in one body | none | 400, and the session ends |
/// | [`ping_interval`](ServerOptions::ping_interval) / [`ping_timeout`](ServerOptions::ping_timeout) | 25 s / 20 s | the session ends |
/// | [`upgrade_timeout`](ServerOptions::upgrade_timeout) | 10 s | the new transport is closed, the old goes on |
/// | [`close_timeout`](ServerOptions::close_timeout) | 30 s | the session ends without a goodbye |
/// | [`high_water`](ServerOptions::high_water) | 64 KiB | – ([`send`](super::Server::send) answers `Blocked`) |
/// | [`read_ahead`](ServerOptions::read_ahead) | 64 KiB | – (its WebSocket is not read on) |
/// | [`max_sessions`](ServerOptions::max_sessions) | none | 503 |
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Requests whose path begins with one of these are ours: [`serves`](ServerOptions::serves). A session may say by its
    /// first request what it is for.
    pub paths: Vec<String>,
    /// Paths below those that are not ours all the same: a file that others serve there.
    pub except: Vec<String>,
    /// How clients may talk; what they begin with has to be among them.
    pub transports: Vec<Transport>,
    /// May a session that polls go on over a WebSocket?
    pub allow_upgrades: bool,
    /// Are clients of protocol 3 let in?
    pub allow_eio3: bool,
    /// Are polls answered as scripts (JSONP) if they ask for that?
    pub allow_jsonp: bool,
    /// Time between a sign of life of the client and our next ping (protocol 3: in which it has to ping).
    pub ping_interval: Duration,
    /// Time in which a ping has to be answered. Any packet extends it, once.
    pub ping_timeout: Duration,
    /// Time that the switch to another transport may take.
    pub upgrade_timeout: Duration,
    /// Time in which a closing session waits for a poll to say goodbye to.
    pub close_timeout: Duration,
    /// Bytes of a body, or of a WebSocket's message. Clients are told. Our answers to polls are no larger either, but
    /// for a packet that alone is.
    pub max_payload: usize,
    /// Packets in one body; `None`: as many as its bytes are. JavaScript clients put all that waits into one body, perhaps
    /// hundreds of thousands of packets. They are read one by one as you ask for them, and cost no memory of their own.
    pub max_packets: Option<usize>,
    /// Bytes waiting for a client from which on [`send`](super::Server::send) answers `Blocked`. An empty queue takes any one message.
    pub high_water: usize,
    /// Bytes of a WebSocket's messages that may wait for you before no more of them are wanted
    /// ([`has_appetite`](super::Server::has_appetite)); any one message may. What one weighs beside its bytes counts.
    pub read_ahead: usize,
    /// Sessions at a time.
    pub max_sessions: Option<usize>,
    /// Answers to polls from so many bytes on are compressed if the client can read that.
    #[cfg(feature = "compression")]
    pub compression_threshold: Option<usize>,
    /// A cookie with the session's id, for load balancers.
    pub cookie: Option<Cookie>,
    /// What other origins' pages may do here. `None`: nothing.
    pub cors: Option<Cors>,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            paths: vec!["/engine.io/".into()],
            except: Vec::new(),
            transports: vec![Transport::Polling, Transport::WebSocket],
            allow_upgrades: true,
            allow_eio3: false,
            allow_jsonp: true,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(30),
            max_payload: 1_000_000,
            max_packets: None,
            high_water: 64 << 10,
            read_ahead: 64 << 10,
            max_sessions: None,
            #[cfg(feature = "compression")]
            compression_threshold: Some(1024),
            cookie: None,
            cors: None,
        }
    }
}

impl ServerOptions {
    /// Is a request for `path` ours? Prefixes count, as in the servers that clients were written for.
    pub fn serves(&self, path: &str) -> bool {
        self.paths.iter().any(|ours| path.starts_with(&**ours))
            && !self.except.iter().any(|other| path == other)
    }

    pub(crate) fn offers(&self, transport: Transport) -> bool {
        self.transports.contains(&transport)
    }

    /// Where a session that has `from` may go.
    pub(crate) fn upgrades(&self, from: Transport) -> Vec<Transport> {
        let further = self.allow_upgrades && from == Transport::Polling && self.offers(Transport::WebSocket);
        if further { vec![Transport::WebSocket] } else { Vec::new() }
    }
}
