//! What a server does, and how much it lets happen.

use core::time::Duration;

use crate::{Limits, Parser};

/// Settings of a [`Server`](super::Server). All fields are public, and [`ServerOptions::default`] is what other servers
/// do, with limits.
///
/// | what | default | who passes it gets |
/// |---|---|---|
/// | [`connect_timeout`](ServerOptions::connect_timeout): to be in a namespace | 45 s | the connection ends |
/// | [`attachment_timeout`](ServerOptions::attachment_timeout): to complete a packet | 45 s | "parse error" |
/// | [`limits`](ServerOptions::limits) of packets | see [`Limits`] | "parse error" |
/// | [`max_namespaces`](ServerOptions::max_namespaces) of a connection | 64 | a refusal |
/// | [`max_refusals`](ServerOptions::max_refusals) of a connection | 100 | the connection ends |
/// | [`max_pending_acks`](ServerOptions::max_pending_acks) of a socket | 10,000 | – ([`TooManyAcks`](crate::EmitError::TooManyAcks)) |
/// | [`max_rooms`](ServerOptions::max_rooms) of a socket | none | – ([`TooManyRooms`](super::JoinError::TooManyRooms)) |
/// | [`high_water`](ServerOptions::high_water) | 64 KiB | – ([`Blocked`](crate::EmitError::Blocked)) |
/// | [`max_waiting`](ServerOptions::max_waiting) | 1 MiB | what [`slow`](ServerOptions::slow) says |
/// | [`read_ahead`](ServerOptions::read_ahead) | 64 KiB | – ([`has_appetite`](super::Server::has_appetite)) |
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// How packets are written, by all clients.
    pub parser: Parser,
    /// What a packet may have.
    pub limits: Limits,
    /// How long a connection may be without a namespace.
    pub connect_timeout: Duration,
    /// How long a packet may wait for its attachments.
    pub attachment_timeout: Duration,
    /// How many namespaces a connection may be in.
    pub max_namespaces: usize,
    /// How often a connection may be refused a namespace.
    pub max_refusals: u32,
    /// How many acknowledgements of one socket may be waited for.
    pub max_pending_acks: usize,
    /// How many rooms a socket may be in; `None`: as many as you let it.
    pub max_rooms: Option<usize>,
    /// Once so many bytes wait for a connection, events for one of its sockets are not taken.
    pub high_water: usize,
    /// Once so many wait, the connection is slow: broadcasts do what [`slow`](ServerOptions::slow) says, and an
    /// acknowledgement, which nobody can be asked to say again, ends it.
    pub max_waiting: usize,
    /// What happens to slow connections.
    pub slow: Slow,
    /// Once so many bytes of events were not looked at, more are not wanted.
    pub read_ahead: usize,
    /// May clients that lost their connection go on where they were?
    pub recovery: Option<Recovery>,
    /// Does a namespace that came of a [pattern](super::Server::add_dynamic) go with its last socket?
    pub cleanup_empty_child_namespaces: bool,
    /// What [`poll_notice`](super::Server::poll_notice) tells.
    pub notices: Notices,
    /// Is the server one of several? See [`join_cluster`](super::Server::join_cluster).
    pub cluster: ClusterOptions,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            parser: Parser::default(),
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(45),
            attachment_timeout: Duration::from_secs(45),
            max_namespaces: 64,
            max_refusals: 100,
            max_pending_acks: 10_000,
            max_rooms: None,
            high_water: 64 << 10,
            max_waiting: 1 << 20,
            slow: Slow::Close,
            read_ahead: 64 << 10,
            recovery: None,
            cleanup_empty_child_namespaces: true,
            notices: Notices::Needed,
            cluster: ClusterOptions::default(),
        }
    }
}

/// What a broadcast does to a connection for which too much waits already. What is for it alone is never dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Slow {
    /// The connection ends. Its client comes back, and with [recovery](Recovery) it has missed nothing.
    #[default]
    Close,
    /// It does not get this one.
    DropNewest,
    /// Broadcasts that wait longest are dropped.
    DropOldest,
    /// All broadcasts that wait are dropped but this one.
    KeepLatest,
}

/// Connection state recovery: a client that lost its connection comes back as the same socket, and gets what it missed.
/// It was let in already, and is not asked again: no [`Event::Connecting`](super::Event::Connecting) comes, but
/// [`Event::Recovered`](super::Event::Recovered), where what it says about itself now can be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// How long a socket is waited for.
    pub max_disconnection: Duration,
    /// How many bytes of events each namespace keeps for those who may come back. Whoever missed more begins anew.
    pub max_bytes: usize,
}

impl Default for Recovery {
    fn default() -> Recovery {
        // Two minutes are what clients are used to.
        Recovery { max_disconnection: Duration::from_secs(120), max_bytes: 4 << 20 }
    }
}

/// What [`poll_notice`](super::Server::poll_notice) tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Notices {
    /// What nobody can do without: who is forgotten, and what other nodes say.
    #[default]
    Needed,
    /// Rooms and namespaces that come and go, too. Ask often: nobody else takes them off the list.
    All,
}

/// How nodes of a cluster treat each other. The times are those of other servers that may be among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClusterOptions {
    /// A node that said nothing for so long says that it is there: 5 s.
    pub heartbeat_interval: Duration,
    /// A node that was not heard of for so long is gone: 10 s.
    pub heartbeat_timeout: Duration,
    /// How long answers of other nodes are waited for: 5 s.
    pub request_timeout: Duration,
    /// How many other nodes there may be: 1,024. Others are not heard.
    pub max_nodes: usize,
}

impl Default for ClusterOptions {
    fn default() -> ClusterOptions {
        ClusterOptions {
            heartbeat_interval: Duration::from_secs(5),
            heartbeat_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(5),
            max_nodes: 1024,
        }
    }
}
