//! Many durations in little memory, and what fraction of them was below which.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bits of a number that count: durations that share their seven leading bits share a slot, so that a percentile is
/// wrong by less than 1 %.
const BITS: u32 = 7;
/// Slots of one power of two.
const SLOTS: usize = 1 << BITS;
/// Slots for every `u64`: the numbers below 2^8 exactly, and 56 powers of two more.
const ALL: usize = (64 - BITS as usize + 1) * SLOTS;

/// Counts durations, from any number of threads at once: slots a constant fraction apart, as HDR histograms do it.
/// 58 KiB, however many durations.
pub(super) struct Histogram {
    slots: Box<[AtomicU64]>,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { slots: (0..ALL).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Histogram {
    /// Counts one duration.
    pub(super) fn record(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.slots[slot(nanos)].fetch_add(1, Ordering::Relaxed);
    }

    /// The duration that `fraction` (0 to 1) of all those counted do not pass; zero if none was.
    pub(super) fn percentile(&self, fraction: f64) -> Duration {
        let counts = || self.slots.iter().map(|slot| slot.load(Ordering::Relaxed));
        let total: u64 = counts().sum();
        let rank = ((total as f64 * fraction).ceil() as u64).clamp(1, total.max(1));
        let mut seen = 0;
        let reached = counts().position(|count| {
            seen += count;
            seen >= rank
        });
        Duration::from_nanos(reached.map_or(0, highest))
    }
}

fn slot(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(BITS + 1);
    shift as usize * SLOTS + (nanos >> shift) as usize
}

/// The largest number that lands in `slot`.
fn highest(slot: usize) -> u64 {
    let shift = (slot / SLOTS).saturating_sub(1);
    let leading = (slot - shift * SLOTS) as u64;
    (((leading as u128 + 1) << shift) - 1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_stand_side_by_side_and_hold_what_they_say() {
        for nanos in (0..5000).chain([1 << 20, (1 << 40) + 12345, u64::MAX - 1, u64::MAX]) {
            let highest = highest(slot(nanos));
            assert!(highest >= nanos && highest - nanos <= nanos / 128, "{nanos}: {highest}");
        }
        for index in 1..ALL {
            assert_eq!(slot(highest(index - 1)) + 1, slot(highest(index)), "{index}");
        }
        assert_eq!(slot(u64::MAX), ALL - 1);
    }

    #[test]
    fn percentiles_are_those_of_a_sorted_list() {
        let histogram = Histogram::default();
        assert_eq!(histogram.percentile(0.99), Duration::ZERO);
        (1..=1000u64).rev().for_each(|micros| histogram.record(Duration::from_micros(micros)));
        for (fraction, micros) in [(0.0, 1.0), (0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1000.0)] {
            let answer = histogram.percentile(fraction).as_nanos() as f64 / 1000.0;
            assert!((micros..=micros * 1.008).contains(&answer), "{fraction}: {answer}");
        }
    }
}
