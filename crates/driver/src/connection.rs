//! A machine, its input and its transport in one hand.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sansocket_core::{Endpoint, Input, Instant, Machine, SendError};

use crate::desk::State;
use crate::lend::Commands;
use crate::outside::Outside;
use crate::pool::pooled;
use crate::wire::{Appetite, Wire, again};
use crate::{Clock, Io};

/// Of a burst older than this nothing is held back: what a person does not notice and a round trip in a data centre
/// takes.
const OLD: Duration = Duration::from_micros(200);
/// A rest of a burst up to this size moves to a box of its own before the user gets the first message, for he may take
/// his time. Larger ones are left where they are: copying would cost more than one percent.
const SMALL_REST: usize = 4 << 10;

/// A machine `M` that speaks over a transport `I` and looks at a clock `C`: exclusive use, no lock, no task.
///
/// **Nothing moves unless somebody awaits one of the futures**: pings are answered, deadlines kept and output written
/// inside [`next`](Connection::next), [`send`](Connection::send), [`flush`](Connection::flush) and
/// [`close`](Connection::close). To send from many tasks, [`share`](Connection::share) it.
///
/// **Every future may be dropped at any point** (a `select!`, a timeout) and nothing is lost or said twice, for all
/// state is in here; only an item that [`send`](Connection::send) still waited to queue goes with its future.
///
/// **Answers coalesce by themselves.** `send` writes at once unless more received bytes wait to be looked at; then the
/// answers to these leave together, in one write. So the naive loop is the fast loop:
///
/// ```
/// # use sansocket_core::*;
/// # use sansocket_driver::*;
/// # async fn echo<M: Endpoint<Received = Message, Sent = Message>, I: Io, C: Clock>(
/// #     mut connection: Connection<M, I, C>) -> Result<(), SendError<Message>> {
/// while let Some(message) = connection.next().await {
///     connection.send(message).await?;
/// }
/// # Ok(()) }
/// ```
///
/// Before a slow `await` in the middle of such a loop call [`flush`](Connection::flush), or the answers before it may
/// wait for the ones behind it.
pub struct Connection<M, I, C> {
    machine: M,
    input: Input,
    wire: Wire<I, C>,
    /// Items sent since the last read that were not written at once.
    held_back: u32,
    rest: Rest,
    outside: Option<Outside<M>>,
}

/// What was last read and not yet looked at.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Rest {
    /// Lies where it was read to.
    Fresh,
    /// If small, it was moved out of the large buffer.
    Settled,
}

/// What a connection is made of: see [`Connection::into_parts`].
#[derive(Debug)]
pub struct Parts<M, I, C> {
    /// The machine, with what it still wants written.
    pub machine: M,
    /// The bytes that were read and not yet consumed.
    pub input: Input,
    /// The transport.
    pub io: I,
    /// The clock.
    pub clock: C,
}

/// What every machine can do.
impl<M: Machine, I: Io, C: Clock> Connection<M, I, C> {
    /// Joins a machine to a transport. Nothing is read or written yet.
    pub fn new(machine: M, io: I, clock: C) -> Connection<M, I, C> {
        Connection::from_parts(Parts { machine, input: Input::default(), io, clock })
    }

    /// The same, with bytes that were read already.
    pub fn from_parts(parts: Parts<M, I, C>) -> Connection<M, I, C> {
        let Parts { machine, input, io, clock } = parts;
        Connection {
            machine,
            input,
            wire: Wire::new(io, clock),
            held_back: 0,
            rest: Rest::Settled,
            outside: None,
        }
    }

    /// Asks `look` about every event until it answers something; `None` once the connection has ended.
    ///
    /// Events are lent, and `look` may command the machine while it holds one. This is how a handshake is driven.
    pub async fn until<R>(
        &mut self,
        mut look: impl FnMut(M::Event<'_>, &mut Commands<'_, M>) -> Option<R>,
    ) -> Option<R> {
        poll_fn(|cx| self.poll_until(cx, &mut look)).await
    }

    /// [`until`](Connection::until), for a future of your own.
    pub fn poll_until<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut look: impl FnMut(M::Event<'_>, &mut Commands<'_, M>) -> Option<R>,
    ) -> Poll<Option<R>> {
        loop {
            let now = self.wire.now;
            // The commands need the machine while the event is held; it lives in the input.
            while let Some(event) = self.machine.poll_event(&mut self.input, now) {
                if let Some(found) = look(event, &mut Commands::new(&mut self.machine, now)) {
                    return Poll::Ready(Some(found));
                }
            }
            if ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(None);
            }
        }
    }

    /// Waits until everything queued was written and has left every buffer on the way, what
    /// [`send`](Connection::send) holds back for its burst included: so call it before a slow `await`. Meanwhile
    /// deadlines are kept, and a little is read ahead, so that two peers who both send a lot do not wait for each other.
    ///
    /// # Errors
    /// What broke the transport.
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// [`flush`](Connection::flush), for a future of your own.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.held_back = 0;
        while self.wire.poll_output(cx, &mut self.machine).is_pending() {
            ready!(self.poll_meanwhile(cx));
        }
        match self.wire.error() {
            Some(error) if self.wire.is_broken() => Poll::Ready(Err(again(error))),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Goes on until the connection may be dropped, and throws away what still comes: after the last message that
    /// matters, or after `close` was said to [`machine_mut`](Connection::machine_mut).
    pub async fn finish(&mut self) {
        poll_fn(|cx| self.poll_finish(cx)).await;
    }

    /// [`finish`](Connection::finish), for a future of your own.
    pub fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            while self.machine.poll_event(&mut self.input, self.wire.now).is_some() {}
            if ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(());
            }
        }
    }

    /// Events have run dry.
    #[inline(never)]
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        self.held_back = 0;
        self.rest = Rest::Fresh;
        self.look_outside(cx);
        self.wire.poll_dry(cx, &mut self.machine, &mut self.input)
    }

    /// The output is stuck.
    fn poll_meanwhile(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.look_outside(cx);
        self.wire.poll_rest(cx, &mut self.machine, &mut self.input, Appetite::Ahead)
    }
}

impl<M: Machine, I, C: Clock> Connection<M, I, C> {
    fn look_outside(&mut self, cx: &mut Context<'_>) {
        if let Some(outside) = &mut self.outside
            && outside(cx, &mut self.machine, &|| self.wire.clock.now()).is_ready()
        {
            self.outside = None;
        }
    }
}

/// What machines that exchange items can do.
impl<M: Endpoint, I: Io, C: Clock> Connection<M, I, C> {
    /// The next item, owned; `None` once the connection has ended, was closed in order and may be dropped. Then
    /// [`machine`](Connection::machine) knows why, and [`error`](Connection::error) what broke, if something did.
    ///
    /// Cancel-safe.
    #[expect(clippy::should_implement_trait, reason = "a future; an iterator would have to block")]
    #[inline]
    pub fn next(&mut self) -> impl Future<Output = Option<M::Received>> {
        poll_fn(|cx| self.poll_next(cx))
    }

    /// [`next`](Connection::next), for a future of your own.
    #[inline]
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        loop {
            while let Some(owned) = self.machine.poll_event(&mut self.input, self.wire.now).map(M::own) {
                if let Some(received) = owned {
                    if self.rest == Rest::Fresh || !self.input.has_raw() {
                        self.settle();
                    }
                    return Poll::Ready(Some(received));
                }
            }
            if ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(None);
            }
        }
    }

    /// Queues `item`, as soon as there is room. It leaves at once if nothing received waits to be looked at; else
    /// together with the other answers to that, when [`next`](Connection::next) finds nothing more, the queue is full,
    /// the burst is 200 µs old, or at [`flush`](Connection::flush).
    ///
    /// How old the burst is, the 1st, 2nd, 4th, 8th … answer held back asks. So a handler of even pace delays an answer
    /// by 400 µs at most, and one that becomes slow in the middle of a burst delays the answers before by no more than
    /// as many again. Who cannot wait for that flushes, or [shares](Connection::share): there no answer waits for
    /// another.
    ///
    /// Dropped while it waits for room, the future takes the item with it: to keep it, wait with
    /// [`ready`](Connection::ready) and then [`try_send`](Connection::try_send).
    ///
    /// # Errors
    /// [`SendError`] with the item. `Blocked` only if everything is written and the machine waits for its peer.
    #[inline]
    pub fn send(&mut self, item: M::Sent) -> impl Future<Output = Result<(), SendError<M::Sent>>> {
        let mut item = Some(item);
        poll_fn(move |cx| self.poll_send(cx, &mut item))
    }

    /// [`send`](Connection::send), for a future of your own: takes the item out of `item` when it is ready, and leaves
    /// it there while it waits. With `None` there is nothing to do.
    #[inline]
    pub fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        item: &mut Option<M::Sent>,
    ) -> Poll<Result<(), SendError<M::Sent>>> {
        let Some(taken) = item.take() else { return Poll::Ready(Ok(())) };
        match self.try_send(taken) {
            Ok(()) => {
                self.sent(cx);
                Poll::Ready(Ok(()))
            }
            Err(SendError::Blocked(back)) => self.poll_send_blocked(cx, item, back),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Waits until [`try_send`](Connection::try_send) would find room, or nothing can be sent any more, which it will
    /// say. Cancel-safe.
    pub async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }

    /// [`ready`](Connection::ready), for a future of your own.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.machine.has_room() {
            let written = self.wire.poll_output(cx, &mut self.machine);
            if written.is_ready() || self.machine.has_room() {
                break;
            }
            ready!(self.poll_meanwhile(cx));
        }
        Poll::Ready(())
    }

    /// Queues `item`; it leaves with the next [`next`](Connection::next), [`send`](Connection::send) or
    /// [`flush`](Connection::flush).
    ///
    /// # Errors
    /// [`SendError`] with the item: `Blocked` when there is no room.
    #[inline]
    pub fn try_send(&mut self, item: M::Sent) -> Result<(), SendError<M::Sent>> {
        if self.wire.is_broken() {
            return Err(SendError::Closed(item));
        }
        self.wire.attach(&mut self.machine);
        self.machine.send(item)
    }

    /// Ends the connection in an orderly way: says `goodbye`, throws away what still comes, and is done when the
    /// transport may be dropped. Dropped before that, [`next`](Connection::next) goes on with it.
    pub async fn close(&mut self, goodbye: M::Goodbye) {
        let mut goodbye = Some(goodbye);
        poll_fn(|cx| {
            if let Some(goodbye) = goodbye.take() {
                self.machine.close(goodbye, self.wire.clock.now());
            }
            self.poll_finish(cx)
        })
        .await;
    }

    /// Lets somebody outside end the connection, a [`Signal`](crate::Signal) for example: when `goodbye` is ready, the
    /// connection is closed with what it answers, whatever its owner is waiting for in here. The owner sees the end
    /// as he would see it otherwise.
    pub fn close_on(&mut self, goodbye: impl Future<Output = M::Goodbye> + Send + 'static) {
        let mut goodbye = Box::pin(goodbye);
        self.outside = Some(Box::new(move |cx, machine, now| {
            goodbye.as_mut().poll(cx).map(|goodbye| machine.close(goodbye, now()))
        }));
    }

    /// Lends every event to `answer`, until the connection has ended and may be dropped. Faster than
    /// [`next`](Connection::next), for nothing is ever owned; what `answer` sends leaves when the input has run dry or
    /// the output is full, however long that takes: an `answer` that works hard delays those before it. While the output
    /// is full no event is asked for.
    pub async fn serve(&mut self, mut answer: impl FnMut(M::Event<'_>, &mut Commands<'_, M>)) {
        poll_fn(|cx| self.poll_serve(cx, &mut answer)).await;
    }

    /// [`serve`](Connection::serve), for a future of your own.
    pub fn poll_serve(
        &mut self,
        cx: &mut Context<'_>,
        mut answer: impl FnMut(M::Event<'_>, &mut Commands<'_, M>),
    ) -> Poll<()> {
        loop {
            if !self.machine.has_room() {
                ready!(self.poll_ready(cx));
            }
            self.wire.attach(&mut self.machine);
            let now = self.wire.now;
            let event = self.machine.poll_event(&mut self.input, now);
            let answered = event.map(|event| answer(event, &mut Commands::new(&mut self.machine, now)));
            if answered.is_none() && ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(());
            }
        }
    }

    /// One item was queued.
    #[inline]
    fn sent(&mut self, cx: &mut Context<'_>) {
        if self.input.has_raw() {
            self.held_back += 1;
            // Asking the clock at 1, 2, 4, 8… is almost free, and bounds what a slow loop adds.
            if !self.held_back.is_power_of_two() || !self.is_old() {
                return;
            }
        }
        self.held_back = 0;
        // What is not taken now leaves with the next call.
        let _ = self.wire.poll_output(cx, &mut self.machine);
    }

    #[inline(never)]
    fn is_old(&mut self) -> bool {
        let now = self.wire.clock.now();
        let old = now - self.wire.now > OLD;
        if old {
            self.wire.now = now;
        }
        old
    }

    #[cold]
    #[inline(never)]
    fn poll_send_blocked(
        &mut self,
        cx: &mut Context<'_>,
        item: &mut Option<M::Sent>,
        mut back: M::Sent,
    ) -> Poll<Result<(), SendError<M::Sent>>> {
        loop {
            let written = self.wire.poll_output(cx, &mut self.machine);
            match self.try_send(back) {
                Err(SendError::Blocked(again)) => back = again,
                sent => return Poll::Ready(sent),
            }
            if written.is_ready() {
                return Poll::Ready(Err(SendError::Blocked(back)));
            }
            if self.poll_meanwhile(cx).is_pending() {
                *item = Some(back);
                return Poll::Pending;
            }
        }
    }

    /// The user has a message and may take his time: keep no more memory than the rest needs.
    #[inline(never)]
    fn settle(&mut self) {
        self.rest = Rest::Settled;
        if self.input.raw_len() <= SMALL_REST {
            pooled(|pool| self.input.release(pool));
        }
    }
}

/// Looking inside.
impl<M, I, C> Connection<M, I, C> {
    /// The machine: its state, and why it ended.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The machine, for commands that are not here. What they queue leaves with the next call.
    pub fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The transport, to ask it things (its peer's address). Reading or writing is not for you.
    pub fn io(&self) -> &I {
        &self.wire.io
    }

    /// What broke the transport: an operating system's error number, a TLS alert, a missing end of TLS. `None` if
    /// nothing did. A connection that was closed in order may have one too: ask the machine first.
    pub fn error(&self) -> Option<&io::Error> {
        self.wire.error()
    }

    /// [`error`](Connection::error), to keep.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.wire.take_error()
    }

    /// Bytes of memory that the input holds now: none while idle.
    pub fn memory(&self) -> usize {
        self.input.memory()
    }

    /// The time on its clock.
    pub fn now(&self) -> Instant
    where
        C: Clock,
    {
        self.wire.clock.now()
    }

    /// Goes on with another machine over the same transport, input and clock: what a handshake becomes. `change` gets
    /// the old machine and the time; output that was not written yet has to move along. What was said to
    /// [`close_on`](Connection::close_on) is forgotten.
    pub fn map<N>(self, change: impl FnOnce(M, Instant) -> N) -> Connection<N, I, C>
    where
        C: Clock,
    {
        match self.try_map(|machine, now| Ok::<N, Infallible>(change(machine, now))) {
            Ok(changed) => changed,
        }
    }

    /// [`map`](Connection::map), for a change that may be impossible.
    ///
    /// # Errors
    /// What `change` answers; the transport is dropped.
    pub fn try_map<N, E>(
        self,
        change: impl FnOnce(M, Instant) -> Result<N, E>,
    ) -> Result<Connection<N, I, C>, E>
    where
        C: Clock,
    {
        let Connection { machine, input, wire, held_back, rest, .. } = self;
        let machine = change(machine, wire.clock.now())?;
        Ok(Connection { machine, input, wire, held_back, rest, outside: None })
    }

    /// Takes the connection apart.
    pub fn into_parts(self) -> Parts<M, I, C> {
        Parts { machine: self.machine, input: self.input, io: self.wire.io, clock: self.wire.clock }
    }

    pub(crate) fn into_shared(self, default_goodbye: fn() -> M::Goodbye) -> (State<M>, Wire<I, C>)
    where
        M: Endpoint,
        C: Clock,
    {
        let Connection { machine, input, wire, outside, .. } = self;
        let time = Box::new(wire.clock.face());
        (State::new(machine, input, outside, time, default_goodbye), wire)
    }
}

impl<M: fmt::Debug, I, C> fmt::Debug for Connection<M, I, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("machine", &self.machine)
            .field("input", &self.input)
            .field("error", &self.wire.error())
            .finish_non_exhaustive()
    }
}
