//! Closing: codes and frames.

use sansocket_core::Utf8Bytes;

/// A close status code (RFC 6455 §7.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose was fulfilled.
    pub const NORMAL: CloseCode = CloseCode(1000);
    /// 1001: a server goes down, a browser leaves the page.
    pub const GOING_AWAY: CloseCode = CloseCode(1001);
    /// 1002: a protocol error.
    pub const PROTOCOL_ERROR: CloseCode = CloseCode(1002);
    /// 1003: data of a kind that cannot be accepted.
    pub const UNSUPPORTED: CloseCode = CloseCode(1003);
    /// 1005: never on the wire; stands for a close frame without a code (§7.1.5).
    pub const NO_STATUS: CloseCode = CloseCode(1005);
    /// 1006: never on the wire; stands for a connection that ended without a close frame (§7.1.5).
    pub const ABNORMAL: CloseCode = CloseCode(1006);
    /// 1007: data inconsistent with its type, such as text that is not UTF-8.
    pub const INVALID_PAYLOAD: CloseCode = CloseCode(1007);
    /// 1008: against the policy of the endpoint.
    pub const POLICY_VIOLATION: CloseCode = CloseCode(1008);
    /// 1009: too big to process.
    pub const TOO_BIG: CloseCode = CloseCode(1009);
    /// 1010: the client expected an extension that the server did not negotiate.
    pub const EXTENSION_REQUIRED: CloseCode = CloseCode(1010);
    /// 1011: the server met an unexpected condition.
    pub const INTERNAL_ERROR: CloseCode = CloseCode(1011);
    /// 1012: the service restarts (IANA registry).
    pub const SERVICE_RESTART: CloseCode = CloseCode(1012);
    /// 1013: try again later (IANA registry).
    pub const TRY_AGAIN_LATER: CloseCode = CloseCode(1013);
    /// 1014: a gateway got an invalid response (IANA registry).
    pub const BAD_GATEWAY: CloseCode = CloseCode(1014);

    /// The code `code`, if it may stand in a close frame: 1000 to 1003, 1007 to 1014 (RFC 6455 §7.4.1 and the IANA
    /// registry), 3000 to 4999 (§7.4.2, for libraries and applications).
    pub const fn new(code: u16) -> Option<CloseCode> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(CloseCode(code)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl core::fmt::Display for CloseCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a close frame says (RFC 6455 §5.5.1).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CloseFrame {
    code: CloseCode,
    reason: Utf8Bytes,
}

/// A close reason of more than [`CloseFrame::MAX_REASON`] bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a close reason has at most {} bytes", CloseFrame::MAX_REASON)]
pub struct ReasonTooLong;

impl CloseFrame {
    /// The longest reason in bytes: a control frame carries 125 (§5.5), two of them are the code.
    pub const MAX_REASON: usize = 123;

    /// A close frame with a reason in words: for a log, not for a user. A code alone is `CloseFrame::from(code)`.
    ///
    /// # Errors
    /// [`ReasonTooLong`].
    pub fn new(code: CloseCode, reason: impl Into<Utf8Bytes>) -> Result<CloseFrame, ReasonTooLong> {
        let reason = reason.into();
        if reason.len() > CloseFrame::MAX_REASON {
            return Err(ReasonTooLong);
        }
        Ok(CloseFrame { code, reason })
    }

    /// Why; [`CloseCode::NO_STATUS`] if the frame was empty.
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason in words, perhaps empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<CloseCode> for CloseFrame {
    fn from(code: CloseCode) -> CloseFrame {
        CloseFrame { code, reason: Utf8Bytes::default() }
    }
}

impl Default for CloseFrame {
    /// 1000 without a reason.
    fn default() -> CloseFrame {
        CloseCode::NORMAL.into()
    }
}
