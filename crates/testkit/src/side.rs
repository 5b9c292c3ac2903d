//! One machine, with what it was told and what it told.

use sansocket_core::{Input, Instant, Machine, Pool, Transmit};

/// A machine whose events can be kept and compared.
pub trait Subject: Machine {
    /// An event that owns what it holds.
    type Heard: PartialEq + std::fmt::Debug;

    /// Owns an event.
    fn heard(event: Self::Event<'_>) -> Self::Heard;

    /// Is this the event that nothing follows?
    fn is_last(heard: &Self::Heard) -> bool;
}

/// One machine, with its input beside it and everything that its user heard.
///
/// It drives by hand what an adapter drives by itself, and checks the laws of [`Machine`] on the way: nothing follows
/// the last event, and nothing is written after `Shutdown`.
#[derive(Debug)]
pub struct Side<M: Subject> {
    /// The machine.
    pub machine: M,
    /// What it was told and has not consumed.
    pub input: Input,
    /// Where its memory comes from.
    pub pool: Pool,
    heard: Vec<M::Heard>,
    ended: bool,
    shut_down: bool,
}

impl<M: Subject> Side<M> {
    /// A machine that has heard nothing yet.
    pub fn new(machine: M) -> Side<M> {
        Side {
            machine,
            input: Input::default(),
            pool: Pool::default(),
            heard: Vec::new(),
            ended: false,
            shut_down: false,
        }
    }

    /// Hands over `bytes` as one read, and takes every event that comes of them.
    pub fn read(&mut self, bytes: &[u8], now: Instant) {
        self.input.fill(bytes, &mut self.pool);
        self.listen(now);
        self.input.release(&mut self.pool);
    }

    /// Takes every event there is.
    ///
    /// # Panics
    /// If one follows the last.
    pub fn listen(&mut self, now: Instant) {
        while self.listen_once(now) {}
    }

    /// Takes one event, if there is one.
    ///
    /// # Panics
    /// If it follows the last.
    pub fn listen_once(&mut self, now: Instant) -> bool {
        let Some(event) = self.machine.poll_event(&mut self.input, now) else { return false };
        let heard = M::heard(event);
        assert!(!self.ended, "{heard:?} after the last event");
        self.ended = M::is_last(&heard);
        self.heard.push(heard);
        true
    }

    /// Takes at most `most` bytes of output, as a socket does that has room for so many; `Shutdown` needs none.
    ///
    /// # Panics
    /// If there is output after `Shutdown`, or a second `Shutdown`.
    pub fn write(&mut self, most: usize) -> Vec<u8> {
        let mut written = Vec::new();
        loop {
            match self.machine.poll_transmit() {
                None => break,
                Some(_) if self.shut_down => panic!("there is more to transmit after Shutdown"),
                Some(Transmit::Shutdown) => self.shut_down = true,
                Some(Transmit::Bytes(_)) if written.len() == most => break,
                Some(Transmit::Bytes(outbox)) => {
                    let mut slices = [&[][..]; sansocket_core::OUTBOX_SLICES];
                    let filled = outbox.slices(&mut slices);
                    let gathered = slices[..filled].concat();
                    assert!(!gathered.is_empty(), "an outbox to write from holds something");
                    let room = gathered.len().min(most - written.len());
                    written.extend_from_slice(&gathered[..room]);
                    outbox.written(room);
                    outbox.release(&mut self.pool);
                }
            }
        }
        written
    }

    /// Takes all output.
    pub fn write_all(&mut self) -> Vec<u8> {
        self.write(usize::MAX)
    }

    /// Was the machine's `Shutdown` taken?
    pub fn is_shut_down(&self) -> bool {
        self.shut_down
    }

    /// What was heard since this was last asked.
    pub fn heard(&mut self) -> Vec<M::Heard> {
        std::mem::take(&mut self.heard)
    }
}
