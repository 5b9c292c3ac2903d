//! The other libraries, one file each, on one thread of tokio. They share the accept loop and the handshake, so that only
//! their WebSockets differ.

use std::net::TcpListener;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Server, on_tokio as on_raw_tokio, server};
use crate::codec::opening::answer;

mod fastwebsockets;
mod sinks;
mod sockudo;
mod tokio_websockets;
mod tungstenite;
mod wtx;
mod yawc;

/// All of them.
pub(super) static ALL: [Server; 10] = [
    Server { broadcast: Some(tungstenite::to_all), ..server("tokio-tungstenite", tungstenite::plain) },
    server("tokio-tungstenite+batch", tungstenite::batch),
    Server {
        broadcast: Some(tokio_websockets::to_all),
        ..server("tokio-websockets", tokio_websockets::plain)
    },
    server("tokio-websockets+batch", tokio_websockets::batch),
    server("fastwebsockets", fastwebsockets::plain),
    Server { broadcast: Some(sockudo::to_all), ..server("sockudo-ws", sockudo::plain) },
    server("sockudo-ws+batch", sockudo::batch),
    server("yawc", yawc::plain),
    server("yawc+batch", yawc::batch),
    server("wtx", wtx::plain),
];

/// Accepts for ever and shakes hands; `talk` is the rest of a connection's life.
fn on_tokio<F>(listener: TcpListener, talk: impl Fn(TcpStream) -> F + Clone + 'static)
where
    F: Future<Output = ()> + 'static,
{
    on_raw_tokio(listener, move |mut stream| {
        let talk = talk.clone();
        async move {
            // In a box, so that the connection's task does not keep its room.
            if Box::pin(shake_hands(&mut stream)).await.is_ok() {
                talk(stream).await;
            }
        }
    });
}

/// The load asks with the same key always, so the answer is ready.
async fn shake_hands(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::with_capacity(1024);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.write_all(answer().as_bytes()).await
}
