//! One connection, from its first byte to its last.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Data, Headers, Input, Instant, Machine, Pool, Request, Response, Transmit};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{Asks, ConnectionId, ExchangeId, Outgoing, Server};
use sansocket_http1::server::AnswerError;
use sansocket_websocket::handshake::NotAgreed;
use sansocket_websocket::handshake::server::{Choice, Upgrade};
use sansocket_websocket::{self as websocket, CloseCode, WebSocket};

use super::event::{AcceptError, Event, Question};
use super::http::{Http, Switched};
use super::options::Options;
use crate::reason::reason_of;

/// One connection of a server, from its first byte to its last: a [`Machine`] that speaks HTTP, and WebSocket if it is
/// asked for that.
///
/// It belongs to a hub, which is lent to it for a call: what the machine [tells](Machine::poll_event) goes to
/// [`handle_event`](Connection::handle_event), which passes on what is the hub's business and asks about the rest.
///
/// ```text
///              Question::Engine           admit()
///  HTTP ─────────────────────────▶ ┬ ───────────────▶ the hub answers: answer(), and on in HTTP
///   │                              │                  or it carries a session: transmit(), to its end
///   │          Question::Other     └ refuse()
///   └────────────────────────────▶ respond(), and on in HTTP
///                                  accept(), and into_websocket()
/// ```
///
/// Whatever the hub has for it is fetched by whoever drives it: the answer to its [`exchange`](Connection::exchange),
/// which [`Server::poll_response`] gives out, goes to [`answer`](Connection::answer); and when [`Server::poll_dirty`]
/// names what it [`carries`](Connection::carries), or something was written, call [`transmit`](Connection::transmit).
///
/// When it is dropped before it is [finished](Machine::is_finished), the hub has to be told:
/// [`leave`](Connection::leave).
#[derive(Debug)]
pub struct Connection {
    speaks: Speaks,
}

/// What is spoken.
#[derive(Debug)]
enum Speaks {
    /// In a box, which is gone when it is no longer spoken.
    Http(Box<Http>),
    WebSocket(Socket),
}

/// A connection that switched.
#[derive(Debug)]
struct Socket {
    websocket: WebSocket,
    /// The hub's name for it, if it carries a session and the hub wants to hear of it.
    carries: Option<ConnectionId>,
    appetite: Appetite,
}

/// Whether more messages are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Appetite {
    Hungry,
    /// The hub has enough: what comes is left unread.
    Sated,
    /// The stream has ended, which the hub has to hear of: what was read before goes to it, and is not much.
    Last,
}

/// Beginning and end.
impl Connection {
    /// A connection that has just been accepted (TLS and all).
    pub fn new(options: Arc<Options>, now: Instant) -> Connection {
        Connection { speaks: Speaks::Http(Box::new(Http::new(options, now))) }
    }

    /// Ends it in an orderly way, if it speaks HTTP: a request is still answered, and none follows. What carries a
    /// session ends with that ([`Server::close_all`]).
    pub fn close(&mut self, now: Instant) {
        if let Speaks::Http(http) = &mut self.speaks {
            http.connection.close(now);
        }
    }

    /// Nobody drives it any more: tells `hub` what that means. The second time nothing happens.
    pub fn leave(&mut self, hub: &mut Server) {
        match &mut self.speaks {
            Speaks::Http(http) => _ = http.abort(hub),
            Speaks::WebSocket(socket) => socket.leave(hub, Reason::ForcedClose),
        }
    }
}

/// What comes.
impl Connection {
    /// Passes on what happened. Answers a question if there is one, and looks at nothing more until it is answered; but
    /// go on asking for events, to hear whether who asked is still there.
    pub fn handle_event(&mut self, event: Event<'_>, hub: &mut Server, now: Instant) -> Option<Question> {
        match (&mut self.speaks, event) {
            (Speaks::Http(http), Event::Http(event)) => http.handle_event(event, hub, now),
            (Speaks::WebSocket(socket), Event::WebSocket(event)) => {
                socket.handle_event(event, hub, now);
                None
            }
            // An event is handed in before the next is asked for, or means nothing any more.
            _ => None,
        }
    }

    /// What does this request, which was just asked about, want from the hub: a new session, or one that is there?
    /// `None`: neither, and [`admit`](Connection::admit) will tell it what is wrong.
    pub fn wants(&self, request: &Request, hub: &Server) -> Option<Asks> {
        match &self.speaks {
            Speaks::Http(http) => hub.check(request, http.purpose()).ok(),
            Speaks::WebSocket(_) => None,
        }
    }

    /// The WebSocket that is asked for, if one is: its subprotocols are in here.
    pub fn upgrade(&self) -> Option<&Upgrade> {
        match &self.speaks {
            Speaks::Http(http) => http.upgrade(),
            Speaks::WebSocket(_) => None,
        }
    }

    /// The request that the hub is to answer.
    pub fn exchange(&self) -> Option<ExchangeId> {
        match &self.speaks {
            Speaks::Http(http) => http.exchange(),
            Speaks::WebSocket(_) => None,
        }
    }

    /// The hub's name for this connection since it carries a session, or wants to.
    pub fn carries(&self) -> Option<ConnectionId> {
        match &self.speaks {
            Speaks::Http(_) => None,
            Speaks::WebSocket(socket) => socket.carries,
        }
    }
}

/// Answers. They queue; what is queued leaves by [`poll_transmit`](Machine::poll_transmit).
impl Connection {
    /// Hands the request of a [`Question::Engine`] to `hub`. `headers` stand in every answer to it, the 101 included.
    pub fn admit(&mut self, request: Request, headers: Headers, hub: &mut Server, now: Instant) {
        let Speaks::Http(http) = &mut self.speaks else { return };
        if let Some(switched) = http.admit(request, headers, hub, now) {
            self.speaks = Speaks::WebSocket(switched.into());
            // How a session opens leaves with the 101, whatever is found behind the request.
            self.transmit(hub, now);
        }
    }

    /// Says no to the request of a [`Question::Engine`], with a message that clients show. `headers` stand in the answer.
    pub fn refuse(
        &mut self,
        request: &Request,
        message: impl Into<Cow<'static, str>>,
        headers: Headers,
        hub: &Server,
        now: Instant,
    ) {
        if let Speaks::Http(http) = &mut self.speaks {
            let mut response = hub.refuse(request, http.purpose(), message);
            response.headers.add_all(&headers);
            _ = http.respond(response, now);
        }
    }

    /// Gives the hub's answer to the [`exchange`](Connection::exchange).
    pub fn answer(&mut self, response: Response, now: Instant) {
        if let Speaks::Http(http) = &mut self.speaks {
            // The hub's answers can be written; what was added by others perhaps not, and the client has been told.
            _ = http.respond(response, now);
        }
    }

    /// Answers a [`Question::Other`].
    ///
    /// # Errors
    /// [`AnswerError`]. What cannot be written was answered with 500.
    pub fn respond(&mut self, response: Response, now: Instant) -> Result<(), AnswerError> {
        match &mut self.speaks {
            Speaks::Http(http) => http.respond(response, now),
            Speaks::WebSocket(_) => Err(AnswerError::NotAsked),
        }
    }

    /// Answers a [`Question::Other`] with the WebSocket that it asks for. Go on with
    /// [`into_websocket`](Connection::into_websocket).
    ///
    /// # Errors
    /// [`AcceptError`]; answer with something else.
    pub fn accept(&mut self, choice: &Choice, now: Instant) -> Result<(), AcceptError> {
        let Speaks::Http(http) = &mut self.speaks else { return Err(AcceptError::NotUpgrade) };
        let options = http.options.others.clone();
        let websocket = http.switch(choice, options, now)?;
        self.speaks = Speaks::WebSocket(Switched { websocket, carries: None }.into());
        Ok(())
    }

    /// The WebSocket that was [accepted](Connection::accept), to be driven by itself over the same [`Input`].
    ///
    /// # Errors
    /// [`NotAgreed`], if none was, or it carries a session.
    pub fn into_websocket(self) -> Result<WebSocket, NotAgreed> {
        match self.speaks {
            Speaks::WebSocket(Socket { websocket, carries: None, .. }) => Ok(websocket),
            _ => Err(NotAgreed),
        }
    }

    /// Takes what `hub` has for the WebSocket that this is, as far as there is room, and asks whether more messages are
    /// wanted: call it when [`Server::poll_dirty`] names what it [carries](Connection::carries), and when something was
    /// written and [room](Connection::has_room) is again.
    pub fn transmit(&mut self, hub: &mut Server, now: Instant) {
        if let Speaks::WebSocket(socket) = &mut self.speaks {
            socket.transmit(hub, now);
        }
    }

    /// Could [`transmit`](Connection::transmit) take something more?
    pub fn has_room(&self) -> bool {
        match &self.speaks {
            Speaks::Http(_) => false,
            Speaks::WebSocket(socket) => sansocket_core::Endpoint::has_room(&socket.websocket),
        }
    }
}

impl From<Switched> for Socket {
    fn from(switched: Switched) -> Socket {
        let Switched { websocket, carries } = switched;
        Socket { websocket, carries, appetite: Appetite::Hungry }
    }
}

impl Socket {
    fn handle_event(&mut self, event: websocket::Event<'_>, hub: &mut Server, now: Instant) {
        let Some(connection) = self.carries else { return };
        let data = match event {
            websocket::Event::Text(text) => Data::Text(text),
            websocket::Event::Binary(bytes) => Data::Binary(bytes),
            websocket::Event::Closed(why) => return self.leave(hub, reason_of(&why)),
            // The heartbeat is in messages; and those come whole.
            websocket::Event::Ping(_) | websocket::Event::Pong(_) | websocket::Event::Chunk(_) => return,
        };
        hub.keep_message(connection, data, now);
        self.look(connection, hub);
    }

    fn transmit(&mut self, hub: &mut Server, now: Instant) {
        let Some(connection) = self.carries else { return };
        self.look(connection, hub);
        while sansocket_core::Endpoint::has_room(&self.websocket) {
            match hub.poll_transmit(connection) {
                // What cannot be sent any more is not missed by anybody: the end is on its way.
                Some(Outgoing::Message(message)) => _ = self.websocket.send(message),
                Some(Outgoing::Close) => {
                    self.websocket.close(CloseCode::NO_STATUS.into(), now);
                    // The hub has forgotten it. What is still said is not for anybody.
                    (self.carries, self.appetite) = (None, Appetite::Last);
                    return;
                }
                None => return,
            }
        }
    }

    fn look(&mut self, connection: ConnectionId, hub: &mut Server) {
        let has_appetite = hub.has_appetite(connection);
        if self.appetite != Appetite::Last {
            self.appetite = if has_appetite { Appetite::Hungry } else { Appetite::Sated };
        }
    }

    fn leave(&mut self, hub: &mut Server, reason: Reason) {
        if let Some(connection) = self.carries.take() {
            hub.handle_close(connection, reason);
        }
    }
}

impl Machine for Connection {
    type Event<'i> = Event<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<Event<'i>> {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.poll_event(input, now).map(Event::Http),
            Speaks::WebSocket(socket) if socket.appetite == Appetite::Sated => None,
            Speaks::WebSocket(socket) => socket.websocket.poll_event(input, now).map(Event::WebSocket),
        }
    }

    fn wants_input(&self) -> bool {
        match &self.speaks {
            Speaks::Http(http) => http.connection.wants_input(),
            Speaks::WebSocket(socket) => socket.appetite != Appetite::Sated && socket.websocket.wants_input(),
        }
    }

    fn handle_eof(&mut self, now: Instant) {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.handle_eof(now),
            Speaks::WebSocket(socket) => {
                socket.appetite = Appetite::Last;
                socket.websocket.handle_eof(now);
            }
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.speaks {
            Speaks::Http(http) => http.connection.poll_timeout(),
            Speaks::WebSocket(socket) => socket.websocket.poll_timeout(),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.handle_timeout(now),
            Speaks::WebSocket(socket) => socket.websocket.handle_timeout(now),
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.poll_transmit(),
            Speaks::WebSocket(socket) => socket.websocket.poll_transmit(),
        }
    }

    fn attach(&mut self, pool: &mut Pool) {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.attach(pool),
            Speaks::WebSocket(socket) => socket.websocket.attach(pool),
        }
    }

    fn detach(&mut self, pool: &mut Pool) {
        match &mut self.speaks {
            Speaks::Http(http) => http.connection.detach(pool),
            Speaks::WebSocket(socket) => socket.websocket.detach(pool),
        }
    }

    fn is_finished(&self) -> bool {
        match &self.speaks {
            Speaks::Http(http) => http.connection.is_finished(),
            Speaks::WebSocket(socket) => socket.websocket.is_finished(),
        }
    }
}
