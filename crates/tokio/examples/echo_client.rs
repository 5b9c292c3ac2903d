//! Sends each of its arguments and prints what comes back:
//! `cargo run --example echo_client -- ws://127.0.0.1:9001 hello world`.

use std::env;
use std::error::Error;

use sansocket_core::Message;
use sansocket_tokio::connect;
use sansocket_websocket::CloseFrame;

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(talk())
}

async fn talk() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let uri = words.next().unwrap_or_else(|| "ws://127.0.0.1:9001".into());
    let mut websocket = connect(&uri).await?;
    for word in words {
        websocket.send(Message::text(word)).await?;
        match websocket.next().await {
            Some(Message::Text(answer)) => println!("{answer}"),
            Some(Message::Binary(answer)) => println!("{} bytes", answer.len()),
            None => break,
        }
    }
    websocket.close(CloseFrame::default()).await;
    if let Some(closed) = websocket.machine().closed() {
        println!("{closed}");
    }
    if let Some(error) = websocket.error() {
        println!("{error}");
    }
    Ok(())
}
