//! The time of smol.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sansocket_core::Instant;
use smol::Timer;

/// The time of the operating system, counted from when this clock was made. A timer exists only while there is a
/// deadline to wait for.
#[derive(Debug)]
pub struct Clock {
    epoch: std::time::Instant,
    alarm: Option<Box<Alarm>>,
}

#[derive(Debug)]
struct Alarm {
    at: Instant,
    timer: Timer,
}

impl Clock {
    /// A clock that stands at zero.
    #[expect(clippy::new_without_default, reason = "asking for the time is nothing to do by default")]
    #[expect(clippy::disallowed_methods, reason = "here it is asked for, so that no machine has to")]
    pub fn new() -> Clock {
        Clock { epoch: std::time::Instant::now(), alarm: None }
    }
}

impl Clone for Clock {
    /// Counts from the same zero, with no alarm set.
    fn clone(&self) -> Clock {
        Clock { epoch: self.epoch, alarm: None }
    }
}

impl sansocket_driver::Clock for Clock {
    #[inline]
    #[expect(clippy::disallowed_methods, reason = "here it is asked for, so that no machine has to")]
    fn now(&self) -> Instant {
        Instant::from_micros(self.epoch.elapsed().as_micros() as u64)
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        // Past the end of the runtime's time there is no deadline.
        let Some(due) = self.epoch.checked_add(Duration::from_micros(at.as_micros())) else {
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::new(Alarm { at, timer: Timer::at(due) }));
        if alarm.at != at {
            alarm.at = at;
            alarm.timer.set_at(due);
        }
        ready!(Pin::new(&mut alarm.timer).poll(cx));
        self.alarm = None;
        Poll::Ready(())
    }

    fn silence(&mut self) {
        self.alarm = None;
    }
}
