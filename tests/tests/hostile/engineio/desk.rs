//! An Engine.IO server behind one HTTP connection, as who attacks it meets it, and one session that has done nothing.

use std::time::Duration;

use sansocket_core::{Data, Instant, Request, Response};
use sansocket_engineio::server::{ConnectionId, Event, ExchangeId, Server, ServerOptions, SessionId};
use sansocket_engineio::{Protocol, Reason};
use sansocket_http1::{Delivery, ServerConnection};
use sansocket_testkit::http::{Asked, Talk};

/// What a session told its user.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Told {
    Text(String),
    Binary(Vec<u8>),
    Closed(Reason),
}

pub(crate) struct Desk {
    pub(crate) hub: Server,
    pub(crate) talk: Talk<ServerConnection>,
    pub(crate) told: Vec<(SessionId, Told)>,
    /// Targets of what the connection handed over.
    pub(crate) targets: Vec<String>,
    /// All that the connection wrote.
    pub(crate) answers: String,
    /// The one that was opened last.
    pub(crate) websocket: Option<ConnectionId>,
    asked: Option<Asking>,
}

/// The request in progress.
struct Asking {
    /// `None`: it is none of Engine.IO.
    exchange: Option<ExchangeId>,
    body: Vec<u8>,
}

impl Desk {
    pub(crate) fn new(options: ServerOptions) -> Desk {
        let http = sansocket_http1::ServerOptions { delivery: Delivery::Pieces, ..Default::default() };
        Desk {
            hub: Server::new(options, [9; 32]),
            talk: Talk::server(http),
            told: Vec::new(),
            targets: Vec::new(),
            answers: String::new(),
            websocket: None,
            asked: None,
        }
    }

    /// Begins a session by another connection; its id, and that on the wire.
    pub(crate) fn open(&mut self, protocol: Protocol) -> (SessionId, String) {
        let target = format!("/engine.io/?{}&transport=polling", eio(protocol));
        self.hub.handle_request(Request::get(target), self.now());
        let session = self.hub.poll_ready().expect("a session");
        while self.hub.poll_event(session, self.now()).is_some() {}
        assert_eq!(self.hub.poll_response().map(|answer| answer.response.status), Some(200));
        (session, self.hub.sid(session).expect("it lives").to_string())
    }

    /// The attacker says this, in pieces of `size` bytes.
    pub(crate) fn say(&mut self, bytes: &[u8], size: usize) {
        for piece in bytes.chunks(size.max(1)) {
            self.talk.say(piece);
            self.turn();
        }
    }

    /// The attacker says nothing more.
    pub(crate) fn hang_up(&mut self) {
        self.talk.hang_up();
        self.turn();
    }

    pub(crate) fn passes(&mut self, time: Duration) {
        self.talk.wait(time);
        self.hub.handle_timeout(self.now());
        self.turn();
    }

    /// By another connection: what is answered at once.
    pub(crate) fn ask(&mut self, request: Request) -> Option<Response> {
        let exchange = self.hub.handle_request(request, self.now());
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

    /// Begins a session over a WebSocket, which says this.
    pub(crate) fn say_by_websocket(&mut self, message: Data<'_>) -> SessionId {
        let request = Request::get("/engine.io/?EIO=4&transport=websocket");
        let websocket = self.hub.handle_upgrade(request, self.now()).expect("welcome");
        self.websocket = Some(websocket);
        self.look();
        let session = self.hub.carried_by(websocket).expect("its own");
        if let Some(event) = self.hub.handle_message(websocket, message, self.talk.clock.now()) {
            self.told.extend(told(event).map(|told| (session, told)));
        }
        self.look();
        session
    }

    /// What a session told.
    pub(crate) fn told_by(&self, session: SessionId) -> Vec<Told> {
        self.told.iter().filter(|told| told.0 == session).map(|told| told.1.clone()).collect()
    }

    pub(crate) fn now(&self) -> Instant {
        self.talk.clock.now()
    }

    /// The statuses of what was answered.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let heads = self.answers.split("HTTP/1.1 ").skip(1);
        heads.map(|head| head[..3].parse().expect("a status")).collect()
    }

    /// Hands over what either has for the other, until nothing more happens.
    pub(crate) fn turn(&mut self) {
        loop {
            let heard = self.talk.heard();
            let is_quiet = heard.is_empty();
            heard.into_iter().for_each(|event| self.hear(event));
            self.look();
            while let Some(answer) = self.hub.poll_response() {
                if self.asked.take_if(|asked| asked.exchange == Some(answer.exchange)).is_some() {
                    self.talk.respond(&answer.response).expect("it waits");
                }
            }
            self.answers += &self.talk.answers();
            if is_quiet {
                return;
            }
        }
    }

    fn hear(&mut self, event: Asked) {
        match event {
            Asked::Head(request, _) => self.begin(request),
            Asked::Body(bytes) => {
                if let Some(asked) = &mut self.asked {
                    asked.body.extend(bytes);
                }
            }
            Asked::End => {
                if let Some(Asking { exchange: Some(exchange), body }) = &mut self.asked {
                    self.hub.handle_body(*exchange, std::mem::take(body).into());
                }
            }
            Asked::Aborted | Asked::Closed(_) => {
                if let Some(exchange) = self.asked.take().and_then(|asked| asked.exchange) {
                    self.hub.handle_abort(exchange);
                }
            }
            Asked::Whole(_) => unreachable!("bodies come in pieces"),
        }
    }

    fn begin(&mut self, request: Request) {
        self.targets.push(request.target.clone());
        if !self.hub.options().serves(request.path()) {
            self.talk.respond(&Response::new(404)).expect("it waits");
            return;
        }
        let exchange = Some(self.hub.handle_head(request, self.now()));
        self.asked = Some(Asking { exchange, body: Vec::new() });
    }

    fn look(&mut self) {
        while let Some(session) = self.hub.poll_ready() {
            while let Some(event) = self.hub.poll_event(session, self.talk.clock.now()) {
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
