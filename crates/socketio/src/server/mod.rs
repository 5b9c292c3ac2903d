//! A server's side: a hub of connections, sockets and rooms.
//!
//! # The loop
//!
//! Whoever has connections hands over what they bring, looks at what happened, and sends what there is.
//!
//! ```
//! use sansocket_core::{Instant, Request};
//! use sansocket_socketio::server::{ConnectionId, Event, Handshake, Server, ServerOptions, Target};
//! use sansocket_socketio::{Flags, Nsp, Outgoing, Revision, Writable};
//!
//! let now = Instant::ZERO; // your clock's
//! // Ids must not be guessed: a real server takes the seed from the system.
//! let mut server = Server::new(ServerOptions::default(), [7; 32]);
//! server.add_namespace(Nsp::main());
//!
//! /// What a server does after each call: it looks at what happened, answers, and sends.
//! fn turn(server: &mut Server, now: Instant) -> Vec<(ConnectionId, String)> {
//!     let mut sent = Vec::new();
//!     while let Some(connection) = server.poll_dirty() {
//!         while let Some(event) = server.poll_event(connection) {
//!             match event {
//!                 Event::Connecting(socket) => server.accept(socket, now), // or `refuse`
//!                 Event::Connected(socket) => server.join(socket, "everybody").expect("it is connected"),
//!                 Event::Received { socket, name, args, ack: None } => {
//!                     server.emit(socket, name, args, Flags::default(), now).expect("there is room"); // an echo
//!                 }
//!                 Event::Received { socket, args, ack: Some(ack), .. } => server.acknowledge(socket, ack, args, now),
//!                 other => println!("{other:?}"),
//!             }
//!         }
//!         while let Some(outgoing) = server.poll_transmit(connection, Writable::Now) {
//!             match outgoing {
//!                 Outgoing::Message { message, .. } => sent.push((connection, message.as_text().unwrap().to_owned())),
//!                 Outgoing::Close => println!("close it"),
//!             }
//!         }
//!     }
//!     sent
//! }
//!
//! // A client comes, and wants to be in the namespace `/`.
//! let handshake = Handshake::new(Request::get("/socket.io/"), Revision::V5, "its session's id");
//! let connection = server.handle_connection(handshake, now);
//! server.handle_message(connection, "0".into(), now);
//! assert!(turn(&mut server, now)[0].1.starts_with(r#"0{"sid":"#));
//!
//! // It says something, and asks for something.
//! server.handle_message(connection, r#"2["hello","world"]"#.into(), now);
//! assert_eq!(turn(&mut server, now)[0].1, r#"2["hello","world"]"#);
//! server.handle_message(connection, r#"27["ask",1]"#.into(), now);
//! assert_eq!(turn(&mut server, now)[0].1, "37[1]");
//!
//! // Everybody hears this. It is written once.
//! let everybody = Target::new(Nsp::main()).to("everybody");
//! server.broadcast(&everybody, "news", Default::default(), now).expect("the name is not reserved");
//! assert_eq!(turn(&mut server, now)[0].1, r#"2["news"]"#);
//!
//! // And time passes.
//! if let Some(next) = server.poll_timeout() {
//!     server.handle_timeout(next);
//! }
//! ```

mod acks;
mod admission;
mod connection;
mod connections;
mod emit;
mod ending;
mod event;
mod ids;
mod inlet;
mod line;
mod maps;
mod namespace;
mod operators;
mod options;
mod outlet;
mod packets;
mod peers;
mod recovery;
mod requests;
mod rooms;
mod socket;
mod target;
mod time;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sansocket_core::Utf8Bytes;
use slotmap::SlotMap;

use connection::Connection;
use ids::{Draws, NspKey};
use maps::{ByName, Keyed, Name};
use namespace::{Namespace, Origin};
use peers::Peers;
use recovery::Offsets;
use requests::Requests;
use socket::Socket;
use time::Clock;

use crate::{Limits, Nsp, Value};

pub use crate::cluster::{Closing, FetchedSocket, Opts};
pub use crate::handshake::Handshake;
pub use crate::reason::Reason;
pub use event::{Answer, ConnectError, Event, JoinError, Notice, Outcome, ReplyTo, Silent};
pub use ids::{ConnectionId, NamespaceId, SocketId};
pub use options::{ClusterOptions, Notices, Recovery, ServerOptions, Slow};
pub use socket::SocketInfo;
pub use target::Target;

/// All sockets of a server: messages of connections go in, events come out, and messages for other connections.
///
/// It never touches a connection. Whoever drives it
///
/// * tells of **connections** that carry messages, Engine.IO sessions mostly
///   ([`handle_connection`](Server::handle_connection)), hands over what they bring
///   ([`handle_message`](Server::handle_message)) and says when one is gone ([`handle_close`](Server::handle_close));
/// * gives those that [`poll_dirty`](Server::poll_dirty) names what [`poll_transmit`](Server::poll_transmit) has for
///   them, and looks at their **events** ([`poll_event`](Server::poll_event));
/// * keeps the **time** ([`poll_timeout`](Server::poll_timeout), [`handle_timeout`](Server::handle_timeout));
/// * after any of these looks at what came of requests ([`poll_outcome`](Server::poll_outcome)) and at what concerns no
///   connection ([`poll_notice`](Server::poll_notice));
/// * if there are other nodes, moves **messages** between them ([`poll_cluster`](Server::poll_cluster),
///   [`handle_cluster`](Server::handle_cluster)).
///
/// To say something to one socket takes the same time however many there are, and to say something to a room the time
/// of its members; what is said to many is written once. Calls that come too late, for a connection or a socket that is
/// gone, are no-ops.
pub struct Server {
    options: Arc<ServerOptions>,
    limits: Arc<Limits>,
    draws: Draws,
    keyed: Keyed,
    origins: SlotMap<NamespaceId, Origin>,
    namespaces: SlotMap<NspKey, Box<Namespace>>,
    by_name: ByName<NspKey>,
    connections: SlotMap<ConnectionId, Box<Connection>>,
    sockets: SlotMap<SocketId, Box<Socket>>,
    /// Those whose clients can prove who they are.
    by_private_id: ByName<SocketId>,
    offsets: Offsets,
    requests: Requests,
    /// The number of the next event that is to be acknowledged.
    next_ack: u64,
    clock: Clock,
    /// Connections with events, or something to send.
    dirty: VecDeque<ConnectionId>,
    notices: VecDeque<Notice>,
    peers: Peers,
    /// Nobody is let in any more.
    is_closed: bool,
}

impl Server {
    /// Without namespaces. `seed` has to be unpredictable: who guesses a private id is taken for that socket's client.
    pub fn new(options: impl Into<Arc<ServerOptions>>, seed: [u8; 32]) -> Server {
        let options = options.into();
        let mut draws = Draws::new(seed);
        let keyed = Keyed::new(draws.key());
        let peers = Peers::new(draws.node(), options.cluster);
        Server {
            offsets: Offsets::new(draws.node()),
            by_name: ByName::with_hasher(keyed.clone()),
            by_private_id: ByName::with_hasher(keyed.clone()),
            limits: Arc::new(options.limits),
            options,
            draws,
            keyed,
            origins: SlotMap::with_key(),
            namespaces: SlotMap::with_key(),
            connections: SlotMap::with_key(),
            sockets: SlotMap::with_key(),
            requests: Requests::default(),
            next_ack: 0,
            clock: Clock::default(),
            dirty: VecDeque::new(),
            notices: VecDeque::new(),
            peers,
            is_closed: false,
        }
    }

    /// What it was made with.
    pub fn options(&self) -> &ServerOptions {
        &self.options
    }

    /// Is nothing left: no connection, no socket, no request that is waited for, no room?
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
            && self.sockets.is_empty()
            && self.by_private_id.is_empty()
            && self.requests.is_empty()
            && self.namespaces.values().all(|namespace| namespace.population == 0 && !namespace.has_memory())
    }
}

/// Namespaces.
impl Server {
    /// Clients may join this namespace from now on. Added once more it is the same.
    pub fn add_namespace(&mut self, nsp: Nsp) -> NamespaceId {
        let Some(key) = self.namespace_key(&nsp) else {
            let origin = self.origins.insert(Origin::Added);
            self.make_namespace(nsp, origin);
            return origin;
        };
        // One that came of a pattern is its own from now on.
        if matches!(self.origins[self.namespaces[key].origin], Origin::Pattern(_)) {
            self.namespaces[key].origin = self.origins.insert(Origin::Added);
        }
        self.namespaces[key].origin
    }

    /// Clients may join any namespace for which `matches` says so of its name and of what the client says of itself.
    /// Those that were [added](Server::add_namespace) come first, and of several patterns the one that was added first.
    pub fn add_dynamic(
        &mut self,
        matches: impl Fn(&str, Option<&Value>) -> bool + Send + 'static,
    ) -> NamespaceId {
        self.origins.insert(Origin::Pattern(Box::new(matches)))
    }

    /// The namespaces there are.
    pub fn namespaces(&self) -> impl Iterator<Item = &Nsp> {
        self.namespaces.values().map(|namespace| &namespace.nsp)
    }

    /// The namespace or the pattern that sockets of `nsp` belong to.
    pub fn namespace(&self, nsp: &Nsp) -> Option<NamespaceId> {
        self.namespace_of(nsp).map(|namespace| namespace.origin)
    }

    fn make_namespace(&mut self, nsp: Nsp, origin: NamespaceId) -> NspKey {
        let namespace = Namespace::new(nsp.clone(), origin, &self.keyed);
        let key = self.namespaces.insert(Box::new(namespace));
        self.by_name.insert(Utf8Bytes::from(nsp.as_str()), key);
        key
    }

    fn namespace_key(&self, nsp: &Nsp) -> Option<NspKey> {
        self.by_name.get(&Name(nsp)).copied()
    }

    fn namespace_of(&self, nsp: &Nsp) -> Option<&Namespace> {
        self.namespace_key(nsp).map(|key| &*self.namespaces[key])
    }

    /// Tells something that not everybody wants to know.
    fn tell(&mut self, notice: impl FnOnce() -> Notice) {
        if self.options.notices == Notices::All {
            self.notices.push_back(notice());
        }
    }
}

/// Sockets.
impl Server {
    /// What is known of a socket, until it is [forgotten](Event::Forgotten).
    pub fn socket(&self, socket: SocketId) -> Option<SocketInfo<'_>> {
        self.sockets.get(socket).map(|socket| SocketInfo::new(socket))
    }

    /// The connected socket that this id belongs to.
    pub fn socket_by_id(&self, nsp: &Nsp, id: &str) -> Option<SocketId> {
        self.namespace_of(nsp)?.by_id(id)
    }

    /// The sockets of a connection that are there, accepted or not.
    pub fn sockets_of(&self, connection: ConnectionId) -> Vec<SocketId> {
        self.connections.get(connection).map(|known| known.sockets().collect()).unwrap_or_default()
    }

    /// What [`fetch_sockets`](Server::fetch_sockets) is to tell of a socket. It stays if the socket
    /// [comes back](Event::Recovered).
    pub fn set_data(&mut self, socket: SocketId, data: Value) {
        if let Some(known) = self.sockets.get_mut(socket) {
            known.data = Some(Box::new(data));
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("connections", &self.connections.len())
            .field("sockets", &self.sockets.len())
            .field("namespaces", &self.namespaces.len())
            .field("requests", &self.requests.len())
            .finish()
    }
}
