//! A client's side, over bytes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::{Input, Instant, Machine, Outbox, Response, Transmit};
use sansocket_http1::{
    BodyLimits, BodyReader, Framing, HeadError, Limits, Piece, ResponseReader, encode_request,
};

use super::{Mismatch, Offer, OfferError, Opening};
use crate::handshake::{Agreed, NotAgreed, Parts};
use crate::{Options, WebSocket};

/// What a client's handshake lets happen. Put it into an [`Arc`] once and give that to every handshake.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// What the connection gets that the handshake leads to; its `deflate` is what is offered.
    pub websocket: Arc<Options>,
    /// Limits of the response's head, and of each interim one before it.
    pub head: Limits,
    /// How long all of it may take, once there is a connection.
    pub timeout: Duration,
    /// Interim responses (1xx) before the one that counts.
    pub interim: u8,
    /// Bytes of a refusal's body that are kept; the rest is not read.
    pub refusal_body: usize,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            websocket: Arc::default(),
            head: Limits::default(),
            timeout: Duration::from_secs(10),
            interim: 16,
            refusal_body: 64 << 10,
        }
    }
}

/// How a handshake ends: one of these, once.
#[derive(Clone, PartialEq, Debug)]
pub enum ClientEvent {
    /// The server agreed: call [`into_websocket`](ClientHandshake::into_websocket).
    Connected(Box<Connected>),
    /// It came to nothing. No event follows.
    Failed(ClientError),
}

/// What the server agreed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connected {
    /// The subprotocol that it chose. `None` if it chose none of those offered: go on without, or close.
    pub protocol: Option<String>,
    /// Its response; there may be cookies in it.
    pub response: Response,
}

/// Why a handshake came to nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refuses, or wants something first: its response, with the start of the body
    /// ([`ClientOptions::refusal_body`]). Redirects are not followed: that is for you to decide, and to whom your
    /// headers may go.
    #[error("the server answered with status {}", .0.status)]
    Refused(Box<Response>),
    /// The server says that it agrees, but not to what was asked.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The head of the response is no right HTTP, or passes a limit.
    #[error("the response is malformed: {0}")]
    Head(#[from] HeadError),
    /// More interim responses than [`ClientOptions::interim`].
    #[error("too many interim responses")]
    TooManyInterim,
    /// The response took longer than [`ClientOptions::timeout`].
    #[error("the server did not answer in time")]
    Timeout,
    /// The stream ended before the response did.
    #[error("the connection was lost before the response was complete")]
    Lost,
}

/// A client's handshake over bytes: one request, one answer.
///
/// Drive it as every [`Machine`] until it yields an event. Once connected, go on with
/// [`into_websocket`](ClientHandshake::into_websocket) over the same [`Input`], in which frames may already wait.
#[derive(Debug)]
pub struct ClientHandshake {
    options: Arc<ClientOptions>,
    opening: Box<Opening>,
    state: State,
    out: Outbox,
    deadline: Option<Instant>,
    /// What the next poll has to say.
    failure: Option<ClientError>,
    reading: Reading,
}

#[derive(Debug)]
enum State {
    Head {
        reader: ResponseReader,
        interim: u8,
    },
    /// A refusal's body is read.
    Body(Box<Refused>),
    Connected(Box<Agreed>),
    /// Failed: the transport has to be told that nothing follows.
    Over,
    /// It was told.
    Shut,
}

#[derive(Debug)]
struct Refused {
    response: Response,
    body: Vec<u8>,
    reader: BodyReader,
}

/// What is known of the server's bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Reading {
    /// Some may not have been looked at.
    Waiting,
    /// All were looked at.
    Dry,
    /// None come any more.
    Ended,
}

impl ClientHandshake {
    /// A handshake on a connection that has just been made (TLS and all). `nonce` has to be random, and fresh for
    /// every connection (RFC 6455 §4.1 (7)).
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn new(
        offer: &Offer,
        nonce: [u8; 16],
        options: Arc<ClientOptions>,
        now: Instant,
    ) -> Result<ClientHandshake, OfferError> {
        let opening = Opening::new(offer, nonce, &options.websocket)?;
        let mut out = Outbox::default();
        encode_request(opening.request(), &mut out)?;
        Ok(ClientHandshake {
            state: State::Head { reader: ResponseReader::new(options.head), interim: 0 },
            deadline: Some(now + options.timeout),
            opening: Box::new(opening),
            options,
            out,
            failure: None,
            reading: Reading::Waiting,
        })
    }

    /// The connection that the handshake led to; go on with the same [`Input`]. `seed` has to be unpredictable: the
    /// masking keys are drawn from it (RFC 6455 §10.3).
    ///
    /// # Errors
    /// [`NotAgreed`], if it is not [connected](ClientEvent::Connected).
    pub fn into_websocket(self, seed: [u8; 32], now: Instant) -> Result<WebSocket, NotAgreed> {
        let (websocket, reading) = (self.options.websocket.clone(), self.reading);
        let Parts { out, agreed } = self.into_parts()?;
        let mut websocket = WebSocket::client(websocket, agreed.extensions, seed, now).with_output(out);
        if reading == Reading::Ended {
            websocket.handle_eof(now);
        }
        Ok(websocket)
    }

    /// What [`into_websocket`](ClientHandshake::into_websocket) builds the connection from.
    ///
    /// # Errors
    /// [`NotAgreed`], if it is not [connected](ClientEvent::Connected).
    pub fn into_parts(self) -> Result<Parts, NotAgreed> {
        match self.state {
            State::Connected(agreed) => Ok(Parts { out: self.out, agreed: *agreed }),
            _ => Err(NotAgreed),
        }
    }

    /// Looks at what came; `None` if more is needed.
    fn read(&mut self, input: &mut Input) -> Result<Option<ClientEvent>, ClientError> {
        loop {
            match &mut self.state {
                State::Head { reader, interim } => {
                    let Some(response) = reader.read(input)? else { return Ok(None) };
                    if response.status == 101 {
                        return self.connect(response).map(Some);
                    }
                    if response.status >= 200 {
                        self.begin_body(response)?;
                    } else if *interim == self.options.interim {
                        return Err(ClientError::TooManyInterim);
                    } else {
                        *interim += 1;
                    }
                }
                State::Body(refused) => {
                    if refused.read(input, self.options.refusal_body) == Progress::Complete {
                        return Err(self.refused());
                    }
                    return Ok(None);
                }
                State::Connected(_) | State::Over | State::Shut => return Ok(None),
            }
        }
    }

    fn connect(&mut self, response: Response) -> Result<ClientEvent, ClientError> {
        let agreed = self.opening.check(&response, &self.options.websocket)?;
        let protocol = agreed.protocol.clone();
        self.state = State::Connected(Box::new(agreed));
        self.deadline = None;
        Ok(ClientEvent::Connected(Box::new(Connected { protocol, response })))
    }

    fn begin_body(&mut self, response: Response) -> Result<(), ClientError> {
        // The part that is wanted is cut by us; chunk extensions and trailers are bounded as ever.
        let limits = BodyLimits { body: None, ..BodyLimits::default() };
        let reader =
            Framing::of_response(&response, "GET").and_then(|framing| BodyReader::new(framing, limits));
        match reader {
            Ok(reader) => {
                self.state = State::Body(Box::new(Refused { response, body: Vec::new(), reader }));
                Ok(())
            }
            // A body that cannot be read takes nothing from the refusal.
            Err(_) => Err(ClientError::Refused(Box::new(response))),
        }
    }

    /// The refusal with what came of its body.
    fn refused(&mut self) -> ClientError {
        match core::mem::replace(&mut self.state, State::Over) {
            State::Body(refused) => {
                let Refused { response, body, .. } = *refused;
                ClientError::Refused(Box::new(response.with_body(body)))
            }
            _ => ClientError::Lost,
        }
    }

    /// The stream has ended, and all that came was looked at.
    fn lost(&mut self) -> Result<Option<ClientEvent>, ClientError> {
        match self.state {
            State::Head { .. } => Err(ClientError::Lost),
            State::Body(_) => Err(self.refused()),
            State::Connected(_) | State::Over | State::Shut => Ok(None),
        }
    }

    /// No use in writing or waiting.
    fn end(&mut self) {
        self.out.written(self.out.len());
        self.state = State::Over;
        self.deadline = None;
    }
}

/// How far a body is.
#[derive(PartialEq)]
enum Progress {
    /// More bytes are needed.
    Dry,
    /// All of it, or as much as is wanted, is there; or what follows cannot be read.
    Complete,
}

impl Refused {
    fn read(&mut self, input: &mut Input, most: usize) -> Progress {
        loop {
            match self.reader.read(input) {
                Ok(Some(Piece::Data(data))) => {
                    let wanted = data.len().min(most - self.body.len());
                    self.body.extend_from_slice(&data[..wanted]);
                    if self.body.len() == most {
                        return Progress::Complete;
                    }
                }
                Ok(None) => return Progress::Dry,
                Ok(Some(Piece::End)) | Err(_) => return Progress::Complete,
            }
        }
    }
}

impl Machine for ClientHandshake {
    type Event<'i> = ClientEvent;

    fn poll_event(&mut self, input: &mut Input, _now: Instant) -> Option<ClientEvent> {
        if let Some(failure) = self.failure.take() {
            return Some(ClientEvent::Failed(failure));
        }
        let found = match self.read(input) {
            Ok(None) if self.reading == Reading::Ended => self.lost(),
            Ok(None) => {
                self.reading = Reading::Dry;
                Ok(None)
            }
            found => found,
        };
        found.unwrap_or_else(|error| {
            self.end();
            Some(ClientEvent::Failed(error))
        })
    }

    fn wants_input(&self) -> bool {
        matches!(self.state, State::Head { .. } | State::Body(_)) && self.reading == Reading::Dry
    }

    fn handle_eof(&mut self, _now: Instant) {
        // What lies in the input unread may still be the answer.
        self.reading = Reading::Ended;
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        self.failure = match self.state {
            State::Head { .. } => Some(ClientError::Timeout),
            State::Body(_) => Some(self.refused()),
            State::Connected(_) | State::Over | State::Shut => return,
        };
        self.end();
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        if !self.out.is_empty() {
            return Some(Transmit::Bytes(&mut self.out));
        }
        if !matches!(self.state, State::Over) {
            return None;
        }
        self.state = State::Shut;
        Some(Transmit::Shutdown)
    }

    fn is_finished(&self) -> bool {
        matches!(self.state, State::Shut) && self.failure.is_none()
    }
}
