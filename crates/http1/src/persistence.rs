//! Whether a connection goes on after an exchange.

use sansocket_core::{Headers, Version};

/// Whether a connection goes on after an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Persistence {
    Keep,
    Close,
}

impl Persistence {
    /// What the head of a message says (RFC 9112 §9.3).
    pub(crate) fn of(headers: &Headers, version: Version) -> Persistence {
        let keeps = match version {
            _ if headers.has_token("connection", "close") => false,
            Version::Http10 => headers.has_token("connection", "keep-alive"),
            _ => true,
        };
        if keeps { Persistence::Keep } else { Persistence::Close }
    }

    /// It goes on if both want it to.
    pub(crate) fn and(self, other: Persistence) -> Persistence {
        if self == Persistence::Keep { other } else { Persistence::Close }
    }
}
