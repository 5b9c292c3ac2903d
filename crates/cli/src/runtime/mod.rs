//! What the commands ask of a runtime, and the two that answer.

mod adapters;

use std::fmt;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use sansocket_driver::{Clock, Connection, Io, Signal};
use sansocket_websocket::WebSocket;
use sansocket_websocket::handshake::client::Connected;
use sansocket_websocket::handshake::server::ServerOptions;

use crate::dial::Dial;
use crate::exit::Failure;

pub(crate) use adapters::{Smol, Tokio};

/// The runtimes by name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, clap::ValueEnum)]
pub(crate) enum RuntimeName {
    #[default]
    Tokio,
    Smol,
}

impl fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RuntimeName::Tokio => "tokio",
            RuntimeName::Smol => "smol",
        })
    }
}

/// What the commands ask of a runtime.
pub(crate) trait Runtime: 'static {
    type Io: Io + Send + 'static;
    type Clock: Clock + Send + 'static;

    /// Runs `future` to its end, and what is [spawned](Runtime::spawn) meanwhile on `threads` threads.
    fn block_on<T>(threads: NonZeroUsize, future: impl Future<Output = T>) -> Result<T, Failure>;

    /// Lets `future` run by itself.
    fn spawn(future: impl Future<Output = ()> + Send + 'static);

    /// Calls a server.
    fn connect(dial: &Dial) -> impl Future<Output = Result<Call<Self>, Failure>> + Send;

    /// Echoes whatever comes in at `listener`, until `stop`. Once all is prepared it calls `ready`.
    fn serve(
        listener: TcpListener,
        settings: Settings,
        stop: Signal,
        ready: impl FnOnce() -> Result<(), Failure>,
    ) -> impl Future<Output = Result<(), Failure>>;
}

/// A connection that stands, and what the server agreed to.
pub(crate) type Call<R> = (Connection<WebSocket, <R as Runtime>::Io, <R as Runtime>::Clock>, Connected);

/// How to serve.
pub(crate) struct Settings {
    pub(crate) options: Arc<ServerOptions>,
    /// Over TLS, with this.
    pub(crate) identity: Option<Identity>,
}

/// Who a server is, in PEM.
pub(crate) struct Identity {
    pub(crate) certificates: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Identity {
    /// It cannot be used.
    fn refused(&self, error: &impl fmt::Display) -> Failure {
        Failure::usage(format!("--tls: {error}")).advise(
            "give the certificate chain, the server's own first, and then its private key, both files in PEM",
        )
    }
}

/// As many threads as the machine runs at once.
pub(crate) fn all_threads() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
