//! Events that nobody looked at yet.

use alloc::vec::Vec;

use super::event::Event;
use super::ids::SocketId;
use super::line::Line;

/// What happened to a connection, in order.
#[derive(Debug, Default)]
pub(crate) struct Inlet {
    events: Line<Event>,
    /// Bytes of what the client said among them.
    weight: usize,
    /// So much waited that it was said that no more is wanted.
    stalled: bool,
    /// The connection is over, which is to be told when nothing else waits.
    closed: bool,
}

impl Inlet {
    /// Something happened. That the connection [is over](Event::Closed) is the last that is told, whatever comes then.
    pub(crate) fn push(&mut self, event: Event) {
        if matches!(event, Event::Closed) {
            self.closed = true;
            return;
        }
        self.weight += weight(&event);
        self.events.push(event);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        let Some(first) = self.events.pop() else {
            return core::mem::take(&mut self.closed).then_some(Event::Closed);
        };
        self.weight -= weight(&first);
        Some(first)
    }

    /// Takes out what happened to `socket`.
    pub(crate) fn extract(&mut self, socket: SocketId) -> Vec<Event> {
        let all = core::mem::take(&mut self.events).into_iter();
        let (its, others): (Vec<Event>, Vec<Event>) = all.partition(|event| event.socket() == Some(socket));
        self.events.extend(others);
        self.weight -= its.iter().map(weight).sum::<usize>();
        its
    }

    /// Does something wait that happened to `socket`?
    pub(crate) fn tells_of(&self, socket: SocketId) -> bool {
        self.events.iter().any(|event| event.socket() == Some(socket))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.closed
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
