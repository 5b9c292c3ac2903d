//! A client, spoken with by hand.

mod closing;
mod driver;
mod heartbeat;
mod hostile;
mod opening;
mod polling;
mod properties;
mod support;
mod upgrade;

use sansocket_testkit::CountingAlloc;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;
