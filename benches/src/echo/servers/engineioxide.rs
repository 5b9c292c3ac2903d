//! engineioxide, on hyper.

use std::net::TcpListener;
use std::sync::Arc;

use bytes::Bytes;
use engineioxide::handler::EngineIoHandler;
use engineioxide::service::EngineIoService;
use engineioxide::{DisconnectReason, Socket, Str};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::on_tokio;

/// Says everything back.
#[derive(Debug)]
struct Echo;

impl EngineIoHandler for Echo {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, message: Str, socket: Arc<Socket<()>>) {
        // Who has gone takes no more, and here nobody says more than there is room for.
        let _ = socket.emit(message);
    }

    fn on_binary(self: &Arc<Self>, bytes: Bytes, socket: Arc<Socket<()>>) {
        let _ = socket.emit_binary(bytes);
    }
}

pub(super) fn echo(listener: TcpListener) {
    let service = EngineIoService::new(Arc::new(Echo));
    on_tokio(listener, move |stream| {
        let service = service.clone();
        async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            let _ = connection.await;
        }
    });
}
