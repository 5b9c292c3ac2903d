//! Why a connection ended.

use alloc::boxed::Box;

use crate::{CloseCode, CloseFrame, Deadline, Violation};

/// Why a connection ended: the last event of every connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Closed {
    /// The peer began the closing handshake, with this frame; ours went back.
    ByPeer(Box<CloseFrame>),
    /// We began it, and the peer answered with this frame.
    ByUs(Box<CloseFrame>),
    /// The peer broke the protocol; our close frame with [`Violation::close_code`] is on its way.
    Violation(Violation),
    /// The peer was silent for too long.
    Timeout(Deadline),
    /// The output passed its hard cap, and the policy is to close ([`Overflow::Close`](crate::Overflow::Close)).
    Overflow,
    /// The stream ended, or broke, without a close frame.
    Lost,
}

impl Closed {
    /// The code that a browser's `CloseEvent` would show here.
    pub fn code(&self) -> CloseCode {
        match self {
            Closed::ByPeer(frame) | Closed::ByUs(frame) => frame.code(),
            _ => CloseCode::ABNORMAL,
        }
    }

    /// Did both sides say goodbye?
    pub fn is_clean(&self) -> bool {
        matches!(self, Closed::ByPeer(_) | Closed::ByUs(_))
    }
}

impl core::fmt::Display for Closed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Closed::ByPeer(frame) => write!(f, "closed by the peer: {}", Said(frame)),
            Closed::ByUs(frame) => write!(f, "closed by us, and the peer answered: {}", Said(frame)),
            Closed::Violation(violation) => write!(f, "the peer broke the protocol: {violation}"),
            Closed::Timeout(deadline) => write!(f, "{deadline}"),
            Closed::Overflow => f.write_str("the peer reads too slowly: the output passed its hard cap"),
            Closed::Lost => f.write_str("the connection was lost without a close frame"),
        }
    }
}

/// A close frame in words.
struct Said<'a>(&'a CloseFrame);

impl core::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (code, reason) = (self.0.code(), self.0.reason());
        if reason.is_empty() { write!(f, "{code}") } else { write!(f, "{code} ({})", reason.escape_debug()) }
    }
}
