//! A client's side.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::Headers;
use sansocket_driver::{Connection, Io, unless};
use sansocket_websocket::handshake::client::{
    ClientError, ClientEvent, ClientHandshake, ClientOptions, Connected, Offer, OfferError,
};
use sansocket_websocket::handshake::{InvalidUri, Security, Uri};

use crate::runtime::{TcpStream, dial, sleep};
#[cfg(feature = "tls")]
use crate::tls::{ClientTls, TlsError};
use crate::{Clock, Transport, WebSocket};

/// How long TCP and TLS may take: what a person waits for.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Connects to `ws://…`, or with the feature `tls` to `wss://…`, with default options.
///
/// # Errors
/// [`ConnectError`].
pub async fn connect(uri: &str) -> Result<WebSocket, ConnectError> {
    let (websocket, _) = Connector::default().connect(uri).await?;
    Ok(websocket)
}

/// Connects with options, subprotocols, headers of your own. Make one, and use it as often as you like.
///
/// ```no_run
/// # async fn example() -> Result<(), sansocket_tokio::ConnectError> {
/// use sansocket_tokio::Connector;
///
/// let connector = Connector::default().protocol("chat").header("Authorization", "Bearer xyz");
/// let (mut websocket, connected) = connector.connect("ws://127.0.0.1:9001/room/1").await?;
/// assert_eq!(connected.protocol.as_deref(), Some("chat"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Connector {
    options: Arc<ClientOptions>,
    protocols: Vec<String>,
    headers: Headers,
    dial_timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<ClientTls>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// That is no address of a WebSocket.
    #[error(transparent)]
    Uri(#[from] InvalidUri),
    /// A subprotocol or a header that cannot be.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The name was not found, nobody listens there, the certificate is not trusted, or the transport broke.
    #[error("cannot connect: {0}")]
    Io(#[from] io::Error),
    /// The server did not make it a WebSocket: a [refusal](ClientError::Refused) with status, headers and the start of
    /// the body, or an answer that makes no sense.
    #[error(transparent)]
    Handshake(#[from] ClientError),
    /// Nobody can be trusted.
    #[cfg(feature = "tls")]
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// `wss://`, but this was built without TLS.
    #[error("wss:// needs the feature `tls`, which this was built without")]
    WithoutTls,
}

impl Default for Connector {
    fn default() -> Connector {
        Connector {
            options: Arc::default(),
            protocols: Vec::new(),
            headers: Headers::new(),
            dial_timeout: DIAL_TIMEOUT,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl Connector {
    /// With these options for the handshake and the connection.
    pub fn options(self, options: impl Into<Arc<ClientOptions>>) -> Connector {
        Connector { options: options.into(), ..self }
    }

    /// Offers one more subprotocol, after the others.
    pub fn protocol(mut self, protocol: impl Into<String>) -> Connector {
        self.protocols.push(protocol.into());
        self
    }

    /// Sends one more header, such as `Authorization`, `Cookie` or `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Connector {
        self.headers.add(name, value.into());
        self
    }

    /// How long TCP and TLS may take together; the handshake has [a time of its own](ClientOptions::timeout). 30 s by
    /// default.
    pub fn dial_timeout(self, timeout: Duration) -> Connector {
        Connector { dial_timeout: timeout, ..self }
    }

    /// Whom to trust at `wss://`; by default those whom browsers trust.
    #[cfg(feature = "tls")]
    pub fn tls(self, tls: ClientTls) -> Connector {
        Connector { tls: Some(tls), ..self }
    }

    /// Connects, and tells what the server agreed to.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self, uri: &str) -> Result<(WebSocket, Connected), ConnectError> {
        let uri: Uri = uri.parse()?;
        let dialled = unless(sleep(self.dial_timeout), self.dial(&uri)).await;
        let transport = dialled.unwrap_or_else(|| Err(io::Error::from(io::ErrorKind::TimedOut).into()))?;
        self.shake_hands(transport, uri).await
    }

    /// Connects over any stream that leads to the server already; `uri` says what to ask for there.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect_over<I: Io>(
        &self,
        io: I,
        uri: &str,
    ) -> Result<(WebSocket<I>, Connected), ConnectError> {
        self.shake_hands(io, uri.parse()?).await
    }

    async fn dial(&self, uri: &Uri) -> Result<Transport, ConnectError> {
        let tcp = dial(uri.host(), uri.port()).await?;
        match uri.security() {
            Security::Plain => Ok(tcp.into()),
            Security::Tls => self.secure(uri.host(), tcp).await,
        }
    }

    #[cfg(feature = "tls")]
    async fn secure(&self, host: &str, tcp: TcpStream) -> Result<Transport, ConnectError> {
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            None => ClientTls::web_roots()?,
        };
        Ok(tls.connect(host, tcp).await?)
    }

    #[cfg(not(feature = "tls"))]
    async fn secure(&self, _host: &str, _tcp: TcpStream) -> Result<Transport, ConnectError> {
        Err(ConnectError::WithoutTls)
    }

    async fn shake_hands<I: Io>(&self, io: I, uri: Uri) -> Result<(WebSocket<I>, Connected), ConnectError> {
        let offer = Offer { uri, protocols: self.protocols.clone(), headers: self.headers.clone() };
        let clock = Clock::new();
        let now = sansocket_driver::Clock::now(&clock);
        let handshake = ClientHandshake::new(&offer, random()?, self.options.clone(), now)?;
        let mut connection = Connection::new(handshake, io, clock);
        let failed = match connection.until(|event, _| Some(event)).await {
            Some(ClientEvent::Connected(connected)) => {
                let seed = random()?;
                let websocket = connection.try_map(|handshake, now| handshake.into_websocket(seed, now));
                return Ok((websocket.map_err(|_| ClientError::Lost)?, *connected));
            }
            Some(ClientEvent::Failed(error)) => error,
            None => ClientError::Lost,
        };
        match connection.take_error() {
            Some(error) if failed == ClientError::Lost => Err(error.into()),
            _ => Err(failed.into()),
        }
    }
}

/// Bytes that nobody can foresee (RFC 6455 §4.1 (7), §10.3).
fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
