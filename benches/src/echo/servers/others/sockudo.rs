//! sockudo-ws, without pings and timeouts of its own.

use std::net::TcpListener;

use sockudo_ws::{Config, Message, WebSocketStream};
use tokio::net::TcpStream;

use super::{on_tokio, sinks};

pub(super) fn plain(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::plain(open(stream), Result::ok));
}

pub(super) fn batch(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::batch(open(stream), Result::ok));
}

pub(super) fn to_all(listener: TcpListener) {
    let room = sinks::Room::default();
    on_tokio(listener, move |stream| room.clone().seat(open(stream), Message::into_bytes, Message::Binary));
}

fn open(stream: TcpStream) -> WebSocketStream<TcpStream> {
    let config = Config { auto_ping: false, idle_timeout: 0, ..Config::default() };
    WebSocketStream::server(stream, config)
}
