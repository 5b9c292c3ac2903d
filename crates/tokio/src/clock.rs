//! The time of tokio.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sansocket_core::Instant;
use tokio::time::Sleep;

/// The time of tokio, counted from when this clock was made; a test that [pauses](https://docs.rs/tokio/latest/tokio/time/fn.pause.html)
/// it pauses this one too. A timer exists only while there is a deadline to wait for.
#[derive(Debug)]
pub struct Clock {
    epoch: tokio::time::Instant,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Clock {
    /// A clock that stands at zero.
    #[expect(clippy::new_without_default, reason = "asking for the time is nothing to do by default")]
    pub fn new() -> Clock {
        Clock { epoch: tokio::time::Instant::now(), alarm: None }
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
    fn now(&self) -> Instant {
        Instant::from_micros(self.epoch.elapsed().as_micros() as u64)
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        // Past the end of the runtime's time there is no deadline.
        let Some(due) = self.epoch.checked_add(Duration::from_micros(at.as_micros())) else {
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        ready!(alarm.as_mut().poll(cx));
        self.alarm = None;
        Poll::Ready(())
    }

    fn silence(&mut self) {
        self.alarm = None;
    }
}
