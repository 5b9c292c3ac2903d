//! Conversations of clients with a server, through its user.

mod acks;
mod broadcasting;
mod connecting;
mod disconnecting;
mod events;
mod rooms;
mod support;
