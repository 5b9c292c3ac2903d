//! Says everything back: `cargo run --example echo_server -- 127.0.0.1:9001`.

use std::env;
use std::sync::Arc;

use sansocket_smol::Server;
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::ServerOptions;

fn main() -> std::io::Result<()> {
    smol::block_on(serve())
}

async fn serve() -> std::io::Result<()> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let websocket = Options {
        max_message: Some(16 << 20),
        max_frame: Some(16 << 20),
        deflate: Some(DeflateOptions::default()),
        ..Options::default()
    };
    let options = ServerOptions { websocket: Arc::new(websocket), ..ServerOptions::default() };
    let server = Server::bind(&address).await?.options(options);
    println!("listening on ws://{}", server.local_addr()?);
    server
        .serve(async |mut websocket, request| {
            drop(request);
            // All answers to one read leave in one write.
            while let Some(message) = websocket.next().await {
                if websocket.send(message).await.is_err() {
                    break;
                }
            }
        })
        .await;
    Ok(())
}
