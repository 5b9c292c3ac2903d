//! Ourselves as a Socket.IO server, on both runtimes: the handlers that a newcomer would write.

use std::net::TcpListener;

use sansocket_smol::socketio as smol_io;
use sansocket_tokio::{engineio, socketio as tokio_io};

use super::sansocket::block_on_smol;
use super::{FOREVER, PATH, ROOM, block_on_tokio};

/// Nobody pings a load, which does not answer.
fn options() -> engineio::ServerOptions {
    engineio::ServerOptions {
        paths: vec![PATH.into()],
        ping_interval: FOREVER,
        ping_timeout: FOREVER,
        ..engineio::ServerOptions::default()
    }
}

pub(super) fn tokio(listener: TcpListener) {
    use tokio_io::{Io, Namespace, Server, Socket};
    block_on_tokio(async {
        let engine = engineio::Server::from_std(listener).expect("a socket").options(options());
        let program = Namespace::new()
            .on("echo", async |socket: Socket, text: String| _ = socket.emit("echo", &text).await)
            .on("ask", async |_: Socket, text: String| text)
            .on("join", async |socket: Socket| _ = socket.join(ROOM))
            .on("say", async |socket: Socket, text: String| {
                _ = socket.everybody().to(ROOM).emit("said", &text);
            });
        let io = Io::new(tokio_io::ServerOptions::default());
        Server::new(engine, io).of("/", program).expect("a name").serve().await;
    });
}

pub(super) fn smol(listener: TcpListener) {
    use smol_io::{Io, Namespace, Server, Socket};
    block_on_smol(async |executor| {
        let engine = sansocket_smol::engineio::Server::from_std(listener).expect("a socket");
        let engine = engine.options(options()).executor(executor.clone());
        let program = Namespace::new()
            .on("echo", async |socket: Socket, text: String| _ = socket.emit("echo", &text).await)
            .on("ask", async |_: Socket, text: String| text)
            .on("join", async |socket: Socket| _ = socket.join(ROOM))
            .on("say", async |socket: Socket, text: String| {
                _ = socket.everybody().to(ROOM).emit("said", &text);
            });
        let io = Io::on(executor.into(), smol_io::ServerOptions::default());
        Server::new(engine, io).of("/", program).expect("a name").serve().await;
    });
}
