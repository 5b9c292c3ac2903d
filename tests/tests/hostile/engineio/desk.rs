//! An Engine.IO server and one connection to it, byte by byte, as who attacks it has it.

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{
    Data, Headers, Input, Instant, Machine, OUTBOX_SLICES, Pool, Request, Response, Transmit,
};
use sansocket_engineio::server::{Event, Server, ServerOptions, SessionId};
use sansocket_engineio::{Protocol, Reason};
use sansocket_stack::server::{Connection, Options, Question};
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

/// What a session told its user.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Told {
    Text(String),
    Binary(Vec<u8>),
    Closed(Reason),
}

pub(crate) struct Desk {
    pub(crate) hub: Server,
    pub(crate) now: Instant,
    pub(crate) told: Vec<(SessionId, Told)>,
    /// Targets of what the connection asked about.
    pub(crate) targets: Vec<String>,
    /// All that the connection wrote.
    pub(crate) written: Vec<u8>,
    connection: Connection,
    input: Input,
    pool: Pool,
}

impl Desk {
    pub(crate) fn new(options: ServerOptions) -> Desk {
        let stack = Options::new(&options, &HandshakeOptions::default());
        Desk {
            connection: Connection::new(Arc::new(stack), Instant::ZERO),
            hub: Server::new(options, [9; 32]),
            now: Instant::ZERO,
            told: Vec::new(),
            targets: Vec::new(),
            written: Vec::new(),
            input: Input::default(),
            pool: Pool::default(),
        }
    }

    /// Begins a session by another connection; its id, and that on the wire.
    pub(crate) fn open(&mut self, protocol: Protocol) -> (SessionId, String) {
        let target = format!("/engine.io/?{}&transport=polling", eio(protocol));
        self.hub.handle_request(Request::get(target), self.now);
        let session = self.hub.poll_ready().expect("a session");
        while self.hub.poll_event(session, self.now).is_some() {}
        assert_eq!(self.hub.poll_response().map(|answer| answer.response.status), Some(200));
        (session, self.hub.sid(session).expect("it lives").to_string())
    }

    /// The attacker says this, in pieces of `size` bytes.
    pub(crate) fn say(&mut self, bytes: &[u8], size: usize) {
        for piece in bytes.chunks(size.max(1)) {
            self.input.fill(piece, &mut self.pool);
            self.turn();
        }
    }

    /// The attacker says nothing more.
    pub(crate) fn hang_up(&mut self) {
        self.connection.handle_eof(self.now);
        self.turn();
    }

    /// The attacker's connection breaks.
    pub(crate) fn cut(&mut self) {
        self.connection.leave(&mut self.hub);
        self.look();
    }

    pub(crate) fn passes(&mut self, time: Duration) {
        self.now = self.now + time;
        self.connection.handle_timeout(self.now);
        self.hub.handle_timeout(self.now);
        self.turn();
    }

    /// By another connection: what is answered at once.
    pub(crate) fn ask(&mut self, request: Request) -> Option<Response> {
        let exchange = self.hub.handle_request(request, self.now);
        self.look();
        let mut answers = std::iter::from_fn(|| self.hub.poll_response());
        answers.find(|answer| answer.exchange == exchange).map(|answer| answer.response)
    }

    /// The same with a body of this kind, for a session; its status.
    pub(crate) fn post(&mut self, sid: &str, protocol: Protocol, kind: &'static str, body: &[u8]) -> u16 {
        let mut request = Request::get(format!("/engine.io/?{}&transport=polling&sid={sid}", eio(protocol)));
        (request.method, request.body) = ("POST".into(), body.to_vec().into());
        request.headers.add("Content-Type", kind);
        self.ask(request).expect("it is answered at once").status
    }

    /// Begins a session over a WebSocket of somebody else, who says this.
    pub(crate) fn say_by_websocket(&mut self, message: Data<'_>) -> SessionId {
        let request = Request::get("/engine.io/?EIO=4&transport=websocket");
        let websocket = self.hub.handle_upgrade(request, self.now).expect("welcome");
        self.look();
        let session = self.hub.carried_by(websocket).expect("its own");
        if let Some(event) = self.hub.handle_message(websocket, message, self.now) {
            self.told.extend(told(event).map(|told| (session, told)));
        }
        self.look();
        session
    }

    /// What a session told.
    pub(crate) fn told_by(&self, session: SessionId) -> Vec<Told> {
        self.told.iter().filter(|told| told.0 == session).map(|told| told.1.clone()).collect()
    }

    /// What was written, bytes that are no UTF-8 replaced.
    pub(crate) fn answers(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// The statuses of what was answered.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let answers = self.answers();
        let heads = answers.split("HTTP/1.1 ").skip(1);
        heads.map(|head| head[..3].parse().expect("a status")).collect()
    }

    /// Hands over what each has for the others, until nothing more happens.
    pub(crate) fn turn(&mut self) {
        let mut goes_on = true;
        while std::mem::take(&mut goes_on) {
            goes_on |= self.listen();
            self.look();
            while let Some(answer) = self.hub.poll_response() {
                if self.connection.exchange() == Some(answer.exchange) {
                    self.connection.answer(answer.response, self.now);
                    goes_on = true;
                }
            }
            while let Some(dirty) = self.hub.poll_dirty() {
                if self.connection.carries() == Some(dirty) {
                    self.connection.transmit(&mut self.hub, self.now);
                }
            }
            self.write();
        }
        self.input.release(&mut self.pool);
    }

    fn listen(&mut self) -> bool {
        let mut heard = false;
        while let Some(event) = self.connection.poll_event(&mut self.input, self.now) {
            heard = true;
            match self.connection.handle_event(event, &mut self.hub, self.now) {
                Some(Question::Engine(request)) => {
                    self.targets.push(request.target.clone());
                    self.connection.admit(*request, Headers::new(), &mut self.hub, self.now);
                }
                Some(Question::Other(request)) => {
                    self.targets.push(request.target.clone());
                    self.connection.respond(Response::new(404), self.now).expect("it waits");
                }
                Some(Question::Gone) | None => {}
            }
        }
        heard
    }

    fn write(&mut self) {
        while let Some(Transmit::Bytes(out)) = self.connection.poll_transmit() {
            let mut slices = [&[][..]; OUTBOX_SLICES];
            let filled = out.slices(&mut slices);
            let bytes = slices[..filled].concat();
            out.written(bytes.len());
            out.release(&mut self.pool);
            self.written.extend(bytes);
        }
    }

    fn look(&mut self) {
        while let Some(session) = self.hub.poll_ready() {
            while let Some(event) = self.hub.poll_event(session, self.now) {
                self.told.extend(told(event).map(|told| (session, told)));
            }
        }
    }
}

fn told(event: Event<'_>) -> Option<Told> {
    match event {
        Event::Message(Data::Text(text)) => Some(Told::Text(text.as_str().into())),
        Event::Message(Data::Binary(bytes)) => Some(Told::Binary(bytes.to_vec())),
        Event::Closed(reason) => Some(Told::Closed(reason)),
        Event::Opened(_) | Event::Upgraded(_) | Event::Room | Event::Housekeeping => None,
    }
}

const fn eio(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::V3 => "EIO=3",
        Protocol::V4 => "EIO=4",
    }
}
