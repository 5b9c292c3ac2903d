//! What is served beside Engine.IO.

use sansocket_core::{Request, Response};
use sansocket_driver::Runtime;

use super::hooks::Boxed;
use crate::websocket::{Answer, Asked, WebSocket};

type Decide = Box<dyn Fn(Asked) -> Boxed<Answer> + Send + Sync>;
type Handle<R, I> = Box<dyn Fn(WebSocket<R, I>, Box<Request>) -> Boxed<()> + Send + Sync>;

/// What is answered to requests that are none of Engine.IO, over streams `I`: pages, refusals, and other WebSockets.
pub struct Beside<R: Runtime, I> {
    decide: Decide,
    handle: Handle<R, I>,
}

impl<R: Runtime, I> Beside<R, I> {
    /// Asks `decide` what to answer, as [`websocket::Server::serve_with`](crate::websocket::Server::serve_with) does;
    /// the request has its body. A WebSocket that is accepted lives in `handle`, whose end is its end.
    pub fn new<D, DF, H, HF>(decide: D, handle: H) -> Beside<R, I>
    where
        D: Fn(Asked) -> DF + Send + Sync + 'static,
        DF: Future<Output = Answer> + Send + 'static,
        H: Fn(WebSocket<R, I>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        Beside {
            decide: Box::new(move |asked| Box::pin(decide(asked))),
            handle: Box::new(move |websocket, request| Box::pin(handle(websocket, request))),
        }
    }

    pub(super) fn decide(&self, asked: Asked) -> Boxed<Answer> {
        (self.decide)(asked)
    }

    pub(super) fn handle(&self, websocket: WebSocket<R, I>, request: Box<Request>) -> Boxed<()> {
        (self.handle)(websocket, request)
    }
}

impl<R: Runtime, I> Default for Beside<R, I> {
    /// Nothing: 404.
    fn default() -> Beside<R, I> {
        let nothing =
            || Response::new(404).with_header("Content-Type", "text/plain").with_body("not found\n");
        Beside {
            decide: Box::new(move |_| Box::pin(std::future::ready(nothing().into()))),
            handle: Box::new(|_, _| Box::pin(std::future::ready(()))),
        }
    }
}

impl<R: Runtime, I> std::fmt::Debug for Beside<R, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}
