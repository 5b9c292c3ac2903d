//! No WebSocket at all: what a runtime and the system take. A buffer for each connection, a write for each read.

use std::net::{TcpListener, TcpStream};

use smol::Async;
use smol::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What one read takes at most.
const ROOM: usize = 64 * 1024;

pub(super) fn tokio(listener: TcpListener) {
    super::on_tokio(listener, |mut stream| async move {
        let mut room = vec![0; ROOM];
        while let Ok(n @ 1..) = AsyncReadExt::read(&mut stream, &mut room).await {
            if AsyncWriteExt::write_all(&mut stream, &room[..n]).await.is_err() {
                break;
            }
        }
    });
}

pub(super) fn smol(listener: TcpListener) {
    let executor = smol::LocalExecutor::new();
    let listener = Async::new(listener).expect("a socket");
    smol::block_on(executor.run(async {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            executor.spawn(talk(stream)).detach();
        }
    }));
}

async fn talk(mut stream: Async<TcpStream>) {
    stream.get_ref().set_nodelay(true).expect("a socket");
    let mut room = vec![0; ROOM];
    while let Ok(n @ 1..) = stream.read(&mut room).await {
        if stream.write_all(&room[..n]).await.is_err() {
            break;
        }
    }
}
