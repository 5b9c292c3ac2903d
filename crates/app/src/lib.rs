//! The servers and clients that you hold in your hand, written once over any runtime.
//!
//! They stand on two traits of [`sansocket_driver`]: tasks and time are a [`Runtime`](sansocket_driver::Runtime),
//! sockets and TLS a [`Network`](sansocket_driver::Network). No rule of a protocol is here, and no runtime is named. The
//! adapters (`sansocket-tokio`, `sansocket-smol`) give the same names with their runtime filled in: take those, unless
//! you bring a runtime of your own.
//!
//! | you want | take |
//! |---|---|
//! | WebSocket | [`websocket`] |
//! | Engine.IO | [`engineio`] |
//! | Socket.IO | [`socketio`] |
//!
//! # A server for any runtime
//!
//! ```
//! use sansocket_app::websocket::{Server, WebSocket};
//! use sansocket_driver::Network;
//!
//! async fn echo<N: Network>(address: &str) -> std::io::Result<()> {
//!     let server = Server::<N>::bind(address).await?;
//!     println!("listening on ws://{}", server.local_addr()?);
//!     server
//!         .serve(async |mut websocket: WebSocket<N, _>, _request| {
//!             while let Some(message) = websocket.next().await {
//!                 if websocket.send(message).await.is_err() {
//!                     break;
//!                 }
//!             }
//!         })
//!         .await;
//!     Ok(())
//! }
//! ```
#![forbid(unsafe_code)]

mod dialer;
pub mod engineio;
mod house;
pub mod socketio;
mod timer;
mod visit;
pub mod websocket;
