//! How connections come in at any server: through TLS if there is any, and with an answer if there is no room.

use std::future::ready;
use std::io;
use std::sync::Arc;

use sansocket_core::Response;
use sansocket_driver::Network;
use sansocket_websocket::handshake::server::ServerOptions;

use super::Acceptor;
use crate::house::Door;

/// The door of a house, and who speaks to those who stand there. Clones are the same entrance.
#[derive(Clone, Debug)]
pub(crate) struct Entrance<N: Network> {
    pub(crate) door: Door<N>,
    pub(crate) acceptor: Acceptor<N>,
}

impl<N: Network> Entrance<N> {
    pub(crate) fn new(door: Door<N>, options: Arc<ServerOptions>) -> Entrance<N> {
        let acceptor = Acceptor::on(door.runtime.clone(), options);
        Entrance { door, acceptor }
    }

    /// The stream of somebody who came. TLS takes no longer than a handshake may.
    pub(crate) async fn enter(&self, tcp: N::Tcp) -> io::Result<N::Stream> {
        self.door.enter(tcp, self.acceptor.options().timeout).await
    }

    /// RFC 9110 §15.6.4: 503, and when to try again.
    pub(crate) async fn turn_away(self, tcp: N::Tcp) {
        let full = Response::new(503).with_header("Retry-After", "5");
        let Ok(stream) = self.enter(tcp).await else { return };
        // Whether he heard it or not.
        let _ = self.acceptor.accept(stream, |_| ready(full.into())).await;
    }
}
