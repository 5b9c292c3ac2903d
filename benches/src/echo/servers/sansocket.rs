//! Ourselves, on both runtimes: the loop of a newcomer (`next`, `send`), lent (`serve`), with permessage-deflate, and a
//! broadcast of prepared messages.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use sansocket_driver::{Clock, Connection, Driver, Handle, Io, Shared};
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::ServerOptions;
use sansocket_websocket::{Event, Options, Prepared, WebSocket};

use super::block_on_tokio;

pub(super) fn tokio(listener: TcpListener) {
    block_on_tokio(async { on_tokio(listener).serve(|websocket, _| echo(websocket)).await });
}

pub(super) fn tokio_lent(listener: TcpListener) {
    block_on_tokio(async { on_tokio(listener).serve(|websocket, _| echo_lent(websocket)).await });
}

pub(super) fn tokio_deflate(listener: TcpListener) {
    block_on_tokio(async {
        on_tokio(listener).options(deflating()).serve(|websocket, _| echo(websocket)).await;
    });
}

pub(super) fn tokio_to_all(listener: TcpListener) {
    block_on_tokio(async {
        let room = Room::default();
        let seat = move |websocket, _| room.clone().seat(websocket, |driver| drop(tokio::spawn(driver)));
        on_tokio(listener).serve(seat).await;
    });
}

fn on_tokio(listener: TcpListener) -> sansocket_tokio::Server {
    sansocket_tokio::Server::from_std(listener).expect("a socket")
}

pub(super) fn smol(listener: TcpListener) {
    block_on_smol(async |executor| on_smol(listener, executor).serve(|websocket, _| echo(websocket)).await);
}

pub(super) fn smol_lent(listener: TcpListener) {
    block_on_smol(async |executor| {
        on_smol(listener, executor).serve(|websocket, _| echo_lent(websocket)).await;
    });
}

pub(super) fn smol_deflate(listener: TcpListener) {
    block_on_smol(async |executor| {
        on_smol(listener, executor).options(deflating()).serve(|websocket, _| echo(websocket)).await;
    });
}

pub(super) fn smol_to_all(listener: TcpListener) {
    block_on_smol(async |executor| {
        let (room, spawner) = (Room::default(), executor.clone());
        let seat = move |websocket, _| {
            let spawner = spawner.clone();
            room.clone().seat(websocket, move |driver| spawner.spawn(driver).detach())
        };
        on_smol(listener, executor).serve(seat).await;
    });
}

type Executor = Arc<smol::Executor<'static>>;

pub(super) fn block_on_smol(work: impl AsyncFnOnce(Executor)) {
    let executor = Executor::default();
    smol::block_on(executor.run(work(executor.clone())));
}

fn on_smol(listener: TcpListener, executor: Executor) -> sansocket_smol::Server {
    sansocket_smol::Server::from_std(listener).expect("a socket").executor(executor)
}

/// What a newcomer would write.
async fn echo<I: Io, C: Clock>(mut websocket: Connection<WebSocket, I, C>) {
    while let Some(message) = websocket.next().await {
        if websocket.send(message).await.is_err() {
            break;
        }
    }
}

/// The same without owning a message.
async fn echo_lent<I: Io, C: Clock>(mut websocket: Connection<WebSocket, I, C>) {
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
}

/// permessage-deflate for whoever asks, and for every message.
fn deflating() -> ServerOptions {
    let deflate = DeflateOptions { threshold: 0, ..DeflateOptions::default() };
    let websocket = Options { deflate: Some(deflate), ..Options::default() };
    ServerOptions { websocket: Arc::new(websocket), ..ServerOptions::default() }
}

/// Everybody who is here.
#[derive(Clone, Default)]
struct Room {
    seats: Arc<Mutex<Vec<Handle<WebSocket>>>>,
    options: Arc<Options>,
}

impl Room {
    /// Says to all what comes from one, framed once.
    async fn seat<I: Io + Send + 'static, C: Clock + Send + 'static>(
        self,
        websocket: Connection<WebSocket, I, C>,
        spawn: impl FnOnce(Driver<WebSocket, I, C>),
    ) {
        let Shared { handle, mut incoming, driver } = websocket.share();
        spawn(driver);
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        while let Some(message) = incoming.next().await {
            let prepared = Prepared::new(message, &self.options);
            // Who has gone takes no more, and his seat is given away.
            self.seats.lock().unwrap_or_else(PoisonError::into_inner).retain(|seat| {
                seat.deliver(|websocket, now| websocket.send_prepared(&prepared, now)).is_ok()
            });
        }
    }
}
