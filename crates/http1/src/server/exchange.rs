//! One request and its answer.

use alloc::boxed::Box;
use alloc::string::ToString;

use bytes::Bytes;
use sansocket_core::{Input, Outbox, Request, Response, Version};

use super::event::{AnswerError, Fault};
use super::options::Wording;
use crate::asked::{Asked, Method};
use crate::body::{BodyReader, Ready};
use crate::encode::{self, Head};
use crate::persistence::Persistence;
use crate::{BodyError, BodyLimits, EncodeError, Framing};

/// One request, from the end of its head until both it and its answer are complete.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) asked: Asked,
    /// The request while its body is gathered: the user knows nothing of it yet.
    request: Option<Box<Request>>,
    body: Body,
    consent: Consent,
    pub(super) answer: Answer,
}

/// How much of a request's body has come, and where it goes.
#[derive(Debug)]
enum Body {
    /// To the input, until it is whole.
    Gathered(BodyReader),
    /// To the user.
    Lent(BodyReader),
    /// Nowhere, for the answer was complete before: so many bytes at most.
    Drained {
        reader: BodyReader,
        left: u64,
    },
    Complete,
}

/// How far a body has come.
pub(super) enum Advance {
    /// To the end, and here it is with its request.
    Whole(Box<Request>),
    /// So many raw bytes are the user's.
    Lend(usize),
    End,
    /// To the end, behind the answer.
    Drained,
    /// More was to be thrown away than is allowed.
    Flooded,
    /// More bytes are needed.
    Dry,
}

/// Whether the client waits for `100 Continue` before it sends the body.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Consent {
    Unasked,
    Due,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Answer {
    Due,
    /// Begun, and not finished.
    Begun(Coding, Persistence),
    Given,
}

/// How a streamed answer tells where it ends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Coding {
    Chunked,
    /// With the stream, for HTTP/1.0 knows no chunks.
    UntilEof,
    /// Nothing of it is sent: to `HEAD`, and with a status that goes without a body.
    Nothing,
}

impl Asked {
    /// The head of `response`, but for what says how the body ends.
    fn head(self, response: &Response, persistence: Persistence) -> Result<Head, EncodeError> {
        // RFC 9110 §6.2: the version of an answer is that of the server.
        let mut head = Head::of_status(response.status, Version::Http11)?;
        head.fields(&response.headers, &[encode::FRAMING[0], encode::FRAMING[1], "connection"])?;
        let says = match (persistence, self.version) {
            (Persistence::Close, _) => Some("close"),
            (Persistence::Keep, Version::Http10) => Some("keep-alive"),
            (Persistence::Keep, _) => None,
        };
        // RFC 9110 §7.8: whoever sends Upgrade lists it in Connection.
        let upgrade = response.headers.contains("upgrade").then_some("Upgrade");
        match (says, upgrade) {
            (Some(says), Some(upgrade)) => head.field("Connection", &[says, ", ", upgrade].concat()),
            (Some(one), None) | (None, Some(one)) => head.field("Connection", one),
            (None, None) => {}
        }
        Ok(head)
    }

    /// Queues a whole answer.
    pub(super) fn answer(
        self,
        response: &Response,
        persistence: Persistence,
        out: &mut Outbox,
    ) -> Result<(), EncodeError> {
        let mut head = self.head(response, persistence)?;
        let has_body = encode::may_have_body(response.status);
        if has_body {
            head.length(response.body.len());
        }
        let is_sent = has_body && self.method != Method::Head;
        let none = Bytes::new();
        head.queue(if is_sent { &response.body } else { &none }, out);
        Ok(())
    }

    /// How the end of a streamed answer with this status is told.
    pub(super) fn coding(self, status: u16) -> Coding {
        match self.version {
            _ if self.method == Method::Head || !encode::may_have_body(status) => Coding::Nothing,
            Version::Http10 => Coding::UntilEof,
            _ => Coding::Chunked,
        }
    }

    /// Queues the head of a streamed answer.
    pub(super) fn begin(
        self,
        response: &Response,
        coding: Coding,
        persistence: Persistence,
        out: &mut Outbox,
    ) -> Result<(), EncodeError> {
        let mut head = self.head(response, persistence)?;
        if coding == Coding::Chunked {
            head.field("Transfer-Encoding", "chunked");
        }
        head.queue(&Bytes::new(), out);
        Ok(())
    }
}

impl Coding {
    pub(super) fn persistence(self) -> Persistence {
        if self == Coding::UntilEof { Persistence::Close } else { Persistence::Keep }
    }

    /// Queues a piece of an answer.
    pub(super) fn append(self, bytes: &[u8], out: &mut Outbox) {
        match self {
            // A chunk of no bytes would be the end.
            _ if bytes.is_empty() => {}
            Coding::Nothing => {}
            Coding::UntilEof => out.extend(bytes),
            Coding::Chunked => {
                out.extend(alloc::format!("{:x}\r\n", bytes.len()).as_bytes());
                out.extend(bytes);
                out.extend(b"\r\n");
            }
        }
    }

    /// Queues the end of an answer.
    pub(super) fn finish(self, out: &mut Outbox) {
        if self == Coding::Chunked {
            out.extend(b"0\r\n\r\n");
        }
    }
}

impl Exchange {
    /// A request whose head is right, and how its body ends.
    ///
    /// # Errors
    /// [`Fault`]
    pub(super) fn admit(
        request: &Request,
        asked: Asked,
        limits: BodyLimits,
    ) -> Result<(Framing, Exchange), Fault> {
        if matches!(&*request.method, "CONNECT" | "TRACE") {
            return Err(Fault::Method);
        }
        let framing = Framing::of_request(request)?;
        let consent = consent(request, framing)?;
        let body = Body::Lent(BodyReader::new(framing, limits)?);
        Ok((framing, Exchange { asked, request: None, body, consent, answer: Answer::Due }))
    }

    /// The user gets `request` when its body is whole.
    pub(super) fn gather(&mut self, request: Box<Request>) {
        if let Body::Lent(reader) = core::mem::replace(&mut self.body, Body::Complete) {
            (self.request, self.body) = (Some(request), Body::Gathered(reader));
        }
    }

    /// The body is wanted: has the client to be told so, now?
    pub(super) fn gives_consent(&mut self) -> bool {
        let is_due = self.consent == Consent::Due && self.answer == Answer::Due;
        if is_due {
            self.consent = Consent::Unasked;
        }
        is_due
    }

    /// Goes on with the body.
    pub(super) fn advance(&mut self, input: &mut Input) -> Result<Advance, BodyError> {
        let advance = match &mut self.body {
            Body::Gathered(reader) => {
                let Some(body) = reader.gather(input)? else { return Ok(Advance::Dry) };
                let Some(mut request) = self.request.take() else { return Ok(Advance::Dry) };
                request.body = body;
                Advance::Whole(request)
            }
            Body::Lent(reader) => match reader.ready(input)? {
                Ready::Data(n) => Advance::Lend(n),
                Ready::End => Advance::End,
                Ready::Dry => Advance::Dry,
            },
            Body::Drained { reader, left } => drain(reader, left, input)?,
            Body::Complete => Advance::Dry,
        };
        if matches!(advance, Advance::Whole(_) | Advance::End) {
            self.body = Body::Complete;
        }
        Ok(advance)
    }

    /// Is there nothing left to read of the request?
    pub(super) fn is_read(&self) -> bool {
        match &self.body {
            Body::Lent(reader) => reader.left() == Some(0),
            Body::Gathered(_) | Body::Drained { .. } => false,
            Body::Complete => true,
        }
    }

    /// Throws away what is left of the body, if anything is: `most` bytes at most.
    pub(super) fn drain(&mut self, most: u64) {
        if let Body::Lent(reader) = core::mem::replace(&mut self.body, Body::Complete) {
            self.body = Body::Drained { reader, left: most };
        }
    }

    /// Does the user know of the request, and has not answered it?
    pub(super) fn is_users(&self) -> bool {
        self.answer != Answer::Given && self.request.is_none()
    }

    /// The request waits for an answer of which nothing was said.
    ///
    /// # Errors
    /// [`AnswerError::NotAsked`], [`AnswerError::Begun`].
    pub(super) fn check_due(&self) -> Result<(), AnswerError> {
        match self.answer {
            Answer::Due if self.is_users() => Ok(()),
            Answer::Begun(..) => Err(AnswerError::Begun),
            Answer::Due | Answer::Given => Err(AnswerError::NotAsked),
        }
    }

    /// Can the connection go on, if the answer comes now, and `drain` bytes of the body at most are read for that?
    pub(super) fn persistence(&self, drain: u64) -> Persistence {
        let goes_on = match &self.body {
            // RFC 9110 §10.1.1: a client that was not told to continue may send the body, or not; nobody can know.
            Body::Lent(_) if self.consent == Consent::Due => false,
            Body::Lent(reader) => reader.left().is_none_or(|left| left <= drain),
            Body::Gathered(_) | Body::Drained { .. } => false,
            Body::Complete => true,
        };
        if goes_on { self.asked.persistence } else { Persistence::Close }
    }
}

/// Throws raw bytes away, as far as they are of the body.
fn drain(reader: &mut BodyReader, left: &mut u64, input: &mut Input) -> Result<Advance, BodyError> {
    loop {
        match reader.ready(input)? {
            Ready::Data(n) => match left.checked_sub(n as u64) {
                None => return Ok(Advance::Flooded),
                Some(rest) => {
                    input.skip(n);
                    *left = rest;
                }
            },
            Ready::End => return Ok(Advance::Drained),
            Ready::Dry => return Ok(Advance::Dry),
        }
    }
}

/// Does `request` wait for `100 Continue`?
///
/// # Errors
/// [`Fault::Expectation`], if it waits for anything else.
fn consent(request: &Request, framing: Framing) -> Result<Consent, Fault> {
    let is_continue = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
    match request.headers.get("expect") {
        None => Ok(Consent::Unasked),
        // RFC 9110 §10.1.1: a 100-continue of HTTP/1.0 must be ignored.
        Some(_) if request.version == Version::Http10 => Ok(Consent::Unasked),
        Some(_) if !request.headers.get_all("expect").all(is_continue) => Err(Fault::Expectation),
        Some(_) if framing.is_empty() => Ok(Consent::Unasked),
        Some(_) => Ok(Consent::Due),
    }
}

/// What is answered to a request that went wrong.
pub(super) fn refusal(status: u16, reason: &impl ToString, wording: Wording) -> Response {
    match wording {
        Wording::Nothing => Response::new(status),
        Wording::Reason => Response::new(status)
            .with_header("Content-Type", "text/plain; charset=utf-8")
            .with_body(reason.to_string() + "\n"),
    }
}
