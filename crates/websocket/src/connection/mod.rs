//! The connection machine: what begins when the handshake has ended (RFC 6455 §5 to §7).

mod cold;
mod commands;
mod controls;
mod receive;
mod refusal;
mod send;
mod shape;
mod timers;

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::sync::Arc;

use bytes::Bytes;
use sansocket_core::{
    Data, Endpoint, Input, Instant, Machine, Message, Outbox, Pool, SendError, Transmit, Utf8Bytes,
};

use crate::counters::Flows;
use crate::frame::{self, Opcode};
use crate::mask::{self, MaskKeys};
use crate::{
    Chunk, CloseCode, CloseFrame, Closed, Counters, Event, Extensions, Kind, Leniency, Options, Role,
    Violation,
};

#[cfg(feature = "deflate")]
use crate::deflate::{DeflateOptions, Inflater};

use cold::Cold;
use receive::{Found, Receive, Rules};
pub use refusal::{ControlError, StreamError};
#[cfg(feature = "deflate")]
use send::Deflating;
use send::{Sending, Shortcut, WHOLE};

/// One WebSocket connection, of either [`Role`], after its handshake.
///
/// A [`Machine`]: drive it as that trait says. Commands ([`send`](WebSocket::send), [`ping`](WebSocket::ping),
/// [`close`](WebSocket::close) …) queue output, also while an event is held.
///
/// ```text
///           close()            peer's close frame
///  Open ──────────────▶ Closing ────────────────▶ Closed ──▶ finished
///   │ peer's close frame (answered), a violation,   ▲   the transport's end,
///   └─ silence for too long, the end of the stream ─┘   or the close timeout
/// ```
///
/// The event [`Closed`](Event::Closed) comes once, after everything that came before it, and is the last. What then
/// still has to happen (our close frame to be written, TCP to be ended in the right order) the machine knows:
/// go on with `poll_transmit`, `wants_input` and `poll_timeout` until
/// [`is_finished`](Machine::is_finished).
pub struct WebSocket {
    receive: Receive,
    out: Outbox,
    phase: Phase,
    shortcut: Shortcut,
    /// The last `poll_event` ran dry.
    dry: bool,
    end: End,
    high_water: u32,
    /// The most bytes that ever waited in the outbox.
    queue_peak: u32,
    cold: Box<Cold>,
}

/// How far the close handshake is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Phase {
    Open,
    /// Our close frame is queued, the peer's has not come.
    Closing,
    /// The last event was handed out.
    Closed,
}

/// How far the end of the transport is.
#[derive(Clone, Copy, Default)]
struct End {
    /// The peer's stream has ended.
    eof: bool,
    /// `Transmit::Shutdown` was handed out.
    shut: bool,
    /// No use in waiting any longer.
    abandoned: bool,
}

impl WebSocket {
    /// The server's side of a connection whose handshake agreed on `extensions`.
    pub fn server(options: Arc<Options>, extensions: Extensions, now: Instant) -> WebSocket {
        WebSocket::new(Role::Server, options, extensions, None, now)
    }

    /// The client's side. `seed` has to be unpredictable: masking keys are drawn from it (RFC 6455 §10.3).
    pub fn client(options: Arc<Options>, extensions: Extensions, seed: [u8; 32], now: Instant) -> WebSocket {
        WebSocket::new(Role::Client, options, extensions, Some(MaskKeys::new(seed)), now)
    }

    fn new(
        role: Role,
        options: Arc<Options>,
        extensions: Extensions,
        keys: Option<MaskKeys>,
        now: Instant,
    ) -> WebSocket {
        #[cfg(not(feature = "deflate"))]
        let Extensions {} = extensions;
        let sending = Sending {
            keys,
            controls: Default::default(),
            pieces: None,
            fragment: options.fragment.map_or(WHOLE, |most| u32::try_from(most).unwrap_or(WHOLE)).max(1),
            #[cfg(feature = "deflate")]
            deflating: extensions.deflate.map(|agreed| Box::new(Deflating::new(&options, agreed))),
        };
        let rules = Rules {
            role,
            fragments: 0,
            #[cfg(feature = "deflate")]
            inflater: extensions
                .deflate
                .map(|agreed| Box::new(Inflater::new(&deflate_options(&options), agreed.peers))),
            options,
        };
        let mut ws = WebSocket {
            receive: Receive::new(&rules),
            out: Outbox::new(frame::frame_len),
            phase: Phase::Open,
            shortcut: sending.shortcut(),
            dry: false,
            end: End::default(),
            // An empty queue takes any message.
            high_water: rules.options.high_water.clamp(1, u32::MAX as usize) as u32,
            queue_peak: 0,
            cold: Box::new(Cold { rules, sending, counters: Flows::default(), seen: now, rare: None }),
        };
        ws.watch(now);
        ws
    }

    /// The same connection with bytes that go out first: what a handshake has queued and not yet written.
    pub fn with_output(mut self, mut head: Outbox) -> WebSocket {
        head.begin_items(frame::frame_len);
        self.out = head;
        self
    }

    /// Which side this is.
    pub fn role(&self) -> Role {
        self.cold.rules.role
    }

    /// The settings it was made with.
    pub fn options(&self) -> &Arc<Options> {
        &self.cold.rules.options
    }

    /// Why the connection ended, once [`Event::Closed`] was handed out.
    pub fn closed(&self) -> Option<&Closed> {
        self.cold.rare.as_ref()?.closed.as_ref()
    }

    /// May messages still be sent?
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Bytes that wait to be written.
    pub fn buffered(&self) -> usize {
        self.out.len()
    }

    /// What this connection has seen so far.
    pub fn counters(&self) -> Counters {
        let Cold { counters, rules, sending, rare, .. } = &*self.cold;
        let rare = rare.as_ref();
        Counters {
            received: counters.received.with_fragments(rules.fragments),
            sent: counters.sent.with_fragments(sending.fragments()),
            round_trip: rare.and_then(|rare| rare.round_trip),
            queue_peak: self.out.len().max(self.queue_peak as usize),
            dropped: rare.map_or(0, |rare| rare.dropped),
        }
    }
}

impl Machine for WebSocket {
    type Event<'i> = Event<'i>;

    #[inline(always)]
    fn poll_event<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<Event<'i>> {
        let Some(whole) = self.receive.whole_frame(input) else { return self.poll_rare(input, now) };
        // Before the counters, of which the compiler does not know that they lie elsewhere than the input.
        let payload = &mut input.take(whole.header + whole.len)[whole.header..];
        self.dry = false;
        let cold = &mut *self.cold;
        cold.seen = now;
        cold.counters.received.count(whole.len, whole.header + whole.len);
        let payload =
            if self.receive.is_masked() { mask::unmask(payload, whole.key) } else { mask::plain(payload) };
        match whole.kind() {
            Kind::Binary => Some(Event::Binary(payload.bytes())),
            Kind::Text => match payload.text() {
                Ok(text) => Some(Event::Text(text)),
                Err(_) if cold.rules.options.relaxed.utf8 == Leniency::Accept => {
                    Some(Event::Binary(payload.bytes()))
                }
                Err(_) => Some(self.fail(Violation::NotUtf8, now)),
            },
        }
    }

    fn wants_input(&self) -> bool {
        self.dry && !self.end.eof && !self.is_finished()
    }

    fn handle_eof(&mut self, now: Instant) {
        if core::mem::replace(&mut self.end.eof, true) {
            return;
        }
        if self.phase != Phase::Closed {
            // What was read before is delivered first.
            self.cold.ends(Closed::Lost);
            self.expect_end(now);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        if self.is_finished() { None } else { self.cold.rare.as_ref()?.timers.next() }
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(deadline) = self.cold.rare.as_mut().and_then(|rare| rare.timers.expired(now)) {
            self.expire(deadline, now);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        let cold = &mut *self.cold;
        if self.phase == Phase::Open {
            cold.sending.controls.flush(&mut self.out);
        }
        self.queue_peak = self.queue_peak.max(u32::try_from(self.out.len()).unwrap_or(u32::MAX));
        if self.end.abandoned || (self.end.shut && self.out.is_empty()) {
            return None;
        }
        if !self.out.is_empty() {
            self.out.prepare();
            return Some(Transmit::Bytes(&mut self.out));
        }
        if self.wants_shutdown() {
            self.end.shut = true;
            return Some(Transmit::Shutdown);
        }
        None
    }

    fn attach(&mut self, pool: &mut Pool) {
        self.out.attach(pool);
    }

    fn detach(&mut self, pool: &mut Pool) {
        self.out.release(pool);
    }

    fn is_finished(&self) -> bool {
        let End { eof, shut, abandoned } = self.end;
        self.phase == Phase::Closed && (abandoned || (eof && shut && self.out.is_empty()))
    }
}

impl Endpoint for WebSocket {
    type Received = Message;
    type Sent = Message;
    type Goodbye = CloseFrame;

    #[inline(always)]
    fn own(event: Event<'_>) -> Option<Message> {
        event.into_owned()
    }

    #[inline(always)]
    fn send(&mut self, message: Message) -> Result<(), SendError<Message>> {
        WebSocket::send(self, message)
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        send::room(&self.out, self.high_water as usize, ()).is_ok()
    }

    fn close(&mut self, frame: CloseFrame, now: Instant) {
        WebSocket::close(self, frame, now);
    }
}

/// Events that are not a whole message in one frame.
impl WebSocket {
    #[inline(never)]
    fn poll_rare<'i>(&mut self, input: &'i mut Input, now: Instant) -> Option<Event<'i>> {
        self.dry = false;
        if self.phase == Phase::Closed {
            // RFC 6455 §5.5.1, §7.1.7: whatever follows is thrown away.
            input.skip(input.raw_len());
            input.drop_held();
            self.dry = true;
            return None;
        }
        let raw = input.raw_len();
        if raw > 0 {
            self.cold.seen = now;
        }
        let found = self.receive.step(input, &mut self.cold.rules);
        self.cold.counters.received.wire += (raw - input.raw_len()) as u64;
        match found {
            Ok(Some(Found::Message(kind))) => Some(self.lend_message(kind, input)),
            Ok(Some(Found::Chunk(kind, position))) => {
                let data = lend(kind, input, self.cold.rules.chunk());
                let received = &mut self.cold.counters.received;
                received.messages += u64::from(position.is_last());
                received.payload += data.as_bytes().len() as u64;
                Some(Event::Chunk(Chunk { data, position }))
            }
            Ok(Some(Found::Control { opcode, len, key })) => {
                self.cold.counters.received.wire += len as u64;
                let payload = input.take(len);
                Some(self.control(opcode, mask::unmask(payload, key).bytes(), now))
            }
            Ok(None) => {
                self.dry = true;
                input.lacks(self.receive.lacks());
                let closed = self.cold.rare.as_mut()?.ending.take()?;
                Some(self.end(closed, now))
            }
            Err(violation) => Some(self.fail(violation, now)),
        }
    }

    fn lend_message<'i>(&mut self, kind: Kind, input: &'i mut Input) -> Event<'i> {
        let received = &mut self.cold.counters.received;
        received.messages += 1;
        received.payload += input.held_len() as u64;
        match lend(kind, input, usize::MAX) {
            Data::Text(text) => Event::Text(text),
            Data::Binary(bytes) => Event::Binary(bytes),
        }
    }

    fn control<'i>(&mut self, opcode: Opcode, payload: &'i [u8], now: Instant) -> Event<'i> {
        match opcode {
            Opcode::Ping => {
                if self.phase == Phase::Open {
                    let pong = self.cold.sending.control(Opcode::Pong, payload);
                    self.cold.sending.controls.push_pong(pong.as_bytes(), &self.out);
                    self.cold.counters.sent.wire += pong.as_bytes().len() as u64;
                }
                Event::Ping(payload)
            }
            Opcode::Pong => {
                self.heard_pong(payload, now);
                Event::Pong(payload)
            }
            _ => match close_frame(payload) {
                Ok(frame) => self.closed_by_peer(frame, now),
                Err(violation) => self.fail(violation, now),
            },
        }
    }
}

fn lend(kind: Kind, input: &mut Input, most: usize) -> Data<'_> {
    match kind {
        Kind::Text => Data::Text(input.take_text(most)),
        Kind::Binary => Data::Binary(input.take_held(most)),
    }
}

/// What a close frame's payload says.
fn close_frame(payload: &[u8]) -> Result<CloseFrame, Violation> {
    let &[high, low, ref reason @ ..] = payload else {
        // RFC 6455 §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer".
        return if payload.is_empty() {
            Ok(CloseCode::NO_STATUS.into())
        } else {
            Err(Violation::CloseTruncated)
        };
    };
    let code = CloseCode::new(u16::from_be_bytes([high, low])).ok_or(Violation::CloseCode)?;
    let reason = Utf8Bytes::try_from(Bytes::copy_from_slice(reason)).map_err(|_| Violation::NotUtf8)?;
    CloseFrame::new(code, reason).map_err(|_| Violation::ControlTooLong)
}

/// The end.
impl WebSocket {
    /// RFC 6455 §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint
    /// MUST send a Close frame in response"; it "typically echos the status code it received". The reason goes back with
    /// it, for that is what a browser's `CloseEvent` shows, and what servers of Node let it show.
    fn closed_by_peer<'i>(&mut self, frame: CloseFrame, now: Instant) -> Event<'i> {
        let closed = match self.phase {
            Phase::Open => {
                self.queue_close(&frame, now);
                Closed::ByPeer(Box::new(frame))
            }
            _ => Closed::ByUs(Box::new(frame)),
        };
        self.end(closed, now)
    }

    /// RFC 6455 §7.1.7: "Fail the WebSocket Connection".
    #[cold]
    fn fail<'i>(&mut self, violation: Violation, now: Instant) -> Event<'i> {
        self.queue_close(&violation.close_code().into(), now);
        self.end(Closed::Violation(violation), now)
    }

    /// Queues our close frame, if none was.
    fn queue_close(&mut self, frame: &CloseFrame, now: Instant) {
        if self.phase != Phase::Open {
            return;
        }
        (self.phase, self.shortcut) = (Phase::Closing, Shortcut::None);
        let cold = &mut *self.cold;
        cold.sending.end_stream();
        cold.sending.close(&mut self.out, &mut cold.counters, frame);
        self.expect_end(now);
    }

    /// From now on only the close timeout counts.
    fn expect_end(&mut self, now: Instant) {
        let close_timeout = self.cold.rules.options.close_timeout;
        self.cold.rare().timers.only_close(now + close_timeout);
    }

    fn end<'i>(&mut self, closed: Closed, now: Instant) -> Event<'i> {
        (self.phase, self.shortcut) = (Phase::Closed, Shortcut::None);
        self.receive.stop();
        self.dry = true;
        self.cold.rare().closed = Some(closed.clone());
        self.expect_end(now);
        Event::Closed(closed)
    }

    /// RFC 6455 §7.1.1: after a clean close the server ends TCP first, "so that it holds the TIME_WAIT state"; a client
    /// waits for that, and ends at once only what went wrong.
    fn wants_shutdown(&self) -> bool {
        let waits = self.role() == Role::Client && self.closed().is_some_and(Closed::is_clean);
        self.phase == Phase::Closed && !self.end.shut && (!waits || self.end.eof)
    }
}

#[cfg(feature = "deflate")]
fn deflate_options(options: &Options) -> DeflateOptions {
    options.deflate.clone().unwrap_or_default()
}

impl core::fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WebSocket")
            .field("role", &self.role())
            .field("phase", &self.phase)
            .field("buffered", &self.buffered())
            .finish_non_exhaustive()
    }
}
