//! One direction of a connection, with all the ways a network has.

use std::collections::VecDeque;
use std::time::Duration;

use sansocket_core::Instant;

/// One direction of a connection.
#[derive(Clone, Debug)]
pub struct Link {
    /// At most so many bytes arrive at once.
    pub chunk: usize,
    /// So long is every byte under way.
    pub delay: Duration,
    /// So many bytes are under way at most; then the writer has to wait.
    pub capacity: usize,
    /// Whether anything arrives at all.
    pub flow: Flow,
    /// After so many bytes the connection breaks.
    pub cut_after: Option<usize>,
    under_way: VecDeque<(Instant, Vec<u8>)>,
    end: Option<Instant>,
    carried: usize,
}

/// Whether anything arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// It does.
    Open,
    /// Nothing does: the reader has stopped reading, or a cable is out.
    Stalled,
}

/// What arrives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Bytes.
    Bytes(Vec<u8>),
    /// The end of the stream.
    End,
}

impl Default for Link {
    /// Everything arrives at once and whole.
    fn default() -> Link {
        Link {
            chunk: usize::MAX,
            delay: Duration::ZERO,
            capacity: usize::MAX,
            flow: Flow::Open,
            cut_after: None,
            under_way: VecDeque::new(),
            end: None,
            carried: 0,
        }
    }
}

impl Link {
    /// How many bytes can be written now.
    pub fn room(&self) -> usize {
        let under_way: usize = self.under_way.iter().map(|(_, bytes)| bytes.len()).sum();
        self.capacity.saturating_sub(under_way)
    }

    /// `bytes` are written. What comes after the cut is lost, and the stream ends there.
    pub fn carry(&mut self, bytes: &[u8], now: Instant) {
        let left = self.cut_after.map_or(usize::MAX, |cut| cut.saturating_sub(self.carried));
        let kept = &bytes[..bytes.len().min(left)];
        self.carried += bytes.len();
        if !kept.is_empty() {
            self.under_way.push_back((now + self.delay, kept.to_vec()));
        }
        if kept.len() < bytes.len() {
            self.end(now);
        }
    }

    /// The writer has ended the stream.
    pub fn end(&mut self, now: Instant) {
        self.end.get_or_insert(now + self.delay);
    }

    /// What arrives next, if it is here by `now`. After `End`, nothing.
    pub fn arrive(&mut self, now: Instant) -> Option<Arrival> {
        if self.next_arrival()? > now {
            return None;
        }
        let Some((at, mut bytes)) = self.under_way.pop_front() else {
            // Never again: an end that has come is moved behind all time.
            let over = Instant::from_micros(u64::MAX);
            self.end = Some(over);
            return Some(Arrival::End);
        };
        if bytes.len() > self.chunk {
            let later = bytes.split_off(self.chunk.max(1));
            self.under_way.push_front((at, later));
        }
        Some(Arrival::Bytes(bytes))
    }

    /// When something arrives next.
    pub fn next_arrival(&self) -> Option<Instant> {
        match self.flow {
            Flow::Stalled => None,
            Flow::Open => self.under_way.front().map(|(at, _)| *at).or(self.end),
        }
    }
}
