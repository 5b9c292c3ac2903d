//! Whom to call, with which words, and what to do when there is no answer.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use sansocket_app::websocket::{ConnectError, Connector, WebSocket};
use sansocket_core::Response;
use sansocket_driver::Network;
use sansocket_websocket::handshake::InvalidUri;
use sansocket_websocket::handshake::client::{ClientError, ClientOptions, Connected, Offer, Opening};

use crate::exit::Failure;
use crate::runtime::Runtime;
use crate::terminal::Escaped;

/// Characters of a refusal's body that are shown: a line or two.
const EXCERPT: usize = 160;
/// The error number for too many open files (POSIX calls it EMFILE), for which there is no [`ErrorKind`].
const TOO_MANY_FILES: i32 = 24;

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) url: String,
    /// Subprotocols, the dearest first.
    pub(crate) protocols: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    /// Certificates in PEM that are trusted instead of those that browsers trust.
    pub(crate) trusted: Option<Vec<u8>>,
    pub(crate) options: Arc<ClientOptions>,
}

/// A connection that stands, and what the server agreed to.
pub(crate) type Call<N> = (WebSocket<N, <N as Network>::Stream>, Connected);

/// Certificates to trust, as they stand in a file.
pub(crate) fn certificates(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::new(format!("--ca: cannot read {}: {error}", file.display())))
}

impl Dial {
    /// Calls a server.
    pub(crate) async fn call<R: Runtime>(&self) -> Result<Call<R::Network>, Failure> {
        let mut connector = Connector::<R::Network>::default().options(self.options.clone());
        for protocol in &self.protocols {
            connector = connector.protocol(protocol);
        }
        for (name, value) in &self.headers {
            connector = connector.header(name, value.clone());
        }
        if let Some(certificates) = &self.trusted {
            connector = connector.tls(R::client_tls(certificates)?);
        }
        connector.connect(&self.url).await.map_err(|error| self.explain(error))
    }

    /// Can this be asked at all? Better to know before anybody is called.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let uri = self.url.parse().map_err(|error: InvalidUri| self.explain(error.into()))?;
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let offer = Offer { uri, protocols: self.protocols.clone(), headers };
        // Thrown away, so its nonce may be any.
        match Opening::new(&offer, [0; 16], &self.options.websocket) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.explain(error.into())),
        }
    }

    /// In words, and what to do next.
    fn explain(&self, why: ConnectError) -> Failure {
        let url = Escaped(&self.url);
        match why {
            ConnectError::Uri(error) => Failure::usage(format!("`{url}` is no WebSocket address: {error}"))
                .advise(self.right_address()),
            ConnectError::Offer(error) => Failure::usage(format!("this cannot be asked: {error}"))
                .advise("leave that --protocol or --header out, or write it differently"),
            ConnectError::Io(error) => unreachable(&self.url, &error),
            ConnectError::Handshake(ClientError::Refused(response)) => refused(&self.url, &response),
            ConnectError::Handshake(error @ (ClientError::Timeout | ClientError::Lost)) => Failure::new(
                format!("no connection to {url}: {error}"),
            )
            .advise("something listens there, but is it a WebSocket server, and ws:// rather than wss://?"),
            ConnectError::Handshake(error) => Failure::new(format!("no connection to {url}: {error}"))
                .advise("what listens there does not speak WebSocket as RFC 6455 has it"),
        }
    }

    fn right_address(&self) -> String {
        let rest = self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest);
        let rest = rest.split('#').next().unwrap_or_default();
        let scheme =
            if self.url.starts_with("https:") || self.url.starts_with("wss:") { "wss" } else { "ws" };
        match rest {
            "" => "write it as ws://127.0.0.1:9001/echo".to_owned(),
            rest => format!("write {scheme}://{}, or one like ws://127.0.0.1:9001/echo", Escaped(rest)),
        }
    }
}

/// There is no connection to `url`, because of this.
pub(crate) fn unreachable(url: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("no connection to {}: {error}", Escaped(url)));
    match error.kind() {
            ErrorKind::ConnectionRefused => {
                failure.advise("nobody listens there: start a server, for example with `sansocket serve`")
            }
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                failure.advise("is the address right, and does a firewall stand between?")
            }
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof if url.starts_with("wss:") || url.starts_with("https:") => failure.advise(
                "TLS failed: does the server speak TLS, and is its certificate trusted? --ca FILE trusts another",
            ),
            _ if error.raw_os_error() == Some(TOO_MANY_FILES) => {
                failure.advise("raise the limit of open files (`ulimit -n 65536`), or use fewer --connections")
            }
            _ => failure.advise("is the name right, and the network up?"),
        }
}

/// Somebody is at `url`, and answered with this.
pub(crate) fn refused(url: &str, response: &Response) -> Failure {
    let body = String::from_utf8_lossy(&response.body);
    let body: String = body.trim().chars().take(EXCERPT).collect();
    let said = if body.is_empty() { String::new() } else { format!(": {}", Escaped(&body)) };
    let status = response.status;
    let failure = Failure::new(format!("{} answered with status {status}{said}", Escaped(url)));
    match status {
        300..=399 => {
            let to = response.headers.get("location").unwrap_or(b"nowhere");
            failure.advise(format!("it points to {}: call that", Escaped(&String::from_utf8_lossy(to))))
        }
        401 | 403 => failure
            .advise("it wants to know who calls: --header 'Authorization: …', 'Cookie: …' or 'Origin: …'"),
        404 => failure.advise("is the path right? `sansocket serve` has /echo, /engine.io/ and /socket.io/"),
        500..=599 => failure.advise("the server has a problem of its own: try again later"),
        _ => failure.advise("this path takes no WebSockets, or not such as were asked for"),
    }
}
