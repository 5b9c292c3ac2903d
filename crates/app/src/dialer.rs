//! What every client needs, whatever it speaks: a way to its server, and chance.

use std::io;
use std::time::Duration;

use sansocket_driver::{Network, unless};
use sansocket_websocket::handshake::{Security, Uri};

/// How long TCP and TLS may take, unless a client says otherwise: what a person waits for.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes streams to a server.
#[derive(Clone, Debug)]
pub(crate) struct Dialer<N: Network> {
    /// Where tasks run.
    pub(crate) runtime: N,
    /// Whom to trust; those whom browsers trust by default.
    pub(crate) tls: Option<N::ClientTls>,
    /// How long TCP and TLS may take together.
    pub(crate) timeout: Duration,
}

impl<N: Network> Default for Dialer<N> {
    fn default() -> Dialer<N> {
        Dialer { runtime: N::default(), tls: None, timeout: DIAL_TIMEOUT }
    }
}

impl<N: Network> Dialer<N> {
    /// A stream that leads to `uri`.
    pub(crate) async fn dial(&self, uri: &Uri) -> io::Result<N::Stream> {
        let dialled = unless(self.runtime.sleep(self.timeout), async {
            let tcp = N::dial(uri.host(), uri.port()).await?;
            match uri.security() {
                Security::Plain => Ok(N::plain(tcp)),
                Security::Tls => N::secure_client(self.tls.as_ref(), uri.host(), tcp).await,
            }
        });
        dialled.await.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Bytes that nobody can foresee (RFC 6455 §4.1 (7), §10.3).
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
