//! Socket.IO on smol: the servers and clients of `sansocket-app`, with the runtime filled in.
//!
//! | you want to | take |
//! |---|---|
//! | serve | [`Server`]; over sessions of your own: [`Io`] |
//! | talk with a server | [`Client`]; with options, headers, certificates: [`ClientSetup`] |
//! | say what happens when | [`Namespace`] of a server, [`ClientNamespace`] of a client |
//! | handle an event | an `async` closure: [`Handler`] |
//! | or pull events, in a loop | [`Namespace::pull`](socketio::Namespace::pull) |
//! | talk with one client of a server | [`Socket`] |
//! | talk with many | [`Operator`], from [`Socket::to`](socketio::Socket::to) or [`Io::of`](socketio::Io::of) |
//! | make several servers one | [`Bus`] in one program; over wires of your own: [`Io::join_cluster`](socketio::Io::join_cluster) |
//! | know what other servers say, and which rooms come and go | [`Io::on_notice`](socketio::Io::on_notice) |
//!
//! # A chat
//!
//! ```no_run
//! use sansocket_smol::socketio::{Namespace, Server, Socket};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let chat = Namespace::new()
//!     .on("join", async |socket: Socket, room: String| _ = socket.join(room))
//!     .on("say", async |socket: Socket, (room, text): (String, String)| {
//!         _ = socket.to(room).emit("said", &(socket.id(), text));
//!     })
//!     // What a handler returns is the acknowledgement, if the client asked for one.
//!     .on("add", async |_: Socket, (a, b): (i64, i64)| a + b);
//! Server::bind("127.0.0.1:3000").await?.of("/", chat)?.serve().await;
//! # Ok(()) }
//! ```
//!
//! # A client
//!
//! It connects by itself, again and again if it has to; what is emitted meanwhile is kept:
//!
//! ```no_run
//! use std::time::Duration;
//! use sansocket_smol::socketio::{Client, ClientNamespace, ClientSocket};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let chat = ClientNamespace::new().on("said", async |_: ClientSocket, (who, text): (String, String)| {
//!     println!("{who}: {text}");
//! });
//! let client = Client::connect("http://127.0.0.1:3000", chat)?;
//! client.socket().emit("join", &"kitchen").await?;
//! let sum: i64 = client.socket().emit_with_ack("add", &(1, 2), Duration::from_secs(5)).await?;
//! assert_eq!(sum, 3);
//! # Ok(()) }
//! ```

use sansocket_app::socketio;
pub use sansocket_app::socketio::{
    AckError, Answers, Bus, ClientOptions, ClusterOptions, ConnectError, EmitError, EventError,
    FetchedSocket, Handler, Incoming, Notices, Parser, Peer, Reason, Recovery, Rejected, Replies,
    ServerOptions, Value, cluster,
};

use crate::runtime::Executor;

/// A Socket.IO server over TCP, or TLS: see [`Server`](socketio::Server).
pub type Server = socketio::Server<Executor>;

/// All sockets of a server: see [`Io`](socketio::Io).
pub type Io = socketio::Io<Executor>;

/// A client in a namespace of a server: see [`Socket`](socketio::Socket).
pub type Socket = socketio::Socket<Executor>;

/// Some sockets of a namespace: see [`Operator`](socketio::Operator).
pub type Operator = socketio::Operator<Executor>;

/// What happens to nobody's connection: see [`Notice`](socketio::Notice).
pub type Notice = socketio::Notice<Executor>;

/// Answers the program on another server: see [`Reply`](socketio::Reply).
pub type Reply = socketio::Reply<Executor>;

/// What happens in a namespace of a server: see [`Namespace`](socketio::Namespace).
pub type Namespace = socketio::Namespace<Socket>;

/// The events of a socket, to be pulled: see [`Events`](socketio::Events).
pub type Events = socketio::Events<Socket>;

/// Answers an event of a client: see [`Ack`](socketio::Ack).
pub type Ack = socketio::Ack<Socket>;

/// A client of a server: see [`Client`](socketio::Client).
pub type Client = socketio::Client<Executor>;

/// How a client is made: see [`ClientSetup`](socketio::ClientSetup).
pub type ClientSetup = socketio::ClientSetup<Executor>;

/// A namespace of a client: see [`ClientSocket`](socketio::ClientSocket).
pub type ClientSocket = socketio::ClientSocket<Executor>;

/// What happens in a namespace of a client: see [`Namespace`](socketio::Namespace).
pub type ClientNamespace = socketio::Namespace<ClientSocket>;

/// The events of a client's namespace, to be pulled: see [`Events`](socketio::Events).
pub type ClientEvents = socketio::Events<ClientSocket>;

/// Answers an event of the server: see [`Ack`](socketio::Ack).
pub type ClientAck = socketio::Ack<ClientSocket>;
