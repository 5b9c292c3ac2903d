//! WebSocket as a pure state machine.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod close;
mod deadline;
#[cfg(feature = "deflate")]
pub mod deflate;
mod event;
pub mod handshake;
mod mask;
mod options;
mod role;
mod violation;

pub use close::{CloseCode, CloseFrame, Closed};
pub use deadline::Deadline;
pub use event::{Chunk, Data, Event, Position};
pub use options::{Delivery, Keepalive, Leniency, Options, Overflow, Relaxed};
pub use role::Role;
pub use violation::Violation;

/// (replaced soon)
pub struct Prepared;
