//! The client that the Autobahn test suite examines:
//! `cargo run --example autobahn_client -- ws://127.0.0.1:9001 sansocket-tokio`.

use std::env;
use std::error::Error;
use std::sync::Arc;

use sansocket_tokio::{Connector, WebSocket};
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::ClientOptions;
use sansocket_websocket::{CloseFrame, Options};

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(examine())
}

async fn examine() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let uri = arguments.next().unwrap_or_else(|| "ws://127.0.0.1:9001".into());
    let agent = arguments.next().unwrap_or_else(|| "sansocket-tokio".into());
    // The suite's largest message has 16 MiB; everything else is as by default.
    let websocket = Options {
        max_message: Some(16 << 20),
        max_frame: Some(16 << 20),
        deflate: Some(DeflateOptions::default()),
        ..Options::default()
    };
    let options = ClientOptions { websocket: Arc::new(websocket), ..ClientOptions::default() };
    let connector = Connector::default().options(options);

    let (mut websocket, _) = connector.connect(&format!("{uri}/getCaseCount")).await?;
    let count = websocket.next().await.and_then(|count| count.as_text()?.parse().ok()).unwrap_or(0u32);
    websocket.close(CloseFrame::default()).await;
    for case in 1..=count {
        let case = format!("{uri}/runCase?case={case}&agent={agent}");
        let (websocket, _) = connector.connect(&case).await?;
        echo(websocket).await;
    }
    let (mut websocket, _) = connector.connect(&format!("{uri}/updateReports?agent={agent}")).await?;
    websocket.finish().await;
    println!("{count} cases");
    Ok(())
}

async fn echo(mut websocket: WebSocket) {
    while let Some(message) = websocket.next().await {
        if websocket.send(message).await.is_err() {
            break;
        }
    }
    websocket.finish().await;
}
