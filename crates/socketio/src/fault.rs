//! What a peer's packets may be wrong in.

use alloc::boxed::Box;

use crate::json::Fault;
use crate::nsp::NspError;

/// Why messages are no packet: the peer's fault. Whatever it is, the connection is closed, and the JavaScript
/// implementation calls it "parse error".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PacketError {
    /// There is nothing, not even a type.
    #[error("an empty packet")]
    Empty,
    /// The type is none of those that there are.
    #[error("{0:?} is no packet type")]
    UnknownType(char),
    /// The number of attachments is missing, 0, or no number.
    #[error("a binary packet without the number of its attachments")]
    AttachmentCount,
    /// More attachments than [`max_attachments`](crate::Limits::max_attachments).
    #[error("a packet with more than {0} attachments")]
    TooManyAttachments(usize),
    /// More bytes of attachments than [`max_attachment_bytes`](crate::Limits::max_attachment_bytes).
    #[error("a packet with more than {0} bytes of attachments")]
    AttachmentsTooLarge(usize),
    /// The namespace has no name that one can have.
    #[error(transparent)]
    Nsp(#[from] NspError),
    /// The number of an acknowledgement is larger than [`AckId::MAX`](crate::AckId::MAX).
    #[error("the number of an acknowledgement is too large")]
    AckId,
    /// What should be JSON is not, from this byte of the message on.
    #[error("not JSON at byte {0}")]
    NotJson(usize),
    /// Arrays and objects lie in each other deeper than [`max_depth`](crate::Limits::max_depth).
    #[error("data is nested too deep")]
    TooDeep,
    /// The payload is missing, or one that this type of packet does not have.
    #[error("a payload that this type of packet does not have")]
    Payload,
    /// An event's name is neither text nor a number.
    #[error("an event without a name")]
    Name,
    /// An event has a [name that none may have](crate::is_reserved).
    #[error("an event with a reserved name")]
    Reserved,
    /// A placeholder is malformed, or is for an attachment that is not announced.
    #[error("a placeholder for nothing")]
    Placeholder,
    /// Something else came while attachments were awaited.
    #[error("text while attachments are awaited")]
    AttachmentExpected,
    /// Bytes came, and no attachment is awaited.
    #[error("bytes that are no attachment")]
    UnexpectedAttachment,
    /// Text came where packets are bytes.
    #[error("text where packets are bytes")]
    UnexpectedText,
    /// What should be MessagePack is not, from this byte of the message on, or says what no packet can.
    #[error("not MessagePack at byte {0}")]
    NotMsgpack(usize),
    /// A parser of the user's own refused it, for this reason.
    #[error("{0}")]
    Custom(Box<str>),
}

impl From<Fault> for PacketError {
    fn from(fault: Fault) -> PacketError {
        match fault {
            Fault::Unexpected(at) => PacketError::NotJson(at),
            Fault::TooDeep => PacketError::TooDeep,
        }
    }
}
