//! A client's connection: requests go out, answers come in, one after the other.
//!
//! | you want to | take |
//! |---|---|
//! | ask | [`ClientConnection::send`] |
//! | get answers with their bodies | [`Delivery::Whole`], [`ClientEvent::Response`] |
//! | look at a head before its body, or get the body in pieces | [`Delivery::Pieces`], [`ClientEvent::Head`] |
//! | go on in WebSocket | [`ClientEvent::Switched`], [`ClientConnection::into_parts`] |
//! | know whether to ask again elsewhere | [`ClientClosed::Unanswered`] |
//!
//! ```
//! use std::sync::Arc;
//!
//! use sansocket_core::{Input, Instant, Machine, Pool, Request, Transmit};
//! use sansocket_http1::{ClientConnection, ClientEvent, ClientOptions};
//!
//! let (mut input, mut pool, now) = (Input::default(), Pool::default(), Instant::ZERO);
//! let mut client = ClientConnection::new(Arc::new(ClientOptions::default()), now);
//!
//! // Above: one request at a time.
//! let mut request = Request::get("/a");
//! request.headers.add("Host", "example.org");
//! client.send(&request, now)?;
//!
//! // Below: bytes leave, and others come.
//! let Some(Transmit::Bytes(out)) = client.poll_transmit() else { panic!("a request") };
//! assert_eq!(out.flat().unwrap(), b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n");
//! out.written(usize::MAX);
//! input.fill(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", &mut pool);
//!
//! // Above again.
//! while let Some(event) = client.poll_event(&mut input, now) {
//!     match event {
//!         ClientEvent::Response(response) => assert_eq!(response.body, "hello"),
//!         ClientEvent::Switched(_) => println!("on to the other protocol"),
//!         ClientEvent::Closed(why) => println!("{why}"),
//!         ClientEvent::Head { .. } | ClientEvent::Body(_) | ClientEvent::End => unreachable!("in pieces only"),
//!     }
//! }
//! assert!(client.is_ready());
//! # Ok::<(), sansocket_http1::client::RequestError>(())
//! ```

mod event;
mod options;

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{
    Deadlines, Input, Instant, Machine, Pool, Reason, Request, Response, Transmit, Version,
};

use crate::asked::{Asked, Wish};
use crate::body::{BodyReader, Ready};
use crate::persistence::Persistence;
use crate::wire::{NotSwitched, Outgoing, Parts, Reading, after};
use crate::{Deadline, Delivery, Framing, ResponseReader, encode_request};

pub use event::{ClientClosed, ClientEvent, Fault, RequestError};
pub use options::ClientOptions;

/// One connection of a client: a [`Machine`] that sends requests and reads their answers, one at a time.
///
/// ```text
///            send()             head                 body complete
///  Ready ────────────▶ Waiting ──────▶ Answer ───────────────────▶ Ready ▶ …
///    │ idle, close()      │ lost, slow    │ lost, wrong, slow        │ Connection: close
///    ▼                    ▼               ▼                          ▼
///  Closed               Closed          Closed                     Closed
/// ```
///
/// Each request that was sent is followed by exactly one of these: the whole answer,
/// [`Switched`](ClientEvent::Switched), or [`Closed`](ClientEvent::Closed). What answers nothing is a fault, for behind
/// one answer too many all others would be taken for those of other requests. Redirects are not followed.
///
/// An answer may begin before its request was written to the end: then the rest stays away, and the connection ends
/// with the answer.
#[derive(Debug)]
pub struct ClientConnection {
    options: Arc<ClientOptions>,
    state: State,
    out: Outgoing,
    deadlines: Deadlines<Deadline, { Deadline::ALL.len() }>,
    reading: Reading,
    /// What the next poll has to say.
    unsaid: Option<ClientClosed>,
}

#[derive(Debug)]
enum State {
    /// Nothing is asked.
    Ready,
    /// The head of an answer is waited for.
    Waiting(Box<Waiting>),
    /// The body of an answer is read.
    Answer(Box<Answer>),
    /// Time to become another machine.
    Switched,
    /// The transport has to be told that nothing follows.
    Over,
    /// It was told.
    Shut,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    reader: ResponseReader,
    /// Interim responses so far.
    interim: u8,
}

#[derive(Debug)]
struct Answer {
    /// The response while its body is gathered.
    response: Option<Box<Response>>,
    reader: BodyReader,
    persistence: Persistence,
}

/// What one step came to.
enum Step {
    /// To another one.
    Next,
    Tell(ClientEvent<'static>),
    /// So many raw bytes are the user's.
    Lend(usize),
    /// Something has to come from outside.
    Dry,
}

/// Commands.
impl ClientConnection {
    /// A connection that has just been made (TLS and all).
    pub fn new(options: Arc<ClientOptions>, now: Instant) -> ClientConnection {
        let mut deadlines = Deadlines::default();
        deadlines.set(Deadline::Idle, after(now, options.idle_timeout));
        ClientConnection {
            options,
            state: State::Ready,
            out: Outgoing::default(),
            deadlines,
            reading: Reading::Waiting,
            unsaid: None,
        }
    }

    /// Would a request be sent now? Not while one is in progress, and not after the last.
    pub fn is_ready(&self) -> bool {
        self.check_ready().is_ok()
    }

    /// Sends `request`, with its body and the `Content-Length` of that. `Host` is yours to say; so is
    /// `Connection: close`, if it is the last request, and what goes with an upgrade.
    ///
    /// # Errors
    /// [`RequestError`]; nothing was queued.
    pub fn send(&mut self, request: &Request, now: Instant) -> Result<(), RequestError> {
        self.check_ready()?;
        if request.method == "CONNECT" {
            return Err(RequestError::Connect);
        }
        let hosts = request.headers.get_all("host").count();
        if hosts > 1 || (hosts == 0 && request.version == Version::Http11) {
            return Err(RequestError::Host);
        }
        self.out.queue(|out| encode_request(request, out))?;
        self.deadlines.clear(Deadline::Idle);
        if let Some(head_timeout) = self.options.head_timeout {
            self.deadlines.set(Deadline::Head, after(now, head_timeout));
        }
        self.watch_output(now);
        let reader = ResponseReader::new(self.options.head);
        self.state = State::Waiting(Box::new(Waiting { asked: Asked::of(request), reader, interim: 0 }));
        Ok(())
    }

    /// Ends the connection at once; a request in progress stays unanswered. A second call is a no-op.
    pub fn close(&mut self) {
        if !matches!(self.state, State::Switched | State::Over | State::Shut) {
            self.end(ClientClosed::Done);
        }
    }

    /// What the next protocol goes on with, beside the same [`Input`].
    ///
    /// # Errors
    /// [`NotSwitched`]: wait for [`ClientEvent::Switched`].
    pub fn into_parts(self) -> Result<Parts, NotSwitched> {
        match self.state {
            State::Switched => Ok(Parts { out: self.out.out, has_ended: self.reading == Reading::Ended }),
            _ => Err(NotSwitched),
        }
    }

    fn check_ready(&self) -> Result<(), RequestError> {
        match self.state {
            State::Ready if self.reading != Reading::Ended => Ok(()),
            State::Waiting(_) | State::Answer(_) => Err(RequestError::Busy),
            State::Ready | State::Switched | State::Over | State::Shut => Err(RequestError::Closed),
        }
    }
}

/// Reading.
impl ClientConnection {
    fn step(&mut self, input: &mut Input, now: Instant) -> Result<Step, Fault> {
        if let Some(why) = self.unsaid.take() {
            return Ok(Step::Tell(ClientEvent::Closed(why)));
        }
        match &mut self.state {
            State::Ready if input.has_raw() => Err(Fault::Unasked),
            State::Ready | State::Switched => Ok(Step::Dry),
            State::Waiting(waiting) => match waiting.reader.read(input)? {
                Some(response) => self.look_at(response, now),
                None => Ok(Step::Dry),
            },
            State::Answer(answer) => match answer.advance(input)? {
                Step::Tell(event) => {
                    self.complete(input, now);
                    Ok(Step::Tell(event))
                }
                step => Ok(step),
            },
            State::Over | State::Shut => {
                input.drop_held();
                input.skip(input.raw_len());
                Ok(Step::Dry)
            }
        }
    }

    /// The head of `response` has come.
    fn look_at(&mut self, response: Response, now: Instant) -> Result<Step, Fault> {
        let State::Waiting(waiting) = &mut self.state else { return Ok(Step::Dry) };
        let asked = waiting.asked;
        match response.status {
            101 if asked.wish == Wish::Switch && switches(&response) => {
                self.state = State::Switched;
                self.deadlines.clear_all();
                return Ok(Step::Tell(ClientEvent::Switched(Box::new(response))));
            }
            101 => return Err(Fault::Switched),
            100..=199 if waiting.interim == self.options.interim => return Err(Fault::TooManyInterim),
            100..=199 => {
                waiting.interim += 1;
                return Ok(Step::Next);
            }
            _ => {}
        }
        let framing = Framing::of_response(&response, asked.method.name())?;
        let reader = BodyReader::new(framing, self.options.delivery.bound(self.options.body))?;
        let persistence = match framing {
            Framing::UntilEof => Persistence::Close,
            _ => asked.persistence.and(Persistence::of(&response.headers, response.version)),
        };
        self.deadlines.clear(Deadline::Head);
        self.deadlines.set(Deadline::Body, after(now, self.options.body_timeout));
        let response = Box::new(response);
        let (gathered, step) = match self.options.delivery {
            Delivery::Whole => (Some(response), Step::Next),
            Delivery::Pieces => (None, Step::Tell(ClientEvent::Head { response, framing })),
        };
        self.state = State::Answer(Box::new(Answer { response: gathered, reader, persistence }));
        Ok(step)
    }

    /// The answer is complete.
    fn complete(&mut self, input: &Input, now: Instant) {
        let State::Answer(answer) = &self.state else { return };
        if answer.persistence == Persistence::Close || !self.out.out.is_empty() {
            return self.end(ClientClosed::Done);
        }
        // RFC 9112 §9.2: what lies behind an answer answers nothing, least of all what is asked next.
        if input.has_raw() {
            return self.end(Fault::Unasked.into());
        }
        self.state = State::Ready;
        self.deadlines.clear(Deadline::Body);
        self.deadlines.set(Deadline::Idle, after(now, self.options.idle_timeout));
    }

    /// The stream has ended, and all that came was looked at.
    fn lose(&mut self) -> Step {
        let why = match &mut self.state {
            State::Ready => ClientClosed::Done,
            State::Waiting(waiting) if waiting.interim == 0 && !waiting.reader.has_begun() => {
                ClientClosed::Unanswered
            }
            State::Waiting(_) => ClientClosed::Lost,
            State::Answer(answer) => match answer.reader.handle_eof() {
                // A body may end with the stream.
                Ok(()) => return Step::Next,
                Err(_) => ClientClosed::Lost,
            },
            State::Switched | State::Over | State::Shut => return Step::Dry,
        };
        self.end(why);
        Step::Next
    }
}

/// Ending.
impl ClientConnection {
    fn end(&mut self, why: ClientClosed) {
        self.out.drop_all();
        self.deadlines.clear_all();
        self.state = State::Over;
        self.unsaid = Some(why);
        self.reading.found(Reading::Waiting);
    }

    /// There is something to be written.
    fn watch_output(&mut self, now: Instant) {
        self.out.has_moved();
        self.deadlines.set(Deadline::Write, after(now, self.options.write_timeout));
    }

    fn expire(&mut self, deadline: Deadline, now: Instant) {
        match deadline {
            Deadline::Write if self.out.out.is_empty() => {}
            Deadline::Write if self.out.has_moved() => self.watch_output(now),
            _ => self.end(ClientClosed::Timeout(deadline)),
        }
    }
}

impl Answer {
    /// Goes on with the body. What there is to tell is its end.
    fn advance(&mut self, input: &mut Input) -> Result<Step, Fault> {
        if self.response.is_none() {
            return Ok(match self.reader.ready(input)? {
                Ready::Data(n) => Step::Lend(n),
                Ready::End => Step::Tell(ClientEvent::End),
                Ready::Dry => Step::Dry,
            });
        }
        let Some(body) = self.reader.gather(input)? else { return Ok(Step::Dry) };
        let Some(mut response) = self.response.take() else { return Ok(Step::Dry) };
        response.body = body;
        Ok(Step::Tell(ClientEvent::Response(response)))
    }
}

/// RFC 9110 §15.2.2: a 101 says in `Upgrade` what it switches to, and lists that in `Connection` (§7.8).
fn switches(response: &Response) -> bool {
    let headers = &response.headers;
    response.version == Version::Http11
        && headers.contains("upgrade")
        && headers.has_token("connection", "upgrade")
}

impl Machine for ClientConnection {
    type Event<'i> = ClientEvent<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<ClientEvent<'i>> {
        let step = loop {
            match self.step(input, now) {
                Err(fault) => self.end(fault.into()),
                Ok(Step::Next) => {}
                Ok(Step::Dry) if self.reading == Reading::Ended => match self.lose() {
                    Step::Next => {}
                    step => break step,
                },
                Ok(step) => break step,
            }
        };
        self.reading.found(if matches!(step, Step::Dry) { Reading::Dry } else { Reading::Waiting });
        match step {
            Step::Tell(event) => Some(event),
            Step::Lend(n) => Some(ClientEvent::Body(input.take(n))),
            Step::Next | Step::Dry => None,
        }
    }

    fn wants_input(&self) -> bool {
        let matters = !matches!(self.state, State::Switched | State::Over | State::Shut);
        matters && self.reading == Reading::Dry
    }

    fn handle_eof(&mut self, _now: Instant) {
        // What lies in the input unread may still be the answer.
        self.reading = Reading::Ended;
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
        if !matches!(self.state, State::Over) {
            return None;
        }
        self.state = State::Shut;
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
        matches!(self.state, State::Shut) && self.unsaid.is_none()
    }
}
