//! What the commands ask of a runtime, and the two that answer.

mod adapters;

use std::fmt;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use sansocket_driver::Network;

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

/// What the commands ask of a runtime, beside its [`Network`].
pub(crate) trait Runtime: 'static {
    /// Its tasks, time and sockets.
    type Network: Network;

    /// Runs `future` to its end, and what is spawned on the [network](Runtime::network) meanwhile on `threads` threads.
    fn block_on<T>(threads: NonZeroUsize, future: impl Future<Output = T>) -> Result<T, Failure>;

    /// Where all tasks run.
    fn network() -> Self::Network;

    /// Trusts these certificates, in PEM.
    fn client_tls(trusted: &[u8]) -> Result<<Self::Network as Network>::ClientTls, Failure>;

    /// Is who `identity` says.
    fn server_tls(identity: &Identity) -> Result<<Self::Network as Network>::ServerTls, Failure>;
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

/// The certificates to trust cannot be read.
fn distrusted(error: &impl fmt::Display) -> Failure {
    Failure::usage(format!("--ca: {error}"))
        .advise("give a file of certificates in PEM: -----BEGIN CERTIFICATE-----")
}

/// As many threads as the machine runs at once.
pub(crate) fn all_threads() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
