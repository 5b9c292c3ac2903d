//! Sessions as `Stream`s of messages.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sansocket_core::Message;
use sansocket_driver::Runtime;

use super::{Client, Session};

impl<R: Runtime> Stream for Session<R> {
    type Item = Message;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.get_mut().poll_next(cx)
    }
}

impl<N> Stream for Client<N> {
    type Item = Message;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.get_mut().poll_next(cx)
    }
}
