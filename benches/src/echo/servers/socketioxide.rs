//! socketioxide, on hyper: the handlers of its documentation.

use std::net::TcpListener;

use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};

use super::engineioxide::on_hyper;
use super::{FOREVER, ROOM};

pub(super) fn serve(listener: TcpListener) {
    // Nobody pings a load, which does not answer.
    let (service, io) = SocketIo::builder().ping_interval(FOREVER).ping_timeout(FOREVER).build_svc();
    io.ns("/", async |socket: SocketRef| {
        socket.on("echo", async |socket: SocketRef, Data(text): Data<String>| {
            let _ = socket.emit("echo", &text);
        });
        socket.on("ask", async |Data(text): Data<String>, ack: AckSender| {
            let _ = ack.send(&text);
        });
        socket.on("join", async |socket: SocketRef, ack: AckSender| {
            socket.join(ROOM);
            let _ = ack.send(&());
        });
        socket.on("say", async |io: SocketIo, Data(text): Data<String>| {
            let _ = io.to(ROOM).emit("said", &text).await;
        });
    });
    on_hyper(listener, service);
}
