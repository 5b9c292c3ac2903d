//! The conversation itself, over any connection of any runtime.

use std::future::pending;
use std::io;

use async_channel::Receiver;
use futures_lite::future::or;
use sansocket_core::Message;
use sansocket_driver::{Clock, Connection, Handle, Io, Shared, Signal};
use sansocket_websocket::{CloseCode, Closed, WebSocket};

use super::screen::Screen;

/// Sends every line and shows every message, until either side ends it.
///
/// At the end of the lines it says goodbye with 1000, and shows what still comes before the peer's answer.
pub(super) async fn converse<I: Io + Send + 'static, C: Clock + Send + 'static>(
    connection: Connection<WebSocket, I, C>,
    lines: &Receiver<Message>,
    stop: &Signal,
    screen: &mut Screen,
) -> io::Result<Closed> {
    let Shared { handle, mut incoming, mut driver } = connection.share();
    let listen = async {
        while let Some(message) = incoming.next().await {
            screen.show(&message)?;
        }
        io::Result::Ok(())
    };
    let stopped = async {
        stop.wait().await;
        CloseCode::GOING_AWAY
    };
    let speak = async {
        let goodbye = or(stopped, say(&handle, lines)).await;
        handle.close(goodbye.into());
        pending().await
    };
    let drive = async {
        (&mut driver).await;
        pending().await
    };
    or(listen, or(speak, drive)).await?;
    driver.await;
    Ok(handle.command(|ws, _now| ws.closed().cloned()).unwrap_or(Closed::Lost))
}

/// Sends the lines as they come; at their end answers with what to say goodbye.
async fn say(handle: &Handle<WebSocket>, lines: &Receiver<Message>) -> CloseCode {
    while let Ok(line) = lines.recv().await {
        if handle.send(line).await.is_err() {
            // The connection ends; why, the listener will be told.
            break;
        }
    }
    CloseCode::NORMAL
}
