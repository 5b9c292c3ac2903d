//! A server's side, over bytes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use sansocket_core::{Input, Instant, Machine, Outbox, Request, Response, Transmit, Version};
use sansocket_http1::{EncodeError, HeadError, Limits, RequestReader, encode_response};

use super::refusal::explained;
use super::{Choice, ChoiceError, Origins, Refusal, Upgrade, check};
use crate::handshake::{Agreed, NotAgreed, Parts};
use crate::{Options, WebSocket};

/// What a server's handshake does, and how much it lets happen. Put it into an [`Arc`] once and give that to every
/// handshake.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// What the connection gets that the handshake leads to; its `deflate` is what may be agreed on.
    pub websocket: Arc<Options>,
    /// Limits of the request's head.
    pub head: Limits,
    /// How long all of it may take, from the first byte of TCP to your answer.
    pub timeout: Duration,
    /// Bytes behind the head that may come before your answer. RFC 6455 §4.1 has clients wait for it; what was sent
    /// in spite of that reaches the connection, up to this many bytes. More are answered with 400.
    pub early: usize,
    /// How long a refused peer may take to read the answer and to close.
    pub linger: Duration,
    /// Which web pages may connect. A plain request, which asks for no WebSocket, is not held to it.
    pub origins: Origins,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            websocket: Arc::default(),
            head: Limits::default(),
            timeout: Duration::from_secs(10),
            early: 64 << 10,
            linger: Duration::from_secs(10),
            origins: Origins::Any,
        }
    }
}

/// What a handshake meets. After one of these it waits for you, or has ended.
#[derive(Clone, PartialEq, Debug)]
pub enum ServerEvent {
    /// Somebody asks for a WebSocket, and asks rightly: [`accept`](ServerHandshake::accept) or
    /// [`respond`](ServerHandshake::respond).
    Upgrade(Box<Request>),
    /// Somebody asks for something else: [`respond`](ServerHandshake::respond), with a page or
    /// [what would be right](Refusal::response).
    Plain(Box<Request>),
    /// It came to nothing, and the answer, if one is due, is on its way. No event follows.
    Failed(ServerError),
}

/// Why a handshake came to nothing before it was yours to decide.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ServerError {
    /// The head is no right HTTP, or passes a limit.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// It is right HTTP, but no right request for a WebSocket.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request took longer than [`ServerOptions::timeout`].
    #[error("the request did not come in time")]
    Timeout,
    /// Your answer took longer than [`ServerOptions::timeout`].
    #[error("the request was not answered in time")]
    Unanswered,
    /// More than [`ServerOptions::early`] bytes came behind the request before your answer.
    #[error("the client did not wait for the answer before it sent more")]
    Early,
    /// The stream ended before the request did.
    #[error("the connection was lost before the request was complete")]
    Lost,
}

impl ServerError {
    /// What the peer is answered; `None` if it is gone.
    pub fn response(&self) -> Option<Response> {
        let status = match self {
            ServerError::Refused(refusal) => return Some(refusal.response(Version::Http11)),
            ServerError::Head(error) => error.status(),
            ServerError::Timeout => 408,
            ServerError::Unanswered => 503,
            ServerError::Early => 400,
            ServerError::Lost => return None,
        };
        Some(explained(Response::new(status), self, Version::Http11))
    }
}

/// Why an answer cannot be given: the application's fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AnswerError {
    /// There is no request, or none that was not answered already.
    #[error("there is no request that waits for an answer")]
    NotAsked,
    /// The request is [plain](ServerEvent::Plain): it cannot be accepted.
    #[error("the request does not ask for a WebSocket")]
    NotUpgrade,
    /// The choice cannot be.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The response cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// 1xx announces an answer but is none.
    #[error("{0} is not a final status")]
    Interim(u16),
}

/// A server's handshake over bytes: one request, one answer.
///
/// Drive it as every [`Machine`]. It answers wrong requests by itself; a right one it hands to you and waits
/// ([`accept`](ServerHandshake::accept), [`respond`](ServerHandshake::respond)), at most
/// [`ServerOptions::timeout`]. Once accepted, go on with [`into_websocket`](ServerHandshake::into_websocket) over
/// the same [`Input`], and let the connection write what the handshake left.
///
/// After any other answer the connection ends: bytes out, shutdown, and what still comes is thrown away until the
/// peer closes or [`ServerOptions::linger`] is over.
#[derive(Debug)]
pub struct ServerHandshake {
    options: Arc<ServerOptions>,
    state: State,
    out: Outbox,
    deadline: Option<Instant>,
    /// What the next poll has to say.
    failure: Option<ServerError>,
    reading: Reading,
}

#[derive(Debug)]
enum State {
    /// The head is being read.
    Head(RequestReader),
    /// A request waits for an answer.
    Asked(Box<Asked>),
    /// Accepted: time to become a connection.
    Accepted(Box<Agreed>),
    /// Answered otherwise, or given up.
    Over(Farewell),
}

#[derive(Debug)]
struct Asked {
    /// `None` if it is plain.
    upgrade: Option<Upgrade>,
    method: String,
}

/// What is left to do with the transport.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Farewell {
    /// Write, then say that nothing follows.
    Saying,
    /// Wait for the peer to close.
    Lingering,
    /// Nothing.
    Done,
}

/// What is known of the peer's bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Reading {
    /// Some may not have been looked at.
    Waiting,
    /// All were looked at.
    Dry,
    /// None come any more.
    Ended,
}

impl ServerHandshake {
    /// A handshake on a connection that has just been accepted.
    pub fn new(options: Arc<ServerOptions>, now: Instant) -> ServerHandshake {
        ServerHandshake {
            state: State::Head(RequestReader::new(options.head)),
            deadline: Some(now + options.timeout),
            options,
            out: Outbox::default(),
            failure: None,
            reading: Reading::Waiting,
        }
    }

    /// The subprotocols that the client offers, in the order it prefers them; empty unless an
    /// [upgrade](ServerEvent::Upgrade) waits for an answer.
    pub fn protocols(&self) -> &[String] {
        self.upgrade().map_or(&[], Upgrade::protocols)
    }

    /// Of the subprotocols that both know, the one that the client prefers: for [`Choice::protocol`].
    pub fn prefer(&self, ours: &[&str]) -> Option<String> {
        self.upgrade().and_then(|upgrade| upgrade.prefer(ours))
    }

    /// Accepts the [upgrade](ServerEvent::Upgrade). Call [`into_websocket`](ServerHandshake::into_websocket) next.
    ///
    /// # Errors
    /// [`AnswerError`]; the request still waits, if one did.
    pub fn accept(&mut self, choice: &Choice) -> Result<(), AnswerError> {
        let State::Asked(asked) = &self.state else { return Err(AnswerError::NotAsked) };
        let upgrade = asked.upgrade.as_ref().ok_or(AnswerError::NotUpgrade)?;
        let accepted = upgrade.accept(choice, &self.options.websocket)?;
        encode_response(&accepted.response, &asked.method, &mut self.out)?;
        self.state = State::Accepted(Box::new(accepted.agreed));
        self.deadline = None;
        Ok(())
    }

    /// Answers with anything but an acceptance: a refusal, a page. `Connection: close` and `Content-Length` are added.
    /// The connection ends with it.
    ///
    /// # Errors
    /// [`AnswerError`]; the request still waits, if one did.
    pub fn respond(&mut self, mut response: Response, now: Instant) -> Result<(), AnswerError> {
        let State::Asked(asked) = &self.state else { return Err(AnswerError::NotAsked) };
        if response.status < 200 {
            return Err(AnswerError::Interim(response.status));
        }
        // RFC 9110 §6.2: the version of an answer is that of the server.
        response.version = Version::Http11;
        if !response.headers.has_token("connection", "close") {
            response.headers.add("Connection", "close");
        }
        encode_response(&response, &asked.method, &mut self.out)?;
        self.end(now);
        Ok(())
    }

    /// Was the request accepted? Then call [`into_websocket`](ServerHandshake::into_websocket).
    pub fn is_accepted(&self) -> bool {
        matches!(self.state, State::Accepted(_))
    }

    /// The connection that the handshake led to. Its output begins with what the handshake left to be written; go on
    /// with the same [`Input`].
    ///
    /// # Errors
    /// [`NotAgreed`], if it was not accepted.
    pub fn into_websocket(self, now: Instant) -> Result<WebSocket, NotAgreed> {
        let (websocket, ended) = (self.options.websocket.clone(), self.reading == Reading::Ended);
        let Parts { out, agreed } = self.into_parts()?;
        let mut websocket = WebSocket::server(websocket, agreed.extensions, now).with_output(out);
        if ended {
            websocket.handle_eof(now);
        }
        Ok(websocket)
    }

    /// What [`into_websocket`](ServerHandshake::into_websocket) builds the connection from.
    ///
    /// # Errors
    /// [`NotAgreed`], if it was not accepted.
    pub fn into_parts(self) -> Result<Parts, NotAgreed> {
        match self.state {
            State::Accepted(agreed) => Ok(Parts { out: self.out, agreed: *agreed }),
            _ => Err(NotAgreed),
        }
    }

    fn upgrade(&self) -> Option<&Upgrade> {
        match &self.state {
            State::Asked(asked) => asked.upgrade.as_ref(),
            _ => None,
        }
    }

    fn look_at(&mut self, request: Request, now: Instant) -> ServerEvent {
        let checked = check(&request).and_then(|upgrade| {
            self.options.origins.check(&request)?;
            Ok(upgrade)
        });
        let (upgrade, event): (_, fn(Box<Request>) -> ServerEvent) = match checked {
            Ok(upgrade) => (Some(upgrade), ServerEvent::Upgrade),
            Err(Refusal::NotUpgrade) => (None, ServerEvent::Plain),
            Err(refusal) => return self.refuse(refusal.into(), &request.method, now),
        };
        self.state = State::Asked(Box::new(Asked { upgrade, method: request.method.clone() }));
        event(Box::new(request))
    }

    /// Answers with what `error` says, and ends.
    fn refuse(&mut self, error: ServerError, method: &str, now: Instant) -> ServerEvent {
        if let Some(response) = error.response() {
            // Responses of ours are right; should one not be, the connection ends without it.
            _ = encode_response(&response, method, &mut self.out);
        }
        self.end(now);
        ServerEvent::Failed(error)
    }

    /// Writes what is queued, then ends.
    fn end(&mut self, now: Instant) {
        self.state = State::Over(Farewell::Saying);
        self.deadline = Some(now + self.options.linger);
    }

    /// No use in waiting or writing.
    fn abandon(&mut self) {
        self.out.written(self.out.len());
        self.state = State::Over(Farewell::Done);
        self.deadline = None;
    }
}

impl Machine for ServerHandshake {
    type Event<'i> = ServerEvent;

    fn poll_event(&mut self, input: &mut Input, now: Instant) -> Option<ServerEvent> {
        if let Some(failure) = self.failure.take() {
            return Some(ServerEvent::Failed(failure));
        }
        let event = match &mut self.state {
            State::Head(reader) => match reader.read(input) {
                Ok(Some(request)) => Some(self.look_at(request, now)),
                Ok(None) if self.reading == Reading::Ended => Some(self.refuse(ServerError::Lost, "", now)),
                Ok(None) => None,
                Err(error) => Some(self.refuse(error.into(), "", now)),
            },
            // RFC 6455 §4.1: "the client MUST wait for a response from the server before sending any further data".
            State::Asked(asked) if input.raw_len() > self.options.early => {
                let method = core::mem::take(&mut asked.method);
                Some(self.refuse(ServerError::Early, &method, now))
            }
            State::Asked(_) | State::Accepted(_) => None,
            State::Over(_) => {
                input.skip(input.raw_len());
                None
            }
        };
        if self.reading != Reading::Ended {
            self.reading = if event.is_none() { Reading::Dry } else { Reading::Waiting };
        }
        event
    }

    fn wants_input(&self) -> bool {
        let matters = !matches!(self.state, State::Accepted(_) | State::Over(Farewell::Done));
        matters && self.reading == Reading::Dry
    }

    fn handle_eof(&mut self, _now: Instant) {
        // A request that lies in the input unread is still answered: a peer may end its side behind it.
        self.reading = Reading::Ended;
        if matches!(self.state, State::Over(Farewell::Lingering)) {
            self.abandon();
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        let error = match &self.state {
            State::Accepted(_) => return,
            State::Over(_) => return self.abandon(),
            State::Asked(_) => ServerError::Unanswered,
            // Browsers open connections ahead of need, and would take a 408 for the answer to what they ask next.
            State::Head(reader) if !reader.has_begun() => {
                self.failure = Some(ServerError::Timeout);
                return self.abandon();
            }
            State::Head(_) => ServerError::Timeout,
        };
        self.refuse(error.clone(), "", now);
        self.failure = Some(error);
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        if !self.out.is_empty() {
            return Some(Transmit::Bytes(&mut self.out));
        }
        if !matches!(self.state, State::Over(Farewell::Saying)) {
            return None;
        }
        self.state = State::Over(Farewell::Lingering);
        if self.reading == Reading::Ended {
            self.abandon();
        }
        Some(Transmit::Shutdown)
    }

    fn is_finished(&self) -> bool {
        matches!(self.state, State::Over(Farewell::Done)) && self.failure.is_none()
    }
}
