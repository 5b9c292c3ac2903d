//! What a server said and nobody asked for yet.

use alloc::collections::VecDeque;

use sansocket_core::Message;

use crate::{PayloadReader, Reason, Transport};

/// What happened, in order. Of a polled body nothing is decoded before it is asked for; what comes behind it waits.
#[derive(Debug, Default)]
pub(crate) struct Inlet {
    items: VecDeque<Item>,
    /// The message that is lent just now.
    pub(crate) lent: Option<Message>,
}

#[derive(Debug)]
pub(crate) enum Item {
    Opened,
    Body(PayloadReader),
    /// Said over a WebSocket while something before it was not asked for yet, or base64.
    Message(Message),
    Upgraded(Transport),
    Room,
    Closed(Reason),
}

impl Inlet {
    pub(crate) fn push(&mut self, item: Item) {
        self.items.push_back(item);
    }

    /// Before all others: what the body that is being read led to.
    pub(crate) fn push_first(&mut self, item: Item) {
        self.items.push_front(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// The body that the next packet comes from.
    pub(crate) fn body(&mut self) -> Option<&mut PayloadReader> {
        match self.items.front_mut() {
            Some(Item::Body(body)) => Some(body),
            _ => None,
        }
    }

    /// Lets go of a body that was read to its end.
    pub(crate) fn drop_read_body(&mut self) {
        while self.body().is_some_and(|body| !body.has_more()) {
            self.items.pop_front();
        }
    }

    /// Waits a body to be read?
    pub(crate) fn has_body(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Body(_)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.items.clear();
    }

    /// Takes out the bodies.
    pub(crate) fn drop_bodies(&mut self) {
        self.items.retain(|item| !matches!(item, Item::Body(_)));
    }
}
