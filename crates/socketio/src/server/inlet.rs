//! Events that nobody looked at yet.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::event::Event;
use super::ids::SocketId;

/// What happened to a connection, in order. Owns nothing while nothing waits.
#[derive(Debug, Default)]
pub(crate) struct Inlet {
    events: VecDeque<Event>,
    /// Bytes of what the client said among them.
    weight: usize,
    /// So much waited that it was said that no more is wanted.
    stalled: bool,
}

impl Inlet {
    pub(crate) fn push(&mut self, event: Event) {
        self.weight += weight(&event);
        // The end of the connection is the last there is.
        let last = match self.events.back() {
            Some(Event::Closed) => self.events.pop_back(),
            _ => None,
        };
        self.events.push_back(event);
        self.events.extend(last);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        let first = self.events.pop_front();
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
        self.weight -= first.as_ref().map_or(0, weight);
        first
    }

    /// Takes out what happened to `socket`.
    pub(crate) fn extract(&mut self, socket: SocketId) -> Vec<Event> {
        let all = core::mem::take(&mut self.events).into_iter();
        let (its, others): (VecDeque<Event>, VecDeque<Event>) =
            all.partition(|event| event.socket() == Some(socket));
        self.events = others;
        self.weight -= its.iter().map(weight).sum::<usize>();
        its.into()
    }

    /// Does something wait that happened to `socket`?
    pub(crate) fn tells_of(&self, socket: SocketId) -> bool {
        self.events.iter().any(|event| event.socket() == Some(socket))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Is more wanted? `read_ahead` bytes are enough.
    pub(crate) fn has_appetite(&mut self, read_ahead: usize) -> bool {
        self.stalled = self.weight >= read_ahead;
        !self.stalled
    }

    /// More is wanted again, which nobody noticed yet.
    pub(crate) fn resumes(&mut self, read_ahead: usize) -> bool {
        let resumes = self.stalled && self.weight <= read_ahead / 2;
        self.stalled &= !resumes;
        resumes
    }
}

fn weight(event: &Event) -> usize {
    match event {
        Event::Received { name, args, .. } => size_of::<Event>() + name.len() + args.weight(),
        _ => 0,
    }
}
