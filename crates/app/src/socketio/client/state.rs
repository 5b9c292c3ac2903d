//! The machine, and who waits for what it has.

use std::task::{Context, Poll, Waker};

use sansocket_core::Instant;
use sansocket_socketio::client::{Client as Machine, NamespaceId};
use sansocket_socketio::{AckError, Args, EmitError, Flags, RequestId};

use crate::socketio::waiting::{Answers, Emitters};

/// The machine, and who waits for what it has. No waker is called while it is locked.
pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) answers: Answers<RequestId, Result<Args, AckError>>,
    pub(super) emitters: Emitters<NamespaceId>,
    /// The task that drives it, if it sleeps.
    pub(super) driver: Option<Waker>,
    /// Nobody holds the client any more.
    pub(super) is_left: bool,
}

impl State {
    pub(super) fn new(machine: Machine) -> State {
        State {
            machine,
            answers: Answers::default(),
            emitters: Emitters::default(),
            driver: None,
            is_left: false,
        }
    }

    /// Will nothing happen any more?
    pub(super) fn is_over(&self) -> bool {
        self.is_left && self.machine.is_idle()
    }

    /// Emits when there is room; until then the arguments stay where they are.
    pub(super) fn poll_emit(
        &mut self,
        namespace: NamespaceId,
        event: &str,
        args: &mut Option<Args>,
        now: Instant,
        cx: &Context<'_>,
    ) -> Poll<Result<(), EmitError<Args>>> {
        let Some(taken) = args.take() else { return Poll::Ready(Ok(())) };
        match self.machine.emit(namespace, event, taken, Flags::default(), now) {
            Err(EmitError::Blocked(back)) => {
                *args = Some(back);
                self.emitters.wait(namespace, cx);
                Poll::Pending
            }
            emitted => Poll::Ready(emitted),
        }
    }
}
