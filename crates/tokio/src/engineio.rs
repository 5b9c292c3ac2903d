//! Engine.IO on tokio: the servers and clients of `sansocket-app`, with the runtime filled in.
//!
//! | you want to | take |
//! |---|---|
//! | talk with a server | [`Client`]; with options, headers, certificates: [`Connector`] |
//! | send from many tasks | [`Client::handle`] |
//! | serve | [`Server`], which gives you a [`Session`] for each client, whatever carries it |
//! | send to a session from many tasks | [`Session::handle`] |
//! | serve streams, requests or WebSockets of your own | [`Engine`] |
//!
//! # An echo server
//!
//! Any client of Engine.IO can talk to it, by polling, over a WebSocket, or first the one and then the other:
//!
//! ```no_run
//! use sansocket_tokio::engineio::{Server, Session};
//!
//! # async fn example() -> std::io::Result<()> {
//! let server = Server::bind("127.0.0.1:3000").await?;
//! println!("listening on http://{}/engine.io/", server.local_addr()?);
//! server
//!     .serve(async |mut session: Session, _request| {
//!         while let Some(message) = session.next().await {
//!             if session.send(message).await.is_err() {
//!                 break;
//!             }
//!         }
//!         println!("{:?}", session.closed());
//!     })
//!     .await;
//! # Ok(()) }
//! ```
//!
//! # A client
//!
//! ```no_run
//! use sansocket_core::Message;
//! use sansocket_tokio::engineio::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = Client::connect("http://127.0.0.1:3000").await?;
//! client.send(Message::text("hello")).await?;
//! while let Some(message) = client.next().await {
//!     println!("{:?} by {}", message, client.transport().name());
//!     if message.as_text() == Some("bye") {
//!         client.close().await;
//!     }
//! }
//! println!("{:?}, {:?}", client.closed(), client.fault());
//! # Ok(()) }
//! ```
//!
//! With options of each floor, and certificates of one's own:
//!
//! ```no_run
//! use sansocket_engineio::Transport;
//! use sansocket_tokio::engineio::{ClientOptions, Connector};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut options = ClientOptions::default();
//! options.session.transports = vec![Transport::WebSocket, Transport::Polling];
//! options.session.try_all_transports = true;
//! let connector = Connector::default().options(options).header("Authorization", "Bearer xyz");
//! let client = connector.connect("https://example.org/chat/?room=1").await?;
//! println!("{} by {}", client.sid(), client.transport().name());
//! # Ok(()) }
//! ```

use sansocket_app::engineio;
pub use sansocket_app::engineio::{
    Appetite, ClientHandle, ClientOptions, ConnectError, Cookie, Cors, Next, Occasion, Origins, Protocol,
    Reason, Refusal, ServerOptions, Sid, Transport,
};

use crate::runtime::Executor;

/// An Engine.IO server over TCP, or TLS: see [`Server`](engineio::Server).
pub type Server = engineio::Server<Executor>;

/// A session in its user's hands: see [`Session`](engineio::Session).
pub type Session = engineio::Session<Executor>;

/// Sends to a session from anywhere: see [`SessionHandle`](engineio::SessionHandle).
pub type SessionHandle = engineio::SessionHandle<Executor>;

/// All sessions of a server, without a listener: see [`Engine`](engineio::Engine).
pub type Engine = engineio::Engine<Executor>;

/// What an [`Engine`] is made of: see [`Setup`](engineio::Setup).
pub type Setup = engineio::Setup<Executor>;

/// What is served beside Engine.IO, over streams `I`: see [`Beside`](engineio::Beside).
pub type Beside<I> = engineio::Beside<Executor, I>;

/// A WebSocket that somebody else accepts and that carries a session: see [`Upgraded`](engineio::Upgraded).
pub type Upgraded = engineio::Upgraded<Executor>;

/// A session with a server.
pub type Client = engineio::Client<Executor>;

/// Begins sessions, with options and headers of your own.
pub type Connector = engineio::Connector<Executor>;
