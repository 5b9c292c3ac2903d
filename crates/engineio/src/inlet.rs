//! What the peer said and nobody asked for yet.

use sansocket_core::Message;

use crate::queue::{Queue, Weigh};
use crate::{Reason, Transport};

/// What happened, in order; `O` says how it began, and `B` is a polled body. Of a body nothing is decoded before it is
/// asked for, so that the body itself is the queue; what comes behind it while it is not read to its end waits behind it.
#[derive(Debug)]
pub(crate) struct Inlet<O, B> {
    items: Queue<Item<O, B>>,
}

#[derive(Debug)]
pub(crate) enum Item<O, B> {
    Opened(O),
    Body(B),
    /// Said over a WebSocket while something before it was not asked for yet, or base64.
    Message(Message),
    Upgraded(Transport),
    Room,
    Closed(Reason),
}

impl<O, B> Default for Inlet<O, B> {
    fn default() -> Inlet<O, B> {
        Inlet { items: Queue::default() }
    }
}

impl<O, B> Inlet<O, B> {
    pub(crate) fn push(&mut self, item: Item<O, B>) {
        self.items.push_back(item);
    }

    /// Before all others: what the body that is being read led to.
    pub(crate) fn push_first(&mut self, item: Item<O, B>) {
        self.items.push_front(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Item<O, B>> {
        self.items.pop_front()
    }

    /// The body that the next packet comes from.
    pub(crate) fn front_body(&mut self) -> Option<&mut B> {
        match self.items.front_mut() {
            Some(Item::Body(body)) => Some(body),
            _ => None,
        }
    }

    /// The first body that is not read to its end, or whose end was not noticed.
    pub(crate) fn body(&mut self) -> Option<&mut B> {
        self.items.iter_mut().find_map(|item| match item {
            Item::Body(body) => Some(body),
            _ => None,
        })
    }

    /// Is what comes next how it began?
    pub(crate) fn begins(&self) -> bool {
        matches!(self.items.front(), Some(Item::Opened(_)))
    }

    /// Waits a body to be read?
    pub(crate) fn has_body(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Body(_)))
    }

    /// Takes out the bodies.
    pub(crate) fn drop_bodies(&mut self) {
        self.items.retain(|item| !matches!(item, Item::Body(_)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes of the messages that wait, and of the queue they wait in.
    pub(crate) fn weight(&self) -> usize {
        self.items.weight()
    }

    pub(crate) fn clear(&mut self) {
        *self = Inlet::default();
    }
}

impl<O, B> Weigh for Item<O, B> {
    /// What a message weighs, with its place in the queue. All else is one of a kind.
    fn weight(&self) -> usize {
        match self {
            Item::Message(message) => size_of::<Item<O, B>>() + message.as_bytes().len(),
            _ => 0,
        }
    }
}
