//! A server with hands: connections, their messages, and the time, as a test wants them.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Message, Request};
use sansocket_socketio::server::{
    ConnectionId, Event, Handshake, NamespaceId, Notice, Outcome, Reason, Server, ServerOptions, SocketId,
    Target,
};
use sansocket_socketio::{Args, Flags, Nsp, Outgoing, Revision, Value, Writable};

/// A server with the namespace `/` whose user lets everybody in.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) now: Instant,
    pub(crate) main: NamespaceId,
    connections: u32,
}

/// A client in `/`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Guest {
    pub(crate) connection: ConnectionId,
    pub(crate) socket: SocketId,
}

impl Default for House {
    fn default() -> House {
        House::new(ServerOptions::default())
    }
}

impl House {
    pub(crate) fn new(options: ServerOptions) -> House {
        House::seeded(options, 7)
    }

    /// One of several, which draw different names.
    pub(crate) fn seeded(options: ServerOptions, seed: u8) -> House {
        let mut server = Server::new(options, [seed; 32]);
        let main = server.add_namespace(Nsp::main());
        House { server, now: Instant::ZERO, main, connections: 0 }
    }

    /// A connection without a namespace.
    pub(crate) fn open(&mut self) -> ConnectionId {
        self.open_as(Revision::V5)
    }

    pub(crate) fn open_as(&mut self, revision: Revision) -> ConnectionId {
        self.connections += 1;
        let request = Request::get("/socket.io/?EIO=4&transport=websocket");
        let handshake =
            Handshake::new(Arc::new(request), revision, format!("engine-{:013}", self.connections));
        self.server.handle_connection(handshake, self.now)
    }

    pub(crate) fn says(&mut self, connection: ConnectionId, said: impl Into<Message>) {
        self.server.handle_message(connection, said.into(), self.now);
    }

    /// All that a connection is sent, as text; bytes as hexadecimal numbers.
    pub(crate) fn hears(&mut self, connection: ConnectionId) -> Vec<String> {
        self.hears_if(connection, Writable::Now)
    }

    pub(crate) fn hears_if(&mut self, connection: ConnectionId, writable: Writable) -> Vec<String> {
        std::iter::from_fn(|| self.hears_one(connection, writable)).collect()
    }

    pub(crate) fn hears_one(&mut self, connection: ConnectionId, writable: Writable) -> Option<String> {
        Some(match self.server.poll_transmit(connection, writable)? {
            Outgoing::Message { message: Message::Text(text), .. } => text.as_str().to_owned(),
            Outgoing::Message { message: Message::Binary(bytes), .. } => format!("{:02x?}", bytes.to_vec()),
            Outgoing::Close => "close".to_owned(),
        })
    }

    /// All that happened to a connection.
    pub(crate) fn events(&mut self, connection: ConnectionId) -> Vec<Event> {
        std::iter::from_fn(|| self.server.poll_event(connection)).collect()
    }

    pub(crate) fn outcomes(&mut self) -> Vec<Outcome> {
        std::iter::from_fn(|| self.server.poll_outcome()).collect()
    }

    pub(crate) fn notices(&mut self) -> Vec<Notice> {
        std::iter::from_fn(|| self.server.poll_notice()).collect()
    }

    /// The client says `connect` (`0` and more), and is let in.
    pub(crate) fn enters(&mut self, connection: ConnectionId, connect: &str) -> SocketId {
        self.says(connection, connect);
        let socket = self.knocks(connection);
        self.server.accept(socket, self.now);
        assert_eq!(self.events(connection), [Event::Connected(socket)]);
        socket
    }

    /// The socket that waits to be accepted.
    pub(crate) fn knocks(&mut self, connection: ConnectionId) -> SocketId {
        match self.events(connection).as_slice() {
            [Event::Connecting(socket)] => *socket,
            other => panic!("nobody knocks: {other:?}"),
        }
    }

    /// A client in `/`, who was told so.
    pub(crate) fn guest(&mut self) -> Guest {
        let connection = self.open();
        let socket = self.enters(connection, "0");
        let welcome = self.hears(connection);
        assert!(matches!(welcome.as_slice(), [welcome] if welcome.starts_with("0{\"")), "{welcome:?}");
        Guest { connection, socket }
    }

    pub(crate) fn id(&self, guest: Guest) -> String {
        self.server.socket(guest.socket).expect("it is there").id().to_string()
    }

    pub(crate) fn emit(&mut self, guest: Guest, name: &str, args: Args) {
        self.server.emit(guest.socket, name, args, Flags::default(), self.now).expect("there is room");
    }

    pub(crate) fn broadcast(&mut self, target: &Target, name: &str, args: Args) {
        self.server.broadcast(target, name, args, self.now).expect("no reserved name");
    }

    pub(crate) fn leaves(&mut self, guest: Guest) {
        self.server.handle_close(guest.connection, Reason::TransportClose, self.now);
    }

    pub(crate) fn passes(&mut self, time: Duration) {
        // Not at one go: a real clock would not skip what comes due on the way.
        let end = self.now + time;
        while let Some(next) = self.server.poll_timeout().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.server.handle_timeout(self.now);
            assert!(self.server.poll_timeout().is_none_or(|next| next > self.now), "strictly later");
        }
        self.now = end;
        self.server.handle_timeout(end);
    }
}

/// All of `/`.
pub(crate) fn everybody() -> Target {
    Target::new(Nsp::main())
}

pub(crate) fn args<T: serde::Serialize>(arguments: T) -> Args {
    Args::new(&arguments).expect("they can be written")
}

pub(crate) fn value<T: serde::Serialize>(of: T) -> Value {
    Value::new(&of).expect("it can be written")
}

pub(crate) fn received(socket: SocketId, name: &str, arguments: Args) -> Event {
    Event::Received { socket, name: name.into(), args: arguments, ack: None }
}

/// What a disconnection tells, when nobody waits for the socket.
pub(crate) fn ends(socket: SocketId, reason: Reason) -> [Event; 3] {
    [
        Event::Disconnecting { socket, reason },
        Event::Disconnected { socket, reason },
        Event::Forgotten(socket),
    ]
}

/// What stands in a welcome (`0{"sid":"…"}`) under this key.
pub(crate) fn welcomed(packet: &str, key: &str) -> Option<String> {
    let (_, rest) = packet.split_once(&format!(r#""{key}":""#))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}
