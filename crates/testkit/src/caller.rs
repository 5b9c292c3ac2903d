//! Anything that servers, networks, a user and a clock do to an Engine.IO client and its streams.

use std::time::Duration;

use sansocket_core::{Input, Instant, Machine, Message, OUTBOX_SLICES, Outbox, Pool, Transmit};
use sansocket_engineio::client::ClientOptions as SessionOptions;
use sansocket_engineio::{Protocol, Transport};
use sansocket_http1::{Limits, RequestReader, encode_response};
use sansocket_stack::client::{Client, ClientOptions, Line, LineId};
use sansocket_websocket::Options;
use sansocket_websocket::handshake::server::{self, Choice};

use crate::traveller::note;
use crate::{bare_close, close, ping, text};

/// A client, all its streams, and what has to hold.
///
/// * It opens once at most, before anything else, and ends exactly once, after everything else.
/// * It wants few streams at a time, and nothing is held beyond what was received.
/// * At the [end](Caller::end) nothing is left: no stream, no deadline.
#[derive(Debug)]
pub struct Caller {
    client: Client,
    now: Instant,
    dials: Vec<LineId>,
    streams: Vec<Stream>,
    told: Vec<String>,
    opened: bool,
    closed: bool,
}

#[derive(Debug)]
struct Stream {
    id: LineId,
    line: Line,
    input: Input,
    pool: Pool,
    received: usize,
    asked: Asked,
    /// The answer that makes it a WebSocket, if it asked for one.
    welcome: Vec<u8>,
    ended: bool,
}

/// What was asked over a stream last, and not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    Nothing,
    Poll,
    Post,
}

/// What a server may say to a request.
const BODIES: [&str; 10] = [
    r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":20}"#,
    r#"0{"sid":"abc","upgrades":[],"pingInterval":1000,"pingTimeout":1000}"#,
    "4a\u{1e}4b",
    "2",
    "1",
    "6",
    "ok",
    "",
    "zz",
    "4one\u{1e}bAQID\u{1e}1\u{1e}4never",
];
/// What may stand around it.
const HEADS: [&str; 5] = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n",
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Max-Age=5\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 400 Bad Request\r\n",
];
/// What a WebSocket may say.
const PACKETS: [&str; 8] = ["3probe", "4a", "6", "2", "1", "bAQID", "zz", BODIES[0]];
/// Streams at a time: two for requests, a WebSocket, and one of either kind that was given up and has not ended.
const STREAMS: usize = 5;
/// How much time passes at once: ticks, and whole timeouts.
const TIMES: [u64; 5] = [1, 100, 5_000, 20_000, 25_000];

type Choose<'c> = &'c mut dyn FnMut(usize) -> usize;

impl Caller {
    /// It has not begun. `choose(n)` is a number below `n`.
    pub fn new(mut choose: impl FnMut(usize) -> usize) -> Caller {
        let both = [Transport::Polling, Transport::WebSocket];
        let first = choose(2);
        let session = SessionOptions {
            protocol: [Protocol::V4, Protocol::V3][choose(2)],
            transports: vec![both[first], both[1 - first]],
            try_all_transports: choose(2) == 0,
            high_water: 20,
            ..SessionOptions::default()
        };
        let now = Instant::from_micros(1);
        let uri = "http://example.org".parse().expect("a right one");
        let options = ClientOptions { session, ..ClientOptions::default() };
        Caller {
            client: Client::new(&uri, options, [7; 32], now),
            now,
            dials: Vec::new(),
            streams: Vec::new(),
            told: Vec::new(),
            opened: false,
            closed: false,
        }
    }

    /// Something happens.
    pub fn happen(&mut self, mut choose: impl FnMut(usize) -> usize) {
        let choose: Choose<'_> = &mut choose;
        match choose(16) {
            0 | 1 => self.dial(choose),
            2..=6 => self.say(choose),
            7 => self.lose(choose),
            8..=10 => self.drive(),
            11 | 12 => self.look(),
            13 => drop(self.client.send(Message::text(["x", "a longer message"][choose(2)]))),
            14 => self.pass(choose),
            _ => match choose(16) {
                0 => self.client.close(self.now),
                1..=3 => self.client.hold(),
                _ => self.client.resume(self.now),
            },
        }
    }

    /// Nothing more happens, but that it is ended. What was heard, in order.
    ///
    /// # Panics
    /// If something is left.
    pub fn end(mut self) -> Vec<String> {
        self.client.close(self.now);
        self.client.resume(self.now);
        for _ in 0..20 {
            self.look();
            self.drive();
            self.dials.extend(self.client.poll_dial(self.now));
            for id in std::mem::take(&mut self.dials) {
                self.client.handle_loss(id, self.now);
            }
            let lines = self.streams.iter().filter_map(|stream| stream.line.poll_timeout());
            let next = lines.chain(self.client.poll_timeout()).min();
            self.now = next.unwrap_or(self.now).max(self.now);
            self.notice_time();
        }
        self.look();
        assert!(self.closed && self.streams.is_empty() && self.client.is_finished(), "{self:?}");
        assert_eq!(self.client.poll_timeout(), None);
        assert_eq!(self.client.poll_dial(self.now), None);
        self.told
    }

    fn dial(&mut self, choose: Choose<'_>) {
        self.dials.extend(self.client.poll_dial(self.now));
        if self.dials.is_empty() {
            return;
        }
        let id = self.dials.remove(choose(self.dials.len()));
        if choose(8) == 0 {
            return self.client.handle_loss(id, self.now);
        }
        let is_wanted = self.client.is_wanted(id);
        let Some(line) = self.client.handle_stream(id, self.now) else { return };
        assert!(is_wanted, "{id:?}");
        self.streams.push(Stream {
            id,
            line,
            input: Input::default(),
            pool: Pool::default(),
            received: 0,
            asked: Asked::Nothing,
            welcome: Vec::new(),
            ended: false,
        });
    }

    /// A server says something right, or something else, in one piece or two.
    fn say(&mut self, choose: Choose<'_>) {
        self.drive();
        if self.streams.is_empty() {
            return;
        }
        let at = choose(self.streams.len());
        let said = if choose(8) == 0 { self.nonsense(choose) } else { self.answer(at, choose) };
        let cut = choose(256).min(said.len());
        for piece in [&said[..cut], &said[cut..]] {
            let Some(stream) = self.streams.get_mut(at).filter(|stream| !stream.ended) else { return };
            stream.input.fill(piece, &mut stream.pool);
            stream.received += piece.len();
            self.drive();
        }
    }

    /// What a server might say now.
    fn answer(&mut self, at: usize, choose: Choose<'_>) -> Vec<u8> {
        let protocol = self.client.session().protocol();
        let stream = &mut self.streams[at];
        let head = HEADS[choose(4) * choose(2)];
        match std::mem::replace(&mut stream.asked, Asked::Nothing) {
            _ if !stream.welcome.is_empty() => std::mem::take(&mut stream.welcome),
            Asked::Poll if self.opened => response(head, &payload(protocol, BODIES[choose(BODIES.len())])),
            Asked::Poll => response(head, &payload(protocol, BODIES[choose(2)])),
            Asked::Post => response(head, "ok"),
            Asked::Nothing if !stream.line.is_websocket() => Vec::new(),
            Asked::Nothing if self.opened => text(PACKETS[choose(PACKETS.len())]).bare(),
            Asked::Nothing => text(BODIES[choose(2)]).bare(),
        }
    }

    /// What it must not, or not now.
    fn nonsense(&self, choose: Choose<'_>) -> Vec<u8> {
        match choose(4) {
            0 => response(HEADS[choose(HEADS.len())], BODIES[choose(BODIES.len())]),
            1 => [text("3probe").bare(), text("4behind").bare()].concat(),
            2 => [ping("?"), bare_close(), close(1000, "bye")][choose(3)].bare(),
            _ => (0..choose(20)).map(|_| choose(256) as u8).collect(),
        }
    }

    fn lose(&mut self, choose: Choose<'_>) {
        if self.streams.is_empty() {
            return;
        }
        let at = choose(self.streams.len());
        self.streams[at].ended = true;
        self.streams[at].line.handle_eof(self.now);
        self.drive();
    }

    /// All lines say what they have to say, and hear what came.
    fn drive(&mut self) {
        let Caller { client, now, streams, told, opened, closed, .. } = self;
        streams.retain_mut(|stream| {
            client.feed(stream.id, &mut stream.line, *now);
            stream.write(*now);
            while let Some(event) = stream.line.poll_event(&mut stream.input, *now) {
                note(client.handle(stream.id, event, *now), told, opened, closed);
                client.feed(stream.id, &mut stream.line, *now);
            }
            stream.write(*now);
            stream.input.release(&mut stream.pool);
            let most = 2 * stream.received + 4096;
            assert!(stream.input.memory() <= most, "{:?} after {} bytes", stream.input, stream.received);
            let over = stream.line.is_finished();
            if over {
                client.handle_loss(stream.id, *now);
            }
            !over
        });
        assert!(self.streams.len() + self.dials.len() <= STREAMS, "{self:?}");
    }

    fn look(&mut self) {
        while let Some(event) = self.client.poll_event(self.now) {
            note(Some(event), &mut self.told, &mut self.opened, &mut self.closed);
        }
    }

    fn pass(&mut self, choose: Choose<'_>) {
        self.now = self.now + Duration::from_millis(TIMES[choose(TIMES.len())]);
        self.notice_time();
    }

    fn notice_time(&mut self) {
        self.client.handle_timeout(self.now);
        for stream in &mut self.streams {
            stream.line.handle_timeout(self.now);
        }
        self.drive();
        assert!(self.client.poll_timeout().is_none_or(|next| next > self.now), "strictly later");
    }
}

impl Stream {
    fn write(&mut self, now: Instant) {
        let mut written = Vec::new();
        while let Some(transmit) = self.line.poll_transmit() {
            match transmit {
                Transmit::Bytes(out) => {
                    let mut slices = [&[][..]; OUTBOX_SLICES];
                    let filled = out.slices(&mut slices);
                    let gathered = slices[..filled].concat();
                    out.written(gathered.len());
                    written.extend(gathered);
                }
                // The other side has nothing more to say, then.
                Transmit::Shutdown => {
                    self.ended = true;
                    self.line.handle_eof(now);
                }
            }
        }
        if written.starts_with(b"GET") {
            self.asked = Asked::Poll;
        } else if written.starts_with(b"POST") {
            self.asked = Asked::Post;
        }
        if let Some(welcome) = welcome(&written) {
            self.welcome = welcome;
        }
    }
}

/// The answer to what may be the head of a WebSocket's handshake.
fn welcome(written: &[u8]) -> Option<Vec<u8>> {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(written, &mut pool);
    let request = RequestReader::new(Limits::default()).read(&mut input).ok()??;
    let upgrade = server::check(&request).ok()?;
    let accepted = upgrade.accept(&Choice::default(), &Options::default()).ok()?;
    let mut out = Outbox::default();
    encode_response(&accepted.response, "GET", &mut out).ok()?;
    Some(out.flat()?.to_vec())
}

/// A polled body of these packets, in the protocol's way.
fn payload(protocol: Protocol, packets: &str) -> String {
    match protocol {
        Protocol::V4 => packets.into(),
        Protocol::V3 => packets.split('\u{1e}').map(|packet| format!("{}:{packet}", packet.len())).collect(),
    }
}

fn response(head: &str, body: &str) -> Vec<u8> {
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
