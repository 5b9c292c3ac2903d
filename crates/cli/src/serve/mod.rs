//! `sansocket serve`: echo servers, an application of Socket.IO, and pages to try them with.

mod address;
mod run;
mod sessions;
mod sockets;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::{Origins, ServerOptions};
use sansocket_websocket::{Keepalive, Options};

use crate::exit::{Exit, Failure, output_failed};
use crate::runtime::{Identity, Runtime, RuntimeName, Smol, Tokio, all_threads};
use crate::{stop, units};
use run::Settings;
use sessions::Sessions;
use sockets::Sockets;

/// Serve an echo by WebSocket and by Engine.IO, an application of Socket.IO, and pages to try them with
///
/// Says every message back that comes on a WebSocket at /echo or /, or in a session of Engine.IO at /engine.io/; does
/// what events of Socket.IO ask for at /socket.io/; shows browsers a page to talk and draw on at /, which is the
/// namespace /lounge, and one for the WebSocket echo at /ws; and prints one line when it is ready. SIGTERM or Ctrl-C ends
/// every session, closes every WebSocket with 1001, and ends it within 2 s.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Serve {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1 and PORT, or 9001]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS")]
    listen: Option<String>,

    /// The port of 127.0.0.1 to listen on, if --listen does not say otherwise
    #[arg(long, env = "PORT")]
    port: Option<u16>,

    /// What runs it
    #[arg(long, value_enum, env = "RUNTIME", default_value_t)]
    runtime: RuntimeName,

    /// Threads that connections are spread over [default: one for each processor]
    #[arg(long, env = "THREADS", value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Whether permessage-deflate is agreed to
    #[arg(long, value_enum, env = "DEFLATE", default_value_t = Switch::Off)]
    deflate: Switch,

    /// The largest message, inflated or not, and the largest body of a poll; a larger message closes its connection
    /// with 1009, a larger body gets 413
    #[arg(long, env = "MAX_PAYLOAD", value_name = "BYTES", default_value = "4000000", value_parser = units::bytes)]
    max_message: usize,

    /// Ping a client from which nothing came for so long [default: never]
    #[arg(long, env = "WS_PING_INTERVAL", value_name = "TIME", value_parser = units::interval)]
    ws_ping_interval: Option<Duration>,

    /// How long it may then stay silent
    #[arg(long, env = "WS_PING_TIMEOUT", value_name = "TIME", default_value = "20s", value_parser = units::interval)]
    ws_ping_timeout: Duration,

    /// Let in only web pages of this origin, as in `https://example.org`, and let them read answers (CORS); may be given
    /// several times [default: all]
    #[arg(long, env = "ORIGIN", value_delimiter = ',')]
    origin: Vec<String>,

    #[command(flatten)]
    sessions: Sessions,

    #[command(flatten)]
    sockets: Sockets,

    /// Serve https:// and wss:// with this certificate chain and private key, both PEM
    #[arg(long, num_args = 2, value_names = ["CERT", "KEY"], conflicts_with = "tls_cert")]
    tls: Option<Vec<PathBuf>>,

    /// The certificate chain alone, as it comes from the environment
    #[arg(long, env = "TLS_CERT", value_name = "CERT", requires = "tls_key", hide = true)]
    tls_cert: Option<PathBuf>,

    /// The private key alone
    #[arg(long, env = "TLS_KEY", value_name = "KEY", requires = "tls_cert", hide = true)]
    tls_key: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  sansocket serve
  sansocket serve --listen 0.0.0.0:8080 --runtime smol --deflate on
  PORT=0 sansocket serve --max-message 16M --ws-ping-interval 20s

Every option has an environment variable of the same meaning; --tls has two, TLS_CERT and TLS_KEY.
Then open the address in a browser, or: sansocket connect ws://127.0.0.1:9001/echo
Or with Engine.IO: sansocket connect --engineio http://127.0.0.1:9001";

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Switch {
    Off,
    On,
}

impl Serve {
    /// Serves until a signal comes.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.runtime {
            RuntimeName::Tokio => self.run_on::<Tokio>(),
            RuntimeName::Smol => self.run_on::<Smol>(),
        }
    }

    fn run_on<R: Runtime>(self) -> Result<Exit, Failure> {
        let listener = address::bind(self.listen.as_deref(), self.port)?;
        let settings = Settings {
            websockets: self.websockets(),
            sessions: self.sessions.options(self.max_message, &self.origin),
            sockets: self.sockets.options(),
            site: self.sockets.site()?,
            identity: self.identity()?,
        };
        let scheme = if settings.identity.is_some() { "https" } else { "http" };
        let address =
            listener.local_addr().map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
        let stop = stop::on_signals()?;
        let ready = || self.announce(scheme, address);
        R::block_on(
            self.threads.unwrap_or_else(all_threads),
            run::serve::<R>(listener, settings, stop, ready),
        )??;
        Ok(Exit::Done)
    }

    /// One line, for people and for scripts that wait for it. The system queues who comes before we accept.
    fn announce(&self, scheme: &str, address: SocketAddr) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on {scheme}://{address} ({})", self.runtime)
            .and_then(|()| out.flush())
            .map_err(output_failed)
    }

    fn websockets(&self) -> Arc<ServerOptions> {
        let websocket = Options {
            max_message: Some(self.max_message),
            max_frame: Some(self.max_message),
            keepalive: self
                .ws_ping_interval
                .map(|interval| Keepalive { interval, timeout: self.ws_ping_timeout }),
            deflate: (self.deflate == Switch::On).then(DeflateOptions::default),
            ..Options::default()
        };
        let origins = if self.origin.is_empty() { Origins::Any } else { Origins::Only(self.origin.clone()) };
        Arc::new(ServerOptions { websocket: Arc::new(websocket), origins, ..ServerOptions::default() })
    }

    fn identity(&self) -> Result<Option<Identity>, Failure> {
        let (certificates, key) = match (self.tls.as_deref(), &self.tls_cert, &self.tls_key) {
            (Some([certificates, key]), ..) | (None, Some(certificates), Some(key)) => (certificates, key),
            _ => return Ok(None),
        };
        Ok(Some(Identity { certificates: pem(certificates)?, key: pem(key)? }))
    }
}

fn pem(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        Failure::new(format!("--tls: cannot read {}: {error}", file.display()))
            .advise("give two files in PEM: the certificate chain, and its private key")
    })
}
