//! A connection that speaks HTTP: what its requests are for.

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Headers, Instant, Request, Response, Version};
use sansocket_engineio::server::{ConnectionId, ExchangeId, Purpose, Server};
use sansocket_http1::server::AnswerError;
use sansocket_http1::{Framing, ServerConnection, ServerEvent};
use sansocket_websocket::handshake::server::{Choice, Refusal, Upgrade, check};
use sansocket_websocket::{self as websocket, WebSocket};

use super::body::{Body, Stage};
use super::event::{AcceptError, Question};
use super::options::Options;

/// A connection that speaks HTTP.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) connection: ServerConnection,
    pub(super) options: Arc<Options>,
    /// The request that was not answered yet.
    asked: Option<Asked>,
}

/// A request until it is answered.
#[derive(Debug)]
struct Asked {
    whose: Whose,
    /// It asks, rightly, for a WebSocket.
    upgrade: Option<Upgrade>,
    body: Body,
    /// What every answer to it says.
    headers: Headers,
}

/// Who answers a request.
#[derive(Debug)]
enum Whose {
    /// The hub, if it is admitted.
    Applicant,
    /// The hub.
    Hub(ExchangeId),
    /// The caller, who gets it when its body is whole.
    Callers(Box<Request>),
    /// The caller, who has it.
    Caller,
}

/// What a connection became.
pub(super) struct Switched {
    pub(super) websocket: WebSocket,
    /// The hub's name for it, if it carries a session.
    pub(super) carries: Option<ConnectionId>,
}

impl Http {
    pub(super) fn new(options: Arc<Options>, now: Instant) -> Http {
        Http { connection: ServerConnection::new(options.http.clone(), now), options, asked: None }
    }

    pub(super) fn handle_event(
        &mut self,
        event: ServerEvent<'_>,
        hub: &mut Server,
        now: Instant,
    ) -> Option<Question> {
        match event {
            ServerEvent::Head { request, framing } => return self.begin(request, framing, hub, now),
            ServerEvent::Body(piece) => {
                if let Some(asked) = &mut self.asked {
                    asked.body.add(piece);
                }
            }
            ServerEvent::End => {
                if let Some(asked) = &mut self.asked {
                    asked.body.end();
                }
            }
            ServerEvent::Aborted => return self.abort(hub).then_some(Question::Gone),
            // Bodies come in pieces only; and what was asked before the end was answered, or aborted.
            ServerEvent::Request(_) | ServerEvent::Closed(_) => {}
        }
        self.deliver(hub, now)
    }

    /// A head has come: what is it for?
    fn begin(
        &mut self,
        request: Box<Request>,
        framing: Framing,
        hub: &Server,
        now: Instant,
    ) -> Option<Question> {
        let checked = check(&request).and_then(|upgrade| {
            self.options.origins.check(&request)?;
            Ok(upgrade)
        });
        let upgrade = match checked {
            Ok(upgrade) => Some(upgrade),
            Err(Refusal::NotUpgrade) => None,
            Err(refusal) => {
                // Refusals of ours can be written.
                let _ = self.connection.respond(&refusal.response(Version::Http11), now);
                return None;
            }
        };
        let mut body = Body::new(self.options.max_body);
        if let Framing::Length(length) = framing {
            body.expect(length);
        }
        let is_hubs = hub.options().serves(request.path());
        let (whose, question) = if is_hubs {
            (Whose::Applicant, Some(Question::Engine(request)))
        } else {
            (Whose::Callers(request), None)
        };
        self.asked = Some(Asked { whose, upgrade, body, headers: Headers::new() });
        question
    }

    /// Hands over the body of the request, if there is anybody to take it and something to be said of it.
    fn deliver(&mut self, hub: &mut Server, now: Instant) -> Option<Question> {
        let asked = self.asked.as_mut()?;
        match (&asked.whose, asked.body.stage) {
            (_, Stage::Coming) | (Whose::Applicant | Whose::Caller, _) => {}
            (Whose::Hub(exchange), Stage::Whole) => hub.handle_body(*exchange, asked.body.take()),
            (Whose::Hub(exchange), Stage::TooLarge) => hub.handle_too_large(*exchange),
            // A status alone can be written.
            (Whose::Callers(_), Stage::TooLarge) => _ = self.respond(Response::new(413), now),
            (Whose::Callers(_), Stage::Whole) => {
                let Whose::Callers(mut request) = core::mem::replace(&mut asked.whose, Whose::Caller) else {
                    return None;
                };
                request.body = asked.body.take();
                return Some(Question::Other(request));
            }
        }
        None
    }

    /// The client has left; was it the caller who had to answer?
    pub(super) fn abort(&mut self, hub: &mut Server) -> bool {
        let Some(asked) = self.asked.take() else { return false };
        match asked.whose {
            Whose::Applicant | Whose::Caller => return true,
            Whose::Hub(exchange) => hub.handle_abort(exchange),
            Whose::Callers(_) => {}
        }
        false
    }

    pub(super) fn purpose(&self) -> Purpose {
        if self.upgrade().is_some() { Purpose::WebSocket } else { Purpose::Exchange }
    }

    pub(super) fn upgrade(&self) -> Option<&Upgrade> {
        self.asked.as_ref()?.upgrade.as_ref()
    }

    pub(super) fn exchange(&self) -> Option<ExchangeId> {
        match self.asked.as_ref()?.whose {
            Whose::Hub(exchange) => Some(exchange),
            _ => None,
        }
    }
}

/// Answers.
impl Http {
    /// The hub shall answer this; `headers` stand in all that it says.
    pub(super) fn admit(
        &mut self,
        request: Request,
        headers: Headers,
        hub: &mut Server,
        now: Instant,
    ) -> Option<Switched> {
        let asked = self.asked.as_mut().filter(|asked| matches!(asked.whose, Whose::Applicant))?;
        if asked.upgrade.is_some() {
            return match hub.handle_upgrade(request, now) {
                Ok(connection) => self.carry(connection, headers, hub, now),
                Err(response) => {
                    asked.headers = headers;
                    _ = self.respond(response, now);
                    None
                }
            };
        }
        (asked.whose, asked.headers) = (Whose::Hub(hub.handle_head(request, now)), headers);
        // All of it may have come while somebody thought about whether to let it in.
        self.deliver(hub, now);
        None
    }

    /// It becomes the WebSocket that the hub knows as `connection`.
    fn carry(
        &mut self,
        connection: ConnectionId,
        headers: Headers,
        hub: &mut Server,
        now: Instant,
    ) -> Option<Switched> {
        let options = self.options.sessions.clone();
        match self.switch(&Choice { protocol: None, headers }, options, now) {
            Ok(websocket) => Some(Switched { websocket, carries: Some(connection) }),
            Err(_) => {
                hub.handle_close(connection, sansocket_engineio::Reason::TransportError);
                _ = self.respond(Response::new(500), now);
                None
            }
        }
    }

    /// It becomes a WebSocket.
    pub(super) fn switch(
        &mut self,
        choice: &Choice,
        options: Arc<websocket::Options>,
        now: Instant,
    ) -> Result<WebSocket, AcceptError> {
        let accepted = self.upgrade().ok_or(AcceptError::NotUpgrade)?.accept(choice, &options)?;
        self.connection.switch(&accepted.response, now)?;
        self.asked = None;
        // What it leaves is asked for once it has switched.
        let idle = ServerConnection::new(self.options.http.clone(), now);
        let connection = core::mem::replace(&mut self.connection, idle);
        let parts = connection.into_parts().map_err(|_| AcceptError::NotUpgrade)?;
        let mut websocket =
            WebSocket::server(options, accepted.agreed.extensions, now).with_output(parts.out);
        if parts.has_ended {
            sansocket_core::Machine::handle_eof(&mut websocket, now);
        }
        Ok(websocket)
    }

    /// Answers the request; with 500 if it cannot be answered with that.
    pub(super) fn respond(&mut self, mut response: Response, now: Instant) -> Result<(), AnswerError> {
        let Some(asked) = &self.asked else { return Err(AnswerError::NotAsked) };
        response.headers.add_all(&asked.headers);
        self.asked = None;
        let answered = self.connection.respond(&response, now);
        if answered.is_err() {
            self.connection.respond(&Response::new(500), now)?;
        }
        answered
    }
}
