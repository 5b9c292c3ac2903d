//! The transport and the clock of one connection, and what is known about them.

mod line;

use std::io::{self, IoSlice};
use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};

use sansocket_core::{Input, Instant, Machine, OUTBOX_SLICES, Outbox, Transmit};

use crate::pool::pooled;
use crate::{Clock, Io};

pub(crate) use line::Line;

/// Bytes that one connection may move before the other tasks of its thread get their turn: two full reads, so well
/// below a millisecond of work.
const BUDGET: u32 = 512 << 10;
/// What a system call costs at least, in bytes that could have been moved meanwhile: a peer that sends one byte at a
/// time may not make a turn long either.
const CALL: u32 = 4 << 10;
/// Raw bytes up to which is read although nobody asks for events, while our output is stuck: two peers that both send
/// before they read would wait for each other for ever.
const READ_AHEAD: usize = 128 << 10;

/// The transport and the clock of one connection, and what is known about them. Everything that was begun is
/// remembered here, so that a future may be dropped at any time.
pub(crate) struct Wire<I, C> {
    pub(crate) io: I,
    pub(crate) clock: C,
    /// When the last read ended: taken once a read, for asking costs as much as decoding five small messages.
    pub(crate) now: Instant,
    /// When the clock is set to ring.
    alarm: Option<Instant>,
    /// What broke the transport.
    error: Option<io::Error>,
    /// Bytes left of this turn.
    budget: u32,
    reading: Reading,
    writing: Writing,
    output: OutputMemory,
}

/// How far the peer's side of the stream has come.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Reading {
    Open,
    /// Our side broke. What has arrived already is still worth reading: it may say why.
    LastWords,
    /// At its end; the machine does not know yet, for it has bytes before that to look at.
    Ended,
    /// At its end, and the machine knows.
    Told,
}

/// How far our side of the stream has come.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Writing {
    Clean,
    /// Something written may still lie in a buffer of the [`Io`].
    Unflushed,
    /// The machine said [`Transmit::Shutdown`].
    Ending,
    Ended,
    Broken,
}

/// Whether the machine's outbox was lent a pooled buffer.
#[derive(Clone, Copy, PartialEq, Debug)]
enum OutputMemory {
    Own,
    Lent,
}

/// How much may be read.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Appetite {
    /// Whatever comes: the machine has run dry.
    Whole,
    /// A little ahead, while the output is stuck.
    Ahead,
    /// Nothing: somebody has to ask the machine for events first.
    Nothing,
}

impl<I: Io, C: Clock> Wire<I, C> {
    pub(crate) fn new(io: I, clock: C) -> Wire<I, C> {
        let now = clock.now();
        Wire {
            io,
            clock,
            now,
            alarm: None,
            error: None,
            budget: BUDGET,
            reading: Reading::Open,
            writing: Writing::Clean,
            output: OutputMemory::Own,
        }
    }

    /// The machine's events have run dry: output leaves, then comes what comes. `Break` at the end of everything.
    pub(crate) fn poll_dry<M: Machine>(
        &mut self,
        cx: &mut Context<'_>,
        machine: &mut M,
        input: &mut Input,
    ) -> Poll<ControlFlow<()>> {
        // A stuck output never stops us from reading.
        let before = self.budget;
        let output = self.poll_output(cx, machine);
        if machine.is_finished() {
            self.detach(machine, input);
            return Poll::Ready(ControlFlow::Break(()));
        }
        let appetite = match output {
            _ if machine.wants_input() => Appetite::Whole,
            Poll::Pending => Appetite::Ahead,
            Poll::Ready(()) => Appetite::Nothing,
        };
        if appetite == Appetite::Nothing && self.reading == Reading::LastWords {
            self.reading = Reading::Told;
            machine.handle_eof(self.clock.now());
            return Poll::Ready(ControlFlow::Continue(()));
        }
        if appetite == Appetite::Nothing && self.budget < before {
            // Something was written: perhaps that is what its next event waits for.
            return Poll::Ready(ControlFlow::Continue(()));
        }
        self.poll_rest(cx, machine, input, appetite).map(ControlFlow::Continue)
    }

    /// All but output: ready when the machine was told something new. Before it waits it gives all memory back that is
    /// not needed.
    pub(crate) fn poll_rest<M: Machine>(
        &mut self,
        cx: &mut Context<'_>,
        machine: &mut M,
        input: &mut Input,
        appetite: Appetite,
    ) -> Poll<()> {
        // Reading before timing out: what lies there already shows that the peer is alive.
        if self.poll_input(cx, machine, input, appetite).is_ready() || self.poll_alarm(cx, machine).is_ready()
        {
            return Poll::Ready(());
        }
        self.detach(machine, input);
        self.budget = BUDGET;
        Poll::Pending
    }

    /// Does what the machine wants done with the transport. Ready when that is all done, or can never be.
    pub(crate) fn poll_output<M: Machine>(&mut self, cx: &mut Context<'_>, machine: &mut M) -> Poll<()> {
        loop {
            match self.writing {
                Writing::Clean | Writing::Unflushed => match machine.poll_transmit() {
                    Some(Transmit::Bytes(out)) => ready!(self.poll_write(cx, out)),
                    Some(Transmit::Shutdown) => self.writing = Writing::Ending,
                    None if self.writing == Writing::Clean => return Poll::Ready(()),
                    None => match ready!(self.io.poll_flush(cx)) {
                        Ok(()) => {
                            self.writing = Writing::Clean;
                            return Poll::Ready(());
                        }
                        Err(error) => self.fail(error),
                    },
                },
                Writing::Ending => {
                    // If that fails everything was said all the same.
                    let _ = ready!(self.io.poll_shutdown(cx));
                    self.writing = Writing::Ended;
                }
                Writing::Ended | Writing::Broken => {
                    discard(machine);
                    return Poll::Ready(());
                }
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outbox) -> Poll<()> {
        ready!(self.poll_turn(cx));
        match ready!(gathered(out, |slices| self.io.poll_write(cx, slices))) {
            Ok(0) => self.fail(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                self.writing = Writing::Unflushed;
                self.budget = self.budget.saturating_sub(n as u32);
                out.written(n);
                if out.is_empty() {
                    self.output = OutputMemory::Own;
                    pooled(|pool| out.release(pool));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Err(error) => self.fail(error),
        }
        Poll::Ready(())
    }

    fn poll_input<M: Machine>(
        &mut self,
        cx: &mut Context<'_>,
        machine: &mut M,
        input: &mut Input,
        appetite: Appetite,
    ) -> Poll<()> {
        let hungry = match appetite {
            Appetite::Whole => true,
            Appetite::Ahead => input.raw_len() < READ_AHEAD,
            Appetite::Nothing => false,
        };
        if hungry && matches!(self.reading, Reading::Open | Reading::LastWords) {
            let before = self.reading;
            if self.poll_read(cx, input).is_ready() && self.reading == before {
                return Poll::Ready(());
            }
        }
        if self.reading == Reading::Ended && appetite == Appetite::Whole {
            self.reading = Reading::Told;
            self.now = self.clock.now();
            machine.handle_eof(self.now);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, input: &mut Input) -> Poll<()> {
        ready!(self.poll_turn(cx));
        let room = pooled(|pool| input.space(pool));
        match self.io.poll_read(cx, room) {
            Poll::Ready(Ok(0)) => self.reading = Reading::Ended,
            Poll::Ready(Ok(n)) => {
                input.filled(n);
                self.budget = self.budget.saturating_sub(CALL.max(n as u32));
                self.now = self.clock.now();
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(Err(error)) => {
                self.remember(error);
                self.reading = Reading::Ended;
            }
            Poll::Pending if self.reading == Reading::LastWords => self.reading = Reading::Ended,
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }

    /// Pending when it is the others' turn: no executor may be relied on to see to that.
    #[inline]
    fn poll_turn(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.budget > 0 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_alarm<M: Machine>(&mut self, cx: &mut Context<'_>, machine: &mut M) -> Poll<()> {
        let Some(deadline) = machine.poll_timeout() else {
            // A handshake has a deadline, the idle connection after it mostly none.
            if self.alarm.take().is_some() {
                self.clock.silence();
            }
            return Poll::Pending;
        };
        loop {
            // Most deadlines move away all the time. An alarm that rings too early is set again only then.
            let at = self.alarm.filter(|at| *at <= deadline).unwrap_or(deadline);
            self.alarm = Some(at);
            ready!(self.clock.poll_alarm(cx, at));
            self.alarm = None;
            if at == deadline {
                // A timer may be coarser than the clock; that must not turn into a loop.
                machine.handle_timeout(self.clock.now().max(deadline));
                return Poll::Ready(());
            }
        }
    }

    fn fail(&mut self, error: io::Error) {
        self.remember(error);
        self.writing = Writing::Broken;
        if self.reading == Reading::Open {
            self.reading = Reading::LastWords;
        }
    }

    fn remember(&mut self, error: io::Error) {
        self.error.get_or_insert(error);
    }

    /// Idle means idle in both directions.
    fn detach<M: Machine>(&mut self, machine: &mut M, input: &mut Input) {
        self.output = OutputMemory::Own;
        pooled(|pool| {
            input.release(pool);
            machine.detach(pool);
        });
    }
}

impl<I, C> Wire<I, C> {
    /// Lends the machine's output a buffer, if it has none.
    #[inline]
    pub(crate) fn attach<M: Machine>(&mut self, machine: &mut M) {
        if self.output == OutputMemory::Own {
            self.output = OutputMemory::Lent;
            pooled(|pool| machine.attach(pool));
        }
    }

    /// Can nothing be written any more?
    #[inline]
    pub(crate) fn is_broken(&self) -> bool {
        self.writing == Writing::Broken
    }

    pub(crate) fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }

    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

/// Shows `write` what is to be written.
#[inline]
fn gathered<R>(out: &Outbox, write: impl FnOnce(&[IoSlice<'_>]) -> R) -> R {
    if let Some(flat) = out.flat() {
        return write(&[IoSlice::new(flat)]);
    }
    let mut pieces = [&[][..]; OUTBOX_SLICES];
    let filled = out.slices(&mut pieces);
    let slices = pieces.map(IoSlice::new);
    write(&slices[..filled])
}

/// Takes what nobody will ever read.
fn discard<M: Machine>(machine: &mut M) {
    while let Some(transmit) = machine.poll_transmit() {
        if let Transmit::Bytes(out) = transmit {
            out.written(out.len());
            pooled(|pool| out.release(pool));
        }
    }
}

/// The same error once more, for those who ask again.
pub(crate) fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
