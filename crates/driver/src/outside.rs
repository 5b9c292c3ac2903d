//! Whoever may end a connection from outside.

use std::task::{Context, Poll};

use sansocket_core::Instant;

/// Somebody outside who may end the connection: asked before every wait, done when ready.
pub(crate) type Outside<M> =
    Box<dyn FnMut(&mut Context<'_>, &mut M, &dyn Fn() -> Instant) -> Poll<()> + Send>;
