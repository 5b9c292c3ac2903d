//! The time of a hub: one task keeps it for all of its sessions.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sansocket_core::Instant;
use sansocket_driver::Clock;

/// Something that time passes for.
pub(crate) trait Timed: Send + Sync + 'static {
    /// It is `now`. When is there something to be done next? Before it answers, it notes whom to wake should that
    /// change: [`Timer::of`].
    fn look(self: &Arc<Self>, now: Instant, cx: &Context<'_>) -> Option<Instant>;
}

/// The one task that keeps a hub's time.
pub(crate) enum Timer {
    /// There is none: nothing has to happen at any time.
    Idle,
    /// It will look at the hub before it sleeps.
    Busy,
    Asleep {
        until: Instant,
        waker: Waker,
    },
}

/// There is a task to be spawned: [`keep_time`].
pub(crate) struct Spawn;

/// What has to be done so that a timer is not late.
pub(crate) enum Alarm {
    Wake(Waker),
    Spawn(Spawn),
}

impl Timer {
    /// That of a task which has looked, and goes to sleep.
    pub(crate) fn of(next: Option<Instant>, cx: &Context<'_>) -> Timer {
        next.map_or(Timer::Idle, |until| Timer::Asleep { until, waker: cx.waker().clone() })
    }

    /// Something is to happen at `next`: what has to be done about it, if it would be missed.
    pub(crate) fn expect(&mut self, next: Option<Instant>) -> Option<Alarm> {
        let next = next?;
        let is_late = match self {
            Timer::Busy => false,
            Timer::Idle => true,
            Timer::Asleep { until, .. } => next < *until,
        };
        is_late.then(|| match std::mem::replace(self, Timer::Busy) {
            Timer::Asleep { waker, .. } => Alarm::Wake(waker),
            _ => Alarm::Spawn(Spawn),
        })
    }
}

/// Tells a hub what time it is, until there is nothing left that happens at any.
pub(crate) async fn keep_time<T: Timed, C: Clock>(timed: Arc<T>, mut clock: C) {
    let mut now = clock.now();
    poll_fn(|cx| {
        now = now.max(clock.now());
        while let Some(at) = timed.look(now, cx) {
            if clock.poll_alarm(cx, at).is_pending() {
                return Poll::Pending;
            }
            // An alarm may be coarser than the clock; that must not turn into a loop.
            now = clock.now().max(at);
        }
        Poll::Ready(())
    })
    .await;
}
