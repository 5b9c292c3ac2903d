//! Who is measured. To add one: a file with a type that implements [`Peer`], and a line in [`all`].

use bytes::Bytes;
use sansocket_websocket::{Kind, Role};

use crate::wire::Wire;

mod fastwebsockets;
pub mod sansocket;
mod tokio_websockets;
mod tungstenite;

/// One implementation of WebSocket.
pub trait Peer {
    /// The name of its column.
    fn name(&self) -> &'static str;
    /// A connection that receives whole messages from `wire`.
    fn receiver(&self, role: Role, wire: Wire) -> Receiver;
    /// A connection that sends `messages` in turn to `wire`.
    fn sender(&self, role: Role, wire: Wire, messages: &Messages) -> Sender;

    /// Opens connections as a server or, with the nonce [`NONCE`](crate::handshake::NONCE), as a client of `/chat`; if
    /// it can do that in memory.
    fn opener(&self, role: Role) -> Option<Opener> {
        let _ = role;
        None
    }
}

/// Receives so many messages, and shows each of them.
pub type Receiver = Box<dyn FnMut(usize, &mut Seen)>;
/// Sends so many messages, and writes them out, at least after every [`BATCH`] of them.
pub type Sender = Box<dyn FnMut(usize)>;
/// Makes a connection over a stream, and drops it.
pub type Opener = Box<dyn FnMut(Wire)>;

/// Messages between two writes: one turn of an event loop.
pub const BATCH: usize = 16;

/// The columns of [`all`].
pub const NAMES: &[&str] =
    &["sansocket", "sansocket, owned", "tungstenite", "tokio-websockets", "fastwebsockets"];

/// Everyone.
pub fn all() -> [Box<dyn Peer>; 5] {
    [
        Box::new(sansocket::Lent),
        Box::new(sansocket::Owned),
        Box::new(tungstenite::Tungstenite),
        Box::new(tokio_websockets::TokioWebSockets),
        Box::new(fastwebsockets::FastWebSockets),
    ]
}

/// Messages of one kind.
#[derive(Clone)]
pub struct Messages {
    /// What they are.
    pub kind: Kind,
    /// What they carry.
    pub payloads: Vec<Bytes>,
}

impl Messages {
    /// Each as a peer wants it, in turn.
    pub fn turn<T>(&self, make: impl Fn(Kind, &Bytes) -> T) -> Turn<T> {
        Turn::new(self.payloads.iter().map(|payload| make(self.kind, payload)).collect())
    }
}

/// Things that are taken in turn, for ever.
pub struct Turn<T> {
    items: Vec<T>,
    next: usize,
}

impl<T> Turn<T> {
    /// All of `items`, again and again.
    pub fn new(items: Vec<T>) -> Turn<T> {
        Turn { items, next: 0 }
    }

    /// The next one.
    #[inline]
    pub fn take(&mut self) -> &T {
        let item = &self.items[self.next];
        self.next = if self.next + 1 == self.items.len() { 0 } else { self.next + 1 };
        item
    }
}

/// What the user of a connection sees of it.
#[derive(Default)]
pub struct Seen {
    /// Whole messages.
    pub messages: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What they have to be, if that is looked at.
    expected: Option<(Kind, Turn<Bytes>)>,
}

impl Seen {
    /// Compares every message.
    pub fn checking(expected: &Messages) -> Seen {
        let turn = expected.turn(|_, payload| payload.clone());
        Seen { expected: Some((expected.kind, turn)), ..Seen::default() }
    }

    /// A whole message.
    #[inline(always)]
    pub fn message(&mut self, kind: Kind, payload: &[u8]) {
        std::hint::black_box(payload.as_ptr());
        self.messages += 1;
        self.bytes += payload.len() as u64;
        if self.expected.is_some() {
            self.check(kind, payload);
        }
    }

    #[cold]
    #[inline(never)]
    fn check(&mut self, kind: Kind, payload: &[u8]) {
        let Some((expected, turn)) = &mut self.expected else { return };
        assert_eq!(kind, *expected, "kind of message {}", self.messages);
        assert!(payload == turn.take(), "message {} differs", self.messages);
    }
}
