//! What waits, where mostly nothing does.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// A queue that is one word, and owns nothing while it is empty: most sessions are idle.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "three words less in every session that is idle")]
pub(crate) struct Queue<T>(Option<Box<VecDeque<T>>>);

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue(None)
    }
}

impl<T> Queue<T> {
    pub(crate) fn push_back(&mut self, item: T) {
        self.0.get_or_insert_default().push_back(item);
    }

    pub(crate) fn push_front(&mut self, item: T) {
        self.0.get_or_insert_default().push_front(item);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let queue = self.0.as_mut()?;
        let first = queue.pop_front();
        self.0.take_if(|queue| queue.is_empty());
        first
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.0.as_ref()?.front()
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()?.front_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flat_map(|queue| queue.iter())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flat_map(|queue| queue.iter_mut())
    }

    pub(crate) fn retain(&mut self, keeps: impl FnMut(&T) -> bool) {
        if let Some(queue) = &mut self.0 {
            queue.retain(keeps);
        }
        self.0.take_if(|queue| queue.is_empty());
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}
