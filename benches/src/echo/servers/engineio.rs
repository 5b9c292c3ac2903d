//! Ourselves as an Engine.IO server, on both runtimes: the loop of a newcomer, who does not keep the request that a session
//! began with.

use std::net::TcpListener;

use super::block_on_tokio;
use super::sansocket::block_on_smol;

pub(super) fn tokio(listener: TcpListener) {
    block_on_tokio(async {
        let server = sansocket_tokio::engineio::Server::from_std(listener).expect("a socket");
        server
            .serve(async |mut session: sansocket_tokio::engineio::Session, request| {
                drop(request);
                while let Some(message) = session.next().await {
                    if session.send(message).await.is_err() {
                        break;
                    }
                }
            })
            .await;
    });
}

pub(super) fn smol(listener: TcpListener) {
    block_on_smol(async |executor| {
        let server = sansocket_smol::engineio::Server::from_std(listener).expect("a socket");
        server
            .executor(executor)
            .serve(async |mut session: sansocket_smol::engineio::Session, request| {
                drop(request);
                while let Some(message) = session.next().await {
                    if session.send(message).await.is_err() {
                        break;
                    }
                }
            })
            .await;
    });
}
