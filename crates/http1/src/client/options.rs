//! What a client lets happen.

use core::time::Duration;

use crate::{BodyLimits, Delivery, Limits};

/// What a client's connection does, and how much it lets happen. Put it into an [`Arc`](alloc::sync::Arc) once and give
/// that to every connection. A server that passes a limit gets the end of the connection.
///
/// | what | default |
/// |---|---|
/// | [`head`](ClientOptions::head) | 16 KiB, 100 fields, 8 KiB a line |
/// | [`body`](ClientOptions::body) | 1,000,000 bytes; 16 KiB around its chunks |
/// | [`interim`](ClientOptions::interim) | 16 responses |
/// | [`head_timeout`](ClientOptions::head_timeout) | 60 s |
/// | [`body_timeout`](ClientOptions::body_timeout) | 30 s |
/// | [`idle_timeout`](ClientOptions::idle_timeout) | 4 s |
/// | [`write_timeout`](ClientOptions::write_timeout) | 30 s |
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// How bodies reach you.
    pub delivery: Delivery,
    /// Limits of a response's head, and of each interim one before it.
    pub head: Limits,
    /// Limits of a response's body.
    pub body: BodyLimits,
    /// Interim responses (1xx) before the one that counts.
    pub interim: u8,
    /// How long the answer's head may take, from [`send`](super::ClientConnection::send) on. `None`: as long as it
    /// likes.
    pub head_timeout: Option<Duration>,
    /// How long a body may take, from the end of its head, however it drips.
    pub body_timeout: Duration,
    /// How long nothing is asked before the connection is given up.
    pub idle_timeout: Duration,
    /// How long the server may take nothing of what is to be written.
    pub write_timeout: Duration,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            delivery: Delivery::Whole,
            head: Limits::default(),
            body: BodyLimits::default(),
            interim: 16,
            // A long poll may be held for a heartbeat, which is less than a minute.
            head_timeout: Some(Duration::from_secs(60)),
            body_timeout: Duration::from_secs(30),
            // Below that of servers (Node's is 5 s), or a request would meet their end of the connection.
            idle_timeout: Duration::from_secs(4),
            write_timeout: Duration::from_secs(30),
        }
    }
}
