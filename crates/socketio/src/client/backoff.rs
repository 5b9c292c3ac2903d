//! How long a client waits before it tries again.

use core::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::options::Reconnection;

/// Counts attempts, and draws the time before each.
#[derive(Debug)]
pub(super) struct Backoff {
    attempts: u32,
    random: ChaCha8Rng,
}

/// One more attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Attempt {
    /// Which one, from 1.
    pub(super) number: u32,
    /// The time before it.
    pub(super) delay: Duration,
}

impl Backoff {
    pub(super) fn new(seed: [u8; 32]) -> Backoff {
        Backoff { attempts: 0, random: ChaCha8Rng::from_seed(seed) }
    }

    /// The next attempt; `None`: there were enough.
    pub(super) fn attempt(&mut self, rules: &Reconnection) -> Option<Attempt> {
        if rules.attempts.is_some_and(|most| self.attempts >= most) {
            return None;
        }
        let delay = delay(rules, self.attempts, fraction(self.random.next_u64()));
        self.attempts = self.attempts.saturating_add(1);
        Some(Attempt { number: self.attempts, delay })
    }

    /// It worked, or somebody begins anew.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

/// A number from 0 up to, but not, 1: as many bits as a float can tell apart.
fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// The time before attempt `number`, counted from 0: twice as long each time, then some of it more or less, then no more
/// than the longest. One random number makes both the amount and the sign, as in the JavaScript implementation, so that
/// the two wait alike.
fn delay(rules: &Reconnection, number: u32, random: f64) -> Duration {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let doubled = millis(rules.delay).saturating_mul(1_u64.checked_shl(number).unwrap_or(u64::MAX));
    // A cast cuts off what is behind the point, and keeps to what fits.
    let deviation = (random * rules.jitter.clamp(0.0, 1.0) * doubled as f64) as u64;
    let is_even = (random * 10.0) as u64 & 1 == 0;
    let jittered =
        if is_even { doubled.saturating_sub(deviation) } else { doubled.saturating_add(deviation) };
    Duration::from_millis(jittered.min(millis(rules.max_delay)))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn millis(rules: &Reconnection, number: u32, random: f64) -> u64 {
        delay(rules, number, random).as_millis() as u64
    }

    #[test]
    fn it_doubles_up_to_the_longest() {
        let rules = Reconnection { jitter: 0.0, ..Reconnection::default() };
        let delays: Vec<u64> = (0..6).map(|number| millis(&rules, number, 0.7)).collect();
        assert_eq!(delays, [1000, 2000, 4000, 5000, 5000, 5000]);
        assert_eq!(millis(&rules, u32::MAX, 0.7), 5000);
    }

    /// By hand, from the formula: floor(random · jitter · delay), away from it if the first digit of the random number is
    /// odd, and the longest comes last.
    #[test]
    fn one_random_number_says_how_much_and_in_which_direction() {
        let rules = Reconnection::default();
        assert_eq!(millis(&rules, 0, 0.0), 1000);
        assert_eq!(millis(&rules, 0, 0.25), 875);
        assert_eq!(millis(&rules, 0, 0.5), 1250);
        assert_eq!(millis(&rules, 0, 0.999), 1499);
        assert_eq!(millis(&rules, 1, 0.123), 2000 + 123);
        assert_eq!(millis(&rules, 2, 0.8), 4000 - 1600);
        assert_eq!(millis(&rules, 2, 0.9), 5000, "4000 and 1800 more are too long");
        // What is too long is shortened after the jitter, so some of it may remain shorter.
        assert_eq!(millis(&rules, 3, 0.8), 4800);
    }

    #[test]
    fn attempts_are_counted_and_begin_anew() {
        let rules = Reconnection { attempts: Some(2), ..Reconnection::default() };
        let mut backoff = Backoff::new([7; 32]);
        let numbers = |backoff: &mut Backoff| -> Vec<u32> {
            core::iter::from_fn(|| backoff.attempt(&rules)).map(|attempt| attempt.number).collect()
        };
        assert_eq!(numbers(&mut backoff), [1, 2]);
        assert!(numbers(&mut backoff).is_empty());
        backoff.reset();
        assert_eq!(numbers(&mut backoff), [1, 2]);
    }

    #[test]
    fn a_strange_jitter_is_none_or_all() {
        for (jitter, expected) in [(-1.0, 1000), (f64::NAN, 1000), (9.0, 1500)] {
            let rules = Reconnection { jitter, ..Reconnection::default() };
            assert_eq!(millis(&rules, 0, 0.5), expected, "{jitter}");
        }
    }
}
