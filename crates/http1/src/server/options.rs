//! What a server lets happen.

use core::time::Duration;

use crate::{BodyLimits, Delivery, Limits};

/// What a server's connection does, and how much it lets happen. Put it into an [`Arc`](alloc::sync::Arc) once and give
/// that to every connection.
///
/// | what | default | a peer that passes it gets |
/// |---|---|---|
/// | [`head`](ServerOptions::head) | 16 KiB, 100 fields, 8 KiB a line | 431 (414 for the target) |
/// | [`body`](ServerOptions::body) | 1,000,000 bytes; 16 KiB around its chunks | 413; 400 |
/// | [`head_timeout`](ServerOptions::head_timeout) | 10 s | 408; if nothing was said, the end |
/// | [`body_timeout`](ServerOptions::body_timeout) | 30 s | 408 |
/// | [`idle_timeout`](ServerOptions::idle_timeout) | 15 s | the end |
/// | [`write_timeout`](ServerOptions::write_timeout) | 30 s | the end, at once |
/// | [`linger`](ServerOptions::linger) | 10 s | the end, at once |
/// | [`drain`](ServerOptions::drain) | 64 KiB | the end, behind the answer |
/// | [`pipelined`](ServerOptions::pipelined) | 64 KiB | back-pressure |
/// | [`high_water`](ServerOptions::high_water) | 64 KiB | back-pressure |
/// | requests in progress | 1 | back-pressure |
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// How bodies reach you.
    pub delivery: Delivery,
    /// What stands in the answers that you do not give.
    pub wording: Wording,
    /// Limits of a request's head.
    pub head: Limits,
    /// Limits of a request's body.
    pub body: BodyLimits,
    /// How long a head may take, from its first byte; the first one from the beginning of the connection.
    pub head_timeout: Duration,
    /// How long a body may take, from the end of its head, however it drips.
    pub body_timeout: Duration,
    /// How long nothing may be said between an answer and the next request.
    pub idle_timeout: Duration,
    /// How long the peer may take nothing of what is to be written.
    pub write_timeout: Duration,
    /// How long the peer may take to close after the last answer. What it still sends meanwhile is thrown away, so that
    /// the answer is not lost to a reset (RFC 9112 §9.6).
    pub linger: Duration,
    /// Bytes of a body that are read and thrown away behind an answer that came before its end, so that the connection
    /// can go on.
    pub drain: u64,
    /// Bytes behind a request that are held while it waits for its answer; past that nothing is read, not even the end
    /// of the stream, and the peer has to wait. What one read brings may come on top.
    pub pipelined: usize,
    /// Bytes of answers that may wait to be written before no other request is read, and
    /// [`append`](super::ServerConnection::append) is blocked. One answer may be as large as you like.
    pub high_water: usize,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            delivery: Delivery::Whole,
            wording: Wording::Reason,
            head: Limits::default(),
            body: BodyLimits::default(),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            linger: Duration::from_secs(10),
            // What is on its way already when an answer comes early: about one socket's buffer.
            drain: 64 << 10,
            pipelined: 64 << 10,
            high_water: 64 << 10,
        }
    }
}

/// What stands in the body of an answer to what is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Wording {
    /// One line of text, which says why.
    #[default]
    Reason,
    /// Nothing: the status says enough.
    Nothing,
}
