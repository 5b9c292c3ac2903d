//! Servers and clients of WebSocket.
//!
//! The protocol is [`sansocket_websocket`], a state machine that never touches a socket; the loop around it is
//! [`sansocket_driver`]. Here is how to connect, accept and serve, whatever the runtime.
//!
//! | you want to | take |
//! |---|---|
//! | connect | [`Connector`] |
//! | serve | [`Server`]; pages and refusals beside it: [`Server::serve_with`] |
//! | accept on a stream of your own (a Unix socket, a framework's upgrade) | [`Acceptor`] |
//! | receive and send in one task | [`WebSocket`]: [`next`](Connection::next), [`send`](Connection::send) |
//! | send from many tasks | [`WebSocket::share`](Connection::share): a [`Handle`] for each |
//! | say the same to many | [`Prepared`](sansocket_websocket::Prepared), with [`Handle::deliver`] |

mod accept;
mod connect;
mod entrance;
mod server;

pub use accept::{AcceptError, Acceptor, Answer, Asked, AskedFor, welcome};
pub use connect::{ConnectError, Connector};
pub(crate) use entrance::Entrance;
use sansocket_driver::{Connection, Runtime};
pub use server::Server;

/// A WebSocket connection over a stream `I`, with the time of a runtime `R`: receive with [`next`](Connection::next),
/// send with [`send`](Connection::send), end with [`close`](Connection::close). Whatever else the protocol knows (pings,
/// messages in pieces, counters) is in [`machine_mut`](Connection::machine_mut).
pub type WebSocket<R, I> = Connection<sansocket_websocket::WebSocket, I, <R as Runtime>::Clock>;

/// Sends through a [shared](Connection::share) connection, whatever its transport is.
pub type Handle = sansocket_driver::Handle<sansocket_websocket::WebSocket>;

/// Receives from a [shared](Connection::share) connection.
pub type Incoming = sansocket_driver::Incoming<sansocket_websocket::WebSocket>;
