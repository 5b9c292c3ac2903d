//! Conversations of clients with a server, through its user.

mod acks;
mod back_pressure;
mod broadcasting;
mod cluster;
mod connecting;
mod disconnecting;
mod events;
mod old_clients;
mod recovery;
mod rooms;
mod support;
mod volatile;
