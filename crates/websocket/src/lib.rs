//! WebSocket as a pure state machine.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod close;
mod closed;
mod connection;
mod counters;
mod deadline;
#[cfg(feature = "deflate")]
pub mod deflate;
mod event;
mod extensions;
pub mod frame;
pub mod handshake;
mod kind;
mod mask;
mod options;
mod prepared;
mod role;
mod violation;

pub use close::{CloseCode, CloseFrame, ReasonTooLong};
pub use closed::Closed;
pub use connection::{ControlError, StreamError, WebSocket};
pub use counters::{Counters, Traffic};
pub use deadline::Deadline;
pub use event::{Chunk, Data, Event, Position};
pub use extensions::Extensions;
pub use kind::Kind;
pub use options::{Delivery, Keepalive, Leniency, Options, Overflow, Relaxed};
pub use prepared::Prepared;
pub use role::Role;
pub use violation::Violation;
