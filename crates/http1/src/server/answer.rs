//! What the user of a server's connection can tell it to do.

use sansocket_core::{Instant, Outbox, Response, Version};

use super::event::{AnswerError, ServerClosed, StreamError};
use super::exchange::{Answer, Coding, Exchange};
use super::{ServerConnection, State};
use crate::asked::{Asked, Wish};
use crate::encode_response;
use crate::persistence::Persistence;
use crate::wire::Reading;

/// Answers. All of them queue, none of them blocks; what is queued leaves by
/// [`poll_transmit`](sansocket_core::Machine::poll_transmit). Then ask for the next event: a pipelined request may wait.
impl ServerConnection {
    /// Answers the request in progress with a whole response. Its `Content-Length` is that of its body; what it says of
    /// `Connection` but `close` is left out, for that is the connection's to say. To `HEAD` the body stays away.
    ///
    /// A response that comes before the body was read to its end refuses the rest: up to
    /// [`ServerOptions::drain`](super::ServerOptions::drain) bytes of it are thrown away, or the connection ends.
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was queued.
    pub fn respond(&mut self, response: &Response, now: Instant) -> Result<(), AnswerError> {
        let (asked, persistence) = self.due(response)?;
        self.queue(now, |out| asked.answer(response, persistence, out))?;
        self.answered(persistence, now);
        Ok(())
    }

    /// Begins an answer whose length is not known yet: [`append`](ServerConnection::append) to it, then
    /// [`finish`](ServerConnection::finish). The body of `response` is its first piece. It leaves in chunks; to a client
    /// of HTTP/1.0, up to the end of the stream.
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was queued.
    pub fn begin(&mut self, response: &Response, now: Instant) -> Result<(), AnswerError> {
        let (asked, persistence) = self.due(response)?;
        let coding = asked.coding(response.status);
        let persistence = persistence.and(coding.persistence());
        self.queue(now, |out| {
            asked.begin(response, coding, persistence, out)?;
            coding.append(&response.body, out);
            Ok::<_, AnswerError>(())
        })?;
        if let State::Exchange(exchange) = &mut self.state {
            exchange.answer = Answer::Begun(coding, persistence);
        }
        Ok(())
    }

    /// Is there room for another [`append`](ServerConnection::append), or another request?
    pub fn has_room(&self) -> bool {
        self.unwritten() < self.options.high_water
    }

    /// Queues a copy of `bytes` as the next piece of the answer that was begun. No bytes are no piece.
    ///
    /// # Errors
    /// [`StreamError`]; nothing was queued.
    pub fn append(&mut self, bytes: &[u8], now: Instant) -> Result<(), StreamError> {
        let (coding, _) = self.begun()?;
        if !self.has_room() {
            return Err(StreamError::Blocked);
        }
        self.queue(now, |out| coding.append(bytes, out));
        Ok(())
    }

    /// Ends the answer that was begun.
    ///
    /// # Errors
    /// [`StreamError::NotBegun`].
    pub fn finish(&mut self, now: Instant) -> Result<(), StreamError> {
        let (coding, persistence) = self.begun()?;
        self.queue(now, |out| coding.finish(out));
        self.answered(persistence, now);
        Ok(())
    }

    /// Answers with 101: from here on both sides speak another protocol. `response` says which, in `Upgrade` and
    /// `Connection`. Go on with [`into_parts`](ServerConnection::into_parts).
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was queued.
    pub fn switch(&mut self, response: &Response, now: Instant) -> Result<(), AnswerError> {
        let exchange = self.exchange().ok_or(AnswerError::NotAsked)?;
        exchange.check_due()?;
        if exchange.asked.wish != Wish::Switch || !exchange.is_read() {
            return Err(AnswerError::NotUpgrade);
        }
        if response.status != 101 {
            return Err(AnswerError::NotSwitching(response.status));
        }
        self.queue(now, |out| encode_response(response, "", out))?;
        self.state = State::Switched;
        self.deadlines.clear_all();
        Ok(())
    }
}

impl ServerConnection {
    fn exchange(&self) -> Option<&Exchange> {
        match &self.state {
            State::Exchange(exchange) => Some(exchange),
            _ => None,
        }
    }

    /// The request that waits for an answer, and whether the connection goes on after this one.
    fn due(&self, response: &Response) -> Result<(Asked, Persistence), AnswerError> {
        let exchange = self.exchange().ok_or(AnswerError::NotAsked)?;
        exchange.check_due()?;
        if response.status < 200 {
            return Err(AnswerError::Interim(response.status));
        }
        let says = Persistence::of(&response.headers, Version::Http11);
        let persistence = exchange.persistence(self.options.drain).and(self.persistence).and(says);
        Ok((exchange.asked, persistence))
    }

    fn begun(&self) -> Result<(Coding, Persistence), StreamError> {
        match self.exchange().map(|exchange| exchange.answer) {
            Some(Answer::Begun(coding, persistence)) => Ok((coding, persistence)),
            _ => Err(StreamError::NotBegun),
        }
    }

    /// The answer is complete.
    fn answered(&mut self, persistence: Persistence, now: Instant) {
        let drain = self.options.drain;
        match &mut self.state {
            State::Exchange(exchange)
                if persistence.and(exchange.persistence(drain)) == Persistence::Keep =>
            {
                exchange.answer = Answer::Given;
                if exchange.is_read() {
                    self.await_head(now);
                } else {
                    exchange.drain(drain);
                }
            }
            _ => {
                self.end(ServerClosed::Done, now);
            }
        }
        // What was pipelined may lie in the input: it is looked at before more is read.
        self.reading.found(Reading::Waiting);
    }

    /// Queues what `write` writes, and sees to it that the peer takes it.
    pub(super) fn queue<R>(&mut self, now: Instant, write: impl FnOnce(&mut Outbox) -> R) -> R {
        let was_empty = self.out.out.is_empty();
        let result = self.out.queue(write);
        if was_empty {
            self.watch_output(now);
        }
        result
    }
}
