//! The other libraries, one file each.

use super::Peer;

mod fastwebsockets;
mod nexus;
mod sockudo;
mod soketto;
mod streams;
mod tokio_websockets;
mod tungstenite;
mod web_socket;
mod websocket_sans_io;
mod wtx;
mod yawc;

/// All of them.
pub(super) fn all() -> Vec<Box<dyn Peer>> {
    vec![
        Box::new(tungstenite::Tungstenite),
        Box::new(tokio_websockets::TokioWebSockets),
        Box::new(fastwebsockets::FastWebSockets),
        Box::new(sockudo::Sockudo),
        Box::new(yawc::Yawc),
        Box::new(yawc::YawcCodec),
        Box::new(nexus::Nexus),
        Box::new(wtx::Wtx),
        Box::new(soketto::Soketto),
        Box::new(websocket_sans_io::WebsocketSansIo),
        Box::new(web_socket::WebSocketRs),
    ]
}
