//! A hub, connections to it, and their peers' bytes.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{
    Headers, Input, Instant, Machine, Message, OUTBOX_SLICES, Pool, Request, Response, Transmit,
};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{Answer, Asks, Event, Server, ServerOptions, SessionId};
use sansocket_stack::server::{Connection, Options, Question};
use sansocket_testkit::requests::get;
use sansocket_testkit::{Frame, frames, text};
use sansocket_websocket::Role;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

/// A hub and one connection to it, whose peer says what the test says. Users echo, if they are asked to.
pub struct House {
    pub hub: Server,
    pub options: Arc<Options>,
    pub now: Instant,
    pub heard: Vec<(SessionId, Heard)>,
    pub echoes: bool,
    /// Are new sessions let in?
    pub refusal: Option<&'static str>,
    /// What every answer to Engine.IO says.
    pub headers: Headers,
    /// Answers that are for other connections.
    answers: Vec<Answer>,
}

/// What a session told its user.
#[derive(Clone, PartialEq, Debug)]
pub enum Heard {
    Opened(String),
    Message(Message),
    Upgraded,
    Closed(Reason),
}

/// One connection and its peer.
pub struct Wire {
    pub machine: Connection,
    pub input: Input,
    pub pool: Pool,
    pub is_shut_down: bool,
    /// Requests that are none of Engine.IO, with their bodies.
    pub others: Vec<Request>,
    /// Somebody left before he was answered.
    pub gone: usize,
    unparsed: Vec<u8>,
}

pub fn options() -> ServerOptions {
    ServerOptions { max_payload: 1000, ..ServerOptions::default() }
}

impl House {
    pub fn new(options: ServerOptions) -> House {
        let websocket =
            sansocket_websocket::Options { deflate: Some(DeflateOptions::default()), ..Default::default() };
        let handshake = HandshakeOptions { websocket: Arc::new(websocket), ..HandshakeOptions::default() };
        House {
            options: Arc::new(Options::new(&options, &handshake)),
            hub: Server::new(options, [7; 32]),
            now: Instant::ZERO,
            heard: Vec::new(),
            echoes: false,
            refusal: None,
            headers: Headers::new(),
            answers: Vec::new(),
        }
    }

    pub fn connect(&self) -> Wire {
        Wire {
            machine: Connection::new(self.options.clone(), self.now),
            input: Default::default(),
            pool: Default::default(),
            is_shut_down: false,
            others: Vec::new(),
            gone: 0,
            unparsed: Vec::new(),
        }
    }

    /// The peer says this, in one read.
    pub fn say(&mut self, wire: &mut Wire, bytes: impl AsRef<[u8]>) {
        wire.input.fill(bytes.as_ref(), &mut wire.pool);
        self.turn(&mut [wire]);
    }

    /// The peer says this, and this is what it hears.
    pub fn ask(&mut self, wire: &mut Wire, bytes: impl AsRef<[u8]>) -> String {
        self.say(wire, bytes);
        wire.answers()
    }

    /// All that can happen now does.
    pub fn turn(&mut self, wires: &mut [&mut Wire]) {
        let mut goes_on = true;
        while std::mem::take(&mut goes_on) {
            for wire in wires.iter_mut() {
                self.listen(wire);
            }
            self.look();
            self.answers.extend(std::iter::from_fn(|| self.hub.poll_response()));
            for answer in std::mem::take(&mut self.answers) {
                let whose = wires.iter_mut().find(|wire| wire.machine.exchange() == Some(answer.exchange));
                match whose {
                    Some(wire) => {
                        goes_on = true;
                        wire.machine.answer(answer.response, self.now);
                    }
                    None => self.answers.push(answer),
                }
            }
            while let Some(dirty) = self.hub.poll_dirty() {
                goes_on = true;
                for wire in wires.iter_mut().filter(|wire| wire.machine.carries() == Some(dirty)) {
                    wire.machine.transmit(&mut self.hub, self.now);
                }
            }
        }
        for wire in wires {
            wire.input.release(&mut wire.pool);
        }
    }

    /// Everything that lies in a connection's input is looked at.
    fn listen(&mut self, wire: &mut Wire) {
        while let Some(event) = wire.machine.poll_event(&mut wire.input, self.now) {
            match wire.machine.handle_event(event, &mut self.hub, self.now) {
                Some(Question::Engine(request)) => match self.refusal {
                    Some(no) if wire.machine.wants(&request, &self.hub) == Some(Asks::Handshake) => {
                        wire.machine.refuse(&request, no, self.headers.clone(), &self.hub, self.now);
                    }
                    _ => wire.machine.admit(*request, self.headers.clone(), &mut self.hub, self.now),
                },
                Some(Question::Other(request)) => {
                    let page = Response::new(200).with_body(format!("page of {}", request.body.len()));
                    wire.others.push(*request);
                    if wire.machine.upgrade().is_some() {
                        wire.machine.accept(&Default::default(), self.now).unwrap();
                    } else {
                        wire.machine.respond(page, self.now).unwrap();
                    }
                }
                Some(Question::Gone) => wire.gone += 1,
                None => {}
            }
        }
    }

    /// Users look at what happened.
    fn look(&mut self) {
        while let Some(session) = self.hub.poll_ready() {
            let mut echoes = Vec::new();
            while let Some(event) = self.hub.poll_event(session, self.now) {
                let heard = match event {
                    Event::Opened(request) => Heard::Opened(request.target.clone()),
                    Event::Message(data) => {
                        let message = data.into_owned();
                        echoes.push(message.clone());
                        Heard::Message(message)
                    }
                    Event::Upgraded(_) => Heard::Upgraded,
                    Event::Closed(why) => Heard::Closed(why),
                    Event::Room | Event::Housekeeping => continue,
                };
                self.heard.push((session, heard));
            }
            for message in echoes.into_iter().filter(|_| self.echoes) {
                self.hub.send(session, message).unwrap();
            }
        }
    }

    /// Time passes.
    pub fn wait(&mut self, time: Duration, wires: &mut [&mut Wire]) {
        let end = self.now + time;
        loop {
            let deadlines = wires.iter().filter_map(|wire| wire.machine.poll_timeout());
            let next = deadlines.chain(self.hub.poll_timeout()).min().filter(|next| *next <= end);
            self.now = next.unwrap_or(end).max(self.now);
            self.hub.handle_timeout(self.now);
            wires.iter_mut().for_each(|wire| wire.machine.handle_timeout(self.now));
            self.turn(wires);
            if next.is_none() {
                break;
            }
        }
    }

    /// Begins a session that polls, and answers its id.
    pub fn open(&mut self, wire: &mut Wire) -> String {
        let answer = self.ask(wire, get("EIO=4&transport=polling"));
        let (_, rest) = answer.split_once(r#""sid":""#).unwrap_or_else(|| panic!("{answer}"));
        rest[..20].to_owned()
    }

    /// What sessions told since this was last asked.
    pub fn heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard).into_iter().map(|(_, heard)| heard).collect()
    }
}

impl Wire {
    /// What was written since this was last asked.
    pub fn written(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        while let Some(transmit) = self.machine.poll_transmit() {
            match transmit {
                Transmit::Shutdown => self.is_shut_down = true,
                Transmit::Bytes(out) => {
                    assert!(!self.is_shut_down, "more bytes after the end");
                    let mut slices = [&[][..]; OUTBOX_SLICES];
                    let filled = out.slices(&mut slices);
                    let bytes = slices[..filled].concat();
                    out.written(bytes.len());
                    out.release(&mut self.pool);
                    written.extend(bytes);
                }
            }
        }
        written
    }

    /// The same as text.
    pub fn answers(&mut self) -> String {
        String::from_utf8_lossy(&self.written()).into_owned()
    }

    /// The same as frames.
    pub fn frames(&mut self) -> Vec<Frame> {
        let more = self.written();
        self.unparsed.extend(more);
        let (frames, rest) = frames(Role::Server, &self.unparsed);
        self.unparsed.drain(..self.unparsed.len() - rest);
        frames
    }
}

/// A frame as a client sends it.
pub fn said(frame: Frame) -> Vec<u8> {
    frame.sent_by(Role::Client)
}

pub fn says(message: &str) -> Vec<u8> {
    said(text(message))
}

pub fn message(text: &str) -> Heard {
    Heard::Message(text.into())
}
