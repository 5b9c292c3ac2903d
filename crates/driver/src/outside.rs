//! Whoever may end a connection from outside.

use std::pin::Pin;
use std::task::Context;

use sansocket_core::Instant;

use crate::Wait;

/// Somebody outside who may end the connection: asked before every wait.
pub(crate) struct Outside<M> {
    pub(crate) raised: Wait,
    /// Tells the machine.
    pub(crate) tell: fn(&mut M, Instant),
}

/// Asks whoever is outside, until he has said it.
pub(crate) fn look_outside<M>(
    outside: &mut Option<Outside<M>>,
    cx: &mut Context<'_>,
    machine: &mut M,
    now: impl Fn() -> Instant,
) {
    if let Some(who) = outside
        && Pin::new(&mut who.raised).poll(cx).is_ready()
    {
        (who.tell)(machine, now());
        *outside = None;
    }
}
