//! The peer's faults.

use crate::CloseCode;

/// What the peer did that the protocol forbids, or that passed a limit of ours. Every violation ends the connection,
/// with one close frame, after all that was right before it was delivered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Violation {
    /// A reserved bit is set that no negotiated extension gives a meaning.
    #[error("a reserved bit is set without an extension that defines it")]
    ReservedBit,
    /// An opcode without a meaning.
    #[error("the opcode is reserved")]
    ReservedOpcode,
    /// A client's frame is not masked.
    #[error("a client must mask its frames")]
    Unmasked,
    /// A server's frame is masked.
    #[error("a server must not mask its frames")]
    Masked,
    /// A payload length is not written in its shortest form.
    #[error("the payload length is not in its shortest form")]
    LengthNotMinimal,
    /// The top bit of a 64-bit payload length is set.
    #[error("the top bit of the payload length is set")]
    LengthTooLarge,
    /// A control frame is fragmented.
    #[error("a control frame must not be fragmented")]
    ControlFragmented,
    /// A control frame carries more than 125 bytes.
    #[error("a control frame carries at most 125 bytes")]
    ControlTooLong,
    /// A continuation frame has nothing to continue.
    #[error("a continuation frame without a message to continue")]
    UnexpectedContinuation,
    /// A new message begins before the one under way has ended.
    #[error("a new message inside a fragmented one")]
    ExpectedContinuation,
    /// A close frame's payload is one byte long.
    #[error("a close frame cannot carry half a code")]
    CloseTruncated,
    /// A close code that must not stand on the wire.
    #[error("the close code must not be used on the wire")]
    CloseCode,
    /// Text, or a close reason, is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// A compressed message cannot be inflated.
    #[error("the compressed data is corrupt")]
    CorruptDeflate,
    /// A frame is larger than [`Options::max_frame`](crate::Options::max_frame).
    #[error("a frame is larger than the limit")]
    FrameTooBig,
    /// A message is larger than [`Options::max_message`](crate::Options::max_message), inflated or not.
    #[error("a message is larger than the limit")]
    MessageTooBig,
    /// Too many frames of a message carried nothing ([`Options::max_empty_frames`](crate::Options::max_empty_frames)).
    #[error("too many empty frames in a message")]
    TooManyEmptyFrames,
}

impl Violation {
    /// The code that our close frame carries (RFC 6455 §7.4.1).
    pub const fn close_code(self) -> CloseCode {
        match self {
            Violation::NotUtf8 | Violation::CorruptDeflate => CloseCode::INVALID_PAYLOAD,
            Violation::FrameTooBig | Violation::MessageTooBig => CloseCode::TOO_BIG,
            Violation::TooManyEmptyFrames => CloseCode::POLICY_VIOLATION,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }

    /// The section that forbids it; for limits of ours, the one that allows them.
    pub const fn section(self) -> &'static str {
        match self {
            Violation::ReservedBit
            | Violation::ReservedOpcode
            | Violation::LengthNotMinimal
            | Violation::LengthTooLarge => "RFC 6455 §5.2",
            Violation::Unmasked | Violation::Masked => "RFC 6455 §5.1",
            Violation::ControlFragmented | Violation::ControlTooLong => "RFC 6455 §5.5",
            Violation::UnexpectedContinuation | Violation::ExpectedContinuation => "RFC 6455 §5.4",
            Violation::CloseTruncated => "RFC 6455 §5.5.1",
            Violation::CloseCode => "RFC 6455 §7.4",
            Violation::NotUtf8 => "RFC 6455 §8.1",
            Violation::CorruptDeflate => "RFC 7692 §7.2.2",
            Violation::FrameTooBig | Violation::MessageTooBig | Violation::TooManyEmptyFrames => {
                "RFC 6455 §10.4"
            }
        }
    }
}
