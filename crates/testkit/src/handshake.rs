//! Handshakes to talk with.

use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake};
use sansocket_websocket::handshake::server::{ServerEvent, ServerHandshake};

use crate::Subject;

impl Subject for ServerHandshake {
    type Heard = ServerEvent;

    fn heard(event: ServerEvent) -> ServerEvent {
        event
    }

    fn is_last(heard: &ServerEvent) -> bool {
        matches!(heard, ServerEvent::Failed(_))
    }
}

impl Subject for ClientHandshake {
    type Heard = ClientEvent;

    fn heard(event: ClientEvent) -> ClientEvent {
        event
    }

    fn is_last(_: &ClientEvent) -> bool {
        true
    }
}
