//! The desk where the tasks of a shared connection meet.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sansocket_core::{Endpoint, Input, Instant, SendError};

use crate::outside::{Outside, look_outside};
use crate::wait::WaitList;
use crate::wire::{Appetite, Line, Wire};
use crate::{Clock, Io};

/// What the tasks of a shared connection have in common, behind one lock. No waker is called while it is held.
pub(crate) struct Desk<M: Endpoint, L: ?Sized>(Mutex<State<M, L>>);

/// The desk as handles see it: whatever the transport is.
pub(crate) type AnyDesk<M> = Desk<M, dyn Line<M> + Send>;

impl<M: Endpoint, L> Desk<M, L> {
    pub(crate) fn new(state: State<M, L>) -> Desk<M, L> {
        Desk(Mutex::new(state))
    }
}

impl<M: Endpoint, L: ?Sized> Desk<M, L> {
    /// What a handle or the incoming half does: afterwards the driver is woken if it was called.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut State<M, L>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        let called = state.called.take();
        drop(state);
        if let Some(driver) = called {
            driver.wake();
        }
        result
    }

    /// What the driver does: afterwards those are woken who waited for what came of it.
    pub(crate) fn drive<R>(&self, change: impl FnOnce(&mut State<M, L>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        let reader = state.reader_to_wake();
        let waiting = state.may_go_on().then(|| state.waiting.take());
        drop(state);
        reader.into_iter().chain(waiting.into_iter().flatten()).for_each(Waker::wake);
        result
    }

    fn lock(&self) -> MutexGuard<'_, State<M, L>> {
        // A machine that panicked is its user's fault or ours; the other tasks should still hear of the end.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the tasks of a shared connection have in common.
pub(crate) struct State<M: Endpoint, L: ?Sized> {
    machine: M,
    input: Input,
    /// When the last read ended.
    now: Instant,
    default_goodbye: fn() -> M::Goodbye,
    outside: Option<Outside<M>>,
    pub(crate) phase: Phase,
    news: News,
    reader: Reader,
    pub(crate) handles: usize,
    /// Tasks that wait for room, or for the end.
    pub(crate) waiting: WaitList,
    /// The driver's waker while it sleeps and was not called.
    driver: Option<Waker>,
    /// The driver's waker, to be called when the lock is free.
    called: Option<Waker>,
    pub(crate) error: Option<io::Error>,
    /// The transport, for the driver; what handles may do with it is in [`Line`].
    pub(crate) line: L,
}

/// How far the connection has come, for those who send.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Phase {
    Open,
    /// Nothing more can be sent.
    Closing,
    /// The driver is done.
    Ended,
}

/// Whether the machine may have events.
#[derive(Clone, Copy, PartialEq, Debug)]
enum News {
    /// Somebody has to ask it first.
    Waiting,
    /// The last who asked got none.
    Dry,
}

/// Who asks for events.
enum Reader {
    Busy,
    Waiting(Waker),
    /// Nobody: the driver throws them away.
    Gone,
}

impl<M: Endpoint, I, C> State<M, Option<Wire<I, C>>> {
    pub(crate) fn new(
        machine: M,
        input: Input,
        outside: Option<Outside<M>>,
        wire: Wire<I, C>,
        default_goodbye: fn() -> M::Goodbye,
    ) -> Self {
        State {
            machine,
            input,
            now: wire.now,
            default_goodbye,
            outside,
            phase: Phase::Open,
            news: News::Waiting,
            reader: Reader::Busy,
            handles: 1,
            waiting: WaitList::default(),
            driver: None,
            called: None,
            error: None,
            line: Some(wire),
        }
    }
}

/// For handles and the incoming half.
impl<M: Endpoint, L: Line<M> + ?Sized> State<M, L> {
    pub(crate) fn send(&mut self, item: M::Sent) -> Result<(), SendError<M::Sent>> {
        if self.phase != Phase::Open {
            return Err(SendError::Closed(item));
        }
        self.machine.send(item)?;
        self.call_driver();
        Ok(())
    }

    pub(crate) fn close(&mut self, goodbye: M::Goodbye) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closing;
            let now = self.time();
            self.machine.close(goodbye, now);
            self.call_driver();
        }
    }

    pub(crate) fn command<R>(&mut self, command: impl FnOnce(&mut M, Instant) -> R) -> R {
        self.call_driver();
        let now = self.time();
        command(&mut self.machine, now)
    }

    pub(crate) fn deliver<R>(&mut self, command: impl FnOnce(&mut M, Instant) -> R) -> R {
        // A driver that was called already comes anyway, and writes all at once; and who waits for room it has to wake.
        if self.driver.is_none() || !self.machine.has_room() {
            return self.command(command);
        }
        self.line.attach(&mut self.machine);
        let now = self.time();
        let said = command(&mut self.machine, now);
        if self.line.write_at_once(&mut self.machine).is_break() {
            self.call_driver();
        }
        said
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<M::Received>> {
        while let Some(event) = self.machine.poll_event(&mut self.input, self.now) {
            if let Some(received) = M::own(event) {
                return Poll::Ready(Some(received));
            }
        }
        if self.phase == Phase::Ended {
            return Poll::Ready(None);
        }
        match &mut self.reader {
            Reader::Waiting(waker) => waker.clone_from(cx.waker()),
            reader => *reader = Reader::Waiting(cx.waker().clone()),
        }
        if self.news == News::Waiting {
            self.news = News::Dry;
            self.call_driver();
        }
        Poll::Pending
    }

    pub(crate) fn desert_reader(&mut self) {
        self.reader = Reader::Gone;
        self.call_driver();
        self.close_if_deserted();
    }

    pub(crate) fn close_if_deserted(&mut self) {
        if self.handles == 0 && matches!(self.reader, Reader::Gone) {
            self.close((self.default_goodbye)());
        }
    }

    /// The time; once the transport is gone, when last something was read.
    fn time(&self) -> Instant {
        self.line.time().unwrap_or(self.now)
    }

    /// Wakes the driver once the lock is free; once for all who call before it comes.
    pub(crate) fn call_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            self.called = Some(driver);
        }
    }
}

/// For the driver.
impl<M: Endpoint, I: Io, C: Clock> State<M, Option<Wire<I, C>>> {
    pub(crate) fn poll_drive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(wire) = &mut self.line {
            self.now = wire.now;
            look_outside(&mut self.outside, cx, &mut self.machine, || wire.clock.now());
            if let Reader::Gone = self.reader {
                while self.machine.poll_event(&mut self.input, self.now).is_some() {}
                self.news = News::Dry;
            }
            let turn = match self.news {
                News::Dry => wire.poll_dry(cx, &mut self.machine, &mut self.input),
                News::Waiting => poll_waiting(cx, wire, &mut self.machine, &mut self.input),
            };
            if wire.is_broken() && self.phase == Phase::Open {
                self.phase = Phase::Closing;
            }
            match turn {
                Poll::Ready(ControlFlow::Continue(())) => self.news = News::Waiting,
                Poll::Ready(ControlFlow::Break(())) => break,
                Poll::Pending => {
                    self.driver = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
        self.end();
        Poll::Ready(())
    }
}

/// The machine has to be asked for events before more is read.
fn poll_waiting<M: Endpoint, I: Io, C: Clock>(
    cx: &mut Context<'_>,
    wire: &mut Wire<I, C>,
    machine: &mut M,
    input: &mut Input,
) -> Poll<ControlFlow<()>> {
    let appetite = match wire.poll_output(cx, machine) {
        _ if machine.is_finished() => return Poll::Ready(ControlFlow::Break(())),
        Poll::Pending => Appetite::Ahead,
        Poll::Ready(()) => Appetite::Nothing,
    };
    wire.poll_rest(cx, machine, input, appetite).map(ControlFlow::Continue)
}

impl<M: Endpoint, I, C> State<M, Option<Wire<I, C>>> {
    /// No input or output any more: at the end, or because the driver was dropped.
    fn end(&mut self) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        self.error = self.line.as_mut().and_then(Wire::take_error);
        self.machine.handle_eof(self.now);
    }

    /// The same, and gives the transport away, to be dropped when the lock is free.
    pub(crate) fn leave(&mut self) -> Option<Wire<I, C>> {
        self.end();
        self.line.take()
    }
}

impl<M: Endpoint, L: ?Sized> State<M, L> {
    fn reader_to_wake(&mut self) -> Option<Waker> {
        if self.news == News::Dry && self.phase != Phase::Ended {
            return None;
        }
        match std::mem::replace(&mut self.reader, Reader::Busy) {
            Reader::Waiting(waker) => Some(waker),
            other => {
                self.reader = other;
                None
            }
        }
    }

    /// Is there something new for those who wait?
    fn may_go_on(&self) -> bool {
        self.waiting.len() > 0 && (self.phase != Phase::Open || self.machine.has_room())
    }
}
