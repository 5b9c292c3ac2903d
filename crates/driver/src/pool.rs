//! The spare buffers of this thread.

use std::cell::RefCell;

use sansocket_core::Pool;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
}

/// Lends `take` the pool of this thread. A task that wanders brings its memory home to another thread's pool, which is
/// fine. Nothing that may come back here (an [`Io`](crate::Io), say) is called inside.
#[inline]
pub(crate) fn pooled<R>(take: impl FnOnce(&mut Pool) -> R) -> R {
    POOL.with_borrow_mut(take)
}
