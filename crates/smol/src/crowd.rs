//! How many are here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use sansocket_driver::Signal;

/// Counts who is here, and notices when the last one leaves after the doors were closed.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// Who is here, and one more as long as the doors are open.
    inside: AtomicUsize,
    most: usize,
    left: Signal,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Guest(Arc<Crowd>);

impl Crowd {
    /// Room for `most`.
    pub(crate) fn new(most: usize) -> Arc<Crowd> {
        Arc::new(Crowd { inside: AtomicUsize::new(1), most, left: Signal::default() })
    }

    /// `None` if there is no room.
    pub(crate) fn enter(self: &Arc<Crowd>) -> Option<Guest> {
        if self.inside.fetch_add(1, SeqCst) > self.most {
            self.leave();
            return None;
        }
        Some(Guest(self.clone()))
    }

    /// Closes the doors, once, and waits until the last one has left.
    pub(crate) async fn close(&self) {
        self.leave();
        self.gone().await;
    }

    /// Waits until the last one has left, the doors being closed.
    pub(crate) async fn gone(&self) {
        self.left.wait().await;
    }

    fn leave(&self) {
        if self.inside.fetch_sub(1, SeqCst) == 1 {
            self.left.raise();
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.leave();
    }
}
