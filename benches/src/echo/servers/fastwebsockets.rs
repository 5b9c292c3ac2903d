//! fastwebsockets. It shakes hands through hyper only, so here the answer to the load's request is ready.

use std::net::TcpListener;

use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::handshake::answer;

pub(super) fn run(listener: TcpListener) {
    super::on_tokio(listener, |mut stream| async move {
        let mut head = Vec::with_capacity(1024);
        while !head.ends_with(b"\r\n\r\n") {
            if !matches!(stream.read_buf(&mut head).await, Ok(1..)) {
                return;
            }
        }
        if stream.write_all(answer().as_bytes()).await.is_err() {
            return;
        }
        let mut websocket = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Server));
        while let Ok(frame) = websocket.read_frame().await {
            let is_message = matches!(frame.opcode, OpCode::Text | OpCode::Binary);
            if is_message && websocket.write_frame(frame).await.is_err() {
                break;
            }
        }
    });
}
