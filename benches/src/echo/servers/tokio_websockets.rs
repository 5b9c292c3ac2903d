//! tokio-websockets.

use std::net::TcpListener;

use futures_util::{SinkExt, StreamExt};
use tokio_websockets::ServerBuilder;

pub(super) fn run(listener: TcpListener) {
    super::on_tokio(listener, |stream| async move {
        let Ok((_, mut websocket)) = ServerBuilder::new().accept(stream).await else { return };
        while let Some(Ok(message)) = websocket.next().await {
            if websocket.send(message).await.is_err() {
                break;
            }
        }
    });
}
