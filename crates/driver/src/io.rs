//! What a runtime lends: a stream of bytes, and a clock.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use sansocket_core::Instant;

/// A stream of bytes in both directions: TCP, TLS, a pipe, a test's script.
///
/// The four calls follow the contract of [`Future::poll`]: who answers [`Poll::Pending`] has seen to it that the task
/// is woken when a new call may get further. Each direction remembers the waker of its last call only.
pub trait Io {
    /// Reads into `room` and answers how many bytes came; 0 is the end of the stream. `room` is never empty.
    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Writes from `slices`, best from all of them at once, and answers how many bytes were taken: at least one.
    /// There is at least one slice, and none is empty.
    fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;

    /// Writes from `slices` what is taken at once. Nobody is woken for what is not; a stream that cannot write without
    /// waiting, or has a buffer on the way, takes nothing (`WouldBlock`), as by default.
    ///
    /// # Errors
    /// `WouldBlock`, and what broke the stream, which [`poll_write`](Io::poll_write) will say too.
    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let _ = slices;
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Pushes on what was written but still lies in a buffer on the way. A stream without such a buffer has nothing
    /// to do.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = cx;
        Poll::Ready(Ok(()))
    }

    /// Pushes everything on, then ends our side of the stream (TCP FIN, TLS close_notify). Reading goes on.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// The time, and an alarm.
pub trait Clock {
    /// The time. It never goes back.
    fn now(&self) -> Instant;

    /// Ready once `at` has come; until then the task is woken when it does. Only the alarm asked for last counts, and
    /// `at` is the same from call to call for as long as it will do: a timer has to be set again only when it changes.
    fn poll_alarm(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()>;

    /// No alarm is wanted any more, for now: a timer that was set may go, and its memory with it.
    fn silence(&mut self) {}
}
