//! WebSocket connections to talk with.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Machine};
use sansocket_websocket::{Event, Extensions, Options, Role, WebSocket};

use crate::frame::{Frame, frames};
use crate::{Clock, Heard, Pair, Side, Subject};

impl Subject for WebSocket {
    type Heard = Heard;

    fn heard(event: Event<'_>) -> Heard {
        event.into()
    }

    fn is_last(heard: &Heard) -> bool {
        matches!(heard, Heard::Closed(_))
    }
}

/// A connection as `role` holds it after the handshake.
pub fn websocket(role: Role, options: Options, extensions: Extensions, now: Instant) -> WebSocket {
    match role {
        Role::Server => WebSocket::server(Arc::new(options), extensions, now),
        Role::Client => WebSocket::client(Arc::new(options), extensions, [7; 32], now),
    }
}

/// Two connections joined, without extensions.
pub fn pair(client: Options, server: Options) -> Pair<WebSocket, WebSocket> {
    pair_with(client, Extensions::default(), server, Extensions::default())
}

/// Two connections joined, with the extensions that each of them negotiated.
pub fn pair_with(
    client: Options,
    clients: Extensions,
    server: Options,
    servers: Extensions,
) -> Pair<WebSocket, WebSocket> {
    let now = Clock::default().now();
    Pair::new(websocket(Role::Client, client, clients, now), websocket(Role::Server, server, servers, now))
}

/// One connection, whose peer says what the test says.
///
/// ```
/// # use sansocket_testkit::{Talk, heard_ping, heard_text, ping, pong, text};
/// let mut talk = Talk::server(Default::default());
/// talk.say(&text("hello")).say(&ping("?"));
/// talk.expect([heard_text("hello"), heard_ping("?")]);
/// talk.expect_answers([pong("?")]);
/// ```
#[derive(Debug)]
pub struct Talk {
    /// The connection.
    pub side: Side<WebSocket>,
    /// Its time.
    pub clock: Clock,
    role: Role,
    unparsed: Vec<u8>,
}

impl Talk {
    /// With a server.
    pub fn server(options: Options) -> Talk {
        Talk::with(Role::Server, options, Extensions::default())
    }

    /// With a client.
    pub fn client(options: Options) -> Talk {
        Talk::with(Role::Client, options, Extensions::default())
    }

    /// With either, and what was negotiated.
    pub fn with(role: Role, options: Options, extensions: Extensions) -> Talk {
        let clock = Clock::default();
        let side = Side::new(websocket(role, options, extensions, clock.now()));
        Talk { side, clock, role, unparsed: Vec::new() }
    }

    /// The role of the peer, whom the test plays.
    pub fn peer(&self) -> Role {
        match self.role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        }
    }

    /// The peer sends a frame.
    pub fn say(&mut self, frame: &Frame) -> &mut Talk {
        let bytes = frame.sent_by(self.peer());
        self.say_bytes(&bytes)
    }

    /// The peer sends bytes, which arrive by one read.
    pub fn say_bytes(&mut self, bytes: &[u8]) -> &mut Talk {
        self.side.read(bytes, self.clock.now());
        self
    }

    /// The peer ends its stream.
    pub fn leave(&mut self) -> &mut Talk {
        self.side.machine.handle_eof(self.clock.now());
        self.side.listen(self.clock.now());
        self
    }

    /// Time passes; deadlines are kept to the microsecond.
    pub fn wait(&mut self, time: Duration) -> &mut Talk {
        let end = self.clock.now() + time;
        while let Some(at) = self.side.machine.poll_timeout().filter(|at| *at <= end) {
            self.clock.reach(at);
            self.side.machine.handle_timeout(at);
            self.side.listen(at);
            assert!(self.side.machine.poll_timeout().is_none_or(|next| next > at), "a deadline stays behind");
        }
        self.clock.reach(end);
        self
    }

    /// Exactly this was heard since the last look.
    #[track_caller]
    pub fn expect(&mut self, heard: impl IntoIterator<Item = Heard>) -> &mut Talk {
        same(&self.side.heard(), &heard.into_iter().collect::<Vec<_>>());
        self
    }

    /// Exactly these frames went out since the last look.
    #[track_caller]
    pub fn expect_answers(&mut self, answers: impl IntoIterator<Item = Frame>) -> &mut Talk {
        same(&self.answers(), &answers.into_iter().collect::<Vec<_>>());
        self
    }

    /// The frames that went out since the last look.
    pub fn answers(&mut self) -> Vec<Frame> {
        self.unparsed.extend(self.side.write_all());
        let (frames, rest) = frames(self.role, &self.unparsed);
        self.unparsed.drain(..self.unparsed.len() - rest);
        frames
    }

    /// The connection ended its stream, and may be dropped or not.
    #[track_caller]
    pub fn expect_shutdown(&mut self) -> &mut Talk {
        assert!(self.answers().is_empty(), "more frames went out");
        assert!(self.side.is_shut_down(), "the stream was not ended");
        self
    }

    /// The transport may be dropped.
    #[track_caller]
    pub fn expect_finished(&mut self) -> &mut Talk {
        assert!(self.side.machine.is_finished(), "{:?} is not finished", self.side.machine);
        self
    }
}

#[track_caller]
fn same<T: PartialEq + Debug>(left: &[T], right: &[T]) {
    assert!(left == right, "\n   it was {left:?}\ninstead of {right:?}");
}
