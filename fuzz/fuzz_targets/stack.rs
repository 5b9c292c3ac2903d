//! Anything that clients say byte by byte, that users and clocks do, and that networks cut off: to a hub of sessions and
//! the connections of its server. Nobody is kept for longer than he is there, and nothing beyond its limits.
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Headers, Input, Instant, Machine, Message, Pool, Response, Transmit};
use sansocket_engineio::server::{Answer, Server, ServerOptions, SessionId};
use sansocket_fuzz::Choices;
use sansocket_stack::server::{Connection, Options, Question};
use sansocket_testkit::text;
use sansocket_websocket::Role;
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

/// Connections at a time.
const LINES: usize = 3;
/// What a client may say, besides any bytes; the first session there is takes the place of the sid.
const SAID: [&str; 6] = [
    "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /engine.io/?EIO=4&transport=polling&sid=SID HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /engine.io/?EIO=4&transport=polling&sid=SID HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\n4a\u{1e}bAQ=",
    "GET /engine.io/?EIO=4&transport=websocket&sid=SID HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "GET /page HTTP/1.1\r\nHost: h\r\n\r\n",
];
/// Packets that mean something over a WebSocket.
const PACKETS: [&str; 6] = ["2probe", "5", "4hello", "3", "1", "b!"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut house = House::new();
    while !choices.0.is_empty() {
        house.happen(&mut choices);
        house.turn();
    }
    house.end();
});

struct House {
    hub: Server,
    options: Arc<Options>,
    now: Instant,
    lines: Vec<Line>,
    pool: Pool,
    answers: Vec<Answer>,
    sessions: Vec<SessionId>,
}

struct Line {
    machine: Connection,
    input: Input,
    received: usize,
}

impl House {
    fn new() -> House {
        let engine = ServerOptions { max_payload: 1000, read_ahead: 500, high_water: 500, ..Default::default() };
        let options = Arc::new(Options::new(&engine, &HandshakeOptions::default()));
        let hub = Server::new(engine, [3; 32]);
        let mut house = House {
            hub,
            options,
            now: Instant::ZERO,
            lines: Vec::new(),
            pool: Pool::default(),
            answers: Vec::new(),
            sessions: Vec::new(),
        };
        house.lines = (0..LINES).map(|_| house.line()).collect();
        house
    }

    fn line(&self) -> Line {
        let machine = Connection::new(self.options.clone(), self.now);
        Line { machine, input: Input::default(), received: 0 }
    }

    fn happen(&mut self, choices: &mut Choices<'_>) {
        let line = choices.below(LINES);
        match choices.below(8) {
            0 => {
                let (bytes, rest) = choices.0.split_at(choices.0.len().min(8));
                choices.0 = rest;
                self.say(line, bytes);
            }
            1 | 2 => {
                let sid = self.sessions.iter().find_map(|session| self.hub.sid(*session));
                let sid = sid.map(|sid| sid.to_string()).unwrap_or_default();
                let said = SAID[choices.below(SAID.len())].replace("SID", &sid);
                self.say(line, said.as_bytes());
            }
            3 => {
                let packet = text(PACKETS[choices.below(PACKETS.len())]).sent_by(Role::Client);
                self.say(line, &packet);
            }
            4 => self.pass(Duration::from_millis([1, 1000, 20_000, 30_000][choices.below(4)])),
            5 => self.lines[line].machine.handle_eof(self.now),
            6 => {
                self.lines[line].machine.leave(&mut self.hub);
                self.lines[line] = self.line();
            }
            _ => {
                for session in self.sessions.clone() {
                    let _ = self.hub.send(session, Message::text("said"));
                    for _ in 0..choices.below(4) {
                        let _ = self.hub.poll_event(session, self.now);
                    }
                }
            }
        }
    }

    fn say(&mut self, line: usize, bytes: &[u8]) {
        let line = &mut self.lines[line];
        // As a driver does: who is not asked is not heard.
        if line.machine.wants_input() || line.received == 0 {
            line.input.fill(bytes, &mut self.pool);
            line.received += bytes.len();
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.hub.handle_timeout(self.now);
        self.lines.iter_mut().for_each(|line| line.machine.handle_timeout(self.now));
    }

    /// Whatever can happen by itself does.
    fn turn(&mut self) {
        for _ in 0..4 {
            for line in &mut self.lines {
                while let Some(event) = line.machine.poll_event(&mut line.input, self.now) {
                    match line.machine.handle_event(event, &mut self.hub, self.now) {
                        Some(Question::Engine(request)) => {
                            line.machine.admit(*request, Headers::new(), &mut self.hub, self.now);
                        }
                        Some(Question::Other(_)) => {
                            line.machine.respond(Response::new(404), self.now).expect("a request waits");
                        }
                        Some(Question::Gone) | None => {}
                    }
                }
                line.machine.transmit(&mut self.hub, self.now);
                while let Some(transmit) = line.machine.poll_transmit() {
                    if let Transmit::Bytes(out) = transmit {
                        out.written(usize::MAX);
                        out.release(&mut self.pool);
                    }
                }
                line.input.release(&mut self.pool);
                assert!(line.input.memory() <= 2 * line.received + 4096, "{:?}", line.input);
            }
            self.sessions.extend(std::iter::from_fn(|| self.hub.poll_ready()));
            self.sessions.sort_unstable();
            self.sessions.dedup();
            self.sessions.retain(|session| self.hub.protocol(*session).is_some());
            self.answers.extend(std::iter::from_fn(|| self.hub.poll_response()));
            for answer in std::mem::take(&mut self.answers) {
                let mut lines = self.lines.iter_mut();
                let whose = lines.find(|line| line.machine.exchange() == Some(answer.exchange));
                whose.expect("whoever asked is there").machine.answer(answer.response, self.now);
            }
        }
    }

    /// Everybody goes home.
    fn end(mut self) {
        for line in &mut self.lines {
            line.machine.leave(&mut self.hub);
            line.machine.leave(&mut self.hub);
        }
        for _ in 0..4 {
            self.pass(Duration::from_secs(60));
            self.turn();
            for session in self.sessions.clone() {
                while self.hub.poll_event(session, self.now).is_some() {}
            }
        }
        assert!(self.hub.is_empty(), "{:?}", self.hub);
    }
}
