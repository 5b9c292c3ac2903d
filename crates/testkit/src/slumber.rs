//! Time in which nothing happens.

use std::time::Duration;

use sansocket_core::Instant;

/// Lets it be so much later than `now`, and rings a machine's clock meanwhile. Answers how often it rang.
///
/// # Panics
/// If a machine wants to be called at once when it just was.
pub(crate) fn slumber<M>(
    now: &mut Instant,
    time: Duration,
    machine: &mut M,
    poll_timeout: impl Fn(&M) -> Option<Instant>,
    handle_timeout: impl Fn(&mut M, Instant),
) -> usize {
    let end = *now + time;
    let mut rings = 0;
    while let Some(next) = poll_timeout(machine).filter(|next| *next <= end) {
        *now = next.max(*now);
        handle_timeout(machine, *now);
        assert!(poll_timeout(machine).is_none_or(|next| next > *now), "strictly later");
        rings += 1;
    }
    *now = end;
    rings
}
