//! The deadlines of many.

use alloc::vec::Vec;

use crate::Instant;

/// Who is not in the table.
const NOWHERE: u32 = u32::MAX;

/// Somebody who has a deadline in a [`Timetable`].
pub trait Seated: Copy {
    /// Where he sits: a small number that no two have at a time, like the place in a table.
    fn seat(self) -> u32;
}

impl Seated for u32 {
    fn seat(self) -> u32 {
        self
    }
}

/// The next deadline of each of many: a hub's clockwork, as [`Deadlines`](crate::Deadlines) is a connection's.
///
/// Everybody has one deadline at most. To learn whose is next takes no search, and to move one takes the logarithm of
/// how many there are; but moving it later, which is what most traffic does, takes nothing: he is called at the old
/// time, does nothing, and is noted down again.
#[derive(Clone, Debug)]
pub struct Timetable<K> {
    /// A heap: no entry comes before the one at half its place.
    heap: Vec<Entry<K>>,
    /// Where in the heap everybody stands.
    places: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Entry<K> {
    at: Instant,
    who: K,
}

impl<K> Default for Timetable<K> {
    fn default() -> Timetable<K> {
        Timetable { heap: Vec::new(), places: Vec::new() }
    }
}

impl<K: Seated> Timetable<K> {
    /// `who` wants to be called at `at`, or not at all. He may be called earlier.
    pub fn set(&mut self, who: K, at: Option<Instant>) {
        let place = self.places.get(who.seat() as usize).copied().unwrap_or(NOWHERE);
        match at {
            None if place == NOWHERE => {}
            None => self.remove(place as usize),
            Some(at) if place == NOWHERE => self.insert(Entry { at, who }),
            Some(at) if at < self.heap[place as usize].at => {
                self.heap[place as usize].at = at;
                self.rise(place as usize);
            }
            Some(_) => {}
        }
    }

    /// When [`expired`](Timetable::expired) will have somebody to call.
    pub fn next(&self) -> Option<Instant> {
        self.heap.first().map(|first| first.at)
    }

    /// Takes the one out whose time came first, by `now`. Note down what he wants next with [`set`](Timetable::set).
    pub fn expired(&mut self, now: Instant) -> Option<K> {
        let first = *self.heap.first().filter(|first| first.at <= now)?;
        self.remove(0);
        Some(first.who)
    }

    /// How many wait to be called.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Does nobody?
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn insert(&mut self, entry: Entry<K>) {
        let who = entry.who.seat() as usize;
        if self.places.len() <= who {
            self.places.resize(who + 1, NOWHERE);
        }
        self.heap.push(entry);
        self.rise(self.heap.len() - 1);
    }

    fn remove(&mut self, place: usize) {
        let gone = self.heap.swap_remove(place);
        self.places[gone.who.seat() as usize] = NOWHERE;
        if place < self.heap.len() {
            // The last one stands here now, and may belong in either direction.
            let place = self.rise(place);
            self.sink(place);
        }
    }

    /// Moves the entry to the front as far as it belongs, and answers where it stands then.
    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 {
            let above = (place - 1) / 2;
            if self.heap[above].at <= self.heap[place].at {
                break;
            }
            self.swap(above, place);
            place = above;
        }
        self.places[self.heap[place].who.seat() as usize] = place as u32;
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let below = 2 * place + 1;
            let nearer = (below..(below + 2).min(self.heap.len())).min_by_key(|at| self.heap[*at].at);
            let Some(nearer) = nearer.filter(|nearer| self.heap[*nearer].at < self.heap[place].at) else {
                break;
            };
            self.swap(nearer, place);
            place = nearer;
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        for place in [one, other] {
            self.places[self.heap[place].who.seat() as usize] = place as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const fn at(micros: u64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn the_earliest_is_called_first_and_once() {
        let mut table = Timetable::<u32>::default();
        table.set(7, Some(at(30)));
        table.set(2, Some(at(10)));
        table.set(4, Some(at(20)));
        table.set(4, None);
        assert_eq!(table.next(), Some(at(10)));
        assert_eq!(table.expired(at(9)), None);
        assert_eq!(table.expired(at(99)), Some(2));
        assert_eq!(table.expired(at(99)), Some(7));
        assert_eq!(table.expired(at(99)), None);
        assert!(table.is_empty());
    }

    #[test]
    fn later_is_noticed_when_he_is_called() {
        let mut table = Timetable::<u32>::default();
        table.set(0, Some(at(10)));
        table.set(0, Some(at(50)));
        assert_eq!((table.next(), table.len()), (Some(at(10)), 1));
        assert_eq!(table.expired(at(10)), Some(0));
        table.set(0, Some(at(50)));
        assert_eq!(table.next(), Some(at(50)));
    }

    proptest! {
        /// Compared with a map that is searched: nobody is called late, nobody twice, and nobody who did not ask.
        #[test]
        fn nobody_is_called_late(moves in prop::collection::vec((0_u32..20, prop::option::of(1_u64..100), 0_u64..4), 1..200)) {
            let (mut table, mut wanted, mut now) = (Timetable::<u32>::default(), BTreeMap::new(), 0);
            for (who, wish, passes) in moves {
                now += passes;
                let wish = wish.map(|wish| at(now + wish));
                table.set(who, wish);
                wanted.insert(who, wish);
                while let Some(called) = table.expired(at(now)) {
                    let wish = wanted[&called];
                    prop_assert!(wish.is_some(), "{called} did not ask");
                    if wish <= Some(at(now)) {
                        wanted.insert(called, None);
                    }
                    table.set(called, wanted[&called]);
                }
                prop_assert!(wanted.values().flatten().all(|wish| *wish > at(now)));
                let next = wanted.values().flatten().min();
                prop_assert!(table.next() <= next.copied() || next.is_none());
                prop_assert_eq!(table.is_empty(), next.is_none());
            }
        }
    }
}
