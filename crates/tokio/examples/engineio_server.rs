//! An Engine.IO server that says everything back: `cargo run --example engineio_server -- 127.0.0.1:3000`.

use std::env;

use sansocket_tokio::engineio::{Server, Session};

fn main() -> std::io::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(serve())
}

async fn serve() -> std::io::Result<()> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let server = Server::bind(&address).await?;
    println!("listening on http://{}/engine.io/", server.local_addr()?);
    server
        .serve(async |mut session: Session, _request| {
            while let Some(message) = session.next().await {
                if session.send(message).await.is_err() {
                    break;
                }
            }
        })
        .await;
    Ok(())
}
