//! The words every Sansocket machine speaks.
//!
//! *Sans socket*: a protocol machine never touches a socket, a clock or a random generator. Bytes, time and
//! seeds go in as values; bytes and events come out. This crate holds what all machines share, and knows no
//! protocol.
//!
//! | you want to | take |
//! |---|---|
//! | drive a machine over your own I/O | [`Machine`], [`Input`], [`Pool`], [`Transmit`] |
//! | write a machine | the same, with [`Outbox`] and [`Deadlines`]; a hub of many takes a [`Timetable`] |
//! | hold what a machine gave you | [`Message`], [`Utf8Bytes`], [`Payload`] |
//! | look at a payload or a text without owning it | [`Data`], [`Text`] |
//! | hand over HTTP that somebody else parsed | [`Request`], [`Response`], [`Headers`] |
//!
//! # The loop
//!
//! Every machine is driven the same way. Here a tiny one that echoes lines:
//!
//! ```
//! use sansocket_core::{Input, Instant, Machine, Outbox, Pool, Transmit};
//!
//! #[derive(Default)]
//! struct Lines {
//!     out: Outbox,
//!     dry: bool,
//!     ended: bool,
//! }
//!
//! impl Machine for Lines {
//!     type Event<'i> = &'i [u8];
//!
//!     fn poll_event<'i>(&mut self, input: &'i mut Input, _now: Instant) -> Option<&'i [u8]> {
//!         let end = input.raw().iter().position(|b| *b == b'\n');
//!         self.dry = end.is_none();
//!         let line = input.take(end? + 1);
//!         self.out.extend(line);
//!         Some(line)
//!     }
//!     fn wants_input(&self) -> bool {
//!         self.dry && !self.ended
//!     }
//!     fn handle_eof(&mut self, _now: Instant) {
//!         self.ended = true;
//!     }
//!     fn poll_timeout(&self) -> Option<Instant> {
//!         None
//!     }
//!     fn handle_timeout(&mut self, _now: Instant) {}
//!     fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
//!         (!self.out.is_empty()).then_some(Transmit::Bytes(&mut self.out))
//!     }
//!     fn is_finished(&self) -> bool {
//!         self.ended && self.out.is_empty()
//!     }
//! }
//!
//! let (mut machine, mut input, mut pool) = (Lines::default(), Input::default(), Pool::default());
//! let now = Instant::ZERO;
//!
//! // Below: bytes came from somewhere.
//! let room = input.space(&mut pool);
//! room[..8].copy_from_slice(b"one\ntwo\n");
//! input.filled(8);
//!
//! // Above: one event at a time, lent from `input`.
//! assert_eq!(machine.poll_event(&mut input, now), Some(&b"one\n"[..]));
//! assert_eq!(machine.poll_event(&mut input, now), Some(&b"two\n"[..]));
//! assert_eq!(machine.poll_event(&mut input, now), None);
//! input.release(&mut pool); // idle: the memory goes back
//!
//! // Below again: bytes leave.
//! if let Some(Transmit::Bytes(out)) = machine.poll_transmit() {
//!     assert_eq!(out.flat(), Some(&b"one\ntwo\n"[..]));
//!     out.written(8);
//! }
//! ```
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod data;
mod deadlines;
mod derived;
mod excerpt;
mod http;
mod input;
mod machine;
mod message;
mod outbox;
mod parts;
mod payload;
mod pool;
mod text;
mod time;
mod timetable;

pub use data::Data;
pub use deadlines::{Deadlines, Reason};
pub use excerpt::Excerpt;
pub use http::{Headers, Request, Response, Version};
pub use input::Input;
pub use machine::{Decoded, Endpoint, Machine, SendError, Transmit};
pub use message::{Compress, Message};
pub use outbox::{OUTBOX_SLICES, Outbox};
pub use parts::Change;
pub use payload::Payload;
pub use pool::Pool;
pub use text::{NotUtf8, Text, TextCheck, Utf8Bytes, is_plain, plain_end};
pub use time::Instant;
pub use timetable::{Seated, Timetable};
