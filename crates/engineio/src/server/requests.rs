//! Requests, and their answers.

use bytes::Bytes;
use sansocket_core::{Instant, Request, Response};

use super::Server;
use super::admission::{Admitted, Purpose};
use super::exchange::{Exchange, Reply, Shape};
use super::ids::{ExchangeId, SessionId};
use super::query::Query;
use super::refusal::Refusal;
use super::session::Carrier;
use crate::content::Content;
use crate::jsonp::{self, Index};

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Which request.
    pub exchange: ExchangeId,
    /// What to answer. Headers of your own may be added.
    pub response: Response,
    /// The session that begins with it.
    pub begins: Option<SessionId>,
}

impl Server {
    /// A whole request came. Its answer comes from [`poll_response`](Server::poll_response).
    pub fn handle_request(&mut self, mut request: Request, now: Instant) -> ExchangeId {
        let body = core::mem::take(&mut request.body);
        let exchange = self.handle_head(request, now);
        self.handle_body(exchange, body);
        exchange
    }

    /// The head of a request came. If it has a body go on with [`handle_body`](Server::handle_body), or
    /// [`handle_too_large`](Server::handle_too_large) if that passes
    /// [`max_payload`](super::ServerOptions::max_payload); the answer may come before.
    pub fn handle_head(&mut self, request: Request, now: Instant) -> ExchangeId {
        self.settle_lent();
        let cors = self.options.cors.as_ref();
        if let Some(cors) = cors.filter(|_| request.method == "OPTIONS") {
            let answer = cors.preflight(&request);
            let shape = Shape::new(&request, None, Default::default(), &self.options);
            return self.refer(shape, Reply::Whole(answer));
        }
        let headers = cors.map(|cors| cors.headers(&request)).unwrap_or_default();
        let query = Query::of(&request);
        let jsonp = query.jsonp.as_deref().filter(|_| self.options.allow_jsonp).map(Index::from_query);
        let shape = Shape::new(&request, jsonp, headers, &self.options);
        match self.admit(&request, &query, Purpose::Exchange) {
            Err(refusal) => self.refer(shape, Reply::Refused(refusal)),
            Ok(Admitted::New(speech)) => {
                let session = self.begin(request, speech, Carrier::Polls, now);
                let exchange =
                    self.exchanges.insert(Exchange { session: Some(session), content: Content::Text, shape });
                self.of(session, |session, orders| session.handle_poll(exchange, orders));
                exchange
            }
            Ok(Admitted::Known(session)) => self.enter(session, &request, shape),
        }
    }

    /// The body of a request came.
    pub fn handle_body(&mut self, exchange: ExchangeId, body: Bytes) {
        self.settle_lent();
        let Some(Exchange { session: Some(session), content, shape }) = self.exchanges.get(exchange) else {
            return;
        };
        if body.len() > self.options.max_payload {
            return self.handle_too_large(exchange);
        }
        let (session, content) = (*session, *content);
        let body = if shape.jsonp.is_some() { jsonp::decode(&body).unwrap_or_default() } else { body };
        self.of(session, |session, orders| session.handle_body(exchange, body, content, orders));
    }

    /// The body of a request is larger than it may be, and was not read. Answered with 413; the session goes on.
    pub fn handle_too_large(&mut self, exchange: ExchangeId) {
        self.settle_lent();
        if let Some(session) = self.session_of(exchange) {
            self.of(session, |session, orders| session.handle_too_large(exchange, orders));
        }
    }

    /// Whoever made the request is gone, and with him the session.
    pub fn handle_abort(&mut self, exchange: ExchangeId) {
        self.settle_lent();
        if let Some(session) = self.exchanges.remove(exchange).and_then(|exchange| exchange.session) {
            self.of(session, |session, orders| session.handle_abort(exchange, orders));
        }
    }

    /// The next answer to a request.
    #[inline]
    pub fn poll_response(&mut self) -> Option<Answer> {
        self.settle_lent();
        // As with `poll_ready`.
        if self.orders.replies.is_empty() && self.due.is_empty() { None } else { self.next_response() }
    }

    fn next_response(&mut self) -> Option<Answer> {
        loop {
            if let Some((exchange, reply)) = self.orders.replies.pop_front() {
                // Who is gone is not answered.
                let Some(known) = self.exchanges.remove(exchange) else { continue };
                let response = known.shape.answer(reply);
                return Some(Answer { exchange, response, begins: None });
            }
            let session = self.due.pop_front()?;
            if let Some(answer) = self.answer(session) {
                return Some(answer);
            }
        }
    }

    /// The answer to the poll of `session`.
    fn answer(&mut self, id: SessionId) -> Option<Answer> {
        let seat = self.sessions.get_mut(id)?;
        seat.due = false;
        let exchange = seat.session.answerable()?;
        let known = self.exchanges.remove(exchange)?;
        let payload = seat.session.answer(&known.shape, &mut self.orders);
        let first = !core::mem::replace(&mut seat.greeted, true);
        let cookie =
            self.options.cookie.as_ref().filter(|_| first).map(|cookie| cookie.with(seat.session.sid));
        let response = known.shape.answer(Reply::Payload(payload, cookie));
        self.settle(id);
        Some(Answer { exchange, response, begins: first.then_some(id) })
    }

    /// A request of a session that is here.
    fn enter(&mut self, session: SessionId, request: &Request, shape: Shape) -> ExchangeId {
        let content = Content::of(&request.headers);
        let exchange = self.exchanges.insert(Exchange { session: Some(session), content, shape });
        self.of(session, |session, orders| match request.method.as_str() {
            "GET" => session.handle_poll(exchange, orders),
            // RFC 9110 §15.5.16: what was made smaller would have to grow here, and no client does that.
            "POST" if is_coded(request) => orders.reply(exchange, Reply::Status(415)),
            "POST" => session.handle_post(exchange, content, orders),
            _ => orders.reply(exchange, Reply::Refused(Refusal::Method)),
        });
        exchange
    }

    /// A request that no session hears of.
    fn refer(&mut self, shape: Shape, reply: Reply) -> ExchangeId {
        let exchange = self.exchanges.insert(Exchange { session: None, content: Content::Text, shape });
        self.orders.reply(exchange, reply);
        exchange
    }

    fn session_of(&self, exchange: ExchangeId) -> Option<SessionId> {
        self.exchanges.get(exchange)?.session
    }
}

/// Is the body written in another way than it is meant (RFC 9110 §8.4)?
fn is_coded(request: &Request) -> bool {
    request.headers.get_all("content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}
