//! The desk where the tasks of a shared connection meet.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sansocket_core::{Endpoint, Input, Instant, SendError};

use crate::outside::{Outside, look_outside};
use crate::wait::WaitList;
use crate::wire::{Appetite, Wire};
use crate::{Clock, Io};

/// What the tasks of a shared connection have in common, behind one lock. No waker is called while it is held.
pub(crate) struct Desk<M: Endpoint>(Mutex<State<M>>);

impl<M: Endpoint> Desk<M> {
    pub(crate) fn new(state: State<M>) -> Desk<M> {
        Desk(Mutex::new(state))
    }

    /// What a handle or the incoming half does: afterwards the driver is woken if it was called.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut State<M>) -> R) -> R {
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
    pub(crate) fn drive<R>(&self, change: impl FnOnce(&mut State<M>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        let reader = state.reader_to_wake();
        let waiting = state.may_go_on().then(|| state.waiting.take());
        drop(state);
        reader.into_iter().chain(waiting.into_iter().flatten()).for_each(Waker::wake);
        result
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        // A machine that panicked is its user's fault or ours; the other tasks should still hear of the end.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the tasks of a shared connection have in common.
pub(crate) struct State<M: Endpoint> {
    machine: M,
    input: Input,
    /// When the last read ended.
    now: Instant,
    time: Box<dyn Fn() -> Instant + Send>,
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

/// For handles and the incoming half.
impl<M: Endpoint> State<M> {
    pub(crate) fn new(
        machine: M,
        input: Input,
        outside: Option<Outside<M>>,
        time: Box<dyn Fn() -> Instant + Send>,
        default_goodbye: fn() -> M::Goodbye,
    ) -> State<M> {
        State {
            machine,
            input,
            now: time(),
            time,
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
        }
    }

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
            self.machine.close(goodbye, (self.time)());
            self.call_driver();
        }
    }

    pub(crate) fn command<R>(&mut self, command: impl FnOnce(&mut M, Instant) -> R) -> R {
        self.call_driver();
        command(&mut self.machine, (self.time)())
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

    /// Wakes the driver once the lock is free; once for all who call before it comes.
    pub(crate) fn call_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            self.called = Some(driver);
        }
    }
}

/// For the driver.
impl<M: Endpoint> State<M> {
    pub(crate) fn poll_drive<I: Io, C: Clock>(
        &mut self,
        cx: &mut Context<'_>,
        wire: &mut Wire<I, C>,
    ) -> Poll<()> {
        loop {
            self.now = wire.now;
            look_outside(&mut self.outside, cx, &mut self.machine, || wire.clock.now());
            if let Reader::Gone = self.reader {
                while self.machine.poll_event(&mut self.input, self.now).is_some() {}
                self.news = News::Dry;
            }
            let turn = match self.news {
                News::Dry => wire.poll_dry(cx, &mut self.machine, &mut self.input),
                News::Waiting => self.poll_waiting(cx, wire),
            };
            if wire.is_broken() && self.phase == Phase::Open {
                self.phase = Phase::Closing;
            }
            match turn {
                Poll::Ready(ControlFlow::Continue(())) => {
                    self.news = News::Waiting;
                }
                Poll::Ready(ControlFlow::Break(())) => {
                    self.end(wire);
                    return Poll::Ready(());
                }
                Poll::Pending => {
                    self.driver = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
    }

    /// The machine has to be asked for events before more is read.
    fn poll_waiting<I: Io, C: Clock>(
        &mut self,
        cx: &mut Context<'_>,
        wire: &mut Wire<I, C>,
    ) -> Poll<ControlFlow<()>> {
        let appetite = match wire.poll_output(cx, &mut self.machine) {
            _ if self.machine.is_finished() => return Poll::Ready(ControlFlow::Break(())),
            Poll::Pending => Appetite::Ahead,
            Poll::Ready(()) => Appetite::Nothing,
        };
        wire.poll_rest(cx, &mut self.machine, &mut self.input, appetite).map(ControlFlow::Continue)
    }

    /// No input or output any more: at the end, or because the driver was dropped.
    pub(crate) fn end<I, C>(&mut self, wire: &mut Wire<I, C>) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        self.error = wire.take_error();
        self.machine.handle_eof((self.time)());
    }

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
