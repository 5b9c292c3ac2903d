//! Servers and clients of Socket.IO.
//!
//! The protocol is [`sansocket_socketio`], machines that never touch a socket; what carries it is [`engineio`](crate::engineio).
//! Here is what users hold, whatever the runtime.
//!
//! | you want to | take |
//! |---|---|
//! | serve | [`Server`]; over sessions of your own: [`Io`] |
//! | talk with a server | [`Client`]; with options, headers, certificates: [`ClientSetup`] |
//! | say what happens when | [`Namespace`], of a server or of a client |
//! | handle an event | an `async` closure: [`Handler`] |
//! | pull events in a loop | [`Namespace::pull`] |
//! | talk with one client of a server | [`Socket`] |
//! | talk with many | [`Operator`], from [`Socket::to`] or [`Io::to`] |
//! | make several servers one | [`Bus`] in one program; over wires of your own: [`Io::join_cluster`] |
//! | know what other servers say, and which rooms come and go | [`Io::on_notice`] |
//!
//! # Beside Node's and socketioxide's
//!
//! | `socket.io` (JavaScript) | `socketioxide` 0.18 | here |
//! |---|---|---|
//! | `io.on("connection", (socket) => …)` | `io.ns("/", async \|socket: SocketRef\| …)` | `.on_connect(async \|socket: Socket\| …)` |
//! | `socket.on("say", (room, text) => …)` | `socket.on("say", async \|socket: SocketRef, Data((room, text)): Data<(String, String)>\| …)` | `.on("say", async \|socket: Socket, (room, text): (String, String)\| …)` |
//! | `socket.on("add", (a, b, cb) => cb(a + b))` | `socket.on("add", async \|Data((a, b)): Data<(i64, i64)>, ack: AckSender\| { ack.send(&(a + b)).ok(); })` | `.on("add", async \|_: Socket, (a, b): (i64, i64)\| a + b)` |
//! | `io.of("/admin").use((socket, next) => …)` | `io.ns("/admin", connected.with(async \|socket: SocketRef\| …))` | `.guard(async \|socket: Socket\| …)` |
//! | `socket.use(([event, …args], next) => …)` | – | `.filter(async \|socket: Socket, event\| …)` |
//! | `socket.onAny((event, …args) => …)` | `socket.on_fallback(async \|socket: SocketRef, Event(event)\| …)`, for what has no handler | `.on_any(async \|socket: Socket, event\| …)` |
//! | `socket.onAnyOutgoing((event, …args) => …)` | – | `.on_any_outgoing(\|socket: &Socket, event, args\| …)` |
//! | `socket.emit("said", text)` | `socket.emit("said", &text)` | `socket.emit("said", &text).await` |
//! | `socket.timeout(5000).emitWithAck("q", x)` | `socket.timeout(Duration::from_secs(5)).emit_with_ack("q", &x)?.await` | `socket.emit_with_ack("q", &x, Duration::from_secs(5)).await` |
//! | `socket.join("a"); socket.to("a").emit("b", c)` | `socket.join("a"); socket.to("a").emit("b", &c).await` | `socket.join("a"); socket.to("a").emit("b", &c)` |
//! | `io.to("a").except("b").volatile.emit("c", d)` | `io.to("a").except("b").volatile().emit("c", &d).await` | `io.to("a").except("b").volatile().emit("c", &d)` |
//! | `await io.in("a").fetchSockets()` | `io.within("a").fetch_sockets().await` | `io.to("a").fetch_sockets().await` |
//! | `io.serverSideEmit("reload", x)` | – | `io.everybody().server_side_emit("reload", &x)` |
//! | `io.adapter(createClusterAdapter())` | `SocketIo::builder().with_adapter::<RedisAdapter<_>>(adapter)` | `bus.join(&io)` |
//! | `socket.data.name = "ann"` | `socket.extensions.insert(Name("ann".into()))` | `socket.insert(Name("ann".into()))` |
//! | `socket.handshake.auth.token` | `Data(auth): Data<Auth>`, an argument when it connects | `socket.auth().and_then(\|auth\| auth.get("token"))` |
//! | `socket.on("disconnect", (reason) => …)` | `socket.on_disconnect(async \|socket: SocketRef, reason: DisconnectReason\| …)` | `.on_disconnect(async \|socket: Socket, reason\| …)` |
//! | `socket.disconnect()` | `socket.disconnect()` | `socket.disconnect()` |
//!
//! Handlers belong to the namespace and not to each socket: an idle socket has no memory for them. In the two others they are
//! set on each socket as it connects. What a handler returns is the acknowledgement, and its arguments are a tuple.

mod answers;
mod client;
mod emit;
mod error;
mod handler;
mod namespace;
mod posts;
mod pull;
mod run;
mod server;
mod waiting;
mod watch;

pub use answers::{Answers, Replies};
pub use client::{Client, ClientSetup, ClientSocket};
pub use error::{AckError, EmitError};
pub use handler::{Ack, Acknowledging, Handler, Peer, Plain, Received, Typed};
pub use namespace::{EventError, Incoming, Namespace, Rejected};
pub use pull::{Events, Pulled};
pub use sansocket_socketio::client::ClientOptions;
pub use sansocket_socketio::cluster;
pub use sansocket_socketio::server::{
    ClusterOptions, ConnectError, FetchedSocket, JoinError, Notices, Reason, Recovery, ServerOptions,
};
pub use sansocket_socketio::{Args, Parser, Value};
pub use server::{Bus, Io, Notice, Operator, Reply, Server, Socket};
