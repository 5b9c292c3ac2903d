//! Who is let in, and where he belongs.

use alloc::borrow::Cow;

use sansocket_core::{Request, Response};

use super::Server;
use super::exchange::{Reply, Shape};
use super::ids::SessionId;
use super::query::Query;
use super::refusal::{Asker, Refusal};
use super::session::Speech;
use super::sid::Sid;
use crate::{Binary, Protocol, Transport};

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To be answered.
    Exchange,
    /// To become a WebSocket.
    WebSocket,
}

/// What a request asks for that would be let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    /// A new session.
    Handshake,
    /// It belongs to this one.
    Session(SessionId),
}

/// A request that is let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admitted {
    New(Speech),
    Known(SessionId),
}

impl Server {
    /// Would this request be let in, and what does it ask for? Nothing changes. For servers that have a say in who may
    /// begin a session: look at it when the answer is [`Asks::Handshake`], and [`refuse`](Server::refuse) it.
    ///
    /// # Errors
    /// [`Refusal`]: what it would be told.
    pub fn check(&self, request: &Request, purpose: Purpose) -> Result<Asks, Refusal> {
        Ok(match self.admit(request, &Query::of(request), purpose)? {
            Admitted::New(_) => Asks::Handshake,
            Admitted::Known(session) => Asks::Session(session),
        })
    }

    /// The answer that says no, with a message that clients show. For a WebSocket that is not wanted answer with this
    /// instead of [`handle_upgrade`](Server::handle_upgrade), for a request instead of
    /// [`handle_request`](Server::handle_request).
    pub fn refuse(
        &self,
        request: &Request,
        purpose: Purpose,
        message: impl Into<Cow<'static, str>>,
    ) -> Response {
        let refusal = Refusal::Forbidden(message.into());
        match purpose {
            Purpose::WebSocket => refusal.response(Asker::WebSocket),
            Purpose::Exchange => {
                let headers =
                    self.options.cors.as_ref().map(|cors| cors.headers(request)).unwrap_or_default();
                Shape::new(request, None, headers, &self.options).answer(Reply::Refused(refusal))
            }
        }
    }

    /// The order of the checks is that of the servers clients were written for, so that the same is answered where
    /// several things are wrong.
    pub(super) fn admit(
        &self,
        request: &Request,
        query: &Query<'_>,
        purpose: Purpose,
    ) -> Result<Admitted, Refusal> {
        let transport = query.transport.as_deref().and_then(Transport::named);
        let transport =
            transport.filter(|wanted| self.options.offers(*wanted)).ok_or(Refusal::UnknownTransport)?;
        if request.headers.get("origin").is_some_and(|origin| !is_header(origin)) {
            return Err(Refusal::BadRequest);
        }
        let fits = match purpose {
            Purpose::Exchange => Transport::Polling,
            Purpose::WebSocket => Transport::WebSocket,
        };
        match query.sid.as_deref() {
            Some(sid) => self.admit_known(sid, transport, fits, query.eio.as_deref()),
            None if request.method != "GET" => Err(Refusal::HandshakeMethod),
            None if transport != fits => Err(Refusal::BadRequest),
            None => self.admit_new(query),
        }
    }

    fn admit_known(
        &self,
        sid: &str,
        transport: Transport,
        fits: Transport,
        eio: Option<&str>,
    ) -> Result<Admitted, Refusal> {
        let session = Sid::parse(sid).and_then(|sid| self.known_by(sid)).ok_or(Refusal::UnknownSession)?;
        let known = &self.sessions[session].session;
        // A session on polls may send for a WebSocket; otherwise it keeps to what it has.
        let right_transport =
            transport == fits && (fits == Transport::WebSocket || known.transport() == transport);
        if !right_transport || revision(eio) != Some(known.protocol()) {
            return Err(Refusal::BadRequest);
        }
        Ok(Admitted::Known(session))
    }

    fn admit_new(&self, query: &Query<'_>) -> Result<Admitted, Refusal> {
        let protocol = revision(query.eio.as_deref()).ok_or(Refusal::ProtocolVersion)?;
        if protocol == Protocol::V3 && !self.options.allow_eio3 {
            return Err(Refusal::ProtocolVersion);
        }
        if self.is_closed {
            return Err(Refusal::ShuttingDown);
        }
        if self.options.max_sessions.is_some_and(|most| self.sessions.len() >= most) {
            return Err(Refusal::TooManySessions);
        }
        let only_text = query.base64.as_ref().is_some_and(|value| !value.is_empty());
        let binary = if only_text { Binary::Base64 } else { Binary::Raw };
        Ok(Admitted::New(Speech { protocol, binary }))
    }
}

/// Clients from before there was a revision to name speak the third.
fn revision(eio: Option<&str>) -> Option<Protocol> {
    match eio {
        Some("4") => Some(Protocol::V4),
        None | Some("3") => Some(Protocol::V3),
        Some(_) => None,
    }
}

/// May this stand in a header (RFC 9110 §5.5)?
fn is_header(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..))
}
