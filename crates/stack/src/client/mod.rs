//! A client's session of Engine.IO over byte streams.
//!
//! [`Client`] knows which streams the session needs, and what each is to say; each stream has a machine, a [`Line`],
//! that speaks HTTP or WebSocket over it. Whoever drives them makes the streams, and brings the two together:
//!
//! ```
//! use sansocket_core::{Input, Instant, Machine, Pool, Transmit};
//! use sansocket_engineio::client::Event;
//! use sansocket_stack::client::{Client, ClientOptions};
//!
//! let (mut input, mut pool, now) = (Input::default(), Pool::default(), Instant::ZERO);
//! // Masking keys and nonces have to be unpredictable: a real client takes its seed from the system.
//! let uri = "http://example.org".parse()?;
//! let mut client = Client::new(&uri, ClientOptions::default(), [7; 32], now);
//!
//! // It wants a stream; somebody dials, and there is one.
//! let id = client.poll_dial(now).expect("a stream for the first poll");
//! let mut line = client.handle_stream(id, now).expect("it is still wanted");
//!
//! // What is to be said goes out.
//! client.feed(id, &mut line, now);
//! let Some(Transmit::Bytes(out)) = line.poll_transmit() else { panic!("a request") };
//! assert!(out.flat().unwrap().starts_with(b"GET /engine.io/?EIO=4&transport=polling"));
//! out.written(usize::MAX);
//!
//! // What comes back goes in.
//! let open = r#"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
//! let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{open}", open.len());
//! input.fill(answer.as_bytes(), &mut pool);
//! while let Some(event) = line.poll_event(&mut input, now) {
//!     client.handle(id, event, now);
//! }
//! let events: Vec<_> = std::iter::from_fn(|| client.poll_event(now).map(|event| event == Event::Opened)).collect();
//! assert!(events.contains(&true));
//! # Ok::<(), sansocket_websocket::handshake::InvalidUri>(())
//! ```

mod line;
mod lines;
mod options;

use alloc::boxed::Box;
use core::fmt;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sansocket_core::{Instant, Message, Request, Response, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::client::{self as engineio, ConnectionId, Event};
use sansocket_http1::client::{ClientClosed, RequestError};
use sansocket_websocket::handshake::Uri;
use sansocket_websocket::handshake::client::{Offer, OfferError};

use line::Random;
use lines::{Ask, Asked, Carries, Entry, Exchanges, Lines, Past, Stage};
use options::Shared;

use crate::reason::reason_of;

pub use line::{Line, LineClosed, LineEvent};
pub use lines::LineId;
pub use options::ClientOptions;

/// The status of answers that nobody has to be told of.
const OK: u16 = 200;

/// A session with a server, and what is known of the streams that carry it.
///
/// It touches no stream. Whoever drives it does this, in any order and as often as he likes:
///
/// * **streams**: makes those that [`poll_dial`](Client::poll_dial) asks for, as long as they
///   [are wanted](Client::is_wanted), and puts the [`Line`] of [`handle_stream`](Client::handle_stream) on each; if
///   nothing comes of one, or it breaks, says so ([`handle_loss`](Client::handle_loss));
/// * **lines**: drives each as a [`Machine`](sansocket_core::Machine), hands over its events
///   ([`handle`](Client::handle)), and lets it be [fed](Client::feed) whenever something happened;
/// * **events**: calls [`poll_event`](Client::poll_event) until it has none, before more WebSocket messages are handed
///   over;
/// * **time**: calls [`handle_timeout`](Client::handle_timeout) when [`poll_timeout`](Client::poll_timeout) has come;
/// * **commands**: [`send`](Client::send), [`close`](Client::close);
///
/// until [`is_finished`](Client::is_finished). Calls that come too late are no-ops.
///
/// Requests go over streams that are kept, one after the other, two at a time. If the server gives a kept stream up just
/// when it is used again, a poll is asked once more over a fresh one; what carries packets is not, for it may have
/// arrived. Redirects are not followed.
pub struct Client {
    session: engineio::Client,
    uri: Uri,
    options: Shared,
    lines: Lines,
    random: ChaCha12Rng,
    trouble: Option<Trouble>,
}

/// What went wrong with a stream.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Trouble {
    /// It ended.
    #[error(transparent)]
    Closed(#[from] LineClosed),
    /// A request was answered with another status than the session wants.
    #[error("the server answered with status {}", .0.status)]
    Refused(Box<Response>),
    /// A request cannot be made: a path or a header that cannot be.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A WebSocket cannot be asked for, for the same reasons.
    #[error(transparent)]
    Offer(#[from] OfferError),
}

/// The session.
impl Client {
    /// Begins a session with the server at `uri`. If that names a path it takes the place of the
    /// [session's](engineio::ClientOptions::path). `seed` has to be unpredictable: nonces and masking keys are drawn
    /// from it (RFC 6455 §10.3).
    pub fn new(uri: &Uri, options: ClientOptions, seed: [u8; 32], now: Instant) -> Client {
        let session = options::session_at(uri, options.session);
        Client {
            session: engineio::Client::new(session, now),
            uri: uri.clone(),
            options: Shared::new(options.http, options.websocket),
            lines: Lines::default(),
            random: ChaCha12Rng::from_seed(seed),
            trouble: None,
        }
    }

    /// The session: its id, its transport, why it failed.
    pub fn session(&self) -> &engineio::Client {
        &self.session
    }

    /// Where the server is.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// What went wrong with a stream last, if anything did: the refusal of a WebSocket, for example, with its response.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// What happened next: see [`engineio::Client::poll_event`].
    pub fn poll_event(&mut self, now: Instant) -> Option<Event<'_>> {
        self.session.poll_event(now)
    }

    /// Queues a message: see [`engineio::Client::send`].
    ///
    /// # Errors
    /// [`SendError`], which hands it back.
    pub fn send(&mut self, message: Message) -> Result<(), SendError<Message>> {
        self.session.send(message)
    }

    /// Ends the session in order: what waits leaves first.
    pub fn close(&mut self, now: Instant) {
        self.session.close(now);
    }

    /// Nobody takes what comes for now: see [`engineio::Client::hold`].
    pub fn hold(&mut self) {
        self.session.hold();
    }

    /// It is taken again: see [`engineio::Client::resume`].
    pub fn resume(&mut self, now: Instant) {
        self.session.resume(now);
    }

    /// When [`handle_timeout`](Client::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.session.poll_timeout()
    }

    /// It is `now`. Early and spurious calls are no-ops.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.session.handle_timeout(now);
    }

    /// Everything was said and told, and all streams that were made have ended.
    pub fn is_finished(&self) -> bool {
        self.session.is_finished() && !self.lines.has_open()
    }
}

/// Streams.
impl Client {
    /// A stream to be made: TCP, and TLS if [`Uri::security`] says so.
    pub fn poll_dial(&mut self, now: Instant) -> Option<LineId> {
        self.look_at_wishes(now);
        self.lines.dial()
    }

    /// Is this stream still wanted? If not, whatever is done to make it may be dropped.
    pub fn is_wanted(&mut self, id: LineId) -> bool {
        self.lines.get(id).is_some()
    }

    /// The stream is there: what is to speak over it. `None`: nobody wants it any more, drop it.
    pub fn handle_stream(&mut self, id: LineId, now: Instant) -> Option<Line> {
        self.look_at_wishes(now);
        let entry = self.lines.get(id)?;
        entry.stage = Stage::Open;
        let Carries::WebSocket(connection, request) = &entry.carries else {
            return Some(Line::http(self.options.http.clone(), now));
        };
        let (connection, offer) = (*connection, offer(&self.uri, request));
        let random = draw(&mut self.random);
        match Line::websocket(&offer, self.options.websocket.clone(), random, now) {
            Ok(line) => Some(line),
            Err(error) => {
                self.trouble = Some(error.into());
                self.lines.remove(id);
                self.session.handle_close(connection, Reason::TransportError, now);
                None
            }
        }
    }

    /// There is no such stream, or there is none any more.
    pub fn handle_loss(&mut self, id: LineId, now: Instant) {
        if let Some(entry) = self.lines.remove(id) {
            self.lose(entry.carries, Reason::TransportError, now);
        }
    }

    /// Queues what there is to be said over this stream. Call it when anything happened, and drive the line after it.
    pub fn feed(&mut self, id: LineId, line: &mut Line, now: Instant) {
        self.look_at_wishes(now);
        let Some(Entry { carries, .. }) = self.lines.get(id) else { return line.close(now) };
        match carries {
            Carries::WebSocket(connection, _) => {
                let connection = *connection;
                self.feed_websocket(id, connection, line, now);
            }
            Carries::Requests(exchanges) => match &exchanges.ask {
                Some(ask) if !self.session.awaits(ask.id) => line.close(now),
                Some(ask) if ask.state == Asked::NotYet => self.ask(id, line, now),
                None if self.session.has_ended() => line.close(now),
                _ => {}
            },
        }
    }

    /// Something happened on this stream.
    pub fn handle<'i>(&mut self, id: LineId, event: LineEvent<'i>, now: Instant) -> Option<Event<'i>> {
        match event {
            LineEvent::Response(response) => self.handle_response(id, *response, now),
            LineEvent::Open(_) => {
                if let Some(connection) = self.connection(id) {
                    self.session.handle_open(connection, now);
                }
            }
            LineEvent::Message(message) => {
                let connection = self.connection(id)?;
                return self.session.handle_message(connection, message, now);
            }
            LineEvent::Closed(why) => self.handle_end(id, why, now),
            LineEvent::Housekeeping => {}
        }
        None
    }
}

/// What the session wants.
impl Client {
    fn look_at_wishes(&mut self, now: Instant) {
        while let Some((id, mut request)) = self.session.poll_request(now) {
            if !request.headers.contains("host") {
                request.headers.add("Host", self.uri.authority().as_bytes().to_vec());
            }
            self.lines.ask(Ask { id, request, state: Asked::NotYet });
        }
        while let Some((connection, request)) = self.session.poll_connect(now) {
            self.lines.add(Carries::WebSocket(connection, request));
        }
        let session = &mut self.session;
        self.lines.keep_wanted(|carries| match carries {
            Carries::Requests(exchanges) => exchanges.ask.as_ref().is_some_and(|ask| session.awaits(ask.id)),
            // There is nothing to be said over what is not open, but that it is given up.
            Carries::WebSocket(connection, _) => session.poll_transmit(*connection).is_none(),
        });
    }

    fn ask(&mut self, id: LineId, line: &mut Line, now: Instant) {
        let Some(Entry { carries: Carries::Requests(exchanges), .. }) = self.lines.get(id) else { return };
        let Some(ask) = &mut exchanges.ask else { return };
        match line.ask(&ask.request, now) {
            Ok(()) => ask.state = Asked::Once,
            // It has ended, and says so next. Nothing was written.
            Err(RequestError::Closed | RequestError::Busy) => {
                if let Some(ask) = exchanges.ask.take() {
                    self.lines.remove(id);
                    self.lines.ask_afresh(ask);
                }
            }
            Err(error) => {
                let id = ask.id;
                exchanges.ask = None;
                self.trouble = Some(error.into());
                self.session.handle_failure(id, now);
            }
        }
    }

    fn feed_websocket(&mut self, id: LineId, connection: ConnectionId, line: &mut Line, now: Instant) {
        while line.has_room() {
            match self.session.poll_transmit(connection) {
                None => return,
                Some(engineio::Outgoing::Message(message)) => line.say(message),
                Some(engineio::Outgoing::Close) => {
                    line.close(now);
                    if line.is_given_up() {
                        self.lines.remove(id);
                    }
                    return;
                }
            }
        }
    }
}

/// What comes back.
impl Client {
    fn handle_response(&mut self, id: LineId, response: Response, now: Instant) {
        let Some(Entry { carries: Carries::Requests(exchanges), .. }) = self.lines.get(id) else { return };
        exchanges.past = Past::Kept;
        let Some(ask) = exchanges.ask.take() else { return };
        if response.status == OK {
            return self.session.handle_response(ask.id, response, now);
        }
        self.session.handle_response(ask.id, response.clone(), now);
        self.trouble = Some(Trouble::Refused(Box::new(response)));
    }

    fn handle_end(&mut self, id: LineId, why: LineClosed, now: Instant) {
        let Some(entry) = self.lines.remove(id) else { return };
        let reason = reason(&why);
        let carries = match entry.carries {
            Carries::Requests(Exchanges { ask: Some(ask), past })
                if ask.state == Asked::NotYet || is_worth_repeating(&ask, past, &why) =>
            {
                return self.lines.ask_afresh(ask);
            }
            carries => carries,
        };
        if why != LineClosed::Http(ClientClosed::Done) {
            self.trouble = Some(why.into());
        }
        self.lose(carries, reason, now);
    }

    fn lose(&mut self, carries: Carries, reason: Reason, now: Instant) {
        match carries {
            Carries::Requests(Exchanges { ask: Some(ask), .. }) => self.session.handle_failure(ask.id, now),
            Carries::Requests(_) => {}
            Carries::WebSocket(connection, _) => self.session.handle_close(connection, reason, now),
        }
    }

    fn connection(&mut self, id: LineId) -> Option<ConnectionId> {
        match self.lines.get(id)?.carries {
            Carries::WebSocket(connection, _) => Some(connection),
            Carries::Requests(_) => None,
        }
    }
}

/// A server that gives an idle stream up does not know of the request that is on its way to it.
fn is_worth_repeating(ask: &Ask, past: Past, why: &LineClosed) -> bool {
    let unanswered = *why == LineClosed::Http(ClientClosed::Unanswered);
    unanswered && past == Past::Kept && ask.may_be_repeated()
}

fn reason(why: &LineClosed) -> Reason {
    match why {
        LineClosed::WebSocket(why) => reason_of(why),
        LineClosed::Http(_) | LineClosed::Handshake(_) => Reason::TransportError,
    }
}

/// A WebSocket, by this request of the session.
fn offer(uri: &Uri, request: &Request) -> Offer {
    let mut offer = Offer::new(uri.clone().with_target(&*request.target));
    offer.headers = request.headers.clone();
    offer
}

fn draw(random: &mut ChaCha12Rng) -> Random {
    let (mut nonce, mut seed) = ([0; 16], [0; 32]);
    random.fill_bytes(&mut nonce);
    random.fill_bytes(&mut seed);
    Random { nonce, seed }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("uri", &self.uri)
            .field("session", &self.session)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}
