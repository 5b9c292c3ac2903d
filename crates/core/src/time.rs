//! Time as a machine sees it: a number that somebody hands over.

use core::num::NonZeroU64;
use core::ops::{Add, Sub};
use core::time::Duration;

/// A moment, in whole microseconds since an epoch of the driver's choosing.
///
/// A machine never asks for the time, it is told (`now`), so tests run on a virtual clock and bare metal works
/// too. `Option<Instant>` is as small as an `Instant`. A `u64` of microseconds lasts 584,000 years; arithmetic
/// saturates at its ends instead of overflowing.
///
/// Make one with [`Instant::from_micros`]; the adapters convert from their runtime's clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(NonZeroU64);

impl Instant {
    /// The epoch itself.
    pub const ZERO: Instant = Instant::from_micros(0);

    /// The moment `micros` microseconds after the epoch (the last one representable is `u64::MAX - 1`).
    pub const fn from_micros(micros: u64) -> Instant {
        // Stored one higher, which leaves zero to `None`.
        Instant(NonZeroU64::MIN.saturating_add(micros))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> u64 {
        self.0.get() - 1
    }

    /// How long after `earlier` this moment lies; zero if it does not.
    pub const fn saturating_duration_since(self, earlier: Instant) -> Duration {
        Duration::from_micros(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    /// Saturates at the end of time, where a deadline never comes.
    fn add(self, duration: Duration) -> Instant {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Instant(self.0.saturating_add(micros))
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    /// The same as [`Instant::saturating_duration_since`].
    fn sub(self, earlier: Instant) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_instant_costs_nothing() {
        assert_eq!(size_of::<Option<Instant>>(), size_of::<u64>());
    }

    #[test]
    fn arithmetic_saturates() {
        let end = Instant::from_micros(u64::MAX);
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(Instant::ZERO - end, Duration::ZERO);
        assert_eq!(Instant::from_micros(7).as_micros(), 7);
        assert_eq!(Instant::ZERO + Duration::from_millis(2), Instant::from_micros(2000));
    }
}
