//! Ourselves, on both runtimes.

use std::net::TcpListener;
use std::sync::Arc;

use sansocket_websocket::Event;

use super::block_on_tokio;

pub(super) fn tokio_naive(listener: TcpListener) {
    block_on_tokio(async {
        let server = sansocket_tokio::Server::from_std(listener).expect("a socket");
        let echo = async |mut websocket: sansocket_tokio::WebSocket| {
            while let Some(message) = websocket.next().await {
                if websocket.send(message).await.is_err() {
                    break;
                }
            }
        };
        server.serve(move |websocket, _| echo(websocket)).await;
    });
}

pub(super) fn tokio_lent(listener: TcpListener) {
    block_on_tokio(async {
        let server = sansocket_tokio::Server::from_std(listener).expect("a socket");
        let echo = async |mut websocket: sansocket_tokio::WebSocket| {
            websocket
                .serve(|event, commands| {
                    let sent = match event {
                        Event::Text(text) => commands.send_text(&text),
                        Event::Binary(bytes) => commands.send_binary(bytes),
                        _ => Ok(()),
                    };
                    assert!(sent.is_ok(), "no event comes while the output is full");
                })
                .await;
        };
        server.serve(move |websocket, _| echo(websocket)).await;
    });
}

pub(super) fn smol_naive(listener: TcpListener) {
    let executor = Arc::new(smol::Executor::new());
    smol::block_on(executor.run(async {
        let server = sansocket_smol::Server::from_std(listener).expect("a socket").executor(executor.clone());
        let echo = async |mut websocket: sansocket_smol::WebSocket| {
            while let Some(message) = websocket.next().await {
                if websocket.send(message).await.is_err() {
                    break;
                }
            }
        };
        server.serve(move |websocket, _| echo(websocket)).await;
    }));
}
