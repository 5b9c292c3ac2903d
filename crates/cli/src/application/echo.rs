//! Everything back as it came.

use sansocket_app::engineio::Session;
use sansocket_core::Request;
use sansocket_driver::{Clock, Connection, Io, Runtime};
use sansocket_websocket::{Event, WebSocket};

/// Says every message back until the connection has ended.
pub(crate) async fn echo<I: Io, C: Clock>(connection: &mut Connection<WebSocket, I, C>) {
    connection
        .serve(|event, commands| {
            // There is room: no event comes before there is. What cannot be sent any more need not be.
            let _ = match event {
                Event::Text(text) => commands.send_text(&text),
                Event::Binary(bytes) => commands.send_binary(bytes),
                _ => Ok(()),
            };
        })
        .await;
}

/// Says every message back until the session has ended.
pub(crate) async fn echo_session<R: Runtime>(mut session: Session<R>, request: Box<Request>) {
    // A session may last for days, and nobody looks at what it began with.
    drop(request);
    while let Some(message) = session.next().await {
        // What cannot be sent any more need not be: the session ends, and soon says so.
        let _ = session.send(message).await;
    }
}
