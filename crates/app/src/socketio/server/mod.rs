//! Servers: sockets in your handlers' hands, and all of them at once.

mod carrier;
mod extensions;
mod hooks;
mod hosts;
mod io;
mod known;
mod listener;
mod operator;
mod request;
mod shared;
mod socket;
mod state;

pub use self::io::Io;
pub use self::listener::Server;
pub use self::operator::Operator;
pub use self::socket::Socket;
