//! fastwebsockets. It keeps no output, so there is nothing to batch.

use std::net::TcpListener;

use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket};

pub(super) fn plain(listener: TcpListener) {
    super::on_tokio(listener, |stream| async {
        let mut websocket = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Server));
        while let Ok(frame) = websocket.read_frame().await {
            let is_message = matches!(frame.opcode, OpCode::Text | OpCode::Binary);
            if is_message && websocket.write_frame(frame).await.is_err() {
                break;
            }
        }
    });
}
