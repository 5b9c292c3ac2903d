//! What stands in the place of TLS without the feature `tls`: nobody has a certificate, and nobody can be trusted.

use std::convert::Infallible;
use std::io;

use crate::Transport;
use crate::runtime::TcpStream;

/// Nobody that a client could trust.
#[derive(Clone, Debug)]
pub struct ClientTls(Infallible);

impl ClientTls {
    pub(crate) fn web_roots() -> io::Result<ClientTls> {
        let why = "wss:// needs the feature `tls`, which this was built without";
        Err(io::Error::new(io::ErrorKind::Unsupported, why))
    }

    pub(crate) async fn connect(&self, _host: &str, _tcp: TcpStream) -> io::Result<Transport> {
        match self.0 {}
    }
}

/// Nobody that a server could be.
#[derive(Clone, Debug)]
pub struct ServerTls(Infallible);

impl ServerTls {
    pub(crate) async fn accept(&self, _tcp: TcpStream) -> io::Result<Transport> {
        match self.0 {}
    }
}
