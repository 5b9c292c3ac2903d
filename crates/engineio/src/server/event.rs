//! What happens to sessions.

use alloc::boxed::Box;

use sansocket_core::{Data, Request};

use crate::{Reason, Transport};

/// What happened to a session, lent until the next call.
#[derive(Clone, PartialEq, Debug)]
pub enum Event<'i> {
    /// It began with this request. What is [sent](super::Server::send) now goes with the first answer. Always first.
    Opened(Box<Request>),
    /// Its client said this.
    Message(Data<'i>),
    /// It goes on over this transport.
    Upgraded(Transport),
    /// There is room again, after [`send`](super::Server::send) answered `Blocked`.
    Room,
    /// Nobody's business; ask again.
    Housekeeping,
    /// It ended. Always last: the id means nothing any more.
    Closed(Reason),
}
