//! What the tests of this workspace stand on; not published.
//!
//! | you want to | take |
//! |---|---|
//! | talk with one WebSocket connection, frame by frame | [`Talk`] |
//! | talk with one HTTP/1.1 connection, head by head | [`http::Talk`] |
//! | talk with a real server, byte by byte | [`line::Line`] |
//! | ask a server of Engine.IO for something | [`requests`] |
//! | join two machines, on virtual time, over a network with faults | [`Pair`], [`Link`], [`Clock`] |
//! | drive one machine by hand | [`Side`], [`Subject`] |
//! | know what must come of bytes | [`Oracle`], [`inflate_message`] |
//! | build frames, right and wrong ones | [`text`], [`Frame`], [`header_in`] |
//! | replay conversations | [`dialogues`] |
//! | do anything to two connections in any order | [`operations`] |
//! | know what an Engine.IO payload holds | [`payload`] |
//! | know what a Socket.IO packet says | [`packet`] |
//! | do anything to an Engine.IO server, or a client, in any order | [`Lobby`], [`Traveller`] |
//! | do anything to an Engine.IO client and its streams | [`Caller`] |
//! | do anything to a Socket.IO client, in any order | [`Member`] |
//! | do anything to servers of Socket.IO, in any order | [`Party`] |
//! | let an Engine.IO server and its clients live | [`world`] |
//! | let a Socket.IO server and its clients live | [`realm`] |
//! | read the hostile list | [`hostile`] |
//! | bound memory | [`CountingAlloc`] |
#![deny(unsafe_code)]

// A global allocator cannot be written without `unsafe`; this one only passes on and counts.
#[allow(unsafe_code)]
mod alloc;
mod caller;
mod clock;
pub mod dialogues;
mod frame;
mod handshake;
mod heard;
pub mod hostile;
pub mod http;
mod inflate;
pub mod line;
mod link;
mod lobby;
mod member;
pub mod operations;
mod oracle;
pub mod packet;
mod pair;
mod party;
pub mod payload;
mod random;
pub mod realm;
pub mod requests;
mod side;
mod slumber;
mod traveller;
pub mod world;
pub mod ws;

pub use alloc::{CountingAlloc, Grown};
pub use caller::Caller;
pub use clock::Clock;
pub use frame::{
    FIN, Form, Frame, KEY, RSV1, bare_close, binary, close, continuation, frames, header, header_in, mask,
    opcode, ping, pong, text, wire,
};
pub use heard::{
    Heard, close_frame, closed_by_peer, closed_by_us, heard_binary, heard_ping, heard_pong, heard_text,
    violation,
};
pub use inflate::{BitWriter, Corrupt, deflate_final, deflate_message, inflate_message};
pub use link::{Arrival, Flow, Link};
pub use lobby::Lobby;
pub use member::Member;
pub use oracle::{Kept, Oracle, Verdict};
pub use pair::Pair;
pub use party::Party;
pub use random::Random;
pub use side::{Side, Subject};
pub use traveller::Traveller;
pub use ws::Talk;
