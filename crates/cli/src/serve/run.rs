//! The server itself, on any runtime.

use std::future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use sansocket_app::engineio::{Refusal, Server};
use sansocket_app::socketio::Io;
use sansocket_app::websocket::{Answer, Asked, AskedFor, WebSocket};
use sansocket_core::Request;
use sansocket_driver::{Network, Runtime as _, Signal, Task};
use sansocket_engineio::server::ServerOptions as SessionOptions;
use sansocket_socketio::server::ServerOptions as SocketOptions;
use sansocket_websocket::handshake::server::{Origins, ServerOptions};

use crate::application::site::{self, Site};
use crate::application::{echo, lounge, playground};
use crate::exit::Failure;
use crate::runtime::{Identity, Runtime};

/// How long connections may take to say goodbye: within the 2 s that a program that is to end should need.
const GOODBYE: Duration = Duration::from_millis(1500);

/// Where sessions of Engine.IO are for Socket.IO.
pub(super) const SOCKET_IO: &str = "/socket.io/";

/// How to serve.
pub(super) struct Settings {
    pub(super) websockets: Arc<ServerOptions>,
    pub(super) sessions: SessionOptions,
    pub(super) sockets: SocketOptions,
    pub(super) site: Site,
    /// Over TLS, with this.
    pub(super) identity: Option<Identity>,
}

/// Echoes whatever comes in at `listener`, until `stop`. Once all is prepared it calls `ready`.
pub(super) async fn serve<R: Runtime>(
    listener: TcpListener,
    settings: Settings,
    stop: Signal,
    ready: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let server = Server::<R::Network>::from_std(listener)
        .map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
    let origins = settings.websockets.origins.clone();
    let mut server = server
        .options(settings.sessions)
        .websocket(settings.websockets)
        .allow(move |asked| future::ready(admit(&origins, &asked)))
        .beside(move |asked| future::ready(decide(&settings.site, &asked)), handle::<R::Network>)
        .executor(R::network())
        .shutdown_timeout(GOODBYE);
    if let Some(identity) = settings.identity {
        server = server.tls(R::server_tls(&identity)?);
    }
    let shutdown = server.shutdown();
    let stopped = async move {
        stop.wait().await;
        shutdown.raise();
    };
    R::network().spawn(stopped).let_go();
    ready()?;
    let io = Io::on(R::network(), settings.sockets);
    playground::open(&io)
        .and_then(|()| io.add("/lounge", lounge::namespace()))
        .map_err(|error| Failure::new(error.to_string()))?;
    let (above, stop) = (io.clone(), server.shutdown());
    let serving = server.serve(move |session, request| {
        let io = above.clone();
        async move {
            if request.path().starts_with(SOCKET_IO) {
                io.carry(session, request).await;
            } else {
                echo::echo_session(session, request).await;
            }
        }
    });
    io.serve_until(stop, serving).await;
    io.leave(GOODBYE).await;
    Ok(())
}

/// Who may begin a session.
fn admit(origins: &Origins, asked: &Asked) -> Result<(), Refusal> {
    origins.check(&asked.request).map_err(|_| "this origin is not let in".into())
}

fn decide(site: &Site, asked: &Asked) -> Answer {
    let answer = match asked.kind {
        AskedFor::WebSocket => site::websocket(&asked.request),
        AskedFor::Page => Err(site.page(&asked.request)),
    };
    answer.map_or_else(Answer::Respond, Answer::Accept)
}

async fn handle<N: Network>(mut websocket: WebSocket<N, N::Stream>, _request: Box<Request>) {
    echo::echo(&mut websocket).await;
}
