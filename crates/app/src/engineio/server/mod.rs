//! A server's side.

mod beside;
mod engine;
mod hooks;
mod listener;
mod session;
mod shared;
mod state;
mod talk;
mod upgrade;

pub use beside::Beside;
pub use engine::{Engine, Setup};
pub use hooks::{Occasion, Refusal};
pub use listener::Server;
pub use session::{Session, SessionHandle};
pub use upgrade::{Appetite, Next, Upgraded};
