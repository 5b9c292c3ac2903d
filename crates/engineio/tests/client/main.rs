//! A client, spoken with by hand.

mod closing;
mod heartbeat;
mod hostile;
mod opening;
mod polling;
mod properties;
mod support;
mod upgrade;
