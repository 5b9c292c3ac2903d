//! WebSocket clients and servers on smol.
//!
//! The protocol is [`sansocket_websocket`], a state machine that never touches a socket; the loop around it is
//! [`sansocket_driver`]; how to connect, accept and serve is [`sansocket_app`]; here are smol's streams and clock. `sansocket-tokio` is
//! the same on tokio, name by name.
//!
//! | you want to | take |
//! |---|---|
//! | connect | [`connect`]; with headers, subprotocols, options: [`Connector`] |
//! | serve | [`Server`]; pages and refusals beside it: [`Server::serve_with`] |
//! | accept on a stream of your own (a Unix socket, a framework's upgrade) | [`accept`]; with options: [`Acceptor`] |
//! | receive and send in one task | [`WebSocket`]: [`next`](Connection::next), [`send`](Connection::send), also as `Stream` and `Sink` |
//! | send from many tasks | [`WebSocket::share`](Connection::share): a [`Handle`] for each |
//! | say the same to many | [`Prepared`](sansocket_websocket::Prepared), with [`Handle::deliver`] |
//! | Engine.IO: what works where WebSocket is blocked, too | [`engineio`] |
//! | Socket.IO: events, acknowledgements, rooms | [`socketio`] |
//! | encrypt | the feature `tls`: `wss://` works, and [`Server::tls`] |
//!
//! # An echo server
//!
//! ```no_run
//! use sansocket_smol::Server;
//!
//! # async fn example() -> std::io::Result<()> {
//! let server = Server::bind("127.0.0.1:9001").await?;
//! println!("listening on ws://{}", server.local_addr()?);
//! server
//!     .serve(async |mut websocket, _request| {
//!         while let Some(message) = websocket.next().await {
//!             if websocket.send(message).await.is_err() {
//!                 break;
//!             }
//!         }
//!     })
//!     .await;
//! # Ok(()) }
//! ```
//!
//! # A client
//!
//! ```no_run
//! use sansocket_core::Message;
//! use sansocket_websocket::CloseFrame;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut websocket = sansocket_smol::connect("ws://127.0.0.1:9001").await?;
//! websocket.send(Message::text("hello")).await?;
//! if let Some(answer) = websocket.next().await {
//!     println!("{:?}", answer.as_text());
//! }
//! websocket.close(CloseFrame::default()).await;
//! println!("{:?}", websocket.machine().closed());
//! # Ok(()) }
//! ```
//!
//! # When it ends
//!
//! [`next`](Connection::next) answers `None` once the connection has ended and the closing handshake is over. Then
//! [`websocket.machine().closed()`](sansocket_websocket::WebSocket::closed) says why, and
//! [`websocket.error()`](Connection::error) which error of the operating system (or of TLS) there was, if one was.
//! **Nothing moves unless you await**: a connection that is neither awaited nor [shared](Connection::share) answers no
//! ping and notices no end. Every future may be dropped at any point; nothing is lost.
#![forbid(unsafe_code)]

mod clock;
pub mod engineio;
mod io;
mod network;
mod runtime;
pub mod socketio;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
mod tls;
mod transport;
mod websocket;

pub use clock::Clock;
pub use io::Over;
pub use runtime::{Executor, Listener, Task, TcpStream};
pub use sansocket_driver::{Connection, Signal};
#[cfg(feature = "tls")]
pub use tls::{ClientTls, ServerTls, TlsError};
pub use transport::Transport;
pub use websocket::{
    AcceptError, Acceptor, Answer, Asked, AskedFor, ConnectError, Connector, Handle, Incoming, Server,
    WebSocket, accept, connect, welcome,
};
