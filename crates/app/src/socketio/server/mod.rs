//! Servers: sockets in your handlers' hands, and all of them at once.

mod audience;
mod bus;
mod carrier;
mod cluster;
mod extensions;
mod hooks;
mod hosts;
mod io;
mod known;
mod ledger;
mod listener;
mod notice;
mod operator;
mod programs;
mod shared;
mod socket;
mod state;
mod uplink;

pub use self::bus::Bus;
pub use self::io::Io;
pub use self::listener::Server;
pub use self::notice::{Notice, Reply};
pub use self::operator::Operator;
pub use self::socket::Socket;
