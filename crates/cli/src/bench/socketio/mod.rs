//! Connections of Socket.IO under load: what each does is one of the files.

mod ack;
mod echo;
mod line;
mod room;

use std::sync::Arc;

use sansocket_app::socketio::ClientOptions;
use sansocket_driver::{Network, Runtime as _, Task};

use super::session::Share;
use crate::engineio::Voyage;
use crate::exit::Failure;
use crate::runtime::Runtime;

use line::Line;
pub(super) use room::Room;

/// What is said, and what is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum Exchange {
    /// `message`, and then `message-back`
    #[default]
    Echo,
    /// `message-with-ack`, and then its acknowledgement
    Ack,
    /// All `join` a room, and one has the server say `io-to-room`: until everybody heard it
    Broadcast,
}

impl Exchange {
    /// What it is called on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Exchange::Echo => "echo",
            Exchange::Ack => "ack",
            Exchange::Broadcast => "broadcast",
        }
    }
}

/// A server of Socket.IO, and what is done there.
pub(super) struct Place {
    pub(super) voyage: Voyage,
    pub(super) options: ClientOptions,
    pub(super) part: Part,
}

/// What the connections do.
#[derive(Clone)]
pub(super) enum Part {
    Echo,
    Ack,
    Broadcast(Arc<Room>),
}

/// A connection that stands where the load begins.
pub(super) struct Caller<N: Network> {
    line: Line<N>,
    part: Part,
}

impl Place {
    /// Connects to it.
    pub(super) async fn call<R: Runtime>(&self) -> Result<Caller<R::Network>, Failure> {
        let (line, part) = (Line::call::<R>(&self.voyage, &self.options).await?, self.part.clone());
        if let Part::Broadcast(room) = &part {
            room.enter(line.socket())
                .await
                .map_err(|why| Failure::new(format!("cannot enter a room: {why}")))?;
        }
        Ok(Caller { line, part })
    }
}

impl<N: Network> Caller<N> {
    /// Bears its share of the load.
    pub(super) async fn run<R: Runtime<Network = N>>(self, share: Share) {
        let tally = share.tally.clone();
        let borne = match self.part {
            Part::Echo => echo::run(self.line, share).await,
            Part::Ack => ack::run::<R>(self.line, share).await,
            Part::Broadcast(room) => room::run::<R>(self.line, share, &room).await,
        };
        if let Err(why) = borne {
            tally.fail(why);
        }
    }
}

/// Does something in so many tasks at once, each with its number, until all have ended or one has failed.
async fn in_flight<R: Runtime, F>(count: u32, begin: impl Fn(u32) -> F) -> Result<(), String>
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let (end, ended) = async_channel::bounded(1);
    for number in 0..count {
        let (doing, end) = (begin(number), end.clone());
        // Nobody listens any more when another one has failed.
        let told = async move { _ = end.send(doing.await).await };
        R::network().spawn(told).let_go();
    }
    drop(end);
    while let Ok(done) = ended.recv().await {
        done?;
    }
    Ok(())
}
