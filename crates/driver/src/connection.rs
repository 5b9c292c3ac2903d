//! A machine, its input and its transport in one hand.

mod inside;

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sansocket_core::{Endpoint, Input, Machine, SendError};

use crate::lend::Commands;
use crate::outside::{Outside, look_outside};
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
    /// In a box, for an `async fn` that is given something keeps room for it twice: as what it was given, and as the
    /// variable it becomes.
    all: Box<All<M, I, C>>,
}

struct All<M, I, C> {
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
        let wire = Wire::new(io, clock);
        let all = All { machine, input, wire, held_back: 0, rest: Rest::Settled, outside: None };
        Connection { all: Box::new(all) }
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
            let now = self.all.wire.now;
            // The commands need the machine while the event is held; it lives in the input.
            while let Some(event) = self.all.machine.poll_event(&mut self.all.input, now) {
                if let Some(found) = look(event, &mut Commands::new(&mut self.all.machine, now)) {
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
        self.all.held_back = 0;
        while self.all.wire.poll_output(cx, &mut self.all.machine).is_pending() {
            ready!(self.poll_meanwhile(cx));
        }
        match self.all.wire.error() {
            Some(error) if self.all.wire.is_broken() => Poll::Ready(Err(again(error))),
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
            while self.all.machine.poll_event(&mut self.all.input, self.all.wire.now).is_some() {}
            if ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(());
            }
        }
    }

    /// Events have run dry.
    #[inline(never)]
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        self.all.held_back = 0;
        self.all.rest = Rest::Fresh;
        self.look_outside(cx);
        self.all.wire.poll_dry(cx, &mut self.all.machine, &mut self.all.input)
    }

    /// The output is stuck.
    fn poll_meanwhile(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.look_outside(cx);
        self.all.wire.poll_rest(cx, &mut self.all.machine, &mut self.all.input, Appetite::Ahead)
    }
}

impl<M: Machine, I, C: Clock> Connection<M, I, C> {
    fn look_outside(&mut self, cx: &mut Context<'_>) {
        let All { machine, wire, outside, .. } = &mut *self.all;
        look_outside(outside, cx, machine, || wire.clock.now());
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
    #[inline(always)]
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        loop {
            while let Some(owned) =
                self.all.machine.poll_event(&mut self.all.input, self.all.wire.now).map(M::own)
            {
                if let Some(received) = owned {
                    if self.all.rest == Rest::Fresh || !self.all.input.has_raw() {
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
    #[inline(always)]
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
        while !self.all.machine.has_room() {
            let written = self.all.wire.poll_output(cx, &mut self.all.machine);
            if written.is_ready() || self.all.machine.has_room() {
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
    #[inline(always)]
    pub fn try_send(&mut self, item: M::Sent) -> Result<(), SendError<M::Sent>> {
        if self.all.wire.is_broken() {
            return Err(SendError::Closed(item));
        }
        self.all.wire.attach(&mut self.all.machine);
        self.all.machine.send(item)
    }

    /// Ends the connection in an orderly way: says `goodbye`, throws away what still comes, and is done when the
    /// transport may be dropped. Dropped before that, [`next`](Connection::next) goes on with it.
    pub async fn close(&mut self, goodbye: M::Goodbye) {
        let mut goodbye = Some(goodbye);
        poll_fn(|cx| {
            if let Some(goodbye) = goodbye.take() {
                self.all.machine.close(goodbye, self.all.wire.clock.now());
            }
            self.poll_finish(cx)
        })
        .await;
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
            if !self.all.machine.has_room() {
                ready!(self.poll_ready(cx));
            }
            self.all.wire.attach(&mut self.all.machine);
            let now = self.all.wire.now;
            let event = self.all.machine.poll_event(&mut self.all.input, now);
            let answered = event.map(|event| answer(event, &mut Commands::new(&mut self.all.machine, now)));
            if answered.is_none() && ready!(self.poll_more(cx)).is_break() {
                return Poll::Ready(());
            }
        }
    }

    /// One item was queued.
    #[inline(always)]
    fn sent(&mut self, cx: &mut Context<'_>) {
        if self.all.input.has_raw() {
            self.all.held_back += 1;
            // Asking the clock at 1, 2, 4, 8… is almost free, and bounds what a slow loop adds.
            if !self.all.held_back.is_power_of_two() || !self.is_old() {
                return;
            }
        }
        self.all.held_back = 0;
        // What is not taken now leaves with the next call.
        let _ = self.all.wire.poll_output(cx, &mut self.all.machine);
    }

    #[inline(never)]
    fn is_old(&mut self) -> bool {
        let now = self.all.wire.clock.now();
        let old = now - self.all.wire.now > OLD;
        if old {
            self.all.wire.now = now;
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
            let written = self.all.wire.poll_output(cx, &mut self.all.machine);
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
        self.all.rest = Rest::Settled;
        if self.all.input.raw_len() <= SMALL_REST {
            pooled(|pool| self.all.input.release(pool));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_adds_little_to_what_it_joins() {
        let input = size_of::<Input>();
        assert!(size_of::<All<(), (), ()>>() <= input + 72, "{}", size_of::<All<(), (), ()>>());
    }
}
