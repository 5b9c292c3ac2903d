//! Anything that users, networks and clocks can do to two connections, in any order, and what must hold then.
//!
//! Property tests draw the operations from a [`Random`], the fuzzer from its bytes.

use std::time::Duration;

use sansocket_core::{Instant, Machine, Message};
use sansocket_websocket::deflate::{DeflateOptions, Takeover};
use sansocket_websocket::{
    CloseCode, Closed, Extensions, Keepalive, Kind, Options, Prepared, Role, StreamError, WebSocket,
};

use crate::{Flow, Heard, Pair, Random, Side, dialogues, ws};

/// One thing that happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// A whole message of so many bytes is sent.
    Send(Role, Kind, usize),
    /// One is sent that was prepared.
    SendPrepared(Role, usize),
    /// A message in pieces begins.
    Begin(Role, Kind),
    /// A piece of so many bytes follows.
    Append(Role, usize),
    /// It ends.
    Finish(Role),
    /// A ping of so many bytes.
    Ping(Role, usize),
    /// A pong that nobody asked for.
    Pong(Role, usize),
    /// A close, with this code.
    Close(Role, u16),
    /// A deadline is looked at, too early or not.
    Timeout(Role),
    /// So many rounds of calls are made.
    Step(usize),
    /// So many milliseconds pass.
    Wait(u64),
    /// What goes to this side comes in pieces of so many bytes.
    Chunk(Role, usize),
    /// What goes to this side stops, or goes on.
    Flow(Role, Flow),
    /// The connection to this side breaks.
    Cut(Role),
}

impl Operation {
    /// One that `choose(n)` makes by choosing among `n` a few times.
    pub fn choose(mut choose: impl FnMut(usize) -> usize) -> Operation {
        let role = [Role::Client, Role::Server][choose(2)];
        let kind = [Kind::Text, Kind::Binary][choose(2)];
        let len = [0, 1, 5, 125, 126, 700, 9000, 20_000][choose(8)];
        match choose(32) {
            0..8 => Operation::Send(role, kind, len),
            8..10 => Operation::SendPrepared(role, len),
            10..12 => Operation::Begin(role, kind),
            12..15 => Operation::Append(role, len),
            15 => Operation::Finish(role),
            16 => Operation::Ping(role, len),
            17 => Operation::Pong(role, len),
            18 => Operation::Close(role, [1000, 1001, 1005, 4321][choose(4)]),
            19 => Operation::Timeout(role),
            20..25 => Operation::Step(1 + choose(8)),
            25..27 => Operation::Wait([0, 1, 900, 3000, 20_000][choose(5)]),
            27..29 => Operation::Chunk(role, [1, 2, 7, 64, 4096, usize::MAX][choose(6)]),
            29 => Operation::Flow(role, Flow::Stalled),
            30 => Operation::Flow(role, Flow::Open),
            _ => Operation::Cut(role),
        }
    }
}

impl Operation {
    /// Whose user does it, if it is a user's.
    fn role(self) -> Option<Role> {
        match self {
            Operation::Send(role, ..)
            | Operation::SendPrepared(role, _)
            | Operation::Begin(role, _)
            | Operation::Append(role, _)
            | Operation::Finish(role)
            | Operation::Ping(role, _)
            | Operation::Pong(role, _)
            | Operation::Close(role, _)
            | Operation::Timeout(role) => Some(role),
            _ => None,
        }
    }
}

/// Settings that `choose` makes, for both sides.
pub fn choose_settings(mut choose: impl FnMut(usize) -> usize) -> (Options, Extensions) {
    let keepalive = Keepalive { interval: Duration::from_secs(2), timeout: Duration::from_secs(1) };
    let options = Options {
        fragment: [None, Some(1), Some(100), Some(5000)][choose(4)],
        high_water: [64 << 10, 1000, 0][choose(3)],
        keepalive: [None, Some(keepalive)][choose(2)],
        idle_timeout: [None, Some(Duration::from_secs(10))][choose(2)],
        deflate: Some(DeflateOptions { threshold: [0, 100][choose(2)], ..DeflateOptions::default() }),
        ..Options::default()
    };
    let extensions = match choose(4) {
        0 => dialogues::deflate(Takeover::Keep, 15),
        1 => dialogues::deflate(Takeover::Reset, 9),
        _ => Extensions::default(),
    };
    (options, extensions)
}

/// Two connections, what each was told to send, and what each heard.
#[derive(Debug)]
pub struct Conversation {
    pair: Pair<WebSocket, WebSocket>,
    options: Options,
    client: Account,
    server: Account,
    /// A connection was broken, or its user closed it: not everything need arrive.
    disturbed: bool,
}

/// What one side was told to send, and what the other heard of it.
#[derive(Debug, Default)]
struct Account {
    sent: Vec<Heard>,
    heard: Vec<Heard>,
    ended: Option<Closed>,
    pieces: Option<(Kind, Vec<u8>)>,
    count: usize,
}

impl Conversation {
    /// With these settings on both sides; if there is an `order`, calls are made in any.
    pub fn new(options: Options, extensions: Extensions, order: Option<Random>) -> Conversation {
        let mut pair = ws::pair_with(options.clone(), extensions, options.clone(), extensions);
        pair.order = order;
        let (client, server) = Default::default();
        Conversation { pair, options, client, server, disturbed: false }
    }

    /// Does it, and checks what must hold at any moment.
    ///
    /// # Panics
    /// If that does not hold.
    pub fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Step(times) => (0..times).for_each(|_| _ = self.pair.step()),
            Operation::Wait(millis) => self.pair.wait(Duration::from_millis(millis)),
            Operation::Chunk(to, chunk) => self.link(to).chunk = chunk,
            Operation::Flow(to, flow) => self.link(to).flow = flow,
            Operation::Cut(to) => {
                self.disturbed = true;
                self.link(to).cut_after = Some(0);
            }
            _ => self.command(operation),
        }
        self.check();
    }

    /// Lets everything arrive, ends the conversation, and checks that everything did.
    ///
    /// # Panics
    /// If something did not.
    pub fn end(mut self) {
        for to in [Role::Client, Role::Server] {
            self.link(to).flow = Flow::Open;
        }
        self.pair.drive();
        self.check();
        if !self.disturbed && self.client.ended.is_none() && self.server.ended.is_none() {
            assert_eq!(self.client.sent, self.server.heard, "what the client sent did not arrive");
            assert_eq!(self.server.sent, self.client.heard, "what the server sent did not arrive");
        }
        let now = self.pair.clock.now();
        self.pair.client.machine.close(CloseCode::NORMAL.into(), now);
        self.pair.wait(Duration::from_secs(60));
        self.check();
        for side in [&self.pair.client, &self.pair.server] {
            assert!(side.machine.is_finished(), "{:?} goes on for ever", side.machine);
            assert!(side.input.is_empty(), "{:?} is left", side.input);
        }
    }

    fn link(&mut self, to: Role) -> &mut crate::Link {
        match to {
            Role::Client => &mut self.pair.to_client,
            Role::Server => &mut self.pair.to_server,
        }
    }

    fn command(&mut self, operation: Operation) {
        let now = self.pair.clock.now();
        let (side, account) = match operation.role() {
            Some(Role::Client) => (&mut self.pair.client, &mut self.client),
            _ => (&mut self.pair.server, &mut self.server),
        };
        let ws = &mut side.machine;
        account.count += 1;
        match operation {
            Operation::Send(_, kind, len) => account.send(ws, kind, len),
            Operation::SendPrepared(_, len) => {
                let message = payload(Kind::Binary, len, account.count);
                account.send_prepared(ws, &message, &Prepared::new(message.clone(), &self.options), now);
            }
            Operation::Begin(_, kind) => {
                if ws.begin(kind) == Ok(()) {
                    account.pieces = Some((kind, Vec::new()));
                }
            }
            Operation::Append(_, len) => account.append(ws, len),
            Operation::Finish(_) => {
                if ws.finish() == Ok(()) {
                    let (kind, bytes) = account.pieces.take().expect("a message was begun");
                    account.note(&message(kind, bytes));
                }
            }
            Operation::Ping(_, len) => drop(ws.ping(&vec![7; len])),
            Operation::Pong(_, len) => drop(ws.pong(&vec![8; len])),
            Operation::Close(_, code) => {
                self.disturbed = true;
                ws.close(crate::close_frame(code, ""), now);
            }
            _ => ws.handle_timeout(now),
        }
    }

    /// What must hold at any moment.
    fn check(&mut self) {
        self.server.listen(&mut self.pair.server, &self.client.sent);
        self.client.listen(&mut self.pair.client, &self.server.sent);
    }
}

impl Account {
    fn send(&mut self, ws: &mut WebSocket, kind: Kind, len: usize) {
        let message = payload(kind, len, self.count);
        match ws.send(message.clone()) {
            Ok(()) => self.note(&message),
            Err(error) => assert_eq!(error.into_item(), message, "it comes back as it went"),
        }
    }

    fn send_prepared(&mut self, ws: &mut WebSocket, message: &Message, prepared: &Prepared, now: Instant) {
        let dropped = ws.counters().dropped;
        let queued = ws.send_prepared(prepared, now).is_ok();
        // At the hard cap it may be dropped, or the connection closed, which is no error.
        if queued && ws.counters().dropped == dropped && ws.is_open() {
            self.note(message);
        }
    }

    fn append(&mut self, ws: &mut WebSocket, len: usize) {
        let text = payload(Kind::Text, len, self.count).into_bytes();
        match ws.append(&text) {
            Ok(()) => self.pieces.as_mut().expect("a message was begun").1.extend(&text),
            Err(error) => assert_ne!(error, StreamError::NotUtf8),
        }
    }

    fn note(&mut self, message: &Message) {
        self.sent.push(match message.as_text() {
            Some(text) => Heard::Text(text.to_owned()),
            None => Heard::Binary(message.as_bytes().to_vec()),
        });
    }

    /// What was heard is the beginning of what was sent, nobody of us is at fault, and nothing queues without bound.
    fn listen(&mut self, side: &mut Side<WebSocket>, sent: &[Heard]) {
        for heard in side.heard() {
            match heard {
                Heard::Ping(_) | Heard::Pong(_) => {}
                Heard::Closed(Closed::Violation(violation)) => {
                    panic!("our own peer is at fault: {violation}")
                }
                Heard::Closed(closed) => self.ended = Some(closed),
                message => {
                    let next = sent.get(self.heard.len());
                    assert!(next == Some(&message), "{message:?} was heard where {next:?} was sent");
                    self.heard.push(message);
                }
            }
        }
        let options = side.machine.options();
        // One message may pass the high-water mark, and control frames always may: theirs is 4 KiB, and the newest.
        let most = options.high_water.max(options.hard_cap) + 2 * 20_000 * 14 + 4096 + 139;
        assert!(side.machine.buffered() <= most, "{} bytes wait", side.machine.buffered());
    }
}

/// A message of so many bytes, or a little less, that no other is like.
fn payload(kind: Kind, len: usize, count: usize) -> Message {
    let text = format!("{count}: zwölf Boxkämpfer € 𝄞 ").repeat(len / 16 + 1);
    let end = (0..=len).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    message(kind, text.as_bytes()[..end].to_vec())
}

fn message(kind: Kind, bytes: Vec<u8>) -> Message {
    match kind {
        Kind::Text => Message::text(String::from_utf8(bytes).expect("whole characters")),
        Kind::Binary => Message::binary(bytes),
    }
}
