//! A client's side.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::Headers;
use sansocket_driver::{Clock, Connection, Io, Network};
use sansocket_websocket::handshake::client::{
    ClientError, ClientEvent, ClientHandshake, ClientOptions, Connected, Offer, OfferError,
};
use sansocket_websocket::handshake::{InvalidUri, Uri};

use super::WebSocket;
use crate::dialer::{Dialer, random};

/// Connects with options, subprotocols, headers of your own. Make one, and use it as often as you like.
///
/// ```
/// # use sansocket_driver::Network;
/// # async fn example<N: Network>() -> Result<(), sansocket_app::websocket::ConnectError> {
/// use sansocket_app::websocket::Connector;
///
/// let connector = Connector::<N>::default().protocol("chat").header("Authorization", "Bearer xyz");
/// let (mut websocket, connected) = connector.connect("ws://127.0.0.1:9001/room/1").await?;
/// assert_eq!(connected.protocol.as_deref(), Some("chat"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Connector<N: Network> {
    options: Arc<ClientOptions>,
    protocols: Vec<String>,
    headers: Headers,
    dialer: Dialer<N>,
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
    /// The name was not found, nobody listens there, the certificate is not trusted, or the transport broke;
    /// `Unsupported` if it is `wss://` and this was built without TLS.
    #[error("cannot connect: {0}")]
    Io(#[from] io::Error),
    /// The server did not make it a WebSocket: a [refusal](ClientError::Refused) with status, headers and the start of
    /// the body, or an answer that makes no sense.
    #[error(transparent)]
    Handshake(#[from] ClientError),
}

impl<N: Network> Default for Connector<N> {
    fn default() -> Connector<N> {
        Connector {
            options: Arc::default(),
            protocols: Vec::new(),
            headers: Headers::new(),
            dialer: Dialer::default(),
        }
    }
}

impl<N: Network> Connector<N> {
    /// With these options for the handshake and the connection.
    pub fn options(self, options: impl Into<Arc<ClientOptions>>) -> Connector<N> {
        Connector { options: options.into(), ..self }
    }

    /// Offers one more subprotocol, after the others.
    pub fn protocol(mut self, protocol: impl Into<String>) -> Connector<N> {
        self.protocols.push(protocol.into());
        self
    }

    /// Sends one more header, such as `Authorization`, `Cookie` or `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Connector<N> {
        self.headers.add(name, value.into());
        self
    }

    /// How long TCP and TLS may take together; the handshake has [a time of its own](ClientOptions::timeout). 30 s by
    /// default.
    pub fn dial_timeout(self, timeout: Duration) -> Connector<N> {
        Connector { dialer: Dialer { timeout, ..self.dialer }, ..self }
    }

    /// Whom to trust at `wss://`; by default those whom browsers trust.
    pub fn tls(self, tls: N::ClientTls) -> Connector<N> {
        Connector { dialer: Dialer { tls: Some(tls), ..self.dialer }, ..self }
    }

    /// Connects, and tells what the server agreed to.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self, uri: &str) -> Result<(WebSocket<N, N::Stream>, Connected), ConnectError> {
        let uri: Uri = uri.parse()?;
        let stream = self.dialer.dial(&uri).await?;
        self.shake_hands(stream, uri).await
    }

    /// Connects over any stream that leads to the server already; `uri` says what to ask for there.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect_over<I: Io>(
        &self,
        io: I,
        uri: &str,
    ) -> Result<(WebSocket<N, I>, Connected), ConnectError> {
        self.shake_hands(io, uri.parse()?).await
    }

    async fn shake_hands<I: Io>(
        &self,
        io: I,
        uri: Uri,
    ) -> Result<(WebSocket<N, I>, Connected), ConnectError> {
        let offer = Offer { uri, protocols: self.protocols.clone(), headers: self.headers.clone() };
        let clock = self.dialer.runtime.clock();
        let handshake = ClientHandshake::new(&offer, random()?, self.options.clone(), clock.now())?;
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
