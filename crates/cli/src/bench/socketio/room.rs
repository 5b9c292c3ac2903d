//! `io-to-room`, which everybody in the room hears.
#![allow(
    clippy::disallowed_methods,
    reason = "measuring takes a clock, and so does a name that nobody else has"
)]

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_channel::{Receiver, Sender};
use futures_lite::future::zip;
use sansocket_app::socketio::{ClientSocket, Value};
use sansocket_driver::{Network, Runtime as _, Signal, unless};

use super::in_flight;
use super::line::{Line, ask};
use crate::bench::session::{NO_ECHO, Share};
use crate::bench::{Load, PATIENCE};
use crate::runtime::Runtime;

/// What the room hears.
const HEARD: &str = "bench";

/// The room that all connections are in, and how far what is said there has come.
pub(in crate::bench) struct Room {
    name: String,
    members: u32,
    broadcasts: Vec<Broadcast>,
    /// Somebody speaks already: one of the members does.
    has_speaker: AtomicBool,
    /// When the first broadcast began.
    zero: OnceLock<Instant>,
    over: Signal,
}

/// One of those that are in flight at once. Its number goes with it; it begins anew when everybody has heard it.
struct Broadcast {
    /// When it began: nanoseconds since the first one did.
    at: AtomicU64,
    /// How many have yet to hear it.
    missing: AtomicU32,
    /// Says that all have.
    tell: Sender<()>,
    told: Receiver<()>,
}

impl Room {
    pub(in crate::bench) fn new(load: &Load) -> Arc<Room> {
        // Whoever loads the same server meanwhile has another one.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Arc::new(Room {
            name: format!("bench-{}-{:x}", std::process::id(), since.as_nanos()),
            members: load.connections,
            broadcasts: (0..load.in_flight).map(|_| Broadcast::new()).collect(),
            has_speaker: AtomicBool::new(false),
            zero: OnceLock::new(),
            over: Signal::default(),
        })
    }

    /// Has the server let this connection in.
    ///
    /// # Errors
    /// Why it did not.
    pub(super) async fn enter<N: Network>(&self, socket: &ClientSocket<N>) -> Result<(), String> {
        ask(socket, "join", &self.name).await
    }

    fn now(&self) -> Duration {
        self.zero.get_or_init(Instant::now).elapsed()
    }
}

impl Broadcast {
    fn new() -> Broadcast {
        let (tell, told) = async_channel::bounded(1);
        Broadcast { at: AtomicU64::new(0), missing: AtomicU32::new(0), tell, told }
    }

    fn begin(&self, room: &Room) {
        self.missing.store(room.members, Ordering::Relaxed);
        self.at.store(room.now().as_nanos() as u64, Ordering::Release);
    }

    /// One more has heard it: how long it took to get there.
    fn hear(&self, room: &Room) -> Duration {
        let took = room.now().saturating_sub(Duration::from_nanos(self.at.load(Ordering::Acquire)));
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            // It holds one, and is empty: who speaks takes it before he begins anew.
            _ = self.tell.try_send(());
        }
        took
    }
}

/// Listens until the time is over; one of all connections speaks, too.
///
/// # Errors
/// Why it ended before.
pub(super) async fn run<R: Runtime>(
    mut line: Line<R::Network>,
    share: Share,
    room: &Arc<Room>,
) -> Result<(), String> {
    let is_speaker = !room.has_speaker.swap(true, Ordering::Relaxed);
    let socket = line.socket().clone();
    let speaking = async {
        if !is_speaker {
            return Ok(());
        }
        let spoken = in_flight::<R, _>(share.load.in_flight, |number| {
            broadcasts::<R>(number as usize, socket.clone(), share.clone(), room.clone())
        });
        let spoken = spoken.await;
        room.over.raise();
        spoken
    };
    let (spoken, listened) = zip(speaking, listen(&mut line, &share, room)).await;
    spoken.and(listened)
}

/// Says something to the room, again and again until the time is over.
async fn broadcasts<R: Runtime>(
    number: usize,
    socket: ClientSocket<R::Network>,
    share: Share,
    room: Arc<Room>,
) -> Result<(), String> {
    let broadcast = &room.broadcasts[number];
    while Instant::now() < share.until {
        broadcast.begin(&room);
        () = ask(&socket, "io-to-room", &(&room.name, HEARD, (number, &*share.payload))).await?;
        let told = async { _ = broadcast.told.recv().await };
        let too_late = R::network().sleep(PATIENCE);
        unless(too_late, told)
            .await
            .ok_or_else(|| format!("not everybody in the room heard a broadcast within {PATIENCE:?}"))?;
    }
    Ok(())
}

async fn listen<N: Network>(line: &mut Line<N>, share: &Share, room: &Room) -> Result<(), String> {
    let mut over = pin!(room.over.wait());
    while let Some(event) = unless(over.as_mut(), line.next()).await {
        let event = event?;
        if event.name != HEARD {
            continue;
        }
        let broadcast = event.args.read::<((usize, Value),)>().ok();
        let heard = broadcast.filter(|((_, payload),)| *share.payload == *payload);
        let broadcast = heard.and_then(|((number, _),)| room.broadcasts.get(number)).ok_or(NO_ECHO)?;
        let took = broadcast.hear(room);
        if Instant::now() < share.until {
            share.tally.count(took);
        }
    }
    Ok(())
}
