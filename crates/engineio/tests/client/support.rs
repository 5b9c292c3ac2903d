//! One client, and whoever plays its server.

use core::time::Duration;

use sansocket_core::{Data, Instant, Message, Request, Response};
use sansocket_engineio::client::{Client, ClientOptions, ConnectionId, Event, Outgoing, RequestId};
use sansocket_engineio::{Protocol, Reason, Transport};

/// What the user of the client hears, owned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    Opened,
    Said(Message),
    Upgraded,
    Room,
    Closed(Reason),
}

impl Heard {
    pub(crate) fn text(text: &str) -> Heard {
        Heard::Said(Message::text(text))
    }

    pub(crate) fn of(event: Event<'_>) -> Option<Heard> {
        Some(match event {
            Event::Opened => Heard::Opened,
            Event::Message(data) => Heard::Said(data.into_owned()),
            Event::Upgraded(Transport::WebSocket) => Heard::Upgraded,
            Event::Upgraded(other) => panic!("upgraded to {other:?}"),
            Event::Room => Heard::Room,
            Event::Closed(reason) => Heard::Closed(reason),
            Event::Housekeeping => return None,
        })
    }
}

/// A client at a moment.
pub(crate) struct Talk {
    pub(crate) client: Client,
    pub(crate) now: Instant,
}

pub(crate) const INTERVAL: Duration = Duration::from_secs(25);
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// The data of an open packet.
pub(crate) fn handshake(upgrades: &str) -> String {
    format!(
        r#"{{"sid":"abc","upgrades":[{upgrades}],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}}"#
    )
}

pub(crate) fn v3() -> ClientOptions {
    ClientOptions { protocol: Protocol::V3, ..ClientOptions::default() }
}

pub(crate) fn websocket_only() -> ClientOptions {
    ClientOptions { transports: vec![Transport::WebSocket], ..ClientOptions::default() }
}

pub(crate) fn ok(body: impl Into<bytes::Bytes>) -> Response {
    Response::new(200).with_body(body)
}

impl Talk {
    pub(crate) fn new(options: ClientOptions) -> Talk {
        let now = Instant::from_micros(1_000_000);
        Talk { client: Client::new(options, now), now }
    }

    /// Open, by polling; the next poll is under way.
    pub(crate) fn polling(upgrades: &str) -> (Talk, RequestId) {
        let mut talk = Talk::new(ClientOptions::default());
        let poll = talk.get();
        talk.answer(poll, format!("0{}", handshake(upgrades)));
        assert_eq!(talk.heard(), [Heard::Opened]);
        let poll = talk.get();
        (talk, poll)
    }

    /// Open, over a WebSocket from the start.
    pub(crate) fn websocket() -> (Talk, ConnectionId) {
        let mut talk = Talk::new(websocket_only());
        let connection = talk.connect();
        talk.client.handle_open(connection, talk.now);
        assert_eq!(talk.say(connection, &format!("0{}", handshake(""))), [Heard::Opened]);
        (talk, connection)
    }

    /// Time goes by, and is noticed.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.sleep(time);
        self.client.handle_timeout(self.now);
    }

    /// Time goes by, and nobody notices.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub(crate) fn request(&mut self) -> Option<(RequestId, Request)> {
        self.client.poll_request(self.now)
    }

    /// The next request, which polls.
    pub(crate) fn get(&mut self) -> RequestId {
        let (id, request) = self.request().expect("a poll");
        assert_eq!((&*request.method, &*request.body), ("GET", &b""[..]));
        id
    }

    /// The next request, which brings packets.
    pub(crate) fn post(&mut self) -> (RequestId, String) {
        let (id, request) = self.request().expect("a POST");
        assert_eq!(request.method, "POST");
        (id, String::from_utf8(request.body.into()).expect("text"))
    }

    pub(crate) fn answer(&mut self, request: RequestId, body: impl Into<bytes::Bytes>) {
        self.client.handle_response(request, ok(body), self.now);
    }

    /// All that the user hears now.
    pub(crate) fn heard(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(event) = self.client.poll_event(self.now) {
            heard.extend(Heard::of(event));
        }
        heard
    }

    pub(crate) fn connect(&mut self) -> ConnectionId {
        let (id, request) = self.client.poll_connect(self.now).expect("a WebSocket to be opened");
        assert!(request.target.contains("transport=websocket"), "{}", request.target);
        id
    }

    /// The server says this over a WebSocket.
    pub(crate) fn say(&mut self, connection: ConnectionId, text: &str) -> Vec<Heard> {
        let lent = self.client.handle_message(connection, Data::from(text), self.now).and_then(Heard::of);
        let mut heard: Vec<Heard> = lent.into_iter().collect();
        heard.extend(self.heard());
        heard
    }

    /// What a WebSocket is to do now, with closing as an empty text.
    pub(crate) fn sent(&mut self, connection: ConnectionId) -> Vec<Message> {
        let mut sent = Vec::new();
        while let Some(outgoing) = self.client.poll_transmit(connection) {
            match outgoing {
                Outgoing::Message(message) => sent.push(message),
                Outgoing::Close => sent.push(CLOSE),
            }
        }
        sent
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.client.send(Message::text(text)).expect("room");
    }
}

/// Stands for [`Outgoing::Close`] among what was sent: no packet is empty.
pub(crate) const CLOSE: Message = Message::Text(sansocket_core::Utf8Bytes::from_static(""));
