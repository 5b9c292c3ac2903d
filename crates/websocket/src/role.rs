//! Which side of a connection a machine is.

/// Which side of a connection a machine is. The same life with a few rules turned round: a client masks what it sends
/// (RFC 6455 §5.1) and waits for the server to close TCP first (§7.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Opened the connection.
    Client,
    /// Accepted it.
    Server,
}
