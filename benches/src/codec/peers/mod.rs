//! Who is measured. To add one: a file in `others` with a type that implements [`Peer`], and a line in its `mod.rs`.

use bytes::Bytes;
use sansocket_websocket::{Kind, Role};

use super::case::{Case, Turn};
use super::wire::Wire;

#[cfg(feature = "others")]
mod others;
mod sansocket;

/// One implementation of WebSocket, or a [limit](super::limits).
pub trait Peer {
    /// The name of its rows; a limit's begins with `=`.
    fn name(&self) -> &'static str;
    /// What its times contain, beside the one copy out of the socket.
    fn notes(&self) -> &'static str;
    /// A connection that receives the messages of `case` from `wire`, if it can do the case.
    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder>;
    /// A connection that sends them to `wire`.
    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder>;

    /// Opens connections as a server or, with the nonce [`NONCE`](super::opening::NONCE), as a client of `/chat`; if
    /// it can do that in memory.
    fn opener(&self, role: Role) -> Option<Opener> {
        let _ = role;
        None
    }
}

/// Receives so many messages, and shows each of them.
pub type Decoder = Box<dyn FnMut(usize, &mut Seen)>;
/// Sends so many messages, and writes them out, at least after every [`BATCH`] of them.
pub type Encoder = Box<dyn FnMut(usize)>;
/// Makes a connection over a stream, and drops it.
pub type Opener = Box<dyn FnMut(Wire)>;

/// Messages between two writes: one turn of an event loop.
pub const BATCH: usize = 16;
/// Bytes after which those who collect their output themselves write it out.
#[cfg(feature = "others")]
const OUTPUT: usize = 64 * 1024;

/// Ourselves, and the others.
pub fn all() -> Vec<Box<dyn Peer>> {
    let ours: [Box<dyn Peer>; 2] = [Box::new(sansocket::Lent), Box::new(sansocket::Owned)];
    #[cfg(feature = "others")]
    return ours.into_iter().chain(others::all()).collect();
    #[cfg(not(feature = "others"))]
    return ours.into();
}

/// What the user of a connection sees of it.
#[derive(Default)]
pub struct Seen {
    /// Whole messages.
    pub messages: usize,
    /// Bytes.
    pub bytes: u64,
    expected: Option<Expected>,
}

/// What the messages have to be.
struct Expected {
    kind: Kind,
    turn: Turn<Bytes>,
    /// The parts of a message that was not all there yet.
    parts: Vec<u8>,
}

impl Seen {
    /// Compares every message.
    pub fn checking(case: &Case) -> Seen {
        let turn = case.turn(|_, message| message.clone());
        Seen { expected: Some(Expected { kind: case.kind(), turn, parts: Vec::new() }), ..Seen::default() }
    }

    /// A whole message. A text has been validated before, by the peer or its adapter.
    #[inline(always)]
    pub fn message(&mut self, kind: Kind, payload: &[u8]) {
        self.part(kind, payload);
        self.end();
    }

    /// A part of a message, from those who do not put messages together.
    #[inline(always)]
    pub fn part(&mut self, kind: Kind, payload: &[u8]) {
        std::hint::black_box(payload.as_ptr());
        self.bytes += payload.len() as u64;
        if let Some(expected) = &mut self.expected {
            expected.part(kind, payload);
        }
    }

    /// The message is whole.
    #[inline(always)]
    pub fn end(&mut self) {
        self.messages += 1;
        if let Some(expected) = &mut self.expected {
            expected.end();
        }
    }
}

impl Expected {
    #[cold]
    #[inline(never)]
    fn part(&mut self, kind: Kind, payload: &[u8]) {
        assert_eq!(kind, self.kind);
        self.parts.extend_from_slice(payload);
    }

    #[cold]
    #[inline(never)]
    fn end(&mut self) {
        assert!(self.parts == *self.turn.take(), "a message of {} bytes differs", self.parts.len());
        self.parts.clear();
    }
}
