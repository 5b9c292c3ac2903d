//! Packets as messages.

use alloc::sync::Arc;
use core::slice;

use sansocket_core::Message;

/// A packet as messages, shared by reference count: encoded once, it is given to many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded(Form);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Form {
    /// Nearly all packets are one message, which shares its bytes itself.
    One(Message),
    Several(Arc<[Message]>),
}

impl Encoded {
    /// A packet that is one message.
    pub fn one(message: Message) -> Encoded {
        Encoded(Form::One(message))
    }

    /// A packet that is a message with others behind it.
    pub fn several(first: Message, others: impl IntoIterator<Item = Message>) -> Encoded {
        let messages: Arc<[Message]> = core::iter::once(first).chain(others).collect();
        Encoded(Form::Several(messages))
    }

    /// The messages, in the order in which they are sent. Nothing may come between them.
    pub fn messages(&self) -> slice::Iter<'_, Message> {
        match &self.0 {
            Form::One(message) => slice::from_ref(message).iter(),
            Form::Several(messages) => messages.iter(),
        }
    }

    /// How many messages.
    #[expect(clippy::len_without_is_empty, reason = "a packet is at least one message")]
    pub fn len(&self) -> usize {
        self.messages().len()
    }

    /// Bytes of all messages, for budgets.
    pub fn weight(&self) -> usize {
        self.messages().map(|message| message.as_bytes().len()).sum()
    }
}

impl<'e> IntoIterator for &'e Encoded {
    type Item = &'e Message;
    type IntoIter = slice::Iter<'e, Message>;

    fn into_iter(self) -> slice::Iter<'e, Message> {
        self.messages()
    }
}
