//! tokio-tungstenite.

use std::net::TcpListener;

use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{on_tokio, sinks};

pub(super) fn plain(listener: TcpListener) {
    on_tokio(listener, |stream| async { sinks::plain(open(stream).await, Result::ok).await });
}

pub(super) fn batch(listener: TcpListener) {
    on_tokio(listener, |stream| async { sinks::batch(open(stream).await, Result::ok).await });
}

pub(super) fn to_all(listener: TcpListener) {
    let room = sinks::Room::default();
    on_tokio(listener, move |stream| {
        let room = room.clone();
        async move { room.seat(open(stream).await, Message::into_data, Message::Binary).await }
    });
}

async fn open(stream: TcpStream) -> WebSocketStream<TcpStream> {
    WebSocketStream::from_raw_socket(stream, Role::Server, None).await
}
