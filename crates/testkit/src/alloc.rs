//! An allocator that counts, for tests that bound memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts the bytes that each thread has allocated and not freed, and the most there ever were.
///
/// ```
/// use sansocket_testkit::CountingAlloc;
///
/// #[global_allocator]
/// static ALLOC: CountingAlloc = CountingAlloc;
///
/// let (kept, grown) = CountingAlloc::measure(|| vec![0_u8; 3000]);
/// assert!(grown.kept >= kept.len() && grown.peak < 4096);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CountingAlloc;

/// How the memory of this thread grew while something ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grown {
    /// At its highest, in bytes above where it began.
    pub peak: usize,
    /// What was still allocated at the end, in bytes above where it began (0 if less).
    pub kept: usize,
    /// How often memory was asked for.
    pub calls: usize,
}

thread_local! {
    // Memory may be freed by another thread than asked for it, so this may be negative.
    static CURRENT: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

impl CountingAlloc {
    /// Runs `work` on this thread and says how the thread's memory grew.
    pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Grown) {
        let (before, outer_peak, calls) = (CURRENT.get(), PEAK.get(), CALLS.get());
        PEAK.set(before);
        let result = work();
        let above = |bytes: isize| usize::try_from(bytes - before).unwrap_or(0);
        let grown = Grown { peak: above(PEAK.get()), kept: above(CURRENT.get()), calls: CALLS.get() - calls };
        PEAK.set(outer_peak.max(PEAK.get()));
        (result, grown)
    }

    /// Bytes this thread has allocated and not freed. Fails if the allocator is not installed, so that no bound is
    /// ever asserted of nothing.
    pub fn current() -> isize {
        let probe = Box::new([0_u8; 64]);
        assert!(CALLS.get() > 0, "CountingAlloc is not this binary's #[global_allocator]");
        drop(probe);
        CURRENT.get()
    }

    fn count(bytes: isize) {
        // While a thread ends its counters are gone: nobody looks at them any more.
        let _ = CURRENT.try_with(|current| {
            current.set(current.get() + bytes);
            let _ = PEAK.try_with(|peak| peak.set(peak.get().max(current.get())));
        });
        if bytes > 0 {
            let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
        }
    }
}

// SAFETY: every call goes to `System` unchanged, whose contract is the same; counting allocates nothing, for the
// thread-local cells are initialised at compile time and have no destructor.
unsafe impl GlobalAlloc for CountingAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size() as isize);
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size() as isize);
        // SAFETY: the caller keeps `GlobalAlloc::alloc_zeroed`'s contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        Self::count(-(layout.size() as isize));
        // SAFETY: the caller keeps `GlobalAlloc::dealloc`'s contract.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count(size as isize);
        Self::count(-(layout.size() as isize));
        // SAFETY: the caller keeps `GlobalAlloc::realloc`'s contract.
        unsafe { System.realloc(at, layout, size) }
    }
}
