//! One connection under load.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

use std::collections::VecDeque;
use std::time::Instant;

use sansocket_app::engineio::Client;
use sansocket_core::{Data, Message, SendError};
use sansocket_driver::{Clock, Commands, Connection, Io, Network};
use sansocket_engineio::Reason;
use sansocket_websocket::{CloseFrame, Closed, Event, WebSocket};

use super::{Load, Tally};

/// What every connection sends and awaits back.
pub(super) enum Payload {
    Text(String),
    Binary(Vec<u8>),
}

impl Payload {
    pub(super) fn new(load: &Load) -> Payload {
        // The printable ASCII characters in a circle: no run that would compress to nothing.
        let characters = (b' '..=b'~').map(char::from).cycle().take(load.size);
        if load.text {
            Payload::Text(characters.collect())
        } else {
            Payload::Binary((0..=250).cycle().take(load.size).collect())
        }
    }

    /// The same, to be given away: the copies share it.
    fn message(&self) -> Message {
        match self {
            Payload::Text(text) => Message::text(text.clone()),
            Payload::Binary(bytes) => Message::binary(bytes.clone()),
        }
    }

    /// Is this its echo?
    fn is_echoed_by(&self, back: &Data<'_>) -> bool {
        match (self, back) {
            (Payload::Text(sent), Data::Text(back)) => sent.as_str() == back.as_str(),
            (Payload::Binary(sent), Data::Binary(back)) => sent == back,
            _ => false,
        }
    }
}

/// What to do after an echo.
enum Next {
    Send,
    Wait,
    Close,
}

/// One connection under load.
pub(super) struct Session<'a> {
    load: &'a Load,
    payload: &'a Payload,
    tally: &'a Tally,
    until: Instant,
    /// When the messages in flight were sent.
    sent: VecDeque<Instant>,
    failure: Option<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(load: &'a Load, payload: &'a Payload, tally: &'a Tally, until: Instant) -> Session<'a> {
        Session { load, payload, tally, until, sent: VecDeque::new(), failure: None }
    }

    /// Sends and awaits echoes until the time is over, then closes.
    pub(super) async fn run<I: Io, C: Clock>(mut self, connection: &mut Connection<WebSocket, I, C>) {
        self.fill(|payload| send(connection.machine_mut(), payload));
        // Not `serve`, which waits for room before it hears on: with more in flight than the buffers on the way hold,
        // both sides would.
        let ended: Option<()> = connection
            .until(|event, commands| {
                self.hear(event, commands);
                None
            })
            .await;
        debug_assert!(ended.is_none());
        let lost = || match connection.machine().closed() {
            Some(Closed::ByUs(_)) => None,
            Some(closed) => Some(closed.to_string()),
            None => Some("the connection broke".to_owned()),
        };
        self.report(lost);
    }

    /// The same over a session of Engine.IO.
    pub(super) async fn run_engineio<N: Network>(mut self, client: &mut Client<N>) {
        let message = self.payload.message();
        self.fill(|_| client.try_send(message.clone()));
        while let Some(back) = client.next().await {
            match self.count((&back).into()) {
                Next::Send => self.fill(|_| client.try_send(message.clone())),
                Next::Wait => {}
                Next::Close => client.close().await,
            }
        }
        let lost = || match (client.closed(), client.fault()) {
            (Some(Reason::ForcedClose), _) => None,
            (_, Some(fault)) => Some(fault.to_string()),
            (reason, None) => reason.map(|reason| reason.to_string()),
        };
        self.report(lost);
    }

    fn report(self, lost: impl FnOnce() -> Option<String>) {
        if let Some(why) = self.failure.or_else(lost) {
            self.tally.fail(why);
        }
    }

    fn hear(&mut self, event: Event<'_>, commands: &mut Commands<'_, WebSocket>) {
        let back = match event {
            Event::Text(text) => Data::Text(text),
            Event::Binary(bytes) => Data::Binary(bytes),
            _ => return,
        };
        match self.count(back) {
            Next::Send => self.fill(|payload| send(commands, payload)),
            Next::Wait => {}
            Next::Close => commands.close(CloseFrame::default()),
        }
    }

    /// Counts an echo.
    fn count(&mut self, back: Data<'_>) -> Next {
        let now = Instant::now();
        let Some(sent) = self.sent.pop_front().filter(|_| self.payload.is_echoed_by(&back)) else {
            self.failure = Some("what came back is not what was sent: this is no echo server".to_owned());
            return Next::Close;
        };
        if now < self.until {
            self.tally.count(now - sent);
            return Next::Send;
        }
        if self.sent.is_empty() { Next::Close } else { Next::Wait }
    }

    /// Sends until enough is in flight, or as much as the output takes: what is missing follows with a later echo.
    fn fill<E>(&mut self, mut send: impl FnMut(&Payload) -> Result<(), E>) {
        let now = Instant::now();
        while self.sent.len() < self.load.in_flight as usize {
            match send(self.payload) {
                Ok(()) => self.sent.push_back(now),
                // Full; or closed, which is told at the end.
                Err(_) => break,
            }
        }
    }
}

fn send(machine: &mut WebSocket, payload: &Payload) -> Result<(), SendError<()>> {
    match payload {
        Payload::Text(text) => machine.send_text(text),
        Payload::Binary(bytes) => machine.send_binary(bytes),
    }
}
