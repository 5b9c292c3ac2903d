//! A machine of lines: `ping` is answered by itself, `bye` ends it, and so does [`Endpoint::close`].

use std::time::Duration;

use bytes::Bytes;
use sansocket_core::{Endpoint, Input, Instant, Machine, Outbox, Pool, SendError, Transmit};

/// How long the other side may take to end its stream after ours.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Lines {
    out: Outbox,
    phase: Phase,
    dry: bool,
    deadline: Option<Instant>,
    /// Bytes queued at which it answers `Blocked`; `None`: 1000.
    pub high_water: Option<usize>,
    /// Why it ended.
    pub ended: Option<Ended>,
    /// The peer has to speak at least this often.
    pub patience: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
enum Phase {
    #[default]
    Open,
    /// Our last word is queued.
    Closing,
    /// And after it our side was ended.
    Shut,
    Finished,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Ended {
    ByPeer,
    ByUs,
    Lost,
    Timeout,
}

#[derive(Debug, PartialEq)]
pub enum Event<'i> {
    Line(&'i str),
    Quiet,
    Ended(Ended),
}

impl Lines {
    pub fn ping(&mut self) {
        self.out.extend(b"ping\n");
    }

    /// A line by reference.
    pub fn share(&mut self, line: &'static str) {
        self.out.extend(b">");
        self.out.share(Bytes::from_static(line.as_bytes()));
    }

    fn end(&mut self, why: Ended) -> Option<Event<'static>> {
        self.phase = Phase::Closing;
        self.ended.is_none().then(|| {
            self.ended = Some(why);
            Event::Ended(why)
        })
    }
}

impl Machine for Lines {
    type Event<'i> = Event<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<Event<'i>> {
        let end = input.raw().iter().position(|byte| *byte == b'\n');
        self.dry = end.is_none();
        let Some(end) = end else {
            return (self.phase == Phase::Finished && self.ended.is_none()).then(|| {
                self.ended = Some(Ended::Lost);
                Event::Ended(Ended::Lost)
            });
        };
        if let Some(patience) = self.patience {
            self.deadline = Some(now + patience);
        }
        let line = std::str::from_utf8(input.take(end + 1)).expect("tests speak UTF-8").trim_end();
        Some(match line {
            "ping" => {
                self.out.extend(b"pong\n");
                Event::Quiet
            }
            "bye" => self.end(Ended::ByPeer).unwrap_or(Event::Quiet),
            line => Event::Line(line),
        })
    }

    fn wants_input(&self) -> bool {
        self.dry && self.phase != Phase::Finished
    }

    fn handle_eof(&mut self, _now: Instant) {
        self.phase = Phase::Finished;
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadline.filter(|_| self.phase != Phase::Finished)
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|at| at <= now) {
            self.deadline = None;
            self.ended = Some(Ended::Timeout);
            self.phase = Phase::Finished;
            let len = self.out.len();
            self.out.written(len);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        if !self.out.is_empty() {
            return Some(Transmit::Bytes(&mut self.out));
        }
        (self.phase == Phase::Closing).then(|| {
            self.phase = Phase::Shut;
            Transmit::Shutdown
        })
    }

    fn attach(&mut self, pool: &mut Pool) {
        self.out.attach(pool);
    }

    fn detach(&mut self, pool: &mut Pool) {
        self.out.release(pool);
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Finished && self.ended.is_some() && self.out.is_empty()
    }
}

impl Endpoint for Lines {
    type Received = String;
    type Sent = String;
    type Goodbye = ();

    fn own(event: Event<'_>) -> Option<String> {
        match event {
            Event::Line(line) => Some(line.to_owned()),
            Event::Quiet | Event::Ended(_) => None,
        }
    }

    fn has_room(&self) -> bool {
        self.out.is_empty() || self.out.len() < self.high_water.unwrap_or(1000)
    }

    fn send(&mut self, line: String) -> Result<(), SendError<String>> {
        if self.phase != Phase::Open {
            return Err(SendError::Closed(line));
        }
        if !self.has_room() {
            return Err(SendError::Blocked(line));
        }
        self.out.extend(line.as_bytes());
        self.out.extend(b"\n");
        Ok(())
    }

    fn close(&mut self, _goodbye: (), now: Instant) {
        if self.phase == Phase::Open {
            self.ended = Some(Ended::ByUs);
            self.out.extend(b"bye\n");
            self.phase = Phase::Closing;
            self.deadline = Some(now + CLOSE_TIMEOUT);
        }
    }
}

/// Output memory that is held now.
pub fn output_memory(lines: &Lines) -> usize {
    lines.out.memory()
}
