//! WebSocket on tokio: the servers and clients of `sansocket-app`, with the runtime filled in.

use sansocket_app::websocket;
pub use sansocket_app::websocket::{
    AcceptError, Answer, Asked, AskedFor, ConnectError, Handle, Incoming, welcome,
};

use crate::runtime::{AsyncRead, AsyncWrite, Executor};
use crate::{Over, Transport};

/// A WebSocket connection, by default over TCP or TLS: receive with [`next`](crate::Connection::next), send with
/// [`send`](crate::Connection::send), end with [`close`](crate::Connection::close). Whatever else the protocol knows
/// (pings, messages in pieces, counters) is in [`machine_mut`](crate::Connection::machine_mut).
pub type WebSocket<I = Transport> = websocket::WebSocket<Executor, I>;

/// A WebSocket server over TCP, or TLS: see [`Server`](websocket::Server).
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use sansocket_tokio::Server;
///
/// let server = Server::bind("127.0.0.1:9001").await?;
/// server.serve(async |mut websocket, _request| {
///     while let Some(message) = websocket.next().await {
///         if websocket.send(message).await.is_err() {
///             break;
///         }
///     }
/// });
/// # Ok(()) }
/// ```
pub type Server = websocket::Server<Executor>;

/// Accepts WebSockets on streams of your own, as an [`Io`](sansocket_driver::Io) such as [`Over`]: see
/// [`Acceptor`](websocket::Acceptor).
pub type Acceptor = websocket::Acceptor<Executor>;

/// Connects with options, subprotocols, headers of your own: see [`Connector`](websocket::Connector).
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
pub type Connector = websocket::Connector<Executor>;

/// Connects to `ws://…`, or with the feature `tls` to `wss://…`, with default options.
///
/// # Errors
/// [`ConnectError`].
pub async fn connect(uri: &str) -> Result<WebSocket, ConnectError> {
    let (websocket, _) = Connector::default().connect(uri).await?;
    Ok(websocket)
}

/// Accepts one WebSocket over any stream, with the default options of an [`Acceptor`]; whatever it asks for.
///
/// # Errors
/// [`AcceptError`]; whoever asked was told.
pub async fn accept<S>(stream: S) -> Result<WebSocket<Over<S>>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (websocket, _) = Acceptor::default().accept(Over(stream), welcome).await?;
    Ok(websocket)
}
