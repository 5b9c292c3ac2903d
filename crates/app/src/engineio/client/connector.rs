//! How a session begins.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sansocket_driver::{Clock, Network, Task};
use sansocket_engineio::client::Fault;
use sansocket_stack::client::{Client as Session, ClientOptions, Trouble};
use sansocket_websocket::handshake::InvalidUri;

use super::Client;
use super::desk::Desk;
use super::driver::Driver;
use crate::dialer::{Dialer, random};

/// Bytes of messages that wait for the user, unless he says otherwise: as many as may wait for the server.
const READ_AHEAD: usize = 64 << 10;

/// Begins sessions, with options and headers of your own. Make one, and use it as often as you like.
#[derive(Clone, Debug)]
pub struct Connector<N: Network> {
    options: ClientOptions,
    read_ahead: usize,
    dialer: Dialer<N>,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// That is no address of a server.
    #[error(transparent)]
    Uri(#[from] InvalidUri),
    /// The name was not found, nobody listens there, the certificate is not trusted, or the transport broke.
    #[error("cannot connect: {0}")]
    Io(#[from] io::Error),
    /// What a stream was used for came to nothing: the server refused, for example, with this response.
    #[error("{0}")]
    Stream(Box<Trouble>),
    /// The server did not open a session, or did not say so in time.
    #[error(transparent)]
    Session(#[from] Fault),
}

impl<N: Network> Default for Connector<N> {
    fn default() -> Connector<N> {
        Connector { options: ClientOptions::default(), read_ahead: READ_AHEAD, dialer: Dialer::default() }
    }
}

impl<N: Network> Connector<N> {
    /// With these options.
    pub fn options(self, options: ClientOptions) -> Connector<N> {
        Connector { options, ..self }
    }

    /// Sends one more header with each request, such as `Authorization`, `Cookie` or `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Connector<N> {
        self.options.session.headers.add(name, value.into());
        self
    }

    /// Whom to trust at `https://` and `wss://`; by default those whom browsers trust.
    pub fn tls(self, tls: N::ClientTls) -> Connector<N> {
        Connector { dialer: Dialer { tls: Some(tls), ..self.dialer }, ..self }
    }

    /// How long TCP and TLS may take together, each time. 30 s by default.
    pub fn dial_timeout(self, timeout: Duration) -> Connector<N> {
        Connector { dialer: Dialer { timeout, ..self.dialer }, ..self }
    }

    /// Bytes of messages that may wait before no more are read, any one message at least, and beside them as many that
    /// [`next`](Client::next) took in one go. 64 KiB by default.
    pub fn read_ahead(self, bytes: usize) -> Connector<N> {
        Connector { read_ahead: bytes, ..self }
    }

    /// Where the task of each session runs.
    pub fn executor(self, executor: impl Into<N>) -> Connector<N> {
        Connector { dialer: Dialer { runtime: executor.into(), ..self.dialer }, ..self }
    }

    /// Begins a session with the server at `url`, and waits until it is open. `http:` and `ws:` mean the same here, and
    /// so do `https:` and `wss:`: what a session begins with is said by
    /// [`transports`](sansocket_engineio::client::ClientOptions::transports). A path in the URL takes the place of
    /// [`path`](sansocket_engineio::client::ClientOptions::path), `/engine.io/`.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self, url: &str) -> Result<Client<N>, ConnectError> {
        let uri = url.parse()?;
        let runtime = &self.dialer.runtime;
        let clock = runtime.clock();
        let session = Session::new(&uri, self.options.clone(), random()?, clock.now());
        let desk = Arc::new(Desk::new(session, self.read_ahead));
        runtime.spawn(Driver::new(self.dialer.clone(), uri, clock, desk.clone())).let_go();
        let client = Client::new(desk);
        poll_fn(|cx| client.desk.poll_open(cx)).await;
        match failure(&client.desk) {
            Some(error) => Err(error),
            None => Ok(client),
        }
    }
}

/// Why the session did not open; `None` if it did.
fn failure(desk: &Desk) -> Option<ConnectError> {
    let mut state = desk.lock();
    if state.session.session().sid().is_some() {
        return None;
    }
    let (error, trouble) = (state.take_error(), state.session.trouble().cloned());
    Some(match (state.session.session().fault(), error, trouble) {
        (Some(Fault::Request | Fault::Socket | Fault::OpenTimeout), Some(error), _) => error.into(),
        (Some(Fault::Request | Fault::Socket | Fault::Status(_)), _, Some(trouble)) => {
            ConnectError::Stream(Box::new(trouble))
        }
        (Some(fault), ..) => fault.into(),
        // Nothing is wrong with the session: its task was cut off.
        (None, ..) => io::Error::from(io::ErrorKind::Interrupted).into(),
    })
}
