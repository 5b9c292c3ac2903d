//! The machine, and who waits for what it has.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_socketio::client::{Client as Machine, NamespaceId};
use sansocket_socketio::{AckError, Args};

use crate::engineio;
use crate::socketio::waiting::{Answers, Emitters, Waiters};

/// The machine, and who waits for what it has. No waker is called while it is locked.
pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) answers: Answers<Result<Args, AckError>>,
    pub(super) emitters: Emitters<NamespaceId>,
    /// The task that drives it, if it sleeps.
    pub(super) driver: Option<Waker>,
    line: Line,
    /// Why the last connection could not be made, if it could not.
    pub(super) failure: Option<Arc<engineio::ConnectError>>,
    /// Those who wait for it to have no connection any more.
    leavers: Waiters,
    /// Nobody holds the client any more.
    pub(super) is_left: bool,
}

/// What its task has of a connection.
#[derive(Clone, Copy)]
pub(super) enum Line {
    None,
    Some,
    /// There is no such task any more.
    Abandoned,
}

impl State {
    pub(super) fn new(machine: Machine) -> State {
        State {
            machine,
            answers: Answers::default(),
            emitters: Emitters::default(),
            driver: None,
            failure: None,
            line: Line::None,
            leavers: Waiters::default(),
            is_left: false,
        }
    }

    /// Will nothing happen any more?
    pub(super) fn is_over(&self) -> bool {
        self.is_left && self.is_at_rest() && self.machine.is_idle()
    }

    /// Is there no connection, and nobody who wants one?
    fn is_at_rest(&self) -> bool {
        match self.line {
            Line::None => !self.machine.wants_connection(),
            Line::Some => false,
            Line::Abandoned => true,
        }
    }

    /// So it is with the connection. Gives back whom that concerns.
    pub(super) fn note_line(&mut self, line: Line) -> Vec<Waker> {
        self.line = line;
        if self.is_at_rest() { self.leavers.take() } else { Vec::new() }
    }

    /// Waits until it is at rest.
    pub(super) fn poll_rest(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.is_at_rest() {
            return Poll::Ready(());
        }
        self.leavers.wait(cx);
        Poll::Pending
    }
}
