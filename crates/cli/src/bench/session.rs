//! One connection under load.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

use std::collections::VecDeque;
use std::time::Instant;

use sansocket_driver::{Clock, Commands, Connection, Io};
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

    /// Is this its echo?
    fn is_echoed_by(&self, event: &Event<'_>) -> bool {
        match (self, event) {
            (Payload::Text(sent), Event::Text(back)) => sent.as_str() == back.as_str(),
            (Payload::Binary(sent), Event::Binary(back)) => sent == back,
            _ => false,
        }
    }
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
        self.fill(connection.machine_mut(), Instant::now());
        // Not `serve`, which waits for room before it hears on: with more in flight than the buffers on the way hold,
        // both sides would.
        let ended: Option<()> = connection
            .until(|event, commands| {
                self.hear(&event, commands);
                None
            })
            .await;
        debug_assert!(ended.is_none());
        let lost = || match connection.machine().closed() {
            Some(Closed::ByUs(_)) => None,
            Some(closed) => Some(closed.to_string()),
            None => Some("the connection broke".to_owned()),
        };
        if let Some(why) = self.failure.or_else(lost) {
            self.tally.fail(why);
        }
    }

    fn hear(&mut self, event: &Event<'_>, commands: &mut Commands<'_, WebSocket>) {
        if !matches!(event, Event::Text(_) | Event::Binary(_)) {
            return;
        }
        let now = Instant::now();
        let Some(sent) = self.sent.pop_front().filter(|_| self.payload.is_echoed_by(event)) else {
            self.failure = Some("what came back is not what was sent: this is no echo server".to_owned());
            return commands.close(CloseFrame::default());
        };
        if now < self.until {
            self.tally.count(now - sent);
            self.fill(commands, now);
        } else if self.sent.is_empty() {
            commands.close(CloseFrame::default());
        }
    }

    /// Sends until enough is in flight, or as much as the output takes: what is missing follows with a later echo.
    fn fill(&mut self, machine: &mut WebSocket, now: Instant) {
        while self.sent.len() < self.load.in_flight as usize {
            let queued = match self.payload {
                Payload::Text(text) => machine.send_text(text),
                Payload::Binary(bytes) => machine.send_binary(bytes),
            };
            match queued {
                Ok(()) => self.sent.push_back(now),
                // Full; or closed, which `run` tells.
                Err(_) => break,
            }
        }
    }
}
