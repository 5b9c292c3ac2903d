//! A server's side of one connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use sansocket_core::{Request, Response};
use sansocket_driver::{Clock, Connection, Io, Runtime, unless};
use sansocket_websocket::handshake::server::{
    AnswerError, Choice, Refusal, ServerError, ServerEvent, ServerHandshake, ServerOptions,
};

use super::WebSocket;

/// Accepts WebSockets on streams of your own, with the time of a runtime `R`. Clones share their options.
///
/// ```
/// # use sansocket_driver::{Io, Runtime};
/// use sansocket_app::websocket::{AcceptError, Acceptor, WebSocket, welcome};
///
/// # async fn example<R: Runtime, I: Io>(io: I) -> Result<WebSocket<R, I>, AcceptError> {
/// let acceptor = Acceptor::<R>::default();
/// let (websocket, request) = acceptor.accept(io, welcome).await?;
/// println!("somebody came for {}", request.path());
/// # Ok(websocket) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Acceptor<R> {
    options: Arc<ServerOptions>,
    runtime: R,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// The head of the request: path, headers, and where it came from.
    pub request: Request,
    /// Does it ask for a WebSocket? Only then it can be accepted.
    pub kind: AskedFor,
    /// The subprotocols offered, the one liked best first.
    pub protocols: Vec<String>,
}

/// What a request is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskedFor {
    /// A WebSocket.
    WebSocket,
    /// Something else: a page, or nothing that is here.
    Page,
}

/// What it gets.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A WebSocket.
    Accept(Choice),
    /// Anything else: a page, a redirection, a refusal.
    Respond(Response),
}

/// Why nothing came of it. Whoever asked was told, as far as he could be.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The transport broke.
    #[error("the transport broke during the handshake: {0}")]
    Io(#[from] io::Error),
    /// It was no right request, or came too late.
    #[error(transparent)]
    Handshake(#[from] ServerError),
    /// The answer was none that could be given; the client got 500.
    #[error("the answer cannot be given: {0}")]
    Answer(#[from] AnswerError),
    /// You responded with this status.
    #[error("answered with status {0} and no WebSocket")]
    Responded(u16),
}

impl Asked {
    /// The path asked for, without the query.
    pub fn path(&self) -> &str {
        self.request.path()
    }

    /// Of the subprotocols that both know, the one that the client likes best: for [`Choice::protocol`].
    pub fn prefer(&self, ours: &[&str]) -> Option<String> {
        self.protocols.iter().find(|offered| ours.contains(&offered.as_str())).cloned()
    }
}

impl From<Choice> for Answer {
    fn from(choice: Choice) -> Answer {
        Answer::Accept(choice)
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Answer {
        Answer::Respond(response)
    }
}

/// Accepts whoever asks for a WebSocket, and tells others that this is what there is.
pub async fn welcome(asked: Asked) -> Answer {
    match asked.kind {
        AskedFor::WebSocket => Choice::default().into(),
        AskedFor::Page => Refusal::NotUpgrade.response(asked.request.version).into(),
    }
}

impl<R: Runtime> Acceptor<R> {
    /// With these options.
    pub fn new(options: impl Into<Arc<ServerOptions>>) -> Acceptor<R> {
        Acceptor::on(R::default(), options)
    }

    /// With these options, and the time of this runtime.
    pub fn on(runtime: R, options: impl Into<Arc<ServerOptions>>) -> Acceptor<R> {
        Acceptor { options: options.into(), runtime }
    }

    /// Its options.
    pub fn options(&self) -> &ServerOptions {
        &self.options
    }

    /// Reads what is asked for, asks `decide`, and answers. If the client leaves meanwhile, or time is up, `decide` is
    /// dropped.
    ///
    /// # Errors
    /// [`AcceptError`]; whoever asked was told.
    pub async fn accept<I: Io, F: Future<Output = Answer>>(
        &self,
        io: I,
        decide: impl FnOnce(Asked) -> F,
    ) -> Result<(WebSocket<R, I>, Request), AcceptError> {
        self.accept_from(None, io, decide).await
    }

    /// [`accept`](Acceptor::accept), where it is known whose stream that is.
    pub(super) async fn accept_from<I: Io, F: Future<Output = Answer>>(
        &self,
        peer: Option<SocketAddr>,
        io: I,
        decide: impl FnOnce(Asked) -> F,
    ) -> Result<(WebSocket<R, I>, Request), AcceptError> {
        let clock = self.runtime.clock();
        let handshake = ServerHandshake::new(self.options.clone(), clock.now());
        let mut connection = Connection::new(handshake, io, clock);
        let (kind, mut request) = match connection.until(|event, _| Some(event)).await {
            Some(ServerEvent::Upgrade(request)) => (AskedFor::WebSocket, *request),
            Some(ServerEvent::Plain(request)) => (AskedFor::Page, *request),
            Some(ServerEvent::Failed(error)) => return Err(given_up(connection, error).await),
            None => return Err(given_up(connection, ServerError::Lost).await),
        };
        request.peer = peer;
        let protocols = connection.machine().protocols().to_vec();
        let asked = Asked { request: request.clone(), kind, protocols };

        let mut failed = ServerError::Lost;
        let leaves = async {
            if let Some(ServerEvent::Failed(error)) = connection.until(|event, _| Some(event)).await {
                failed = error;
            }
        };
        let Some(answer) = unless(leaves, decide(asked)).await else {
            return Err(given_up(connection, failed).await);
        };
        match answer {
            Answer::Accept(choice) => {
                accepted(connection, choice).await.map(|websocket| (websocket, request))
            }
            Answer::Respond(response) => Err(responded(connection, response).await),
        }
    }
}

type Handshake<I, C> = Connection<ServerHandshake, I, C>;

async fn accepted<I: Io, C: Clock>(
    mut connection: Handshake<I, C>,
    choice: Choice,
) -> Result<Connection<sansocket_websocket::WebSocket, I, C>, AcceptError> {
    if let Err(error) = connection.machine_mut().accept(&choice) {
        responded(connection, Response::new(500)).await;
        return Err(error.into());
    }
    let mut websocket = connection
        .try_map(ServerHandshake::into_websocket)
        .map_err(|_| AcceptError::Answer(AnswerError::NotAsked))?;
    // The client waits for it, and the handler may take its time. If it breaks, `next` says so.
    let _ = websocket.flush().await;
    Ok(websocket)
}

async fn responded<I: Io, C: Clock>(mut connection: Handshake<I, C>, response: Response) -> AcceptError {
    let (now, status) = (connection.now(), response.status);
    if let Err(error) = connection.machine_mut().respond(response, now) {
        let _ = connection.machine_mut().respond(Response::new(500), now);
        connection.finish().await;
        return error.into();
    }
    connection.finish().await;
    AcceptError::Responded(status)
}

async fn given_up<I: Io, C: Clock>(mut connection: Handshake<I, C>, why: ServerError) -> AcceptError {
    connection.finish().await;
    match connection.take_error() {
        Some(error) => error.into(),
        None => why.into(),
    }
}
