//! tokio-tungstenite.

use std::net::TcpListener;

use futures_util::{SinkExt, StreamExt};

pub(super) fn run(listener: TcpListener) {
    super::on_tokio(listener, |stream| async move {
        let Ok(mut websocket) = tokio_tungstenite::accept_async(stream).await else { return };
        while let Some(Ok(message)) = websocket.next().await {
            if websocket.send(message).await.is_err() {
                break;
            }
        }
    });
}
