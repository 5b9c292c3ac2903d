//! What is to happen.

use std::time::Duration;

use sansocket_core::Instant;
use sansocket_socketio::Nsp;
use sansocket_socketio::client::{ClientOptions, Retries};
use sansocket_socketio::server::{Recovery, ServerOptions};

use crate::Random;
use crate::world::Faults;

/// The namespaces that there are.
pub(super) const PLACES: [&str; 2] = ["/", "/chat"];

pub(super) fn nsp(place: usize) -> Nsp {
    Nsp::new(PLACES[place]).expect("a name")
}

/// What a seed stands for.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) faults: Faults,
    pub(super) guests: usize,
    /// How many of the namespaces they go to.
    pub(super) places: usize,
    /// The longest that anything is under way. Shorter than the shortest time before an attempt to reconnect.
    pub(super) delay: Duration,
    /// The longest between two events.
    pub(super) gap: Duration,
    /// Until then they talk, and things go wrong.
    pub(super) until: Instant,
    recovery: Option<Duration>,
}

impl Story {
    pub(super) fn draw(random: &mut Random, now: Instant) -> Story {
        let millis = Duration::from_millis;
        let faults = random.pick(&[Faults::None, Faults::Many, Faults::Many]);
        let length = millis(random.pick(&[2_000, 10_000, 40_000]));
        Story {
            faults,
            guests: random.pick(&[1, 1, 2]),
            places: 1 + random.below(PLACES.len()),
            delay: millis(random.pick(&[0, 5, 200])),
            gap: length / random.pick(&[1, 2, 5]),
            until: now + length,
            recovery: random.pick(&[None, Some(millis(6_000)), Some(millis(90_000))]),
        }
    }

    pub(super) fn server_options(&self) -> ServerOptions {
        let recovery = |max_disconnection| Recovery { max_disconnection, ..Recovery::default() };
        ServerOptions { high_water: 200, recovery: self.recovery.map(recovery), ..ServerOptions::default() }
    }

    pub(super) fn client_options(&self, random: &mut Random) -> ClientOptions {
        let retries = Retries { most: u32::MAX, ack_timeout: Duration::from_secs(1) };
        ClientOptions {
            high_water: 200,
            retries: (random.below(3) == 0).then_some(retries),
            ..ClientOptions::default()
        }
    }

    /// Is this the time for one of many misfortunes?
    pub(super) fn strikes(&self, random: &mut Random, one_in: usize, now: Instant) -> bool {
        self.faults == Faults::Many && now < self.until && random.below(one_in) == 0
    }
}
