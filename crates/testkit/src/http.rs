//! HTTP/1.1 connections to talk with.

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Request, Response};
use sansocket_http1::client::{ClientClosed, RequestError};
use sansocket_http1::server::{AnswerError, ServerClosed};
use sansocket_http1::{
    ClientConnection, ClientEvent, ClientOptions, Framing, ServerConnection, ServerEvent, ServerOptions,
};

use crate::{Clock, Side, Subject};

/// What a server heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A request with its body.
    Whole(Request),
    /// A request whose body follows.
    Head(Request, Framing),
    /// A piece of a body.
    Body(Vec<u8>),
    /// The body is complete.
    End,
    /// Nobody waits for the answer.
    Aborted,
    /// It has ended.
    Closed(ServerClosed),
}

impl Subject for ServerConnection {
    type Heard = Asked;

    fn heard(event: ServerEvent<'_>) -> Asked {
        match event {
            ServerEvent::Request(request) => Asked::Whole(*request),
            ServerEvent::Head { request, framing } => Asked::Head(*request, framing),
            ServerEvent::Body(bytes) => Asked::Body(bytes.to_vec()),
            ServerEvent::End => Asked::End,
            ServerEvent::Aborted => Asked::Aborted,
            ServerEvent::Closed(why) => Asked::Closed(why),
        }
    }

    fn is_last(heard: &Asked) -> bool {
        matches!(heard, Asked::Closed(_))
    }
}

/// What a client heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// An answer with its body.
    Whole(Response),
    /// An answer whose body follows.
    Head(Response, Framing),
    /// A piece of a body.
    Body(Vec<u8>),
    /// The body is complete.
    End,
    /// It goes on in another protocol.
    Switched(Response),
    /// It has ended.
    Closed(ClientClosed),
}

impl Subject for ClientConnection {
    type Heard = Answered;

    fn heard(event: ClientEvent<'_>) -> Answered {
        match event {
            ClientEvent::Response(response) => Answered::Whole(*response),
            ClientEvent::Head { response, framing } => Answered::Head(*response, framing),
            ClientEvent::Body(bytes) => Answered::Body(bytes.to_vec()),
            ClientEvent::End => Answered::End,
            ClientEvent::Switched(response) => Answered::Switched(*response),
            ClientEvent::Closed(why) => Answered::Closed(why),
        }
    }

    fn is_last(heard: &Answered) -> bool {
        matches!(heard, Answered::Switched(_) | Answered::Closed(_))
    }
}

/// One connection, whose peer says what the test says.
///
/// ```
/// # use sansocket_core::Response;
/// let mut talk = sansocket_testkit::http::Talk::server(Default::default());
/// talk.say("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
/// assert_eq!(talk.request().target, "/a");
/// talk.respond(&Response::new(204)).unwrap();
/// assert_eq!(talk.answers(), "HTTP/1.1 204 No Content\r\n\r\n");
/// ```
#[derive(Debug)]
pub struct Talk<M: Subject> {
    /// The connection.
    pub side: Side<M>,
    /// Its time.
    pub clock: Clock,
}

impl<M: Subject> Talk<M> {
    /// A conversation with `machine`, which was made at this `clock`.
    pub fn with(machine: M, clock: Clock) -> Talk<M> {
        let mut side = Side::new(machine);
        side.listen(clock.now());
        Talk { side, clock }
    }

    /// The peer says `bytes`, in one read.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Talk<M> {
        self.side.read(bytes.as_ref(), self.clock.now());
        self
    }

    /// The peer says nothing more.
    pub fn hang_up(&mut self) -> &mut Talk<M> {
        self.side.machine.handle_eof(self.clock.now());
        self.rest()
    }

    /// Time passes, at once.
    pub fn wait(&mut self, time: Duration) -> &mut Talk<M> {
        self.clock.advance(time);
        self.side.machine.handle_timeout(self.clock.now());
        self.rest()
    }

    /// Nothing more happens for now.
    fn rest(&mut self) -> &mut Talk<M> {
        self.side.listen(self.clock.now());
        self.side.input.release(&mut self.side.pool);
        self
    }

    /// What was heard since this was last asked.
    pub fn heard(&mut self) -> Vec<M::Heard> {
        self.side.heard()
    }

    /// The only thing that was heard since this was last asked.
    pub fn only(&mut self) -> M::Heard {
        let mut heard = self.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }

    /// What was written since this was last asked; bytes that are no UTF-8 are replaced.
    pub fn answers(&mut self) -> String {
        String::from_utf8_lossy(&self.side.write_all()).into_owned()
    }
}

impl Talk<ServerConnection> {
    /// With a server.
    pub fn server(options: ServerOptions) -> Talk<ServerConnection> {
        let clock = Clock::default();
        Talk::with(ServerConnection::new(Arc::new(options), clock.now()), clock)
    }

    /// The one request that was heard, and nothing else.
    pub fn request(&mut self) -> Request {
        match self.only() {
            Asked::Whole(request) | Asked::Head(request, _) => request,
            other => panic!("{other:?}"),
        }
    }

    /// Answers the request in progress, and listens on.
    ///
    /// # Errors
    /// What the connection says.
    pub fn respond(&mut self, response: &Response) -> Result<(), AnswerError> {
        self.side.machine.respond(response, self.clock.now())?;
        self.side.listen(self.clock.now());
        Ok(())
    }
}

impl Talk<ClientConnection> {
    /// With a client.
    pub fn client(options: ClientOptions) -> Talk<ClientConnection> {
        let clock = Clock::default();
        Talk::with(ClientConnection::new(Arc::new(options), clock.now()), clock)
    }

    /// The client asks; answers what it wrote for that.
    ///
    /// # Errors
    /// What the connection says.
    pub fn ask(&mut self, request: &Request) -> Result<String, RequestError> {
        self.side.machine.send(request, self.clock.now())?;
        Ok(self.answers())
    }

    /// The one answer that was heard, and nothing else.
    pub fn response(&mut self) -> Response {
        match self.only() {
            Answered::Whole(response) => response,
            other => panic!("{other:?}"),
        }
    }
}

/// A `GET` of `target` as HTTP/1.1 wants it, from a host.
pub fn get(target: &str) -> Request {
    Request { headers: [("Host", "h")].into(), ..Request::get(target) }
}
