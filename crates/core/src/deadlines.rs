//! Deadlines are data: every timer is an entry with a reason.

use core::marker::PhantomData;

use crate::Instant;

/// Why a deadline stands: an enum of the machine that owns the [`Deadlines`].
pub trait Reason: Copy + 'static {
    /// Every reason, in the order of [`Reason::index`].
    const ALL: &'static [Self];

    /// This reason's place in [`Reason::ALL`].
    fn index(self) -> usize;
}

/// At most one deadline for each of `N` reasons: a machine's whole clockwork.
///
/// A machine answers `poll_timeout` with [`Deadlines::next`] and, in `handle_timeout(now)`, takes one
/// [`Deadlines::expired`] reason after the other. `N` is the number of reasons; a handful, so a walk over all of
/// them is the fastest search.
#[derive(Clone, Debug)]
pub struct Deadlines<R, const N: usize> {
    at: [Option<Instant>; N],
    reason: PhantomData<R>,
}

impl<R, const N: usize> Default for Deadlines<R, N> {
    fn default() -> Self {
        Deadlines { at: [None; N], reason: PhantomData }
    }
}

impl<R: Reason, const N: usize> Deadlines<R, N> {
    /// Sets the deadline for `reason`; an earlier one for the same reason is forgotten.
    pub fn set(&mut self, reason: R, at: Instant) {
        self.at[reason.index()] = Some(at);
    }

    /// Forgets the deadline for `reason`, if there is one.
    pub fn clear(&mut self, reason: R) {
        self.at[reason.index()] = None;
    }

    /// Forgets every deadline.
    pub fn clear_all(&mut self) {
        self.at = [None; N];
    }

    /// When the deadline for `reason` comes.
    pub fn at(&self, reason: R) -> Option<Instant> {
        self.at[reason.index()]
    }

    /// The nearest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.at.iter().copied().flatten().min()
    }

    /// Takes the earliest deadline that has come by `now`. Call it until it answers `None`.
    pub fn expired(&mut self, now: Instant) -> Option<R> {
        let (index, _) = self
            .at
            .iter()
            .enumerate()
            .filter_map(|(index, at)| at.filter(|at| *at <= now).map(|at| (index, at)))
            .min_by_key(|(_, at)| *at)?;
        self.at[index] = None;
        Some(R::ALL[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Why {
        Ping,
        Pong,
    }
    impl Reason for Why {
        const ALL: &'static [Why] = &[Why::Ping, Why::Pong];
        fn index(self) -> usize {
            self as usize
        }
    }

    #[test]
    fn the_earliest_comes_first_and_once() {
        let at = Instant::from_micros;
        let mut deadlines = Deadlines::<Why, 2>::default();
        deadlines.set(Why::Ping, at(20));
        deadlines.set(Why::Pong, at(10));
        assert_eq!(deadlines.next(), Some(at(10)));
        assert_eq!(deadlines.expired(at(9)), None);
        assert_eq!(deadlines.expired(at(30)), Some(Why::Pong));
        assert_eq!(deadlines.expired(at(30)), Some(Why::Ping));
        assert_eq!(deadlines.expired(at(30)), None);
        assert_eq!(deadlines.next(), None);
    }

    #[test]
    fn setting_again_moves_and_clearing_forgets() {
        let at = Instant::from_micros;
        let mut deadlines = Deadlines::<Why, 2>::default();
        deadlines.set(Why::Ping, at(5));
        deadlines.set(Why::Ping, at(50));
        assert_eq!(deadlines.next(), Some(at(50)));
        deadlines.clear(Why::Ping);
        assert_eq!(deadlines.at(Why::Ping), None);
    }
}
