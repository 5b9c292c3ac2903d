//! A server's end of one stream: HTTP first, a WebSocket if it switches.

use sansocket_core::{Data, Instant, Machine, Response};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{ConnectionId, ExchangeId, Outgoing, Server};
use sansocket_http1::ServerConnection;
use sansocket_testkit::http::Asked;
use sansocket_testkit::{Heard, Side};
use sansocket_websocket::handshake::server::{self, Choice};
use sansocket_websocket::{CloseCode, Options, WebSocket};

use super::meeting::{Habits, Persistence, Welcome};

#[derive(Debug)]
pub(crate) enum Host {
    Http(Box<Side<ServerConnection>>, Option<ExchangeId>),
    WebSocket(Box<Side<WebSocket>>, ConnectionId),
    Gone,
}

impl Host {
    pub(crate) fn new(now: Instant) -> Host {
        let http = ServerConnection::new(Default::default(), now);
        Host::Http(Box::new(Side::new(http)), None)
    }

    /// Bytes came.
    pub(crate) fn read(&mut self, bytes: &[u8], hub: &mut Server, habits: &Habits, now: Instant) {
        match self {
            Host::Http(side, _) => side.read(bytes, now),
            Host::WebSocket(side, _) => side.read(bytes, now),
            Host::Gone => {}
        }
        self.listen(hub, habits, now);
    }

    pub(crate) fn hang_up(&mut self, hub: &mut Server, habits: &Habits, now: Instant) {
        match self {
            Host::Http(side, _) => {
                side.machine.handle_eof(now);
                side.listen(now);
            }
            Host::WebSocket(side, _) => {
                side.machine.handle_eof(now);
                side.listen(now);
            }
            Host::Gone => {}
        }
        self.listen(hub, habits, now);
    }

    /// The hub's answer to this exchange, if it is ours.
    pub(crate) fn respond(
        &mut self,
        exchange: ExchangeId,
        response: &Response,
        habits: &Habits,
        now: Instant,
    ) -> bool {
        let Host::Http(side, pending) = self else { return false };
        if *pending != Some(exchange) {
            return false;
        }
        *pending = None;
        let response = match habits.persistence {
            Persistence::Keep => response.clone(),
            Persistence::Close => response.clone().with_header("Connection", "close"),
        };
        side.machine.respond(&response, now).expect("it was asked");
        side.listen(now);
        true
    }

    /// What the hub wants said over this WebSocket, then all that is to be written. Does the stream end behind it?
    pub(crate) fn write(&mut self, hub: &mut Server, now: Instant) -> (Vec<u8>, bool) {
        match self {
            Host::Http(side, _) => (side.write_all(), side.is_shut_down()),
            Host::WebSocket(side, connection) => {
                while let Some(outgoing) = hub.poll_transmit(*connection) {
                    match outgoing {
                        Outgoing::Message(message) => side.machine.send(message).expect("there is room"),
                        Outgoing::Close => side.machine.close(CloseCode::NO_STATUS.into(), now),
                    }
                }
                (side.write_all(), side.is_shut_down())
            }
            Host::Gone => (Vec::new(), true),
        }
    }

    fn listen(&mut self, hub: &mut Server, habits: &Habits, now: Instant) {
        match self {
            Host::Http(side, _) => {
                for asked in side.heard() {
                    self.asked(asked, hub, habits, now);
                }
            }
            Host::WebSocket(side, connection) => {
                for heard in side.heard() {
                    match heard {
                        Heard::Text(text) => hear(hub, *connection, Data::Text((&*text).into()), now),
                        Heard::Binary(bytes) => hear(hub, *connection, Data::Binary(&bytes), now),
                        Heard::Closed(_) => hub.handle_close(*connection, Reason::TransportClose),
                        other => panic!("{other:?}"),
                    }
                }
            }
            Host::Gone => {}
        }
    }

    fn asked(&mut self, asked: Asked, hub: &mut Server, habits: &Habits, now: Instant) {
        let Host::Http(side, pending) = self else { return };
        match asked {
            Asked::Whole(request) => match server::check(&request) {
                Ok(_) if habits.websockets == Welcome::No => {
                    side.machine.respond(&Response::new(403).with_body("no WebSockets here"), now).unwrap();
                }
                Ok(upgrade) => match hub.handle_upgrade(request, now) {
                    Ok(connection) => self.switch(&upgrade, connection, now),
                    Err(refusal) => side.machine.respond(&refusal, now).unwrap(),
                },
                Err(_) => *pending = Some(hub.handle_request(request, now)),
            },
            Asked::Aborted | Asked::Closed(_) => {
                if let Some(exchange) = pending.take() {
                    hub.handle_abort(exchange);
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn switch(&mut self, upgrade: &server::Upgrade, connection: ConnectionId, now: Instant) {
        let Host::Http(side, _) = std::mem::replace(self, Host::Gone) else { return };
        let Side { mut machine, input, pool, .. } = *side;
        let accepted = upgrade.accept(&Choice::default(), &Options::default()).unwrap();
        machine.switch(&accepted.response, now).unwrap();
        let parts = machine.into_parts().unwrap();
        let websocket =
            WebSocket::server(Default::default(), accepted.agreed.extensions, now).with_output(parts.out);
        let mut side = Side::new(websocket);
        (side.input, side.pool) = (input, pool);
        side.listen(now);
        *self = Host::WebSocket(Box::new(side), connection);
    }
}

/// What is heard comes by the hub's events, but for what it lends right here.
fn hear(hub: &mut Server, connection: ConnectionId, message: Data<'_>, now: Instant) {
    let lent = match hub.handle_message(connection, message, now) {
        Some(sansocket_engineio::server::Event::Message(message)) => Some(message.into_owned()),
        _ => None,
    };
    if let (Some(message), Some(session)) = (lent, hub.carried_by(connection)) {
        hub.send(session, message).expect("there is room");
    }
}
