//! Telling many tasks the same thing once.

use std::fmt;
use std::future::poll_fn;
use std::num::NonZero;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Something that happens once and concerns many: a server goes down, the last guest has left. Clones are the same
/// signal.
///
/// ```
/// use sansocket_driver::{Signal, unless};
/// # async fn accept() {}
/// # async fn example() {
/// let stop = Signal::default();
/// // … stop.clone() goes to whoever may raise it …
/// while let Some(accepted) = unless(stop.wait(), accept()).await { /* … */ }
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Signal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_raised: AtomicBool,
    waiting: Mutex<Waiting>,
}

/// Who waits; a freed place is taken by the next one.
#[derive(Default)]
struct Waiting {
    places: Vec<Option<Waker>>,
    free: Vec<Place>,
}

/// Where somebody stands, counted from one.
type Place = NonZero<u32>;

impl Signal {
    /// Wakes all who wait, now and later. The second time nothing happens.
    pub fn raise(&self) {
        let mut waiting = self.0.lock();
        self.0.is_raised.store(true, Ordering::Release);
        let places = std::mem::take(&mut waiting.places);
        drop(waiting);
        places.into_iter().flatten().for_each(Waker::wake);
    }

    /// Was it raised?
    pub fn is_raised(&self) -> bool {
        self.0.is_raised.load(Ordering::Acquire)
    }

    /// Waits until it is raised. Asking again costs next to nothing while the task is the same.
    pub fn wait(&self) -> Wait {
        Wait { signal: self.0.clone(), task: 0, place: None }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a [`Signal`]: see [`Signal::wait`].
pub struct Wait {
    signal: Arc<Inner>,
    /// What the waker at our place knows its task by. While it stands there that is no other's; 0 says nothing.
    task: usize,
    place: Option<Place>,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Wait { signal, task, place } = &mut *self;
        if signal.is_raised.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let polling = cx.waker().data().addr();
        if *task == polling && polling != 0 {
            return Poll::Pending;
        }
        let mut waiting = signal.lock();
        if signal.is_raised.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let place = *place.get_or_insert_with(|| waiting.place());
        waiting.places[index(place)] = Some(cx.waker().clone());
        *task = polling;
        Poll::Pending
    }
}

fn index(place: Place) -> usize {
    place.get() as usize - 1
}

impl Waiting {
    /// A place for somebody new.
    fn place(&mut self) -> Place {
        self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            Place::new(self.places.len() as u32).expect("one was pushed")
        })
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let mut waiting = self.signal.lock();
        // Once it was raised there are no places any more.
        if let Some(waker) = waiting.places.get_mut(index(place)) {
            *waker = None;
            waiting.free.push(place);
        }
    }
}

/// Does `work`, unless `stop` is ready first: then `None`, and what was begun is dropped.
pub async fn unless<T>(stop: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut stop, mut work) = (pin!(stop), pin!(work));
    poll_fn(|cx| {
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(cx).map(Some)
    })
    .await
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").field("is_raised", &self.is_raised()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn all_who_wait_are_woken_once_and_the_dropped_are_not() {
        let (signal, count) = (Signal::default(), Arc::new(Count::default()));
        let waker = Waker::from(count.clone());
        let mut cx = Context::from_waker(&waker);
        let mut waits: Vec<_> = (0..10).map(|_| Box::pin(signal.wait())).collect();
        for wait in &mut waits {
            assert!(wait.as_mut().poll(&mut cx).is_pending());
            assert!(wait.as_mut().poll(&mut cx).is_pending());
        }
        waits.truncate(7);
        signal.raise();
        signal.raise();
        assert_eq!(count.0.load(Ordering::SeqCst), 7);
        assert!(waits.iter_mut().all(|wait| wait.as_mut().poll(&mut cx).is_ready()));
        assert!(pin!(signal.wait()).poll(&mut cx).is_ready());
    }

    #[test]
    fn places_are_used_again() {
        let signal = Signal::default();
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..1000 {
            assert!(pin!(signal.wait()).poll(&mut cx).is_pending());
        }
        assert_eq!(signal.0.lock().places.len(), 1);
    }
}
