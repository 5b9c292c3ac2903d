//! The servers and clients that you hold in your hand, written once over any runtime.
//!
//! They stand on the two traits of [`sansocket_driver`]: tasks and time are a [`Runtime`](sansocket_driver::Runtime),
//! sockets and TLS a [`Network`](sansocket_driver::Network). No rule of a protocol is here, and no runtime is named. The
//! adapters (`sansocket-tokio`, `sansocket-smol`) give the same names with their runtime filled in: take those, unless
//! you bring a runtime of your own.
//!
//! What moves in here: `websocket`, servers and clients of WebSocket, and `engineio`, those of Engine.IO.
#![forbid(unsafe_code)]
