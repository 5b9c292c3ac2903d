//! A client's side: one session, however it travels.

mod cookies;
mod date;
mod fault;
mod life;
mod options;
mod polling;
mod sockets;
mod target;

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use sansocket_core::{Compress, Data, Instant, Message, SendError};

use crate::inlet::{Inlet, Item};
use crate::{Open, PayloadReader, Protocol, Reason, Transport};

use cookies::Cookies;
use life::{Intake, Life, Meaning, Phase, Why};
use options::Worked;
use polling::Polls;
use sockets::{Carrier, Sockets};
use target::Asking;

pub use fault::Fault;
pub use options::{ClientOptions, UpgradeMemory};
pub use polling::RequestId;
pub use sockets::{ConnectionId, Outgoing};

/// What happened, lent until the next call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event<'i> {
    /// The session is open; [`sid`](Client::sid) knows its id. What was sent before leaves now.
    Opened,
    /// The server said this.
    Message(Data<'i>),
    /// It goes on over this transport.
    Upgraded(Transport),
    /// There is room again, after [`send`](Client::send) answered `Blocked`.
    Room,
    /// Nobody's business; ask again.
    Housekeeping,
    /// It ended. Always last.
    Closed(Reason),
}

/// One session with a server: HTTP responses and WebSocket messages go in, requests, messages and events come out.
///
/// It never touches a connection. Whoever drives it does five things, in any order and as often as he likes:
///
/// * **requests**: makes those that [`poll_request`](Client::poll_request) has, at most two at a time, and hands over
///   what comes of each ([`handle_response`](Client::handle_response), [`handle_failure`](Client::handle_failure));
/// * **WebSockets**: opens those that [`poll_connect`](Client::poll_connect) asks for, reports what happens to them
///   ([`handle_open`](Client::handle_open), [`handle_message`](Client::handle_message),
///   [`handle_close`](Client::handle_close)) and does what [`poll_transmit`](Client::poll_transmit) has for each;
/// * **events**: calls [`poll_event`](Client::poll_event) until it has none;
/// * **time**: calls [`handle_timeout`](Client::handle_timeout) when [`poll_timeout`](Client::poll_timeout) has come;
/// * **commands**: [`send`](Client::send), [`close`](Client::close);
///
/// until [`is_finished`](Client::is_finished), when all that is still open may be dropped. Calls that come too late, for
/// a request or a connection that is given up, are no-ops.
///
/// | what the client hears | what it does |
/// |---|---|
/// | an open packet, by whatever it began with | it opens; polling goes on, or the WebSocket is all there is |
/// | an offer to upgrade | a WebSocket says `2probe`; on `3probe` polling pauses until no request is under way, then it says `5` and takes over |
/// | anything but `3probe` | that WebSocket is closed, polling goes on |
/// | no heartbeat | it ends with [`Reason::PingTimeout`], at the first call after the deadline however long the machine slept |
/// | [`close`](Client::close) during an upgrade | the upgrade is given up: what waits leaves by polling |
///
/// ```
/// use sansocket_core::{Instant, Response};
/// use sansocket_engineio::client::{Client, ClientOptions, Event};
///
/// let now = Instant::ZERO;
/// let mut client = Client::new(ClientOptions::default(), now);
/// let (id, request) = client.poll_request(now).unwrap();
/// assert!(request.target.starts_with("/engine.io/?EIO=4&transport=polling"));
///
/// // Somebody made the request.
/// let open = r#"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
/// client.handle_response(id, Response::new(200).with_body(format!("{open}\u{1e}4hello")), now);
///
/// let mut said = Vec::new();
/// while let Some(event) = client.poll_event(now) {
///     match event {
///         Event::Message(message) => said.push(message.into_owned()),
///         Event::Opened | Event::Housekeeping => {}
///         other => panic!("{other:?}"),
///     }
/// }
/// assert_eq!(said, ["hello".into()]);
/// assert!(client.poll_request(now).is_some(), "the next poll");
/// ```
#[derive(Debug)]
pub struct Client {
    options: Arc<ClientOptions>,
    life: Life,
    /// What the server said when it opened.
    open: Option<Open>,
    /// What else can be tried to open a session.
    untried: VecDeque<Transport>,
    carrier: Carrier,
    polls: Polls,
    sockets: Sockets,
    inlet: Inlet<(), PayloadReader>,
    /// The message that is lent just now.
    lent: Option<Message>,
    cookies: Cookies,
    /// What the body that is being read led to. It is acted on at the next call, for what was lent may still be held.
    verdict: Option<Verdict>,
    fault: Option<Fault>,
}

#[derive(Debug)]
enum Verdict {
    Opened(Open, Instant),
    Closed,
    Fault(Fault, Instant),
}

impl Client {
    /// Begins a session: there is a request, or a WebSocket, to be made.
    pub fn new(options: impl Into<Arc<ClientOptions>>, now: Instant) -> Client {
        let options = options.into();
        let mut untried: VecDeque<Transport> = options.transports.iter().copied().collect();
        let remembered = options.remember_upgrade.as_ref().is_some_and(UpgradeMemory::has_worked);
        if let Some(place) = untried.iter().position(|it| remembered && *it == Transport::WebSocket) {
            untried.swap(0, place);
        }
        let first = untried.pop_front().unwrap_or(Transport::Polling);
        let mut client = Client {
            life: Life::new(options.protocol),
            open: None,
            untried,
            carrier: Carrier::Polls,
            polls: Polls::default(),
            sockets: Sockets::default(),
            inlet: Inlet::default(),
            lent: None,
            cookies: Cookies::default(),
            verdict: None,
            fault: None,
            options,
        };
        client.begin(first, now);
        client
    }

    /// What it was made with.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The session's id, once it was open.
    pub fn sid(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.sid.as_str())
    }

    /// What the server said when it opened.
    pub fn handshake(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// How it talks now, or tries to.
    pub fn transport(&self) -> Transport {
        match self.carrier {
            Carrier::Polls => Transport::Polling,
            Carrier::WebSocket(_) => Transport::WebSocket,
        }
    }

    /// The protocol it speaks.
    pub fn protocol(&self) -> Protocol {
        self.life.protocol
    }

    /// Is it open, and can be sent to?
    pub fn is_open(&self) -> bool {
        self.life.phase == Phase::Open
    }

    /// Has it ended? What the server said before is still [told](Client::poll_event).
    pub fn has_ended(&self) -> bool {
        self.life.phase == Phase::Ended
    }

    /// What went wrong, if anything did: more than [`Event::Closed`] says. Attempts that others made up for count too.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Did something happen that was not [asked for](Client::poll_event)? Then hand over no further WebSocket messages.
    pub fn has_events(&self) -> bool {
        self.verdict.is_some() || !self.inlet.is_empty()
    }

    /// Everything was said and told: what is still open may be dropped.
    pub fn is_finished(&self) -> bool {
        self.life.phase == Phase::Ended && self.inlet.is_empty() && self.sockets.is_empty()
    }
}

/// Events and commands.
impl Client {
    /// What happened next. `None`: nothing, until one of the other calls brings something.
    pub fn poll_event(&mut self, now: Instant) -> Option<Event<'_>> {
        self.settle(now);
        if self.inlet.front_body().is_some() {
            return Some(self.read_on(now));
        }
        Some(match self.inlet.pop()? {
            Item::Opened(()) => Event::Opened,
            Item::Message(message) => Event::Message(Data::from(&*self.lent.insert(message))),
            Item::Upgraded(transport) => Event::Upgraded(transport),
            Item::Room => Event::Room,
            Item::Closed(reason) => Event::Closed(reason),
            Item::Body(_) => Event::Housekeeping,
        })
    }

    /// Queues a message. Before the session is open, too: it leaves when it is.
    ///
    /// # Errors
    /// [`SendError`], which hands it back: `Blocked` until the event [`Room`](Event::Room), or `Closed`.
    pub fn send(&mut self, message: Message) -> Result<(), SendError<Message>> {
        match self.life.phase {
            Phase::Opening | Phase::Open => {
                self.life.outlet.send(message, Compress::default(), self.options.high_water)
            }
            Phase::Closing | Phase::Leaving | Phase::Ended => Err(SendError::Closed(message)),
        }
    }

    /// Would [`send`](Client::send) take a message now?
    pub fn has_room(&self) -> bool {
        matches!(self.life.phase, Phase::Opening | Phase::Open)
            && self.life.outlet.has_room(self.options.high_water)
    }

    /// Bytes that wait for the server.
    pub fn waiting_bytes(&self) -> usize {
        self.life.outlet.bytes()
    }

    /// Ends the session in order: what waits leaves first. If it is not open yet there is nothing to wait for.
    pub fn close(&mut self, now: Instant) {
        self.settle(now);
        match self.life.phase {
            Phase::Opening => self.end(Reason::ForcedClose),
            Phase::Open => {
                self.life.phase = Phase::Closing;
                self.life.deadlines.set(Why::Close, now + self.options.close_timeout);
                self.give_up_upgrade();
            }
            Phase::Closing | Phase::Leaving | Phase::Ended => {}
        }
    }
}

/// Time.
impl Client {
    /// When [`handle_timeout`](Client::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.life.deadlines.next()
    }

    /// It is `now`. Early and spurious calls are no-ops. After a sleep this is the call to begin with: nothing is
    /// [sent](Client::send) into a session that is over then.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
        while let Some(why) = self.life.deadlines.expired(now) {
            match why {
                Why::Open => self.fail(Fault::OpenTimeout, now),
                Why::Ping => self.life.ping(now),
                // `settle` has looked at it.
                Why::Heartbeat => {}
                Why::Upgrade => self.give_up_upgrade(),
                Why::Get | Why::Post => self.fail(Fault::RequestTimeout, now),
                Why::Close => self.end(Reason::ForcedClose),
            }
        }
    }

    /// What was left undone while something was lent, and what time has done meanwhile.
    fn settle(&mut self, now: Instant) {
        self.lent = None;
        self.settle_verdict();
        while self.inlet.front_body().is_some_and(|body| !body.has_more()) {
            self.inlet.pop();
        }
        if self.life.deadlines.at(Why::Heartbeat).is_some_and(|at| at <= now) {
            if self.inlet.has_body() || self.life.intake == Intake::Held {
                // The heartbeat may lie in what the user did not look at: that is not the server's fault.
                self.life.be_patient(now);
            } else {
                self.end(Reason::PingTimeout);
            }
        }
        self.switch();
    }

    fn settle_verdict(&mut self) {
        match self.verdict.take() {
            None => {}
            Some(Verdict::Opened(open, at)) => self.opened(open, at, Place::First),
            Some(Verdict::Closed) => {
                self.inlet.drop_bodies();
                self.end(Reason::TransportClose);
            }
            Some(Verdict::Fault(fault, at)) => {
                self.inlet.drop_bodies();
                self.fail(fault, at);
            }
        }
    }
}

/// Where [`Event::Opened`] belongs.
#[derive(Clone, Copy)]
enum Place {
    /// Before what the body that brought it holds behind it.
    First,
    /// It is told right away.
    Nowhere,
}

/// Beginning and end.
impl Client {
    fn begin(&mut self, transport: Transport, now: Instant) {
        self.life.deadlines.set(Why::Open, now + self.options.open_timeout);
        self.carrier = match transport {
            Transport::Polling => Carrier::Polls,
            Transport::WebSocket => Carrier::WebSocket(self.sockets.dial()),
        };
    }

    fn opened(&mut self, open: Open, now: Instant, place: Place) {
        if self.life.phase != Phase::Opening {
            return;
        }
        self.life.open(&open, now);
        let offered = open.upgrades.contains(&Transport::WebSocket)
            && self.options.upgrade
            && self.options.transports.contains(&Transport::WebSocket)
            && self.carrier == Carrier::Polls;
        self.open = Some(open);
        self.remember(if self.carrier == Carrier::Polls { Worked::No } else { Worked::Yes });
        if let Place::First = place {
            self.inlet.push_first(Item::Opened(()));
        }
        if offered {
            self.begin_upgrade(now);
        }
    }

    /// Something went wrong that this session, or this attempt at one, does not survive.
    fn fail(&mut self, fault: Fault, now: Instant) {
        if self.life.phase == Phase::Ended {
            return;
        }
        self.fault = Some(fault);
        self.remember(Worked::No);
        let next = self.untried.pop_front();
        match next.filter(|_| self.options.try_all_transports && self.life.phase == Phase::Opening) {
            Some(transport) => {
                self.let_go();
                self.inlet.clear();
                self.begin(transport, now);
            }
            // We had said goodbye, and do not care how it was taken.
            None if self.life.phase == Phase::Leaving => self.end(Reason::ForcedClose),
            None => self.end(fault.reason()),
        }
    }

    fn end(&mut self, reason: Reason) {
        match self.life.phase {
            Phase::Ended => return,
            // What did not open says nothing.
            Phase::Opening => self.inlet.drop_bodies(),
            Phase::Open | Phase::Closing | Phase::Leaving => {}
        }
        self.life.phase = Phase::Ended;
        self.life.deadlines.clear_all();
        self.life.outlet.clear();
        self.let_go();
        self.inlet.push(Item::Closed(reason));
    }

    /// Of all that carries the session, or was to.
    fn let_go(&mut self) {
        self.polls.forget();
        self.life.deadlines.clear(Why::Get);
        self.life.deadlines.clear(Why::Post);
        self.give_up_upgrade();
        if let Carrier::WebSocket(line) = core::mem::replace(&mut self.carrier, Carrier::Polls) {
            self.sockets.hang_up(line);
        }
    }

    fn remember(&self, worked: Worked) {
        if let Some(memory) = &self.options.remember_upgrade {
            memory.note(worked);
        }
    }

    /// Somebody may wait for the room that there is now.
    fn relieved(&mut self) {
        if self.life.outlet.unblock(self.options.high_water) {
            self.inlet.push(Item::Room);
        }
    }

    /// The next packet of the body that is being read.
    fn read_on(&mut self, now: Instant) -> Event<'_> {
        let Client { life, inlet, verdict, .. } = self;
        let Some(body) = inlet.front_body() else { return Event::Housekeeping };
        let meaning = match body.next() {
            None => Meaning::Nothing,
            Some(Ok(packet)) => life.hear(packet, now),
            Some(Err(error)) => Meaning::Fault(Fault::of_body(error)),
        };
        match meaning {
            Meaning::Message(data) => return Event::Message(data),
            Meaning::Nothing => {}
            Meaning::Opened(open) => *verdict = Some(Verdict::Opened(open, now)),
            Meaning::Closed => *verdict = Some(Verdict::Closed),
            Meaning::Fault(fault) => *verdict = Some(Verdict::Fault(fault, now)),
        }
        Event::Housekeeping
    }

    fn asking(&mut self) -> Asking<'_> {
        self.polls.number += 1;
        Asking {
            options: &self.options,
            cookies: &self.cookies,
            sid: self.open.as_ref().map(|open| open.sid.as_str()),
            number: self.polls.number,
        }
    }
}
