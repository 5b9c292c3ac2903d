//! Speed, measured: what the comparison (`src/main.rs`) and the criterion benches (`benches/`) share.
//!
//! Work is the same for everyone: whole messages reach the user, text is checked, every rule of the RFC that a peer
//! knows is on. Before anything is timed, every payload and every frame is compared with the reference.
#![forbid(unsafe_code)]

pub mod codec;
pub mod deflate;
pub mod echo;
pub mod handshake;
pub mod measure;
pub mod payload;
pub mod peers;
pub mod table;
pub mod text;
pub mod wire;
pub mod work;

/// Everything that needs no socket.
pub fn in_memory() -> [work::Section; 5] {
    [codec::decode(), codec::encode(), text::utf8(), deflate::deflate(), handshake::handshake()]
}
