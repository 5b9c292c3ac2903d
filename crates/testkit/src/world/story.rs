//! What is to happen, and numbered messages.

use std::time::Duration;

use sansocket_core::{Data, Instant, Message};
use sansocket_engineio::server::ServerOptions;
use sansocket_engineio::{Binary, Protocol, Transport};

use super::some_time;
use crate::Random;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Faults {
    /// Nothing: everything has to arrive.
    None,
    /// Connections break, machines sleep or lose power, users leave in the middle.
    Many,
}

/// What a seed stands for.
#[derive(Clone, Debug)]
pub struct Story {
    /// What goes wrong.
    pub faults: Faults,
    pub(super) guests: usize,
    /// The longest that anything is under way.
    pub(super) delay: Duration,
    /// The longest that a user does not look at what happened.
    pub(super) pause: Duration,
    /// The longest between two messages.
    pub(super) gap: Duration,
    /// Messages in each direction.
    pub(super) messages: u32,
    /// Who ends it when everything was said.
    pub(super) closer: Closer,
}

/// Who ends a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Closer {
    Guest,
    Host,
}

impl Story {
    pub(super) fn draw(random: &mut Random) -> Story {
        let millis = Duration::from_millis;
        let faults = random.pick(&[Faults::None, Faults::None, Faults::Many]);
        let long = random.below(8) == 0;
        Story {
            faults,
            guests: 1 + random.below(2),
            delay: millis(random.pick(&[0, 5, 200, 900])),
            pause: millis(random.pick(&[0, 0, 50, 2500])),
            // Now and then so long that the heart beats between two messages.
            gap: millis(if long { 20_000 } else { random.pick(&[0, 10, 400]) }),
            messages: random.below(if long { 6 } else { 14 }) as u32,
            closer: random.pick(&[Closer::Guest, Closer::Guest, Closer::Host]),
        }
    }

    pub(super) fn server_options(&self) -> ServerOptions {
        ServerOptions {
            allow_eio3: true,
            max_payload: 300,
            high_water: 200,
            close_timeout: self.close_timeout(),
            ..ServerOptions::default()
        }
    }

    /// Users may be slow, and what waits for them is lost when this is over.
    pub(super) fn close_timeout(&self) -> Duration {
        Duration::from_secs(if self.faults == Faults::None { 300 } else { 10 })
    }

    pub(super) fn transports(random: &mut Random) -> Vec<Transport> {
        match random.below(6) {
            0 => vec![Transport::Polling],
            1 => vec![Transport::WebSocket],
            2 => vec![Transport::WebSocket, Transport::Polling],
            _ => vec![Transport::Polling, Transport::WebSocket],
        }
    }

    pub(super) fn protocol(random: &mut Random) -> Protocol {
        random.pick(&[Protocol::V4, Protocol::V4, Protocol::V3])
    }

    pub(super) fn binary(random: &mut Random) -> Binary {
        random.pick(&[Binary::Raw, Binary::Raw, Binary::Base64])
    }
}

/// One side's part of a conversation: numbered messages, out and in.
#[derive(Clone, Debug)]
pub(super) struct Talker {
    /// How many there are in each direction.
    total: u32,
    said: u32,
    heard: u32,
    /// The longest between two.
    gap: Duration,
    /// When the next one is due.
    due: Instant,
    blocked: bool,
}

impl Talker {
    pub(super) fn new(story: &Story, now: Instant) -> Talker {
        Talker { total: story.messages, said: 0, heard: 0, gap: story.gap, due: now, blocked: false }
    }

    /// The next message, if it is due.
    pub(super) fn due(&self, now: Instant) -> Option<Message> {
        (self.said < self.total && self.due <= now && !self.blocked).then(|| message(self.said))
    }

    pub(super) fn was_sent(&mut self, random: &mut Random, now: Instant) {
        self.said += 1;
        self.due = now + some_time(random, self.gap);
    }

    pub(super) fn was_blocked(&mut self) {
        self.blocked = true;
    }

    pub(super) fn has_room(&mut self) {
        self.blocked = false;
    }

    /// Something arrived: it has to be what comes next.
    pub(super) fn hear(&mut self, data: Data<'_>) {
        assert!(self.heard < self.total, "more than was said: {data:?}");
        assert_eq!(data.into_owned(), message(self.heard), "message {}", self.heard);
        self.heard += 1;
    }

    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        (self.said < self.total && !self.blocked).then_some(self.due).filter(|due| *due > now)
    }

    pub(super) fn has_said_all(&self) -> bool {
        self.said == self.total
    }

    pub(super) fn has_heard_all(&self) -> bool {
        self.heard == self.total
    }

    pub(super) fn heard(&self) -> usize {
        self.heard as usize
    }
}

/// Text and bytes by turns, of any length that fits into a body.
fn message(number: u32) -> Message {
    let length = (number * 37 % 83) as usize;
    if number.is_multiple_of(3) {
        Message::binary(vec![number as u8; length])
    } else {
        Message::text(format!("{number}:{}", "€".repeat(length / 3)))
    }
}
