//! yawc.

use std::net::TcpListener;

use tokio::net::TcpStream;
use yawc::{Options, Role, WebSocket};

use super::{on_tokio, sinks};

/// More than any message here.
const LIMIT: usize = 64 << 20;

pub(super) fn plain(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::plain(open(stream), Some));
}

pub(super) fn batch(listener: TcpListener) {
    on_tokio(listener, |stream| sinks::batch(open(stream), Some));
}

fn open(stream: TcpStream) -> WebSocket<TcpStream> {
    let options = Options::default().with_limits(LIMIT, LIMIT).with_utf8().without_compression();
    WebSocket::from_stream(stream, Role::Server, options).expect("good options")
}
