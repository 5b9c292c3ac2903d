//! Requests and their responses.

use sansocket_core::{Instant, Request, Response};

use super::life::{Phase, Why};
use super::sockets::Carrier;
use super::{Client, Fault};
use crate::content::Content;
use crate::inlet::Item;
use crate::{Form, Packet, PayloadLimits, PayloadReader, Reason, Transport};

/// How much of one poll's answer is read: all of it. Its bytes are limited where it is received, and no packet is looked
/// at before it is asked for.
const LIMITS: PayloadLimits = PayloadLimits { packets: None };

/// A request that a [`Client`] wants to be made. Never given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(u64);

/// The requests under way: at most one of each kind.
#[derive(Default, Debug)]
pub(crate) struct Polls {
    get: Option<RequestId>,
    post: Option<RequestId>,
    /// How many requests there were.
    pub(crate) number: u64,
}

impl Polls {
    pub(crate) fn are_quiet(&self) -> bool {
        self.get.is_none() && self.post.is_none()
    }

    /// Whatever comes of them does not matter any more.
    pub(crate) fn forget(&mut self) {
        (self.get, self.post) = (None, None);
    }
}

/// Requests.
impl Client {
    /// The next request to be made. There are at most two at a time: a poll, which takes half a minute and more, and one
    /// that brings packets; so they want two connections. `Host` and what frames the body is left to whoever makes it.
    pub fn poll_request(&mut self, now: Instant) -> Option<(RequestId, Request)> {
        self.settle(now);
        if self.carrier != Carrier::Polls || self.is_pausing() {
            return None;
        }
        if self.may_post() {
            return Some(self.post(now));
        }
        self.may_get().then(|| self.get(now))
    }

    /// Is the answer to this request still waited for? If not, its connection may be dropped.
    pub fn awaits(&self, request: RequestId) -> bool {
        [self.polls.get, self.polls.post].contains(&Some(request))
    }

    /// A request was answered.
    pub fn handle_response(&mut self, request: RequestId, response: Response, now: Instant) {
        self.settle(now);
        if !self.awaits(request) {
            return;
        }
        if self.options.cookies {
            self.cookies.keep(&response, now);
        }
        if response.status != 200 {
            return self.fail(Fault::Status(response.status), now);
        }
        if self.polls.get.take_if(|get| *get == request).is_some() {
            self.life.deadlines.clear(Why::Get);
            let form = Content::of(&response.headers).form(self.life.protocol);
            self.inlet.push(Item::Body(PayloadReader::new(form, response.body, LIMITS)));
        } else {
            self.polls.post = None;
            self.life.deadlines.clear(Why::Post);
            if self.life.phase == Phase::Leaving {
                self.end(Reason::ForcedClose);
            }
        }
        self.switch();
    }

    /// A request will not be answered: there was no connection, or it broke.
    pub fn handle_failure(&mut self, request: RequestId, now: Instant) {
        self.settle(now);
        if self.awaits(request) {
            self.fail(Fault::Request, now);
        }
    }

    fn may_post(&self) -> bool {
        let wants = match self.life.phase {
            Phase::Open => !self.life.outlet.is_empty(),
            Phase::Closing => true,
            Phase::Opening | Phase::Leaving | Phase::Ended => false,
        };
        wants && self.polls.post.is_none()
    }

    /// What came is read before more is asked for.
    fn may_get(&self) -> bool {
        let wants = matches!(self.life.phase, Phase::Opening | Phase::Open | Phase::Closing);
        wants && self.polls.get.is_none() && !self.inlet.has_body()
    }

    fn get(&mut self, now: Instant) -> (RequestId, Request) {
        let request = self.asking().get(Transport::Polling, now);
        let id = RequestId(self.polls.number);
        self.polls.get = Some(id);
        self.limit(Why::Get, now);
        (id, request)
    }

    fn post(&mut self, now: Instant) -> (RequestId, Request) {
        let form = self.life.outlet.form(self.life.protocol, self.options.binary);
        // What the server takes. Of older ones nobody knows.
        let most = self.open.as_ref().and_then(|open| open.max_payload).unwrap_or(usize::MAX);
        // A goodbye goes by itself: so it is known to be the last.
        let mut goodbye = self.life.outlet.is_empty().then_some(Packet::Close);
        if goodbye.is_some() {
            self.life.phase = Phase::Leaving;
        }
        let payload = self.life.outlet.payload(form, most, &mut goodbye);
        self.relieved();
        let content_type = match form {
            Form::V3Binary => "application/octet-stream",
            Form::V4 | Form::V3Text => "text/plain;charset=UTF-8",
        };
        let request = self.asking().post(payload.body, content_type, now);
        let id = RequestId(self.polls.number);
        self.polls.post = Some(id);
        self.limit(Why::Post, now);
        (id, request)
    }

    fn limit(&mut self, why: Why, now: Instant) {
        if let Some(timeout) = self.options.request_timeout {
            self.life.deadlines.set(why, now + timeout);
        }
    }
}
