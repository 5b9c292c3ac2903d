//! Engine.IO on tokio: sessions that begin with what gets through everywhere, and go on over a WebSocket.
//!
//! | you want to | take |
//! |---|---|
//! | talk with a server | [`Client`]; with options, headers, certificates: [`Connector`] |
//! | send from many tasks | [`Client::handle`] |
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

pub use sansocket_app::engineio::{ClientHandle, ClientOptions, ConnectError};

use crate::Executor;

/// A session with a server.
pub type Client = sansocket_app::engineio::Client<Executor>;

/// Begins sessions, with options and headers of your own.
pub type Connector = sansocket_app::engineio::Connector<Executor>;
