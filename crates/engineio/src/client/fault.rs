//! What a server did wrong, or the way to it.

use crate::{OpenError, PacketError, PayloadError, Reason};

/// Why a session failed, or an attempt to begin one: more than a [`Reason`] says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Fault {
    /// The open packet is wrong.
    #[error(transparent)]
    Handshake(#[from] OpenError),
    /// The server did not begin with an open packet.
    #[error("the session does not begin with an open packet")]
    NotOpened,
    /// A polled body is no payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A WebSocket message is no packet.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// A request was answered with this status; 200 is the only one that means yes.
    #[error("a request was answered with status {0}")]
    Status(u16),
    /// A request was not answered: no connection, or it broke.
    #[error("a request failed")]
    Request,
    /// A request was not answered [in time](super::ClientOptions::request_timeout).
    #[error("a request took too long")]
    RequestTimeout,
    /// The WebSocket was refused, or it broke.
    #[error("the WebSocket failed")]
    Socket,
    /// The session did not open [in time](super::ClientOptions::open_timeout).
    #[error("the session took too long to open")]
    OpenTimeout,
}

impl Fault {
    /// What is wrong with a polled body: a packet, or all of it.
    pub(crate) const fn of_body(error: PayloadError) -> Fault {
        match error {
            PayloadError::Packet(error) => Fault::Packet(error),
            other => Fault::Payload(other),
        }
    }

    /// The reason that a session ends with for it.
    pub const fn reason(self) -> Reason {
        match self {
            Fault::Handshake(_) | Fault::NotOpened | Fault::Payload(_) | Fault::Packet(_) => {
                Reason::ParseError
            }
            Fault::Status(_)
            | Fault::Request
            | Fault::RequestTimeout
            | Fault::Socket
            | Fault::OpenTimeout => Reason::TransportError,
        }
    }
}
