//! A server with hands: requests, WebSockets and the time, as a test wants them.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::time::Duration;

use sansocket_core::{Data, Instant, Message, Request, Response};
use sansocket_engineio::server::{
    ConnectionId, Cors, Event, ExchangeId, Outgoing, Server, ServerOptions, SessionId,
};
use sansocket_engineio::{Protocol, Reason};

/// What a session told its user, owned.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Heard {
    Opened,
    Text(String),
    Binary(Vec<u8>),
    Upgraded,
    Room,
    Closed(Reason),
}

pub(crate) fn text(text: &str) -> Heard {
    Heard::Text(text.into())
}

pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) now: Instant,
    /// What each session told.
    pub(crate) heard: HashMap<SessionId, Vec<Heard>>,
    answers: HashMap<ExchangeId, Response>,
}

pub(crate) fn options() -> ServerOptions {
    ServerOptions { allow_eio3: true, cors: Some(Cors::default()), ..ServerOptions::default() }
}

impl Default for House {
    fn default() -> House {
        House::new(options())
    }
}

impl House {
    pub(crate) fn new(options: ServerOptions) -> House {
        let server = Server::new(options, [7; 32]);
        House { server, now: Instant::ZERO, heard: HashMap::new(), answers: HashMap::new() }
    }

    /// A request with this target behind `/engine.io/?`.
    pub(crate) fn request(method: &str, query: &str, body: &[u8]) -> Request {
        let mut request = Request::get(format!("/engine.io/?{query}"));
        request.method = method.into();
        request.body = body.to_vec().into();
        request
    }

    pub(crate) fn ask(&mut self, request: Request) -> ExchangeId {
        let exchange = self.server.handle_request(request, self.now);
        self.turn();
        exchange
    }

    /// The answer, if it has come.
    pub(crate) fn answer(&mut self, exchange: ExchangeId) -> Option<Response> {
        self.turn();
        self.answers.remove(&exchange)
    }

    /// The answer that comes at once.
    pub(crate) fn answered(&mut self, request: Request) -> Response {
        let exchange = self.ask(request);
        self.answer(exchange).expect("an answer at once")
    }

    /// Begins a session that polls; its id on the wire, and here.
    pub(crate) fn open(&mut self, protocol: Protocol) -> (String, SessionId) {
        let answer =
            self.answered(House::request("GET", &format!("{}&transport=polling", eio(protocol)), b""));
        assert_eq!(answer.status, 200, "{answer:?}");
        let sid = sid_in(&body(&answer));
        (sid, self.latest())
    }

    /// Begins a session over a WebSocket.
    pub(crate) fn open_websocket(&mut self, protocol: Protocol) -> (ConnectionId, SessionId) {
        let request = House::request("GET", &format!("{}&transport=websocket", eio(protocol)), b"");
        let connection = self.server.handle_upgrade(request, self.now).expect("welcome");
        self.turn();
        assert!(
            matches!(self.sends(connection).as_slice(), [Outgoing::Message(open)] if open.as_text().unwrap().starts_with('0'))
        );
        let session = self.latest();
        assert_eq!(self.server.carried_by(connection), Some(session));
        (connection, session)
    }

    /// A WebSocket for a session that polls.
    pub(crate) fn probe(&mut self, sid: &str, protocol: Protocol) -> Result<ConnectionId, Response> {
        let query = format!("{}&transport=websocket&sid={sid}", eio(protocol));
        let connection = self.server.handle_upgrade(House::request("GET", &query, b""), self.now);
        self.turn();
        connection
    }

    pub(crate) fn poll(&mut self, sid: &str) -> ExchangeId {
        self.ask(House::request("GET", &format!("EIO=4&transport=polling&sid={sid}"), b""))
    }

    pub(crate) fn post(&mut self, sid: &str, body: impl AsRef<[u8]>) -> Response {
        self.answered(House::request("POST", &format!("EIO=4&transport=polling&sid={sid}"), body.as_ref()))
    }

    /// The client says this over a WebSocket.
    pub(crate) fn says(&mut self, connection: ConnectionId, message: &str) {
        self.says_data(connection, Data::Text(message.into()));
    }

    pub(crate) fn says_data(&mut self, connection: ConnectionId, message: Data<'_>) {
        let session = self.server.carried_by(connection);
        if let Some(event) = self.server.handle_message(connection, message, self.now) {
            note(&mut self.heard, session.expect("lent by a session"), event);
        }
        self.turn();
    }

    /// What a WebSocket is to do now.
    pub(crate) fn sends(&mut self, connection: ConnectionId) -> Vec<Outgoing> {
        std::iter::from_fn(|| self.server.poll_transmit(connection)).collect()
    }

    /// What it sends, as text.
    pub(crate) fn sends_text(&mut self, connection: ConnectionId) -> Vec<String> {
        let sent = self.sends(connection).into_iter();
        sent.map(|sent| match sent {
            Outgoing::Message(Message::Text(text)) => text.as_str().to_owned(),
            Outgoing::Message(Message::Binary(bytes)) => format!("{:02x?}", bytes.to_vec()),
            Outgoing::Close => "close".into(),
        })
        .collect()
    }

    pub(crate) fn passes(&mut self, time: Duration) {
        // Not at one go: a real clock would not skip what comes due on the way.
        let end = self.now + time;
        while let Some(next) = self.server.poll_timeout().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.server.handle_timeout(self.now);
            self.turn();
        }
        self.now = end;
        self.server.handle_timeout(end);
        self.turn();
    }

    /// Looks at all that happened.
    pub(crate) fn turn(&mut self) {
        while let Some(session) = self.server.poll_ready() {
            while let Some(event) = self.server.poll_event(session, self.now) {
                note(&mut self.heard, session, event);
            }
        }
        while let Some(answer) = self.server.poll_response() {
            self.answers.insert(answer.exchange, answer.response);
        }
    }

    /// What a session told since the last time.
    pub(crate) fn hears(&mut self, session: SessionId) -> Vec<Heard> {
        self.turn();
        self.heard.get_mut(&session).map(std::mem::take).unwrap_or_default()
    }

    /// The session that was opened last; it is asked once.
    fn latest(&mut self) -> SessionId {
        let opened = self.heard.iter_mut().find(|(_, heard)| heard.first() == Some(&Heard::Opened));
        let (session, heard) = opened.expect("a session has opened");
        heard.remove(0);
        *session
    }
}

fn note(heard: &mut HashMap<SessionId, Vec<Heard>>, session: SessionId, event: Event<'_>) {
    let event = match event {
        Event::Opened(_) => Heard::Opened,
        Event::Message(Data::Text(text)) => Heard::Text(text.as_str().into()),
        Event::Message(Data::Binary(bytes)) => Heard::Binary(bytes.to_vec()),
        Event::Upgraded(_) => Heard::Upgraded,
        Event::Room => Heard::Room,
        Event::Housekeeping => return,
        Event::Closed(reason) => Heard::Closed(reason),
    };
    heard.entry(session).or_default().push(event);
}

pub(crate) fn eio(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::V3 => "EIO=3",
        Protocol::V4 => "EIO=4",
    }
}

pub(crate) fn body(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).expect("text")
}

pub(crate) fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.get(name).map(|value| std::str::from_utf8(value).expect("text"))
}

fn sid_in(open: &str) -> String {
    let (_, rest) = open.split_once(r#""sid":""#).expect("a handshake");
    rest[..20].to_owned()
}
