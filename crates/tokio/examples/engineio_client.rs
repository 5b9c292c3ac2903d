//! An Engine.IO client that says everything back, and closes when it is told "bye":
//! `cargo run --example engineio_client -- http://127.0.0.1:9001`.
//!
//! Further words choose how it talks: `polling`, `websocket`, `base64`, and `3` for protocol 3.

use std::env;
use std::error::Error;

use sansocket_engineio::{Binary, Protocol, Transport};
use sansocket_tokio::engineio::{ClientOptions, Connector};

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(echo())
}

async fn echo() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:9001".into());
    let connector =
        Connector::default().options(options(&arguments.collect::<Vec<_>>())).header("X-Who", "me");
    let mut client = connector.connect(&url).await?;
    while let Some(message) = client.next().await {
        if message.as_text() == Some("bye") {
            client.close().await;
        } else if client.send(message).await.is_err() {
            // It ends; what was said before is still taken.
            continue;
        }
    }
    println!("closed: {}", client.closed().map(|reason| reason.to_string()).unwrap_or_default());
    Ok(())
}

fn options(words: &[String]) -> ClientOptions {
    let mut options = ClientOptions::default();
    let session = &mut options.session;
    session.query.push(("who".into(), "me".into()));
    let transports: Vec<_> = words.iter().filter_map(|word| Transport::named(word)).collect();
    if !transports.is_empty() {
        session.transports = transports;
    }
    if words.iter().any(|word| word == "3") {
        session.protocol = Protocol::V3;
    }
    if words.iter().any(|word| word == "base64") {
        session.binary = Binary::Base64;
    }
    options
}
