//! Conversations of clients with a server, through its user.

mod acks;
mod anything;
mod back_pressure;
mod broadcasting;
mod cluster;
mod connecting;
mod disconnecting;
mod driver;
mod events;
mod hostile;
mod memory;
mod old_clients;
mod properties;
mod recovery;
mod rooms;
mod support;
mod volatile;

use sansocket_testkit::CountingAlloc;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;
