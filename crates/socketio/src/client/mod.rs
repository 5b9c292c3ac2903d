//! A client's side: one connection, many namespaces, and no giving up.

mod backoff;
mod emit;
mod event;
mod fate;
mod hearing;
mod line;
mod membership;
mod namespace;
mod options;
mod outlet;
mod reason;
mod requests;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use slotmap::SlotMap;

use crate::{Decoder, Nsp, PacketError};

use backoff::Backoff;
use line::Line;
use namespace::Namespace;
use outlet::Outlet;
use requests::Requests;

pub use event::{Event, NamespaceId, Question};
pub use line::Outgoing;
pub use options::{Auth, ClientOptions, Offline, Reconnection, Retries, WhenFull};
pub use reason::{Cause, ConnectError, Reason};

/// A client of one server: messages of a connection go in, messages and events come out, for as many connections as it
/// takes.
///
/// It never touches a connection. Whoever drives it does four things, in any order and as often as he likes:
///
/// * **the connection**: does what [`poll_transmit`](Client::poll_transmit) says ([connect](Outgoing::Open), send,
///   [close](Outgoing::Close)), and reports what happens ([`handle_open`](Client::handle_open),
///   [`handle_message`](Client::handle_message), [`handle_close`](Client::handle_close)). There is one at a time: after
///   `Close` nothing of the old one is reported any more;
/// * **events**: calls [`poll_event`](Client::poll_event) until it has none, best after each message, for it is the user
///   who holds the server back;
/// * **time**: calls [`handle_timeout`](Client::handle_timeout) when [`poll_timeout`](Client::poll_timeout) has come;
/// * **commands**: [`namespace`](Client::namespace), [`emit`](Client::emit), [`disconnect`](Client::disconnect) …
///
/// | what happens | what the client does |
/// |---|---|
/// | the connection cannot be made, or is lost | it tries again, later each time ([`Reconnection`]), until somebody [closes](Client::close) it |
/// | something is emitted meanwhile | it is kept, up to a [bound](Offline), and leaves in order when the namespace is connected |
/// | the connection is back | every namespace connects again, with fresh [auth](Auth), and goes on where it was if the server [recovers](Event::Connected) it |
/// | the server refuses a namespace, or puts us out | that is told; it stays so until [`connect`](Client::connect) |
/// | the last namespace is left | the connection is closed |
/// | an event waits for its acknowledgement | it is [acknowledged](Event::Acked), or it [is not](Event::AckFailed): exactly one of both, within its time |
///
/// ```
/// use sansocket_core::{Instant, Message};
/// use sansocket_socketio::client::{Client, ClientOptions, Event, Outgoing};
/// use sansocket_socketio::{Args, Flags, Nsp, Writable};
///
/// let now = Instant::ZERO; // your clock's
/// // The seed makes clients come back at different times.
/// let mut client = Client::new(ClientOptions::default(), [7; 32]);
/// let main = client.namespace(Nsp::main(), None, now);
/// client.emit(main, "hello", Args::new(&"world")?, Flags::default(), now)?;
///
/// // Somebody connects to the server.
/// assert_eq!(client.poll_transmit(Writable::Now), Some(Outgoing::Open));
/// client.handle_open("", now);
/// let sent = |client: &mut Client| match client.poll_transmit(Writable::Now) {
///     Some(Outgoing::Message { message, .. }) => message,
///     other => panic!("{other:?}"),
/// };
/// assert_eq!(sent(&mut client), Message::text("0"));
///
/// // The server lets us in, and what was said before leaves.
/// client.handle_message(Message::text(r#"0{"sid":"abc"}"#), now);
/// assert_eq!(client.poll_event(), Some(Event::Opened));
/// assert!(matches!(client.poll_event(), Some(Event::Connected { namespace, .. }) if namespace == main));
/// assert_eq!(sent(&mut client), Message::text(r#"2["hello","world"]"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Client {
    options: Arc<ClientOptions>,
    line: Line,
    backoff: Backoff,
    outlet: Outlet,
    /// A handful, that the user chose: to search them is faster than to keep them in order.
    namespaces: SlotMap<NamespaceId, Namespace>,
    requests: Requests,
    events: VecDeque<Event>,
    fault: Option<PacketError>,
}

impl Client {
    /// Without a connection, and without anything to connect for: [`namespace`](Client::namespace) is what comes next.
    /// `seed` is what the time between attempts is drawn from.
    pub fn new(options: impl Into<Arc<ClientOptions>>, seed: [u8; 32]) -> Client {
        let options: Arc<ClientOptions> = options.into();
        let decoder = Decoder::new(options.parser.clone(), Arc::new(options.limits));
        Client {
            line: Line::new(decoder.for_revision(options.revision)),
            backoff: Backoff::new(seed),
            outlet: Outlet::default(),
            namespaces: SlotMap::with_key(),
            requests: Requests::default(),
            events: VecDeque::new(),
            fault: None,
            options,
        }
    }

    /// What it was made with.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// What happened next. `None`: nothing, until one of the other calls brings something.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Did something happen that was not [asked for](Client::poll_event)? Then hand over no further messages: they wait
    /// better where they are.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// The name of a namespace.
    pub fn name(&self, namespace: NamespaceId) -> Option<&Nsp> {
        self.namespaces.get(namespace).map(|namespace| &namespace.nsp)
    }

    /// Our id in a namespace, while it is connected.
    pub fn id(&self, namespace: NamespaceId) -> Option<&str> {
        self.namespaces.get(namespace)?.id.as_deref()
    }

    /// Is the namespace connected?
    pub fn is_connected(&self, namespace: NamespaceId) -> bool {
        self.namespaces.get(namespace).is_some_and(Namespace::is_connected)
    }

    /// Is the namespace connected, or about to be as soon as that is possible?
    pub fn is_wanted(&self, namespace: NamespaceId) -> bool {
        self.namespaces.get(namespace).is_some_and(Namespace::is_wanted)
    }

    /// Bytes that wait for the connection.
    pub fn waiting_bytes(&self) -> usize {
        self.outlet.bytes()
    }

    /// Bytes that are kept for a namespace until it is connected, or until they are acknowledged.
    pub fn kept_bytes(&self, namespace: NamespaceId) -> usize {
        self.namespaces.get(namespace).map_or(0, |namespace| namespace.kept.bytes)
    }

    /// Acknowledgements that are waited for, in all namespaces.
    pub fn pending_acks(&self) -> usize {
        self.requests.len()
    }

    /// What the server said last that is no packet: more than [`Cause::ParseError`] says.
    pub fn fault(&self) -> Option<&PacketError> {
        self.fault.as_ref()
    }

    fn find(&self, nsp: &str) -> Option<NamespaceId> {
        self.namespaces.iter().find(|(_, namespace)| namespace.nsp.as_str() == nsp).map(|(id, _)| id)
    }

    fn ids(&self) -> Vec<NamespaceId> {
        self.namespaces.keys().collect()
    }
}
