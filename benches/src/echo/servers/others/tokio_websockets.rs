//! tokio-websockets.

use std::net::TcpListener;

use tokio::net::TcpStream;
use tokio_websockets::{Message, ServerBuilder, WebSocketStream};

use super::{on_tokio, sinks};

pub(super) fn plain(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::plain(open(stream), Result::ok));
}

pub(super) fn batch(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::batch(open(stream), Result::ok));
}

pub(super) fn to_all(listener: TcpListener) {
    let room = sinks::Room::default();
    on_tokio(listener, move |stream| {
        let into = |message: Message| message.into_payload().into();
        room.clone().seat(open(stream), into, Message::binary)
    });
}

fn open(stream: TcpStream) -> WebSocketStream<TcpStream> {
    ServerBuilder::new().serve(stream)
}
