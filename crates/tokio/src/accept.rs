//! A server's side of one connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use sansocket_core::{Request, Response};
use sansocket_driver::{Connection, Io, unless};
use sansocket_websocket::handshake::server::{
    AnswerError, Choice, Refusal, ServerError, ServerEvent, ServerHandshake, ServerOptions,
};

use crate::runtime::{AsyncRead, AsyncWrite};
use crate::{Clock, Over, WebSocket};

/// Accepts one WebSocket over any stream, with the [default options](ServerOptions); whatever it asks for.
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

/// Accepts WebSockets. Clones share their options.
#[derive(Clone, Debug, Default)]
pub struct Acceptor {
    options: Arc<ServerOptions>,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// The head of the request: path, headers.
    pub request: Request,
    /// Does it ask for a WebSocket? Only then it can be accepted.
    pub kind: AskedFor,
    /// The subprotocols offered, the one liked best first.
    pub protocols: Vec<String>,
    /// Where it came from, if the stream knows.
    pub peer: Option<SocketAddr>,
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

impl Acceptor {
    /// With these options.
    pub fn new(options: impl Into<Arc<ServerOptions>>) -> Acceptor {
        Acceptor { options: options.into() }
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
    ) -> Result<(WebSocket<I>, Request), AcceptError> {
        let clock = Clock::new();
        let now = sansocket_driver::Clock::now(&clock);
        let mut connection = Connection::new(ServerHandshake::new(self.options.clone(), now), io, clock);
        let (asked, request) = match connection.until(|event, _| Some(event)).await {
            Some(ServerEvent::Upgrade(request)) => (AskedFor::WebSocket, *request),
            Some(ServerEvent::Plain(request)) => (AskedFor::Page, *request),
            Some(ServerEvent::Failed(error)) => return Err(given_up(connection, error).await),
            None => return Err(given_up(connection, ServerError::Lost).await),
        };
        let protocols = connection.machine().protocols().to_vec();
        let asked = Asked { request: request.clone(), kind: asked, protocols, peer: None };

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

type Handshake<I> = Connection<ServerHandshake, I, Clock>;

async fn accepted<I: Io>(mut connection: Handshake<I>, choice: Choice) -> Result<WebSocket<I>, AcceptError> {
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

async fn responded<I: Io>(mut connection: Handshake<I>, response: Response) -> AcceptError {
    let (now, status) = (connection.now(), response.status);
    if let Err(error) = connection.machine_mut().respond(response, now) {
        let _ = connection.machine_mut().respond(Response::new(500), now);
        connection.finish().await;
        return error.into();
    }
    connection.finish().await;
    AcceptError::Responded(status)
}

async fn given_up<I: Io>(mut connection: Handshake<I>, why: ServerError) -> AcceptError {
    connection.finish().await;
    match connection.take_error() {
        Some(error) => error.into(),
        None => why.into(),
    }
}
