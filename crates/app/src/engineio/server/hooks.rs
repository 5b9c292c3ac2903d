//! What a server's user has a say in.

use std::borrow::Cow;
use std::pin::Pin;

use sansocket_core::{Headers, Request};
use sansocket_engineio::server::Asks;

use crate::websocket::Asked;

/// A future of somebody else.
pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Why somebody may not begin a session: what clients show.
pub type Refusal = Cow<'static, str>;

pub(super) type Allow = Box<dyn Fn(Asked) -> Boxed<Result<(), Refusal>> + Send + Sync>;
type Added = Box<dyn Fn(&Request, Occasion) -> Headers + Send + Sync>;

/// When headers are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// The request wants a new session.
    First,
    /// It belongs to one, or is wrong.
    Later,
}

impl Occasion {
    /// That of a request which wants this of the hub, if it is right at all.
    pub(super) fn of(asks: Option<Asks>) -> Occasion {
        if asks == Some(Asks::Handshake) { Occasion::First } else { Occasion::Later }
    }
}

/// What an engine's user has a say in.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) allow: Option<Allow>,
    pub(super) headers: Option<Added>,
}

impl Hooks {
    /// Does anybody want to look at requests?
    pub(super) fn are_set(&self) -> bool {
        self.allow.is_some() || self.headers.is_some()
    }

    /// Whoever is asked about a request on this occasion.
    pub(super) fn allow(&self, occasion: Occasion) -> Option<&Allow> {
        self.allow.as_ref().filter(|_| occasion == Occasion::First)
    }

    /// What all answers to `request` say.
    pub(super) fn headers(&self, request: &Request, occasion: Occasion) -> Headers {
        self.headers.as_ref().map(|headers| headers(request, occasion)).unwrap_or_default()
    }
}
