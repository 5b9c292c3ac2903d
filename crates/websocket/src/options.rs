//! What a connection does, and how much it lets happen.

use core::time::Duration;

#[cfg(feature = "deflate")]
use crate::deflate::DeflateOptions;

/// Settings of a connection. All fields are public and [`Options::default`] is right for most: strict, and with the
/// tightest limits that speak with every client.
///
/// Put it into an [`Arc`](alloc::sync::Arc) once and give that to every connection.
///
/// | what | default | a peer that passes it gets |
/// |---|---|---|
/// | [`max_message`](Options::max_message), also inflated | 1 MiB | close 1009 |
/// | [`max_frame`](Options::max_frame) | 1 MiB | close 1009 |
/// | [`max_empty_frames`](Options::max_empty_frames) of a message | 1,024 | close 1008 |
/// | [`close_timeout`](Options::close_timeout) | 10 s | TCP closed |
/// | [`keepalive`](Options::keepalive) | off | close 1011 |
/// | [`idle_timeout`](Options::idle_timeout) | off | close 1001 |
/// | [`high_water`](Options::high_water) / [`hard_cap`](Options::hard_cap) of the output | 64 KiB / 1 MiB | – (the caller gets `Blocked` / [`overflow`](Options::overflow) applies) |
/// | pongs that wait | 4 KiB, past that only the newest | – |
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of a whole message, after inflation. `None`: 1 GiB, what an [`Input`](sansocket_core::Input) can hold; in
    /// [`Delivery::Chunks`] then no limit at all.
    pub max_message: Option<usize>,
    /// Bytes of one frame as its header declares them. `None`: as [`max_message`](Options::max_message).
    pub max_frame: Option<usize>,
    /// Frames without payload in one message, which make no progress. `None`: any number.
    pub max_empty_frames: Option<u32>,
    /// Whole messages, or pieces of them.
    pub delivery: Delivery,
    /// Outgoing messages larger than this are cut into frames of this size, so that control frames get in between.
    pub fragment: Option<usize>,
    /// Bytes queued from which on `send` answers `Blocked`. An empty queue takes any one message.
    pub high_water: usize,
    /// Bytes queued that nothing but control frames passes: where [`overflow`](Options::overflow) applies.
    pub hard_cap: usize,
    /// What happens when a [prepared](crate::Prepared) message meets an output at its hard cap.
    pub overflow: Overflow,
    /// Pings of ours, and how long the pong may take.
    pub keepalive: Option<Keepalive>,
    /// How long the peer may send nothing at all.
    pub idle_timeout: Option<Duration>,
    /// How long the closing handshake, and the end of TCP after it, may take.
    pub close_timeout: Duration,
    /// Departures from strictness, each by name. None by default.
    pub relaxed: Relaxed,
    /// permessage-deflate, if the handshake may negotiate it.
    #[cfg(feature = "deflate")]
    pub deflate: Option<DeflateOptions>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_message: Some(1 << 20),
            max_frame: Some(1 << 20),
            max_empty_frames: Some(1024),
            delivery: Delivery::Messages,
            fragment: None,
            high_water: 64 << 10,
            hard_cap: 1 << 20,
            overflow: Overflow::Close,
            keepalive: None,
            idle_timeout: None,
            close_timeout: Duration::from_secs(10),
            relaxed: Relaxed::default(),
            #[cfg(feature = "deflate")]
            deflate: None,
        }
    }
}

/// Whether messages are handed on whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Whole: [`Event::Text`](crate::Event::Text) and [`Event::Binary`](crate::Event::Binary).
    Messages,
    /// In pieces as they come, so that a message may be larger than memory: [`Event::Chunk`](crate::Event::Chunk) of
    /// at most so many bytes (and at least 4, the longest character).
    Chunks(usize),
}

/// Pings of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keepalive {
    /// A ping goes out when so long nothing was received.
    pub interval: Duration,
    /// Something has to come within this time after it.
    pub timeout: Duration,
}

impl Default for Keepalive {
    /// 20 s and 20 s.
    fn default() -> Keepalive {
        Keepalive { interval: Duration::from_secs(20), timeout: Duration::from_secs(20) }
    }
}

/// What happens when a [prepared](crate::Prepared) message meets an output at its
/// [hard cap](Options::hard_cap): the slow one alone feels it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overflow {
    /// The connection is closed, with [`Closed::Overflow`](crate::Closed::Overflow).
    Close,
    /// The new message is dropped.
    DropNewest,
    /// The oldest prepared messages that wait are dropped until there is room; if that is not enough, the new one.
    DropOldest,
}

/// Departures from strictness, each for a peer that is known to need it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Relaxed {
    /// How a server takes frames that are not masked (RFC 6455 §5.1 forbids them).
    pub unmasked: Leniency,
    /// How payload lengths that are not in their shortest form are taken (§5.2 forbids them).
    pub length: Leniency,
    /// How text that is not UTF-8 is taken: if accepted it arrives as [`Event::Binary`](crate::Event::Binary) (§8.1
    /// forbids it).
    pub utf8: Leniency,
}

/// Whether a fault is let pass.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Leniency {
    /// The fault ends the connection.
    #[default]
    Refuse,
    /// The fault is let pass.
    Accept,
}
