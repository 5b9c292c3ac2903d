//! Whoever may end a connection from outside.

use std::pin::Pin;
use std::task::{Context, Poll};

use sansocket_core::{Endpoint, Instant};

/// Somebody outside who may end the connection: asked before every wait.
pub(crate) type Outside<M> = Pin<Box<dyn EndsIt<M> + Send>>;

/// A future whose outcome is the machine's goodbye. The trait is the future itself, so that the box of one serves the
/// other, also where it is not known yet that the machine takes goodbyes.
pub(crate) trait EndsIt<M> {
    /// Once ready, the machine was told.
    fn poll_end(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        machine: &mut M,
        now: &dyn Fn() -> Instant,
    ) -> Poll<()>;
}

impl<M: Endpoint, F: Future<Output = M::Goodbye>> EndsIt<M> for F {
    fn poll_end(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        machine: &mut M,
        now: &dyn Fn() -> Instant,
    ) -> Poll<()> {
        self.poll(cx).map(|goodbye| machine.close(goodbye, now()))
    }
}

/// Asks whoever is outside, until he has said it.
pub(crate) fn look_outside<M>(
    outside: &mut Option<Outside<M>>,
    cx: &mut Context<'_>,
    machine: &mut M,
    now: impl Fn() -> Instant,
) {
    if let Some(who) = outside
        && who.as_mut().poll_end(cx, machine, &now).is_ready()
    {
        *outside = None;
    }
}
