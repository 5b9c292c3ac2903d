//! What waits, where mostly nothing does or one.

use alloc::collections::VecDeque;

/// A queue whose first item lies in itself: where one comes at a time, no memory is asked for. Owns nothing while it is
/// empty.
#[derive(Debug)]
pub(crate) struct Line<T> {
    first: Option<T>,
    /// Those behind it; empty if there is no first.
    others: VecDeque<T>,
}

impl<T> Default for Line<T> {
    fn default() -> Line<T> {
        Line { first: None, others: VecDeque::new() }
    }
}

impl<T> Line<T> {
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        match self.first {
            None => self.first = Some(item),
            Some(_) => self.others.push_back(item),
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.others.is_empty() {
            return self.first.take();
        }
        let next = self.others.pop_front();
        if self.others.is_empty() {
            self.others = VecDeque::new();
        }
        core::mem::replace(&mut self.first, next)
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.first.as_ref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.others)
    }

    /// Takes out, from the front on, what does not stay.
    pub(crate) fn retain(&mut self, mut stays: impl FnMut(&T) -> bool) {
        let first = self.first.take().filter(|first| stays(first));
        self.others.retain(stays);
        self.first = first.or_else(|| self.others.pop_front());
        self.others.shrink_to_fit();
    }
}

impl<T> IntoIterator for Line<T> {
    type Item = T;
    type IntoIter = core::iter::Chain<core::option::IntoIter<T>, alloc::collections::vec_deque::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.others)
    }
}

impl<T> Extend<T> for Line<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn who_came_first_goes_first() {
        let mut line = Line::default();
        for round in 0..5 {
            line.extend(0..round);
            assert_eq!(line.iter().copied().collect::<Vec<_>>(), (0..round).collect::<Vec<_>>());
            assert!((0..round).all(|item| line.pop() == Some(item)));
            assert!(line.is_empty() && line.pop().is_none());
            assert_eq!(line.others.capacity(), 0);
        }
    }

    #[test]
    fn who_stays_keeps_his_place() {
        for kept in
            [|item: &u32| [0, 4, 8].contains(item), |item: &u32| [1, 2].contains(item), |_: &u32| false]
        {
            let mut line = Line::default();
            line.extend(0..9);
            line.retain(kept);
            assert!(line.first() == (0..9).find(kept).as_ref());
            assert!(line.into_iter().eq((0..9).filter(kept)));
        }
    }
}
