//! Speed, measured: what the comparison (`src/main.rs`) and the criterion benches (`benches/`) share.
//!
//! Work is the same for everyone: whole messages reach the user, text is checked, every rule of the RFC that a peer
//! knows is on. Before anything is timed, every payload and every frame is compared with the reference.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

pub mod arguments;
pub mod codec;
pub mod echo;
pub mod engineio;
pub mod report;
pub mod short;
pub mod socketio;
