//! wtx. It keeps no output, so there is nothing to batch.

use std::net::TcpListener;

use wtx::collection::Vector;
use wtx::rng::Xorshift64;
use wtx::web_socket::{Frame, OpCode, WebSocket, WebSocketBuffer, WebSocketPayloadOrigin};

pub(super) fn plain(listener: TcpListener) {
    super::on_tokio(listener, |stream| async {
        let (random, buffer) = (Xorshift64::from(7), WebSocketBuffer::new());
        let mut websocket: WebSocket<(), _, _, _, false> = WebSocket::new((), false, random, stream, buffer);
        let (mut shared, mut reader, mut writer) = websocket.split_mut();
        let (mut spare, origin) = (Vector::new(), WebSocketPayloadOrigin::Adaptive);
        while let Ok(mut frame) = reader.read_frame(&mut spare, &mut shared, origin).await {
            let opcode = frame.op_code();
            if !matches!(opcode, OpCode::Text | OpCode::Binary) {
                break;
            }
            let mut answer = Frame::<&mut [u8], false>::new_fin(opcode, frame.payload_mut());
            if writer.write_frame(&mut shared, &mut answer).await.is_err() {
                break;
            }
            spare.clear();
        }
    });
}
