//! A server's connection: requests come in, answers go out, one after the other.
//!
//! | you want to | take |
//! |---|---|
//! | get requests with their bodies | [`Delivery::Whole`], [`ServerEvent::Request`] |
//! | look at a head before its body, or get the body in pieces | [`Delivery::Pieces`], [`ServerEvent::Head`] |
//! | answer, at once or half a minute later | [`ServerConnection::respond`] |
//! | answer with a body that is not known yet | [`begin`](ServerConnection::begin), [`append`](ServerConnection::append), [`finish`](ServerConnection::finish) |
//! | go on in WebSocket | [`switch`](ServerConnection::switch), [`into_parts`](ServerConnection::into_parts) |
//! | know that nobody waits any more | [`ServerEvent::Aborted`] |
//!
//! ```
//! use std::sync::Arc;
//!
//! use sansocket_core::{Input, Instant, Machine, Pool, Response, Transmit};
//! use sansocket_http1::{ServerConnection, ServerEvent, ServerOptions};
//!
//! let (mut input, mut pool, now) = (Input::default(), Pool::default(), Instant::ZERO);
//! let mut server = ServerConnection::new(Arc::new(ServerOptions::default()), now);
//!
//! // Below: bytes came, here two requests at once.
//! input.fill(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", &mut pool);
//! input.fill(b"GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", &mut pool);
//!
//! // Above: one request at a time.
//! while let Some(event) = server.poll_event(&mut input, now) {
//!     match event {
//!         ServerEvent::Request(request) => {
//!             let echo = Response::new(200).with_body(request.body);
//!             server.respond(&echo, now)?;
//!         }
//!         ServerEvent::Aborted => println!("nobody waits for the answer any more"),
//!         ServerEvent::Closed(why) => println!("{why}"),
//!         ServerEvent::Head { .. } | ServerEvent::Body(_) | ServerEvent::End => unreachable!("in pieces only"),
//!     }
//! }
//!
//! // Below again: bytes leave, then our side ends.
//! let Some(Transmit::Bytes(out)) = server.poll_transmit() else { panic!("two answers") };
//! assert_eq!(
//!     out.flat().unwrap(),
//!     b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\
//!       HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
//! );
//! out.written(usize::MAX);
//! assert!(matches!(server.poll_transmit(), Some(Transmit::Shutdown)));
//! # Ok::<(), sansocket_http1::server::AnswerError>(())
//! ```

mod answer;
mod event;
mod exchange;
mod options;
mod timers;

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Deadlines, Input, Instant, Machine, Pool, Reason, Request, Transmit};

use crate::asked::Asked;
use crate::persistence::Persistence;
use crate::wire::{Farewell, NotSwitched, Outgoing, Parts, Reading, after};
use crate::{Deadline, Delivery, RequestReader};

pub use event::{AnswerError, Fault, ServerClosed, ServerEvent, StreamError};
use exchange::{Advance, Answer, Exchange, refusal};
pub use options::{ServerOptions, Wording};

/// RFC 9110 §15.2.1
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// One connection of a server: a [`Machine`] that takes requests and gives answers, in order, one at a time.
///
/// ```text
///            head                    whole, or refused            answered, and the body read or drained
///  Head ────────────▶ Exchange ───────────────────────────▶ Head ▶ …
///    │ wrong, slow       │ lost, wrong, slow   │ switch()           │ idle, close(), Connection: close
///    ▼                   ▼                     ▼                    ▼
///  answered, Closed    Aborted, Closed       into_parts()         Closed
/// ```
///
/// Each request that is yours is followed by exactly one of these: your answer ([`respond`](ServerConnection::respond),
/// or [`begin`](ServerConnection::begin) to [`finish`](ServerConnection::finish), or
/// [`switch`](ServerConnection::switch)), or [`Aborted`](ServerEvent::Aborted). You may answer while you hold the event,
/// or as late as you like: long-polling is a request that waits. Nothing is read from pipelined requests before that,
/// but the stream is watched, so that you hear when the client leaves.
///
/// A client that ends its side of the stream behind a request has left, unless you answer before you ask for the next
/// event: no one can tell one that still listens from one that is gone.
///
/// While [`ServerOptions::high_water`] bytes of answers wait to be written no other request is read: write, then ask for
/// the next event again.
///
/// What is wrong the machine answers by itself, with the [status](Fault::status) that fits, and once; then it ends the
/// stream, throws away what still comes, and waits for the peer's end, in this order.
#[derive(Debug)]
pub struct ServerConnection {
    options: Arc<ServerOptions>,
    state: State,
    out: Outgoing,
    deadlines: Deadlines<Deadline, { Deadline::ALL.len() }>,
    reading: Reading,
    /// What the user wants.
    persistence: Persistence,
    unsaid: Unsaid,
}

#[derive(Debug)]
enum State {
    /// Between two requests, or in the head of one.
    Head(RequestReader),
    Exchange(Box<Exchange>),
    /// Time to become another machine.
    Switched,
    Over(Farewell),
}

/// What the user has still to hear.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Unsaid {
    Nothing,
    Aborted(ServerClosed),
    Closed(ServerClosed),
}

/// What one step came to.
enum Step {
    /// To another one.
    Next,
    Tell(ServerEvent<'static>),
    /// So many raw bytes are the user's.
    Lend(usize),
    /// Something has to come from outside.
    Dry,
    /// Something has to be written first.
    Full,
}

/// Beginning and end.
impl ServerConnection {
    /// A connection that has just been accepted (TLS and all).
    pub fn new(options: Arc<ServerOptions>, now: Instant) -> ServerConnection {
        let mut deadlines = Deadlines::default();
        deadlines.set(Deadline::Head, after(now, options.head_timeout));
        ServerConnection {
            state: State::Head(RequestReader::new(options.head)),
            options,
            out: Outgoing::default(),
            deadlines,
            reading: Reading::Waiting,
            persistence: Persistence::Keep,
            unsaid: Unsaid::Nothing,
        }
    }

    /// Ends the connection in an orderly way: a request in progress is still answered, with `Connection: close`; if
    /// there is none the end comes at once, and the peer's is not waited for. A second call is a no-op.
    pub fn close(&mut self, now: Instant) {
        self.persistence = Persistence::Close;
        let (is_idle, is_answered) = match &self.state {
            State::Head(reader) => (!reader.has_begun(), false),
            State::Exchange(exchange) => (false, exchange.answer == Answer::Given),
            State::Switched | State::Over(_) => (false, false),
        };
        if is_idle || is_answered {
            self.end(ServerClosed::Done, now);
        }
        // Whoever keeps a connection in store, as browsers do, does not look at it, and no answer is on its way that a
        // reset could take with it.
        if is_idle && self.out.out.is_empty() {
            self.state = State::Over(Farewell::Parting);
        }
    }

    /// Did the connection [switch](ServerConnection::switch) to another protocol? Then take it apart.
    pub fn has_switched(&self) -> bool {
        matches!(self.state, State::Switched)
    }

    /// What the next protocol goes on with, beside the same [`Input`].
    ///
    /// # Errors
    /// [`NotSwitched`]: call [`switch`](ServerConnection::switch) first.
    pub fn into_parts(self) -> Result<Parts, NotSwitched> {
        match self.state {
            State::Switched => Ok(Parts { out: self.out.out, has_ended: self.reading == Reading::Ended }),
            _ => Err(NotSwitched),
        }
    }

    /// Bytes that wait to be written.
    pub fn unwritten(&self) -> usize {
        self.out.out.len()
    }
}

/// Reading.
impl ServerConnection {
    fn step(&mut self, input: &mut Input, now: Instant) -> Step {
        if let Some(event) = self.unsaid.next() {
            return Step::Tell(event);
        }
        let is_full = !self.has_room();
        match &mut self.state {
            // Who pipelines and does not read would have us keep all the answers.
            State::Head(_) if is_full => Step::Full,
            State::Head(reader) => match reader.read(input) {
                Ok(Some(request)) => self.begin_exchange(request, now),
                Ok(None) => {
                    if reader.has_begun() {
                        self.watch_head(now);
                    }
                    Step::Dry
                }
                Err(error) => self.fail(Fault::Head(error).into(), now),
            },
            State::Exchange(exchange) => {
                if exchange.gives_consent() {
                    self.queue(now, |out| out.extend(CONTINUE));
                }
                self.go_on(input, now)
            }
            State::Switched => Step::Dry,
            State::Over(_) => {
                input.drop_held();
                input.skip(input.raw_len());
                Step::Dry
            }
        }
    }

    /// The head of `request` has come.
    fn begin_exchange(&mut self, request: Request, now: Instant) -> Step {
        self.deadlines.clear(Deadline::Head);
        self.deadlines.clear(Deadline::Idle);
        let asked = Asked::of(&request);
        let limits = self.options.delivery.bound(self.options.body);
        let (framing, mut exchange) = match Exchange::admit(&request, asked, limits) {
            Ok(admitted) => admitted,
            Err(fault) => {
                self.explain(asked, fault.into(), now);
                return self.end(fault.into(), now);
            }
        };
        if !framing.is_empty() {
            self.deadlines.set(Deadline::Body, after(now, self.options.body_timeout));
        }
        let request = Box::new(request);
        let step = match self.options.delivery {
            Delivery::Pieces => Step::Tell(ServerEvent::Head { request, framing }),
            Delivery::Whole => {
                exchange.gather(request);
                Step::Next
            }
        };
        self.state = State::Exchange(Box::new(exchange));
        step
    }

    /// Goes on with a body.
    fn go_on(&mut self, input: &mut Input, now: Instant) -> Step {
        let State::Exchange(exchange) = &mut self.state else { return Step::Dry };
        let advance = match exchange.advance(input) {
            Ok(advance) => advance,
            Err(error) => return self.fail(Fault::Body(error).into(), now),
        };
        if matches!(advance, Advance::Whole(_) | Advance::End | Advance::Drained) {
            self.deadlines.clear(Deadline::Body);
        }
        match advance {
            Advance::Whole(request) => Step::Tell(ServerEvent::Request(request)),
            Advance::End => Step::Tell(ServerEvent::End),
            Advance::Lend(n) => Step::Lend(n),
            Advance::Drained => self.await_head(now),
            Advance::Flooded => self.end(ServerClosed::Done, now),
            Advance::Dry => Step::Dry,
        }
    }

    /// The exchange is over, and the connection goes on.
    fn await_head(&mut self, now: Instant) -> Step {
        self.state = State::Head(RequestReader::new(self.options.head));
        self.deadlines.set(Deadline::Idle, after(now, self.options.idle_timeout));
        Step::Next
    }

    /// The stream has ended, and all that came was looked at.
    fn lose(&mut self, now: Instant) -> Step {
        match &self.state {
            State::Head(reader) if !reader.has_begun() => self.end(ServerClosed::Done, now),
            State::Head(_) | State::Exchange(_) => self.fail(ServerClosed::Lost, now),
            State::Switched | State::Over(_) => Step::Dry,
        }
    }
}

/// Ending.
impl ServerConnection {
    /// What happened ends the connection, and is answered, if that is possible.
    fn fail(&mut self, why: ServerClosed, now: Instant) -> Step {
        let (asked, is_users) = match &self.state {
            State::Exchange(exchange) => {
                ((exchange.answer == Answer::Due).then_some(exchange.asked), exchange.is_users())
            }
            _ => (Some(Asked::UNKNOWN), false),
        };
        if let Some(asked) = asked {
            self.explain(asked, why, now);
        }
        self.end(why, now);
        if is_users {
            self.unsaid = Unsaid::Aborted(why);
        }
        Step::Next
    }

    /// Answers with what `why` says.
    fn explain(&mut self, asked: Asked, why: ServerClosed, now: Instant) {
        let Some(status) = why.status() else { return };
        let response = refusal(status, &why, self.options.wording);
        // Responses of ours are right; should one not be, the connection ends without it.
        let _ = self.queue(now, |out| asked.answer(&response, Persistence::Close, out));
    }

    /// Writes what is queued, then ends.
    fn end(&mut self, why: ServerClosed, now: Instant) -> Step {
        let write = self.deadlines.at(Deadline::Write);
        self.deadlines.clear_all();
        if let Some(write) = write {
            self.deadlines.set(Deadline::Write, write);
        }
        self.deadlines.set(Deadline::Linger, after(now, self.options.linger));
        self.state = State::Over(Farewell::Saying);
        self.unsaid = Unsaid::Closed(why);
        self.reading.found(Reading::Waiting);
        Step::Next
    }

    /// No use in waiting or writing.
    fn abandon(&mut self) {
        self.out.drop_all();
        self.deadlines.clear_all();
        self.state = State::Over(Farewell::Done);
    }
}

impl Unsaid {
    fn next(&mut self) -> Option<ServerEvent<'static>> {
        let (event, then) = match *self {
            Unsaid::Nothing => return None,
            Unsaid::Aborted(why) => (ServerEvent::Aborted, Unsaid::Closed(why)),
            Unsaid::Closed(why) => (ServerEvent::Closed(why), Unsaid::Nothing),
        };
        *self = then;
        Some(event)
    }
}

impl Machine for ServerConnection {
    type Event<'i> = ServerEvent<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<ServerEvent<'i>> {
        let step = loop {
            match self.step(input, now) {
                Step::Next => {}
                Step::Dry if self.reading == Reading::Ended => match self.lose(now) {
                    Step::Next => {}
                    step => break step,
                },
                step => break step,
            }
        };
        self.reading.found(match &step {
            // What was pipelined waits, and more of it is not wanted.
            Step::Dry if input.raw_len() <= self.options.pipelined => Reading::Dry,
            _ => Reading::Waiting,
        });
        match step {
            Step::Tell(event) => Some(event),
            Step::Lend(n) => Some(ServerEvent::Body(input.take(n))),
            Step::Next | Step::Dry | Step::Full => None,
        }
    }

    fn wants_input(&self) -> bool {
        let matters = !matches!(self.state, State::Switched | State::Over(Farewell::Done));
        matters && self.reading == Reading::Dry
    }

    fn handle_eof(&mut self, _now: Instant) {
        // What lies in the input unread is still looked at.
        self.reading = Reading::Ended;
        if matches!(self.state, State::Over(Farewell::Lingering)) {
            self.abandon();
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(deadline) = self.deadlines.expired(now) {
            self.expire(deadline, now);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        if !self.out.out.is_empty() {
            return Some(Transmit::Bytes(&mut self.out.out));
        }
        let waits = match self.state {
            State::Over(Farewell::Saying) => self.reading != Reading::Ended,
            State::Over(Farewell::Parting) => false,
            _ => return None,
        };
        self.state = State::Over(Farewell::Lingering);
        if !waits {
            self.abandon();
        }
        Some(Transmit::Shutdown)
    }

    fn attach(&mut self, pool: &mut Pool) {
        self.out.out.attach(pool);
    }

    fn detach(&mut self, pool: &mut Pool) {
        if self.out.out.is_empty() {
            self.out.out.release(pool);
        }
    }

    fn is_finished(&self) -> bool {
        matches!(self.state, State::Over(Farewell::Done)) && self.unsaid == Unsaid::Nothing
    }
}
