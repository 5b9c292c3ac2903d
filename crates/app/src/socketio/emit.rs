//! Emitting where there may be no room yet.

use std::future::poll_fn;
use std::task::{Context, Poll};

use sansocket_core::Utf8Bytes;
use sansocket_socketio::Args;
use serde::Serialize;

use super::error::EmitError;

/// A socket of either end, to emit to.
pub(super) trait Emits: Clone + Send + Sync + 'static {
    /// Emits when there is room; until then the arguments stay where they are.
    fn poll_emit(
        &self,
        event: &str,
        args: &mut Option<Args>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), EmitError>>;

    /// May somebody see what goes out?
    fn is_watched(&self) -> bool;

    /// Shows him what does.
    fn show(&self, event: &str, args: &Args);
}

/// Emits now, and shows it.
pub(super) fn emit_now<S: Emits, T, E>(
    socket: &S,
    event: &str,
    args: Args,
    emit: impl FnOnce(Args) -> Result<T, E>,
) -> Result<T, E> {
    let seen = socket.is_watched().then(|| args.clone());
    let emitted = emit(args)?;
    seen.iter().for_each(|args| socket.show(event, args));
    Ok(emitted)
}

/// Emits as soon as there is room.
pub(super) fn emit<S: Emits, T: Serialize + ?Sized>(
    socket: &S,
    event: &str,
    arguments: &T,
) -> impl Future<Output = Result<(), EmitError>> + Send + use<S, T> {
    let mut encoded = Some(Args::new(arguments));
    let (socket, event) = (socket.clone(), Utf8Bytes::from(event));
    poll_fn(move |cx| match encoded.take() {
        None => Poll::Ready(Ok(())),
        Some(Err(error)) => Poll::Ready(Err(error.into())),
        Some(Ok(args)) => {
            let seen = socket.is_watched().then(|| args.clone());
            let mut args = Some(args);
            let polled = socket.poll_emit(&event, &mut args, cx);
            if matches!(polled, Poll::Ready(Ok(()))) {
                seen.iter().for_each(|args| socket.show(&event, args));
            }
            encoded = args.map(Ok);
            polled
        }
    })
}
