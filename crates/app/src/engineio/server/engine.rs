//! The hub with its time and its sessions, without any listener.

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Headers, Request, Response};
use sansocket_driver::{Crowd, Io, Runtime, Signal, Task, unless};
use sansocket_engineio::server::{ExchangeId, Purpose, Server as Hub, ServerOptions};
use sansocket_stack::server::Options;
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

use super::beside::Beside;
use super::hooks::{Hooks, Occasion, Refusal};
use super::session::Session;
use super::shared::Shared;
use super::talk::{Stay, Talk};
use super::upgrade::Upgraded;
use crate::dialer::random;
use crate::visit::Visit;
use crate::websocket::{Asked, AskedFor};

/// How long a client that polls may take to come again, if it is there: it does at once.
const BETWEEN_POLLS: Duration = Duration::from_secs(1);

/// All sessions of a server, with their time and their users, but without a listener: for those who have connections or
/// requests of their own. Clones are the same engine.
///
/// | you have | take |
/// |---|---|
/// | a listener's address | a [`Server`](super::Server), which is a listener and an engine |
/// | a stream of bytes | [`serve_stream`](Engine::serve_stream) |
/// | a request that somebody parsed | [`respond`](Engine::respond) |
/// | a WebSocket that somebody accepts | [`upgrade`](Engine::upgrade) |
///
/// ```
/// # use sansocket_core::Request;
/// # use sansocket_driver::Runtime;
/// use sansocket_app::engineio::{Engine, Session, Setup};
///
/// # async fn example<R: Runtime>() {
/// let engine: Engine<R> = Setup::default().start(async |mut session: Session<R>, _request| {
///     while let Some(message) = session.next().await {
///         if session.send(message).await.is_err() {
///             break;
///         }
///     }
/// });
/// // Half a minute later, perhaps: polls wait for what there is to say.
/// let response = engine.respond(Request::get("/engine.io/?EIO=4&transport=polling")).await;
/// assert_eq!(response.status, 200);
/// # }
/// ```
pub struct Engine<R: Runtime> {
    shared: Arc<Shared<R>>,
    users: Arc<Crowd<R::Task>>,
}

/// What an [`Engine`] is made of.
pub struct Setup<R> {
    pub(super) runtime: R,
    pub(super) options: ServerOptions,
    pub(super) handshake: Arc<HandshakeOptions>,
    pub(super) hooks: Hooks,
    pub(super) stop: Signal,
}

impl<R: Runtime> Default for Setup<R> {
    fn default() -> Setup<R> {
        Setup {
            runtime: R::default(),
            options: ServerOptions::default(),
            handshake: Arc::default(),
            hooks: Hooks::default(),
            stop: Signal::default(),
        }
    }
}

impl<R: Runtime> Setup<R> {
    /// With these options for sessions.
    pub fn options(self, options: ServerOptions) -> Setup<R> {
        Setup { options, ..self }
    }

    /// With these for handshakes and WebSockets. Where both know a limit, that of sessions counts for what carries them.
    pub fn websocket(self, options: impl Into<Arc<HandshakeOptions>>) -> Setup<R> {
        Setup { handshake: options.into(), ..self }
    }

    /// Where the tasks of sessions run.
    pub fn executor(self, executor: impl Into<R>) -> Setup<R> {
        Setup { runtime: executor.into(), ..self }
    }

    /// Asks `allow` about everybody who wants to begin a session, and would be let in. Who is not allowed to is told
    /// why; to a poll that is status 403.
    pub fn allow<A, AF>(mut self, allow: A) -> Setup<R>
    where
        A: Fn(Asked) -> AF + Send + Sync + 'static,
        AF: Future<Output = Result<(), Refusal>> + Send + 'static,
    {
        self.hooks.allow = Some(Box::new(move |asked| Box::pin(allow(asked))));
        self
    }

    /// Adds headers to all answers of Engine.IO, the 101 included; the [`Occasion`] tells those to handshakes apart.
    pub fn headers<A>(mut self, headers: A) -> Setup<R>
    where
        A: Fn(&Request, Occasion) -> Headers + Send + Sync + 'static,
    {
        self.hooks.headers = Some(Box::new(headers));
        self
    }

    /// An engine that gives every session to `handle`, in a task of its own, with the request it began with (drop that
    /// when you have seen it: a browser's headers are a kilobyte). The task's end is the session's end, in order; so is a
    /// panic.
    ///
    /// # Panics
    /// If the operating system has no randomness, of which ids are made.
    pub fn start<H, HF>(self, handle: H) -> Engine<R>
    where
        H: Fn(Session<R>, Box<Request>) -> HF + Send + Sync + 'static,
        HF: Future<Output = ()> + Send + 'static,
    {
        let Setup { runtime, options, handshake, hooks, stop } = self;
        let users = Crowd::new(usize::MAX);
        let (hosts, place) = (users.clone(), runtime.clone());
        let host = move |begun, request| {
            let Some(guest) = hosts.enter() else { return };
            let handled = handle(Session::new(begun), request);
            guest.live(|guest| place.spawn(Visit::new(handled, guest)));
        };
        let seed = random().expect("the operating system has randomness");
        let stacked = Arc::new(Options::new(&options, &handshake));
        let shared = Shared::new(runtime, Hub::new(options, seed), stacked, hooks, stop, Box::new(host));
        Engine { shared, users }
    }
}

impl<R: Runtime> Engine<R> {
    /// Is a request for `path` one of Engine.IO?
    pub fn serves(&self, path: &str) -> bool {
        self.shared.with(|state, _| state.hub.options().serves(path))
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.shared.with(|state, _| state.hub.len())
    }

    /// Serves one connection over a stream of your own, to its end. What is asked for beside Engine.IO is not found.
    pub async fn serve_stream<I: Io + Send + 'static>(&self, io: I) {
        self.serve_stream_beside(io, Arc::default()).await;
    }

    /// The same, with something beside it.
    pub async fn serve_stream_beside<I: Io + Send + 'static>(&self, io: I, beside: Arc<Beside<R, I>>) {
        // A connection that carries a session stays for longest, and needs no room for a conversation in HTTP.
        let stay = Box::pin(self.receive(io, beside, None)).await;
        if let Some(stay) = stay {
            stay.await;
        }
    }

    pub(super) fn receive<I: Io + Send + 'static>(
        &self,
        io: I,
        beside: Arc<Beside<R, I>>,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Option<Stay<R, I>>> + Send + use<R, I> {
        Talk::new(self.shared.clone(), io, beside, peer).run()
    }

    /// Answers a request of Engine.IO that somebody else parsed, with its body: at once, or when there is something to
    /// say. If the client leaves, drop the future.
    pub async fn respond(&self, request: Request) -> Response {
        let headers = match self.ask(&request, Purpose::Exchange).await {
            Ok(headers) => headers,
            Err(refusal) => return refusal,
        };
        let exchange = self.shared.with(|state, now| state.hub.handle_request(request, now));
        let waiting = Waiting { shared: &self.shared, exchange };
        let response = poll_fn(|cx| waiting.shared.with(|state, _| state.poll_answer(exchange, cx))).await;
        with_headers(response, &headers)
    }

    /// Somebody asks for a WebSocket for Engine.IO. If he is welcome, accept it and carry messages to and fro; else
    /// answer with the response.
    ///
    /// # Errors
    /// The response that turns him away.
    pub async fn upgrade(&self, request: Request) -> Result<Upgraded<R>, Response> {
        let headers = self.ask(&request, Purpose::WebSocket).await?;
        match self.shared.with(|state, now| state.hub.handle_upgrade(request, now)) {
            Ok(connection) => Ok(Upgraded::new(self.shared.clone(), connection, headers)),
            Err(response) => Err(with_headers(response, &headers)),
        }
    }

    /// Begins to end: no session begins any more, and all are closed in order. Connections are not read on when the last
    /// one has heard that, or a second later: a client that polls may be just between two polls.
    pub fn close(&self) {
        self.shared.stop.raise();
        self.shared.with(|state, now| state.hub.close_all(now));
        let (over, patience) = (self.shared.over.clone(), self.shared.runtime.sleep(BETWEEN_POLLS));
        let hurry = async move {
            unless(patience, over.wait()).await;
            over.raise();
        };
        self.shared.runtime.spawn(hurry).let_go();
    }

    /// Ends what is left of the sessions at once, waits until their users are done, and cuts off who is not in `time`.
    pub(super) async fn leave(&self, time: Duration) {
        self.shared.with(|state, _| state.hub.end_all());
        if unless(self.shared.runtime.sleep(time), self.users.close()).await.is_none() {
            self.users.cut();
        }
    }

    /// Asks whoever has a say: which headers stand in the answer, or that it is a refusal.
    async fn ask(&self, request: &Request, purpose: Purpose) -> Result<Headers, Response> {
        let hooks = &self.shared.hooks;
        if !hooks.are_set() {
            return Ok(Headers::new());
        }
        let occasion = Occasion::of(self.shared.with(|state, _| state.hub.check(request, purpose)).ok());
        let headers = hooks.headers(request, occasion);
        let Some(allow) = hooks.allow(occasion) else { return Ok(headers) };
        let kind = match purpose {
            Purpose::Exchange => AskedFor::Page,
            Purpose::WebSocket => AskedFor::WebSocket,
        };
        let asked = Asked { request: request.clone(), kind, protocols: Vec::new() };
        match allow(asked).await {
            Ok(()) => Ok(headers),
            Err(why) => {
                let refused = self.shared.with(|state, _| state.hub.refuse(request, purpose, why));
                Err(with_headers(refused, &headers))
            }
        }
    }
}

fn with_headers(mut response: Response, headers: &Headers) -> Response {
    response.headers.add_all(headers);
    response
}

/// A request that waits for its answer. Dropped, its client has gone, or has the answer.
struct Waiting<'e, R: Runtime> {
    shared: &'e Arc<Shared<R>>,
    exchange: ExchangeId,
}

impl<R: Runtime> Drop for Waiting<'_, R> {
    fn drop(&mut self) {
        self.shared.with(|state, _| {
            state.forget_exchange(self.exchange);
            state.hub.handle_abort(self.exchange);
        });
    }
}

impl<R: Runtime> Clone for Engine<R> {
    fn clone(&self) -> Engine<R> {
        Engine { shared: self.shared.clone(), users: self.users.clone() }
    }
}

impl<R: Runtime> fmt::Debug for Engine<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("sessions", &self.sessions()).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Setup<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("options", &self.options).finish_non_exhaustive()
    }
}
