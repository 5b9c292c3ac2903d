//! What waits, where mostly nothing does.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// What can wait in a [`Queue`].
pub(crate) trait Weigh {
    /// Bytes that are kept for it.
    fn weight(&self) -> usize;
}

/// A queue that is one word, and owns nothing while it is empty: most sessions are idle.
#[derive(Debug)]
pub(crate) struct Queue<T>(Option<Box<Line<T>>>);

/// Those who wait. One alone, which is how most messages pass, takes no memory but this.
#[derive(Debug)]
struct Line<T> {
    first: T,
    others: VecDeque<T>,
    /// Of all of them.
    weight: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue(None)
    }
}

impl<T: Weigh> Queue<T> {
    pub(crate) fn push_back(&mut self, item: T) {
        let weight = item.weight();
        match &mut self.0 {
            None => self.0 = Some(Box::new(Line { first: item, others: VecDeque::new(), weight })),
            Some(line) => {
                line.others.push_back(item);
                line.weight += weight;
            }
        }
    }

    pub(crate) fn push_front(&mut self, item: T) {
        match &mut self.0 {
            None => self.push_back(item),
            Some(line) => {
                line.weight += item.weight();
                let second = core::mem::replace(&mut line.first, item);
                line.others.push_front(second);
            }
        }
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let line = self.0.as_mut()?;
        let Some(second) = line.others.pop_front() else { return self.0.take().map(|line| line.first) };
        let first = core::mem::replace(&mut line.first, second);
        line.weight -= first.weight();
        Some(first)
    }

    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(&T) -> bool) {
        let all = core::mem::take(self);
        all.into_iter().filter(|item| keeps(item)).for_each(|item| self.push_back(item));
    }
}

impl<T> Queue<T> {
    pub(crate) fn front(&self) -> Option<&T> {
        self.0.as_ref().map(|line| &line.first)
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut().map(|line| &mut line.first)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flat_map(|line| core::iter::once(&line.first).chain(&line.others))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flat_map(|line| core::iter::once(&mut line.first).chain(&mut line.others))
    }

    fn into_iter(self) -> impl Iterator<Item = T> {
        self.0.into_iter().flat_map(|line| core::iter::once(line.first).chain(line.others))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Of all that waits, as it was when it came.
    pub(crate) fn weight(&self) -> usize {
        self.0.as_ref().map_or(0, |line| line.weight)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    impl Weigh for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    proptest! {
        /// Whatever is done to it, it is a `VecDeque`, and adds up what is in it.
        #[test]
        fn is_a_deque_that_knows_its_weight(moves in prop::collection::vec((0_u8..6, 0_usize..100), 0..100)) {
            let (mut queue, mut deque) = (Queue::default(), VecDeque::new());
            for (action, item) in moves {
                match action {
                    0..3 => {
                        queue.push_back(item);
                        deque.push_back(item);
                    }
                    3 => {
                        queue.push_front(item);
                        deque.push_front(item);
                    }
                    4 => prop_assert_eq!(queue.pop_front(), deque.pop_front()),
                    _ => {
                        queue.retain(|kept| *kept > item);
                        deque.retain(|kept| *kept > item);
                    }
                }
                prop_assert_eq!(queue.iter().collect::<Vec<_>>(), deque.iter().collect::<Vec<_>>());
                prop_assert_eq!((queue.front(), queue.is_empty()), (deque.front(), deque.is_empty()));
                prop_assert_eq!(queue.weight(), deque.iter().sum::<usize>());
            }
        }
    }
}
