//! One byte stream of a client.

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Data, Endpoint, Input, Instant, Machine, Message, Pool, Request, Response, Transmit};
use sansocket_http1::client::{ClientClosed, RequestError};
use sansocket_http1::{self as http1, ClientConnection, ClientEvent};
use sansocket_websocket::handshake::client::{
    ClientError, ClientEvent as Shake, ClientHandshake, ClientOptions, Connected, Offer, OfferError,
};
use sansocket_websocket::{self as websocket, CloseCode, Closed, WebSocket};

/// One byte stream of a client: HTTP exchanges, or a handshake and the WebSocket that it leads to.
///
/// A [`Machine`]; its events go to [`Client::handle`](super::Client::handle), and what it is to say comes from
/// [`Client::feed`](super::Client::feed).
#[derive(Debug)]
pub struct Line {
    state: State,
}

#[derive(Debug)]
enum State {
    Http(ClientConnection),
    Handshake(Box<Handshake>),
    WebSocket(WebSocket),
    /// A handshake that nobody wants any more: the transport has to be told.
    GivenUp,
    /// It was told.
    Shut,
}

#[derive(Debug)]
struct Handshake {
    machine: ClientHandshake,
    /// Of the masking keys to come.
    seed: [u8; 32],
}

/// What happened on a [`Line`].
#[derive(Clone, PartialEq, Debug)]
pub enum LineEvent<'i> {
    /// The request was answered.
    Response(Box<Response>),
    /// It is a WebSocket now.
    Open(Box<Connected>),
    /// The WebSocket said this.
    Message(Data<'i>),
    /// Nobody's business; ask again.
    Housekeeping,
    /// It ended. No event follows.
    Closed(LineClosed),
}

/// Why a [`Line`] ended.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineClosed {
    /// While it spoke HTTP.
    #[error(transparent)]
    Http(#[from] ClientClosed),
    /// It became no WebSocket: refused, for example, with the response.
    #[error(transparent)]
    Handshake(#[from] ClientError),
    /// The WebSocket ended.
    #[error("{0}")]
    WebSocket(Closed),
}

impl Line {
    /// For requests, one after the other.
    pub(crate) fn http(options: Arc<http1::ClientOptions>, now: Instant) -> Line {
        Line { state: State::Http(ClientConnection::new(options, now)) }
    }

    /// For a WebSocket.
    pub(crate) fn websocket(
        offer: &Offer,
        options: Arc<ClientOptions>,
        random: Random,
        now: Instant,
    ) -> Result<Line, OfferError> {
        let machine = ClientHandshake::new(offer, random.nonce, options, now)?;
        Ok(Line { state: State::Handshake(Box::new(Handshake { machine, seed: random.seed })) })
    }

    /// Does it bring messages? Those wait until somebody takes them.
    pub fn is_websocket(&self) -> bool {
        matches!(self.state, State::WebSocket(_))
    }

    /// Sends a request.
    pub(crate) fn ask(&mut self, request: &Request, now: Instant) -> Result<(), RequestError> {
        match &mut self.state {
            State::Http(http) => http.send(request, now),
            _ => Err(RequestError::Closed),
        }
    }

    /// Would a message be taken now?
    pub(crate) fn has_room(&self) -> bool {
        match &self.state {
            State::WebSocket(websocket) => websocket.has_room(),
            _ => true,
        }
    }

    /// Sends a message. Behind the end there is nobody who would hear it.
    pub(crate) fn say(&mut self, message: Message) {
        if let State::WebSocket(websocket) = &mut self.state {
            let _ = websocket.send(message);
        }
    }

    /// Ends it: a WebSocket in order and without a status code, all else at once. A second call is a no-op.
    pub(crate) fn close(&mut self, now: Instant) {
        match &mut self.state {
            State::Http(http) => http.close(),
            State::WebSocket(websocket) => websocket.close(CloseCode::NO_STATUS.into(), now),
            State::Handshake(_) => self.state = State::GivenUp,
            State::GivenUp | State::Shut => {}
        }
    }

    /// Was it a handshake that is not wanted any more?
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.state, State::GivenUp | State::Shut)
    }

    /// The server agreed.
    fn become_websocket(&mut self, now: Instant) {
        if let State::Handshake(shaken) = core::mem::replace(&mut self.state, State::GivenUp)
            && let Ok(websocket) = shaken.machine.into_websocket(shaken.seed, now)
        {
            self.state = State::WebSocket(websocket);
        }
    }
}

/// What nobody may guess.
pub(crate) struct Random {
    /// Of the handshake.
    pub(crate) nonce: [u8; 16],
    /// Of the masking keys.
    pub(crate) seed: [u8; 32],
}

impl<'i> From<ClientEvent<'i>> for LineEvent<'i> {
    fn from(event: ClientEvent<'i>) -> LineEvent<'i> {
        match event {
            ClientEvent::Response(response) => LineEvent::Response(response),
            ClientEvent::Closed(why) => LineEvent::Closed(why.into()),
            // Answers are asked for whole, and nothing else than HTTP is asked for.
            ClientEvent::Head { .. } | ClientEvent::Body(_) | ClientEvent::End | ClientEvent::Switched(_) => {
                LineEvent::Housekeeping
            }
        }
    }
}

impl<'i> From<websocket::Event<'i>> for LineEvent<'i> {
    fn from(event: websocket::Event<'i>) -> LineEvent<'i> {
        match event {
            websocket::Event::Text(text) => LineEvent::Message(Data::Text(text)),
            websocket::Event::Binary(bytes) => LineEvent::Message(Data::Binary(bytes)),
            websocket::Event::Closed(why) => LineEvent::Closed(LineClosed::WebSocket(why)),
            // Messages are asked for whole.
            websocket::Event::Chunk(_) | websocket::Event::Ping(_) | websocket::Event::Pong(_) => {
                LineEvent::Housekeeping
            }
        }
    }
}

impl Machine for Line {
    type Event<'i> = LineEvent<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<LineEvent<'i>> {
        match &mut self.state {
            State::Http(http) => http.poll_event(input, now).map(LineEvent::from),
            State::WebSocket(websocket) => websocket.poll_event(input, now).map(LineEvent::from),
            State::Handshake(handshake) => match handshake.machine.poll_event(input, now)? {
                Shake::Connected(connected) => {
                    self.become_websocket(now);
                    Some(LineEvent::Open(connected))
                }
                Shake::Failed(error) => Some(LineEvent::Closed(error.into())),
            },
            State::GivenUp | State::Shut => None,
        }
    }

    fn wants_input(&self) -> bool {
        match &self.state {
            State::Http(http) => http.wants_input(),
            State::Handshake(handshake) => handshake.machine.wants_input(),
            State::WebSocket(websocket) => websocket.wants_input(),
            State::GivenUp | State::Shut => false,
        }
    }

    fn handle_eof(&mut self, now: Instant) {
        match &mut self.state {
            State::Http(http) => http.handle_eof(now),
            State::Handshake(handshake) => handshake.machine.handle_eof(now),
            State::WebSocket(websocket) => websocket.handle_eof(now),
            State::GivenUp | State::Shut => {}
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Http(http) => http.poll_timeout(),
            State::Handshake(handshake) => handshake.machine.poll_timeout(),
            State::WebSocket(websocket) => websocket.poll_timeout(),
            State::GivenUp | State::Shut => None,
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match &mut self.state {
            State::Http(http) => http.handle_timeout(now),
            State::Handshake(handshake) => handshake.machine.handle_timeout(now),
            State::WebSocket(websocket) => websocket.handle_timeout(now),
            State::GivenUp | State::Shut => {}
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        if matches!(self.state, State::GivenUp) {
            self.state = State::Shut;
            return Some(Transmit::Shutdown);
        }
        match &mut self.state {
            State::Http(http) => http.poll_transmit(),
            State::Handshake(handshake) => handshake.machine.poll_transmit(),
            State::WebSocket(websocket) => websocket.poll_transmit(),
            State::GivenUp | State::Shut => None,
        }
    }

    fn attach(&mut self, pool: &mut Pool) {
        match &mut self.state {
            State::Http(http) => http.attach(pool),
            State::WebSocket(websocket) => websocket.attach(pool),
            State::Handshake(_) | State::GivenUp | State::Shut => {}
        }
    }

    fn detach(&mut self, pool: &mut Pool) {
        match &mut self.state {
            State::Http(http) => http.detach(pool),
            State::WebSocket(websocket) => websocket.detach(pool),
            State::Handshake(_) | State::GivenUp | State::Shut => {}
        }
    }

    fn is_finished(&self) -> bool {
        match &self.state {
            State::Http(http) => http.is_finished(),
            State::Handshake(handshake) => handshake.machine.is_finished(),
            State::WebSocket(websocket) => websocket.is_finished(),
            State::GivenUp => false,
            State::Shut => true,
        }
    }
}
