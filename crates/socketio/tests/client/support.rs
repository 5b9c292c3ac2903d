//! One client, and whoever plays its user and its server.

use core::time::Duration;

use sansocket_core::{Instant, Message};
use sansocket_socketio::client::{
    Auth, Cause, Client, ClientOptions, Event, NamespaceId, Outgoing, Question, Reconnection,
};
use sansocket_socketio::{Args, Flags, Nsp, RequestId, Writable};
use serde::Serialize;

/// A client at a moment. What goes out and what is told is text, so that a test reads like what was said.
pub(crate) struct Talk {
    pub(crate) client: Client,
    pub(crate) now: Instant,
    /// What the user waits for, and what the server does.
    pub(crate) requests: Vec<RequestId>,
    pub(crate) questions: Vec<Question>,
}

/// Every attempt comes when the formula says so, without chance.
pub(crate) fn punctual() -> Option<Reconnection> {
    Some(Reconnection { jitter: 0.0, ..Reconnection::default() })
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn args<T: Serialize>(arguments: T) -> Args {
    Args::new(&arguments).expect("arguments")
}

pub(crate) fn auth(json: &str) -> Auth {
    Auth::Given(serde_json::from_str(json).expect("JSON"))
}

impl Talk {
    pub(crate) fn new(options: ClientOptions) -> Talk {
        let options = ClientOptions { reconnection: options.reconnection.and(punctual()), ..options };
        Talk::with(options)
    }

    /// With these options to the letter.
    pub(crate) fn with(options: ClientOptions) -> Talk {
        Talk {
            client: Client::new(options, [7; 32]),
            now: Instant::from_micros(1_000_000),
            requests: Vec::new(),
            questions: Vec::new(),
        }
    }

    /// Connected to `/`; nothing else was said.
    pub(crate) fn connected(options: ClientOptions) -> (Talk, NamespaceId) {
        let mut talk = Talk::new(options);
        let main = talk.namespace("/");
        talk.open();
        assert_eq!(talk.sent(), ["0"]);
        assert_eq!(talk.say(r#"0{"sid":"abc"}"#), ["opened", "connected / abc"]);
        (talk, main)
    }

    pub(crate) fn namespace(&mut self, name: &str) -> NamespaceId {
        self.namespace_with(name, Auth::None)
    }

    pub(crate) fn namespace_with(&mut self, name: &str, auth: Auth) -> NamespaceId {
        self.client.namespace(Nsp::new(name).expect("a name"), auth, self.now)
    }

    /// The connection is asked for, and made.
    pub(crate) fn open(&mut self) {
        assert_eq!(self.sent(), ["OPEN"]);
        self.client.handle_open("engine", self.now);
    }

    /// The connection is gone.
    pub(crate) fn cut(&mut self) -> Vec<String> {
        self.client.handle_close(Cause::TransportClose, self.now);
        self.told()
    }

    /// The server says this.
    pub(crate) fn say(&mut self, text: &str) -> Vec<String> {
        self.client.handle_message(Message::text(text), self.now);
        self.told()
    }

    pub(crate) fn say_bytes(&mut self, bytes: &[u8]) -> Vec<String> {
        self.client.handle_message(Message::binary(bytes), self.now);
        self.told()
    }

    /// Time goes by, and is noticed.
    pub(crate) fn wait(&mut self, millis: u64) -> Vec<String> {
        self.now = self.now + Duration::from_millis(millis);
        self.client.handle_timeout(self.now);
        self.told()
    }

    pub(crate) fn emit<T: Serialize>(&mut self, namespace: NamespaceId, name: &str, arguments: T) {
        self.emit_as(namespace, name, arguments, Flags::default());
    }

    pub(crate) fn emit_as<T: Serialize>(
        &mut self,
        namespace: NamespaceId,
        name: &str,
        arguments: T,
        flags: Flags,
    ) {
        self.client.emit(namespace, name, args(arguments), flags, self.now).expect("room");
    }

    /// Asks for an acknowledgement within a second.
    pub(crate) fn ask<T: Serialize>(&mut self, namespace: NamespaceId, name: &str, arguments: T) {
        let (arguments, flags) = (args(arguments), Flags::default());
        let asked = self.client.emit_with_ack(namespace, name, arguments, millis(1000), flags, self.now);
        self.requests.push(asked.expect("room"));
    }

    /// Answers what the server asked.
    pub(crate) fn answer<T: Serialize>(&mut self, question: usize, arguments: T) {
        self.client.acknowledge(self.questions[question], args(arguments), self.now);
    }

    /// All that is to be sent now.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        self.sent_if(Writable::Now)
    }

    pub(crate) fn sent_if(&mut self, writable: Writable) -> Vec<String> {
        std::iter::from_fn(|| self.sent_one(writable)).collect()
    }

    pub(crate) fn sent_one(&mut self, writable: Writable) -> Option<String> {
        self.client.poll_transmit(writable).map(|outgoing| written(&outgoing))
    }

    /// All that the user is told now.
    pub(crate) fn told(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(event) = self.client.poll_event() {
            told.push(self.tell(event));
        }
        told
    }

    fn tell(&mut self, event: Event) -> String {
        let name = |id| self.client.name(id).map_or("?".into(), |nsp| nsp.to_string());
        let number = |request| self.requests.iter().position(|one| *one == request);
        match event {
            Event::Opened => "opened".into(),
            Event::Auth(id) => format!("auth {}?", name(id)),
            Event::Connected { namespace, id, recovered } => {
                let again = if recovered { " again" } else { "" };
                format!("connected {} {id}{again}", name(namespace))
            }
            Event::ConnectError { namespace, error } => {
                let forever = if error.is_final() { "" } else { ", for now" };
                format!("not connected {}: {error}{forever}", name(namespace))
            }
            Event::Received { namespace, name: event, args, ack } => {
                let asks = ack.map_or(String::new(), |_| format!(" ?{}", self.questions.len()));
                let told = format!("{} {event}{args:?}{asks}", name(namespace));
                self.questions.extend(ack);
                told
            }
            Event::Acked { request, args } => format!("acked {} {args:?}", number(request).expect("asked")),
            Event::AckFailed { request, error } => {
                // Perhaps it failed before its name was heard.
                let number = number(request).unwrap_or(self.requests.len());
                format!("failed {number}: {error}")
            }
            Event::Disconnected { namespace, reason } => {
                format!("disconnected {}: {reason}", name(namespace))
            }
            Event::Reconnecting { attempt, delay } => {
                format!("attempt {attempt} in {} ms", delay.as_millis())
            }
            Event::ReconnectFailed => "given up".into(),
            Event::Drained(id) => format!("room {}", name(id)),
        }
    }
}

fn written(outgoing: &Outgoing) -> String {
    match outgoing {
        Outgoing::Open => "OPEN".into(),
        Outgoing::Message { message: Message::Text(text), .. } => text.to_string(),
        Outgoing::Message { message: Message::Binary(bytes), .. } => format!("{bytes:?}"),
        Outgoing::Close => "CLOSE".into(),
    }
}
