//! What happens in a namespace.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sansocket_core::{Excerpt, Utf8Bytes};
use sansocket_socketio::client::ConnectError as Refused;
use sansocket_socketio::server::ConnectError;
use sansocket_socketio::{Args, ArgsError, Value};

use super::handler::{Ack, Boxed, Handler, Peer, Received};
use super::pull::{Events, Pull, Pulled};
use super::run::Work;
use super::watch::Watch;

type Handle<S> = Box<dyn Fn(Received<S>) -> Result<Boxed<()>, ArgsError> + Send + Sync>;
pub(super) type With<S, T> = Box<dyn Fn(S, T) -> Boxed<()> + Send + Sync>;
type Guard<S> = Box<dyn Fn(S) -> Boxed<Result<(), ConnectError>> + Send + Sync>;
type Filter<S> = Box<dyn Fn(S, Incoming) -> Boxed<Result<(), Rejected>> + Send + Sync>;

/// What happens in a namespace: who is called when. Of a server, or of a client.
///
/// ```
/// # use sansocket_driver::Runtime;
/// # use sansocket_app::socketio::{Namespace, Socket};
/// # fn example<R: Runtime>() -> Namespace<Socket<R>> {
/// Namespace::new()
///     .on_connect(async |socket: Socket<R>| println!("{} is here", socket.id()))
///     // What a handler returns is the acknowledgement, if one was asked for.
///     .on("add", async |_: Socket<R>, (a, b): (i64, i64)| a + b)
///     .on("say", async |socket: Socket<R>, (room, text): (String, String)| {
///         _ = socket.to(room).emit("said", &text);
///     })
///     .on_disconnect(async |socket: Socket<R>, reason| println!("{} left: {reason}", socket.id()))
/// # }
/// ```
pub struct Namespace<S: Peer> {
    /// What a client says about itself.
    pub(super) identity: Identity<S>,
    /// A client that was not let in hears of it.
    pub(super) refused: Option<With<S, Refused>>,
    /// Who is asked whether a socket may connect to a server.
    pub(super) guards: Vec<Guard<S>>,
    connected: Option<Box<dyn Fn(S) -> Boxed<()> + Send + Sync>>,
    disconnecting: Option<With<S, S::Reason>>,
    disconnected: Option<With<S, S::Reason>>,
    pull: Option<Pull<S>>,
    events: HashMap<Box<str>, Handle<S>>,
    any: Option<With<S, Incoming>>,
    /// Who sees what goes out.
    pub(super) outgoing: Option<Box<Watch<S>>>,
    filters: Vec<Filter<S>>,
    failed: Option<With<S, EventError>>,
}

/// What a client says about itself when it connects.
pub(super) enum Identity<S> {
    None,
    Given(Value),
    Asked(Box<dyn Fn(S) -> Boxed<Value> + Send + Sync>),
}

/// An event as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its name.
    pub name: Utf8Bytes,
    /// Its arguments.
    pub args: Args,
}

/// Why an event goes no further: what whoever stops it says.
pub type Rejected = Box<dyn std::error::Error + Send + Sync>;

/// An event that reached no handler. Shown, it is one short line, whatever the peer called the event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// Its arguments are not those that the handler takes.
    #[error("the arguments of `{}` are not what its handler takes: {error}", Excerpt::of(name))]
    Arguments {
        /// The event.
        name: Utf8Bytes,
        /// What is wrong with them.
        error: ArgsError,
    },
    /// A [filter](Namespace::filter) stopped it.
    #[error("`{}` was rejected: {error}", Excerpt::of(name))]
    Rejected {
        /// The event.
        name: Utf8Bytes,
        /// Why.
        error: Rejected,
    },
}

impl<S: Peer> Default for Namespace<S> {
    fn default() -> Namespace<S> {
        Namespace {
            identity: Identity::None,
            refused: None,
            guards: Vec::new(),
            connected: None,
            disconnecting: None,
            disconnected: None,
            pull: None,
            events: HashMap::new(),
            any: None,
            outgoing: None,
            filters: Vec::new(),
            failed: None,
        }
    }
}

impl<S: Peer> Namespace<S> {
    /// Where nothing happens yet.
    pub fn new() -> Namespace<S> {
        Namespace::default()
    }

    /// Calls `handle` when a socket is connected: before any event of it.
    #[must_use]
    pub fn on_connect<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(S) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.connected = Some(Box::new(move |socket| Box::pin(handle(socket))));
        self
    }

    /// Calls `handle` when a socket is about to be disconnected: it is in its rooms still.
    #[must_use]
    pub fn on_disconnecting<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(S, S::Reason) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.disconnecting = Some(Box::new(move |socket, reason| Box::pin(handle(socket, reason))));
        self
    }

    /// Calls `handle` when a socket is disconnected: after all events of it.
    #[must_use]
    pub fn on_disconnect<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(S, S::Reason) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.disconnected = Some(Box::new(move |socket, reason| Box::pin(handle(socket, reason))));
        self
    }

    /// Calls `handle` for every event of this name; see [`Handler`] for what it may look like. A second one for the same
    /// name takes the place of the first.
    #[must_use]
    pub fn on<M, H: Handler<S, M>>(mut self, event: &str, handle: H) -> Self {
        self.events.insert(event.into(), Box::new(move |received| handle.handle(received)));
        self
    }

    /// Gives every socket's [`Events`] to `handle`, which pulls them one after the other: for loops with a state of their
    /// own. Events with a [handler](Namespace::on) go there instead. While it does not pull, up to 64 events wait for it;
    /// then the peer does.
    #[must_use]
    pub fn pull<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(Events<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.pull = Some(Pull::new(Box::new(move |events| Box::pin(handle(events)))));
        self
    }

    /// Calls `handle` for every event whatever its name, before the filters and its own handler.
    #[must_use]
    pub fn on_any<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(S, Incoming) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.any = Some(Box::new(move |socket, event| Box::pin(handle(socket, event))));
        self
    }

    /// Shows `watch` every event that goes out by a socket, whatever its name: of a server also what is said to many, once
    /// for each of its own sockets that is meant. It is called by whoever emits, before or after it leaves, and
    /// should not wait.
    #[must_use]
    pub fn on_any_outgoing(mut self, watch: impl Fn(&S, &str, &Args) + Send + Sync + 'static) -> Self {
        self.outgoing = Some(Box::new(move |socket, event, args| {
            // Whoever emits has nothing to do with it.
            let _ = catch_unwind(AssertUnwindSafe(|| watch(socket, event, args)));
        }));
        self
    }

    /// Asks `filter` about every event: an error stops it. Several are asked in order.
    #[must_use]
    pub fn filter<F, Fut>(mut self, filter: F) -> Self
    where
        F: Fn(S, Incoming) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Rejected>> + Send + 'static,
    {
        self.filters.push(Box::new(move |socket, event| Box::pin(filter(socket, event))));
        self
    }

    /// Calls `handle` for every event that reached no handler. Without it nobody hears of those.
    #[must_use]
    pub fn on_error<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(S, EventError) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.failed = Some(Box::new(move |socket, error| Box::pin(handle(socket, error))));
        self
    }
}

/// What is to be done about what happens.
impl<S: Peer> Namespace<S> {
    pub(super) fn connect(&self, socket: S) -> Option<Work> {
        let connected = self.connected.as_ref().map(|connected| connected(socket.clone()));
        let pulling = self.pull.as_ref().map(|pull| pull.begin(socket));
        match (connected, pulling) {
            (Some(connected), Some(pulling)) => Some(Work::Free(Box::pin(async move {
                connected.await;
                pulling.await;
            }))),
            (connected, pulling) => connected.or(pulling).map(Work::Free),
        }
    }

    pub(super) fn begin_disconnect(&self, socket: S, reason: S::Reason) -> Option<Work> {
        self.disconnecting.as_ref().map(|handle| Work::Free(handle(socket, reason)))
    }

    pub(super) fn disconnect(&self, socket: S, reason: S::Reason) -> Option<Work> {
        self.pull.iter().for_each(|pull| pull.end(&socket));
        self.disconnected.as_ref().map(|handle| Work::Free(handle(socket, reason)))
    }

    pub(super) fn refuse(&self, socket: S, error: Refused) -> Option<Work> {
        self.refused.as_ref().map(|refused| Work::Free(refused(socket, error)))
    }

    pub(super) fn receive(
        self: &Arc<Self>,
        socket: S,
        event: Incoming,
        ack: Option<S::Question>,
    ) -> Option<Work> {
        if self.any.is_none() && self.filters.is_empty() {
            return self.route(socket, event, ack);
        }
        let namespace = self.clone();
        let work: Boxed<()> = Box::pin(async move {
            if let Some(any) = &namespace.any {
                any(socket.clone(), event.clone()).await;
            }
            for filter in &namespace.filters {
                if let Err(error) = filter(socket.clone(), event.clone()).await {
                    let rejected = EventError::Rejected { name: event.name, error };
                    if let Some(failed) = namespace.fail(socket, rejected) {
                        failed.await;
                    }
                    return;
                }
            }
            if let Some(Work::Free(routed) | Work::InOrder(routed)) = namespace.route(socket, event, ack) {
                routed.await;
            }
        });
        // What is pulled comes in order, also past filters that take their time.
        Some(if self.pull.is_some() { Work::InOrder(work) } else { Work::Free(work) })
    }

    /// The event's own handler, or whoever pulls.
    fn route(&self, socket: S, event: Incoming, ack: Option<S::Question>) -> Option<Work> {
        let Incoming { name, args } = event;
        let Some(handle) = self.events.get(&*name) else {
            let pulled = Pulled { name, args, ack: Ack::new(socket.clone(), ack) };
            return self.pull.as_ref()?.push(&socket, pulled).map(Work::InOrder);
        };
        match handle(Received { socket: socket.clone(), args, ack }) {
            Ok(handled) => Some(Work::Free(handled)),
            Err(error) => self.fail(socket, EventError::Arguments { name, error }).map(Work::Free),
        }
    }

    fn fail(&self, socket: S, error: EventError) -> Option<Boxed<()>> {
        self.failed.as_ref().map(|failed| failed(socket, error))
    }
}

impl<S: Peer> fmt::Debug for Namespace<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Namespace").field("events", &self.events.keys()).finish_non_exhaustive()
    }
}
