//! The loops over those that are a `Stream` and a `Sink`. `good` gives what is received as what is sent.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use tokio::sync::mpsc;

/// Receives and sends, one by one.
pub(super) async fn plain<W: Stream + Sink<M>, M>(websocket: W, good: fn(W::Item) -> Option<M>) {
    let mut websocket = pin!(websocket);
    while let Some(message) = websocket.next().await.and_then(good) {
        if websocket.send(message).await.is_err() {
            return;
        }
    }
}

/// Feeds answers as long as messages are ready, and flushes then.
pub(super) async fn batch<W: Stream + Sink<M>, M>(websocket: W, good: fn(W::Item) -> Option<M>) {
    let mut websocket = pin!(websocket);
    while let Some(mut message) = websocket.next().await.and_then(good) {
        loop {
            if websocket.feed(message).await.is_err() {
                return;
            }
            let Some(next) = websocket.next().now_or_never() else { break };
            let Some(next) = next.and_then(good) else { return };
            message = next;
        }
        if websocket.flush().await.is_err() {
            return;
        }
    }
}

/// Everybody who is here.
#[derive(Clone, Default)]
pub(super) struct Room(Rc<RefCell<Vec<mpsc::UnboundedSender<Bytes>>>>);

impl Room {
    fn say(&self, message: &Bytes) {
        self.0.borrow_mut().retain(|guest| guest.send(message.clone()).is_ok());
    }

    /// Says what comes from `websocket` to everybody, and what everybody says to it.
    pub(super) async fn seat<W, M, E>(self, websocket: W, into: fn(M) -> Bytes, from: fn(Bytes) -> M)
    where
        W: Stream<Item = Result<M, E>> + Sink<M>,
    {
        let mut websocket = pin!(websocket);
        let (sender, mut said) = mpsc::unbounded_channel();
        self.0.borrow_mut().push(sender);
        loop {
            tokio::select! {
                message = websocket.next() => match message {
                    Some(Ok(message)) => self.say(&into(message)),
                    _ => return,
                },
                Some(message) = said.recv() => {
                    if websocket.send(from(message)).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
