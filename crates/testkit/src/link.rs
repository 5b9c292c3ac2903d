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
    under_way: VecDeque<Parcel>,
    end: Option<Instant>,
    carried: usize,
}

/// Bytes that were written at once.
#[derive(Clone, Debug)]
struct Parcel {
    arrives: Instant,
    bytes: Vec<u8>,
    /// So many of them have arrived.
    arrived: usize,
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
        let under_way: usize = self.under_way.iter().map(|parcel| parcel.bytes.len() - parcel.arrived).sum();
        self.capacity.saturating_sub(under_way)
    }

    /// `bytes` are written. What comes after the cut is lost, and the stream ends there.
    pub fn carry(&mut self, bytes: &[u8], now: Instant) {
        let left = self.cut_after.map_or(usize::MAX, |cut| cut.saturating_sub(self.carried));
        let kept = &bytes[..bytes.len().min(left)];
        self.carried += bytes.len();
        if !kept.is_empty() {
            let arrives = now + self.delay;
            self.under_way.push_back(Parcel { arrives, bytes: kept.to_vec(), arrived: 0 });
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
        let Some(parcel) = self.under_way.front_mut() else {
            // Never again: an end that has come is moved behind all time.
            let over = Instant::from_micros(u64::MAX);
            self.end = Some(over);
            return Some(Arrival::End);
        };
        let rest = &parcel.bytes[parcel.arrived..];
        let arrived = rest[..rest.len().min(self.chunk.max(1))].to_vec();
        parcel.arrived += arrived.len();
        if parcel.arrived == parcel.bytes.len() {
            self.under_way.pop_front();
        }
        Some(Arrival::Bytes(arrived))
    }

    /// When something arrives next.
    pub fn next_arrival(&self) -> Option<Instant> {
        match self.flow {
            Flow::Stalled => None,
            Flow::Open => self.under_way.front().map(|parcel| parcel.arrives).or(self.end),
        }
    }
}
