//! `sansocket bench`: how much a server of WebSocket, Engine.IO or Socket.IO bears.

mod histogram;
mod payload;
mod progress;
mod report;
mod run;
mod session;
mod socketio;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sansocket_app::socketio::ClientOptions as SocketIoOptions;
use sansocket_socketio::Limits;
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::ClientOptions;

use crate::dial::{self, Dial};
use crate::engineio::{Travel, Voyage};
use crate::exit::{Exit, Failure, output_failed};
use crate::runtime::{Runtime, RuntimeName, Smol, Tokio, all_threads};
use crate::socketio::{ParserName, revision};
use crate::terminal::Escaped;
use crate::units;
use histogram::Histogram;
use report::Report;
use run::Target;
use socketio::{Exchange, Part, Place, Room};

/// Load an echo server and measure it
///
/// Opens all connections, then keeps so many messages in flight on each, and waits for the echo of every one. A time
/// runs from handing a message over to having its echo; of what is said to a room, from handing it over to having it, on
/// every connection.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Bench {
    /// The server: ws://127.0.0.1:9001/echo; with --engineio or --socketio http://127.0.0.1:9001
    url: String,

    /// Speak Socket.IO, in the namespace that the path of the address names
    #[arg(long, group = "sessions")]
    socketio: bool,

    /// How packets of Socket.IO are written
    #[arg(long, value_enum, default_value_t, requires = "socketio", conflicts_with = "engineio")]
    parser: ParserName,

    #[command(flatten)]
    travel: Travel,

    #[command(flatten)]
    load: Load,

    /// Offer permessage-deflate
    #[arg(long)]
    deflate: bool,

    /// Trust these certificates (a file in PEM) for wss:// and https://, instead of those that browsers trust
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// What runs it
    #[arg(long, value_enum, default_value_t)]
    runtime: RuntimeName,

    /// Threads that connections are spread over [default: one for each processor]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// One line of JSON at the end instead of a table; times in microseconds
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Example, in two terminals:
  sansocket serve
  sansocket bench ws://127.0.0.1:9001/echo --connections 50 --in-flight 16 --size 125
  sansocket bench --engineio http://127.0.0.1:9001 --transport polling --in-flight 16
  sansocket bench --socketio http://127.0.0.1:9001 --exchange broadcast --connections 1000";

/// A server that answers nothing for so long has stopped.
const PATIENCE: Duration = Duration::from_secs(10);

impl Bench {
    /// Loads the server, then reports.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.runtime {
            RuntimeName::Tokio => self.run_on::<Tokio>(),
            RuntimeName::Smol => self.run_on::<Smol>(),
        }
    }

    fn run_on<R: Runtime>(self) -> Result<Exit, Failure> {
        let threads = self.threads.unwrap_or_else(all_threads);
        let tally = R::block_on(threads, run::run::<R>(self.target()?, self.load))??;
        let report = Report { load: &self.load, tally: &tally };
        let mut out = io::stdout().lock();
        let text = if self.json { report.json() + "\n" } else { report.to_string() };
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(output_failed)?;
        match tally.why() {
            None => Ok(Exit::Done),
            Some(why) => {
                Err(Failure::new(format!("{} connections failed: {}", tally.failures(), Escaped(&why)))
                    .advise("the figures above count what came back before that"))
            }
        }
    }

    fn target(&self) -> Result<Target, Failure> {
        let trusted = self.ca.as_deref().map(dial::certificates).transpose()?;
        if self.travel.engineio {
            return Ok(Target::EngineIo(Box::new(self.voyage(trusted))));
        }
        if self.socketio {
            return Ok(Target::SocketIo(Box::new(self.place(trusted))));
        }
        // The echo of what we send, and no more.
        let most = Some(self.load.size);
        let websocket = Options { max_message: most, max_frame: most, ..self.websocket() };
        let options = ClientOptions { websocket: Arc::new(websocket), ..ClientOptions::default() };
        let (url, options) = (self.url.clone(), Arc::new(options));
        let dial = Dial { url, protocols: Vec::new(), headers: Vec::new(), trusted, options };
        dial.check()?;
        Ok(Target::WebSocket(dial))
    }

    fn voyage(&self, trusted: Option<Vec<u8>>) -> Voyage {
        let mut options = self.travel.options();
        options.session.request_timeout = Some(PATIENCE);
        options.websocket.websocket = Arc::new(self.websocket());
        Voyage { url: self.url.clone(), headers: Vec::new(), trusted, options }
    }

    fn place(&self, trusted: Option<Vec<u8>>) -> Place {
        let mut voyage = self.voyage(trusted);
        voyage.options.session.path = "/socket.io/".into();
        let Load { size, in_flight, exchange, .. } = self.load;
        let defaults = SocketIoOptions::default();
        let options = SocketIoOptions {
            revision: revision(voyage.options.session.protocol),
            parser: self.parser.into(),
            limits: Limits { max_attachment_bytes: size.max(1), ..Limits::default() },
            // A connection that is lost is a result.
            reconnection: None,
            // All that is to be in flight may wait, for it was asked for.
            high_water: defaults.high_water.max(size.saturating_mul(in_flight as usize)),
            max_pending_acks: defaults.max_pending_acks.max(in_flight as usize),
            ..defaults
        };
        let part = match exchange {
            Exchange::Echo => Part::Echo,
            Exchange::Ack => Part::Ack,
            Exchange::Broadcast => Part::Broadcast(Room::new(&self.load)),
        };
        Place { voyage, options, part }
    }

    fn websocket(&self) -> Options {
        Options {
            idle_timeout: Some(PATIENCE),
            deflate: self.deflate.then(DeflateOptions::default),
            ..Options::default()
        }
    }
}

/// What is done to the server.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Load {
    /// Connections
    #[arg(long, short, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,

    /// Messages on their way on each connection
    #[arg(long, short, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: u32,

    /// Payload of a message
    #[arg(long, short, value_name = "BYTES", default_value = "125", value_parser = units::bytes)]
    size: usize,

    /// What is said by Socket.IO, and what is waited for
    #[arg(long, value_enum, default_value_t, requires = "socketio", conflicts_with = "engineio")]
    exchange: Exchange,

    /// Text messages
    #[arg(long, conflicts_with = "binary")]
    text: bool,

    /// Binary messages, as without either
    #[arg(long)]
    binary: bool,

    /// How long
    #[arg(long, short, value_name = "TIME", default_value = "10s", value_parser = units::interval)]
    duration: Duration,
}

/// What has come of it so far: all connections count into one.
#[derive(Default)]
pub(crate) struct Tally {
    messages: AtomicU64,
    latency: Histogram,
    failures: AtomicU64,
    /// Why the first connection failed that did.
    why: Mutex<Option<String>>,
}

impl Tally {
    fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// Why the first connection failed that did.
    fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// One message came back.
    fn count(&self, latency: Duration) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.latency.record(latency);
    }

    /// One connection failed.
    fn fail(&self, why: String) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.why.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(why);
    }
}
