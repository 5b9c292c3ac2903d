//! Why a socket was disconnected.

/// Why a socket of a server was disconnected. Prints the words that the JavaScript implementation uses, for programs
/// compare them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Reason {
    /// The transport broke, or the client used it in a way that is not allowed.
    #[error("transport error")]
    TransportError,
    /// The client closed the connection.
    #[error("transport close")]
    TransportClose,
    /// The connection below was closed by us.
    #[error("forced close")]
    ForcedClose,
    /// The client was not heard of for too long.
    #[error("ping timeout")]
    PingTimeout,
    /// The client said what is no packet.
    #[error("parse error")]
    ParseError,
    /// The server goes down.
    #[error("server shutting down")]
    ServerShuttingDown,
    /// The client said what it must not say now, or does not take what waits for it.
    #[error("forced server close")]
    ForcedServerClose,
    /// The client left the namespace.
    #[error("client namespace disconnect")]
    ClientNamespaceDisconnect,
    /// The server put the client out of the namespace.
    #[error("server namespace disconnect")]
    ServerNamespaceDisconnect,
}

impl Reason {
    /// May the client come back and go on where it was ([recovery](crate::server::Recovery))? Not if one of both wanted
    /// the end, nor if the client cannot be understood.
    pub const fn is_recoverable(self) -> bool {
        !matches!(
            self,
            Reason::ParseError | Reason::ClientNamespaceDisconnect | Reason::ServerNamespaceDisconnect
        )
    }
}
