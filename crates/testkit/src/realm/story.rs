//! What is to happen.

use std::time::Duration;

use bytes::Bytes;
use sansocket_core::Instant;
use sansocket_socketio::client::{ClientOptions, Retries};
use sansocket_socketio::server::{Recovery, ServerOptions};
use sansocket_socketio::{Args, Nsp, Parser, Revision, Value};

use crate::Random;
use crate::world::Faults;

/// The namespaces that there are.
pub(super) const PLACES: [&str; 2] = ["/", "/chat"];

pub(super) fn nsp(place: usize) -> Nsp {
    Nsp::new(PLACES[place]).expect("a name")
}

/// Where sockets of Socket.IO 2 are unasked.
pub(super) const MAIN: usize = 0;

/// What a server says to the socket `id`: the `number`th, now and then with bytes.
pub(super) fn saying(id: &str, number: u32) -> Args {
    let said = match number % 4 {
        3 => Args::new(&(id, number, bytes_of(number))),
        _ => Args::new(&(id, number)),
    };
    said.expect("text, a number and bytes")
}

/// To whom that was said, and its number.
pub(super) fn said(args: &Args) -> (String, u32) {
    let (id, number) = args.read().expect("as it was said");
    if number % 4 == 3 {
        let read: (String, u32, Bytes) = args.read().expect("as it was said");
        assert_eq!(read.2, bytes_of(number), "bytes of another event");
    }
    (id, number)
}

fn bytes_of(number: u32) -> Bytes {
    Bytes::copy_from_slice(&number.to_be_bytes())
}

/// What a seed stands for.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) faults: Faults,
    pub(super) guests: Vec<Persona>,
    parser: Parser,
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

/// What a client is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Persona {
    /// Clients of Socket.IO 2 live beside the others, if packets are JSON: it wrote MessagePack in another way.
    pub(super) revision: Revision,
    /// What it says is said again until it is acknowledged.
    pub(super) is_insistent: bool,
}

impl Persona {
    /// Is it in this namespace without having asked?
    pub(super) fn is_unasked(self, place: usize) -> bool {
        self.revision == Revision::V4 && place == MAIN
    }

    /// What the server hears of what the client `name` says about itself.
    pub(super) fn identity(self, name: usize, place: usize) -> Option<Value> {
        let name = match self.revision {
            Revision::V5 => Value::from(name as u64),
            // It is part of a query there.
            Revision::V4 => Value::Text(name.to_string()),
        };
        (!self.is_unasked(place)).then(|| Value::Object([("guest".into(), name)].into()))
    }
}

impl Story {
    pub(super) fn draw(random: &mut Random, now: Instant) -> Story {
        let millis = Duration::from_millis;
        let faults = random.pick(&[Faults::None, Faults::Many, Faults::Many]);
        let length = millis(random.pick(&[2_000, 10_000, 40_000]));
        let is_json = random.below(3) > 0;
        let revisions: &[Revision] = if is_json { &[Revision::V5, Revision::V4] } else { &[Revision::V5] };
        let guests = random.pick(&[1, 1, 2]);
        let persona = |_| Persona { revision: random.pick(revisions), is_insistent: random.below(3) == 0 };
        Story {
            faults,
            guests: (0..guests).map(persona).collect(),
            parser: if is_json { Parser::Json } else { Parser::Msgpack },
            places: 1 + random.below(PLACES.len()),
            delay: millis(random.pick(&[0, 5, 200])),
            gap: length / random.pick(&[1, 2, 5]),
            until: now + length,
            recovery: random.pick(&[None, Some(millis(6_000)), Some(millis(90_000))]),
        }
    }

    pub(super) fn server_options(&self) -> ServerOptions {
        let recovery = |max_disconnection| Recovery { max_disconnection, ..Recovery::default() };
        ServerOptions {
            parser: self.parser.clone(),
            high_water: 200,
            recovery: self.recovery.map(recovery),
            ..ServerOptions::default()
        }
    }

    pub(super) fn client_options(&self, name: usize) -> ClientOptions {
        let Persona { revision, is_insistent } = self.guests[name];
        let retries = Retries { most: u32::MAX, ack_timeout: Duration::from_secs(1) };
        ClientOptions {
            revision,
            parser: self.parser.clone(),
            high_water: 200,
            retries: is_insistent.then_some(retries),
            ..ClientOptions::default()
        }
    }

    pub(super) fn is_msgpack(&self) -> bool {
        matches!(self.parser, Parser::Msgpack)
    }

    /// Is this the time for one of many misfortunes?
    pub(super) fn strikes(&self, random: &mut Random, one_in: usize, now: Instant) -> bool {
        self.faults == Faults::Many && now < self.until && random.below(one_in) == 0
    }
}
