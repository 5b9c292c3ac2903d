//! One connection under load.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use sansocket_app::engineio::Client;
use sansocket_core::{Data, SendError};
use sansocket_driver::{Clock, Commands, Connection, Io, Network};
use sansocket_engineio::Reason;
use sansocket_websocket::{CloseFrame, Closed, Event, WebSocket};

use super::payload::Payload;
use super::{Load, Tally};

/// What came back is not the payload.
pub(super) const NO_ECHO: &str = "what came back is not what was sent: this is no echo server";

/// What a connection has to bear of the load, and who counts.
#[derive(Clone)]
pub(super) struct Share {
    pub(super) load: Load,
    pub(super) payload: Arc<Payload>,
    pub(super) tally: Arc<Tally>,
    pub(super) until: Instant,
}

/// What to do after an echo.
pub(super) enum Next {
    Send,
    Wait,
    Close,
}

/// One connection under load.
pub(super) struct Session {
    share: Share,
    /// When the messages in flight were sent.
    sent: VecDeque<Instant>,
    failure: Option<String>,
}

impl Session {
    pub(super) fn new(share: Share) -> Session {
        Session { share, sent: VecDeque::new(), failure: None }
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
        let message = self.share.payload.message();
        self.fill(|_| client.try_send(message.clone()));
        while let Some(back) = client.next().await {
            match self.count(&Data::from(&back)) {
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
        let tally = self.share.tally.clone();
        if let Some(why) = self.end().err().or_else(lost) {
            tally.fail(why);
        }
    }

    /// It is over.
    ///
    /// # Errors
    /// What came back that should not have.
    pub(super) fn end(self) -> Result<(), String> {
        self.failure.map_or(Ok(()), Err)
    }

    fn hear(&mut self, event: Event<'_>, commands: &mut Commands<'_, WebSocket>) {
        let back = match event {
            Event::Text(text) => Data::Text(text),
            Event::Binary(bytes) => Data::Binary(bytes),
            _ => return,
        };
        match self.count(&back) {
            Next::Send => self.fill(|payload| send(commands, payload)),
            Next::Wait => {}
            Next::Close => commands.close(CloseFrame::default()),
        }
    }

    /// Counts what came back.
    pub(super) fn count<B>(&mut self, back: &B) -> Next
    where
        Payload: PartialEq<B>,
    {
        let now = Instant::now();
        let Some(sent) = self.sent.pop_front().filter(|_| *self.share.payload == *back) else {
            self.failure = Some(NO_ECHO.to_owned());
            return Next::Close;
        };
        if now < self.share.until {
            self.share.tally.count(now - sent);
            return Next::Send;
        }
        if self.sent.is_empty() { Next::Close } else { Next::Wait }
    }

    /// Sends until enough is in flight, or as much as the output takes: what is missing follows with a later echo.
    pub(super) fn fill<E>(&mut self, mut send: impl FnMut(&Payload) -> Result<(), E>) {
        let now = Instant::now();
        while self.sent.len() < self.share.load.in_flight as usize {
            match send(&self.share.payload) {
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
