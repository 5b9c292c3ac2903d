//! All connections of a load, from the first handshake to the last goodbye.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_channel::Sender;
use sansocket_app::engineio::Client;
use sansocket_app::websocket::WebSocket;
use sansocket_driver::{Network, Runtime as _, Signal, Task};

use super::payload::Payload;
use super::progress::Progress;
use super::session::{Session, Share};
use super::socketio::{Caller, Place};
use super::{Load, Tally};
use crate::dial::Dial;
use crate::engineio::Voyage;
use crate::exit::Failure;
use crate::runtime::Runtime;

/// Handshakes at once: fewer than a listening socket lets wait.
const HANDSHAKES: u32 = 100;

/// Whom to call.
pub(super) enum Target {
    WebSocket(Dial),
    EngineIo(Box<Voyage>),
    SocketIo(Box<Place>),
}

/// A connection that stands.
enum Line<N: Network> {
    WebSocket(Box<WebSocket<N, N::Stream>>),
    EngineIo(Client<N>),
    SocketIo(Caller<N>),
}

/// What all connections of a load share.
struct Plan {
    target: Target,
    load: Load,
    payload: Arc<Payload>,
    tally: Arc<Tally>,
    /// When the load ends: set once all connections stand.
    until: OnceLock<Instant>,
}

/// Puts `load` on the server at `target` and counts what comes back.
///
/// # Errors
/// The first connection that could not be made; then no load was put on the server.
pub(super) async fn run<R: Runtime>(target: Target, load: Load) -> Result<Arc<Tally>, Failure> {
    let tally = Arc::new(Tally::default());
    let payload = Arc::new(Payload::new(&load));
    let plan = Arc::new(Plan { target, load, payload, tally: tally.clone(), until: OnceLock::new() });
    let (arrive, arrivals) = async_channel::bounded(HANDSHAKES as usize);
    let start = Signal::default();
    let mut missing = load.connections;
    while missing > 0 {
        let now = missing.min(HANDSHAKES);
        for _ in 0..now {
            R::network().spawn(connection::<R>(plan.clone(), arrive.clone(), start.clone())).let_go();
        }
        for _ in 0..now {
            arrivals.recv().await.map_err(|_| Failure::new("a connection was lost in its handshake"))??;
        }
        missing -= now;
    }
    drop(arrive);
    plan.until.get_or_init(|| Instant::now() + load.duration);
    let progress = Progress::show(tally.clone(), load.duration);
    start.raise();
    // Nothing more arrives; the channel ends with its last sender, which is the last connection.
    while arrivals.recv().await.is_ok() {}
    drop(progress);
    Ok(tally)
}

/// One connection: says that it stands, waits for the start, bears its part, and lets go of `arrive` at the end.
async fn connection<R: Runtime>(plan: Arc<Plan>, arrive: Sender<Result<(), Failure>>, start: Signal) {
    let (arrived, line) = match call::<R>(&plan.target).await {
        Ok(line) => (Ok(()), Some(line)),
        Err(failure) => (Err(failure), None),
    };
    // Nobody listens any more when another connection has failed.
    if arrive.send(arrived).await.is_err() {
        return;
    }
    let Some(line) = line else { return };
    start.wait().await;
    let Some(until) = plan.until.get() else { return };
    let (load, payload, tally) = (plan.load, plan.payload.clone(), plan.tally.clone());
    let share = Share { load, payload, tally, until: *until };
    match line {
        Line::WebSocket(mut connection) => Session::new(share).run(&mut connection).await,
        Line::EngineIo(mut client) => Session::new(share).run_engineio(&mut client).await,
        Line::SocketIo(caller) => caller.run::<R>(share).await,
    }
}

async fn call<R: Runtime>(target: &Target) -> Result<Line<R::Network>, Failure> {
    Ok(match target {
        Target::WebSocket(dial) => Line::WebSocket(Box::new(dial.call::<R>().await?.0)),
        Target::EngineIo(voyage) => Line::EngineIo(voyage.call::<R>().await?),
        Target::SocketIo(place) => Line::SocketIo(place.call::<R>().await?),
    })
}
