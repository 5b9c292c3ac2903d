//! What a client said and nobody asked for yet.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use sansocket_core::{Message, Request};

use crate::server::ids::ExchangeId;
use crate::{PayloadReader, Reason, Transport};

/// What happened, in order. Of a polling body nothing is decoded before it is asked for, so that the body itself is the
/// queue; what comes behind it while it is not read to its end waits behind it.
#[derive(Debug, Default)]
pub(crate) struct Inlet {
    items: VecDeque<Item>,
    /// The message that is lent just now.
    pub(crate) lent: Option<Message>,
}

#[derive(Debug)]
pub(crate) enum Item {
    Opened(Box<Request>),
    Body(Box<Body>),
    /// Said over a WebSocket while something before it was not asked for yet.
    Message(Message),
    Upgraded(Transport),
    Room,
    Closed(Reason),
}

/// A body and the request that brought it, which is answered when the body was read.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) payload: PayloadReader,
    pub(crate) exchange: Option<ExchangeId>,
}

impl Inlet {
    pub(crate) fn push(&mut self, item: Item) {
        self.items.push_back(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Item> {
        let first = self.items.pop_front();
        if self.items.is_empty() {
            // An idle session owns no queue.
            self.items = VecDeque::new();
        }
        first
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut Item> {
        self.items.front_mut()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The body that is not read to its end, or whose end was not noticed.
    pub(crate) fn body(&mut self) -> Option<&mut Body> {
        self.items.iter_mut().find_map(|item| match item {
            Item::Body(body) => Some(&mut **body),
            _ => None,
        })
    }
}
