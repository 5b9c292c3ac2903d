//! The cores on a machine without an operating system: no `std`, a heap of 64 KiB that never takes anything back.
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use sansocket_core::{Input, Instant, Machine, Pool};

use sansocket_engineio as _;
use sansocket_http1 as _;
use sansocket_socketio as _;
use sansocket_websocket as _;

/// Drives a machine for one read, as firmware would: what a linker would have to keep.
pub fn turn<M: Machine>(machine: &mut M, input: &mut Input, pool: &mut Pool, read: &[u8]) -> usize {
    let space = input.space(pool);
    let count = read.len().min(space.len());
    space[..count].copy_from_slice(&read[..count]);
    input.filled(count);
    let mut events = 0;
    while machine.poll_event(input, Instant::ZERO).is_some() {
        events += 1;
    }
    input.release(pool);
    events
}

const HEAP_BYTES: usize = 64 << 10;

struct Heap {
    used: AtomicUsize,
    bytes: core::cell::UnsafeCell<[u8; HEAP_BYTES]>,
}

#[global_allocator]
static HEAP: Heap = Heap { used: AtomicUsize::new(0), bytes: core::cell::UnsafeCell::new([0; HEAP_BYTES]) };

// SAFETY: `alloc` hands out each byte once, by an atomic counter.
unsafe impl Sync for Heap {}

// SAFETY: what is handed out lies in `bytes`, is aligned, and is never handed out again.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let wanted = layout.size() + layout.align();
        let start = self.used.fetch_add(wanted, Ordering::Relaxed);
        if start + wanted > HEAP_BYTES {
            return ptr::null_mut();
        }
        let first = self.bytes.get().cast::<u8>().wrapping_add(start);
        first.wrapping_add(first.align_offset(layout.align()))
    }

    unsafe fn dealloc(&self, _given: *mut u8, _layout: Layout) {}
}

#[panic_handler]
fn stop(_why: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
