//! A client, spoken with by hand.

mod acks;
mod back_pressure;
mod connecting;
mod disconnecting;
mod driver;
mod events;
mod hostile;
#[cfg(feature = "msgpack")]
mod msgpack;
mod offline;
mod properties;
mod reconnection;
mod recovery;
mod retries;
mod revision_4;
mod support;

use sansocket_testkit::CountingAlloc;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;
