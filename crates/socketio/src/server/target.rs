//! Whom an operator means.

use sansocket_core::Utf8Bytes;

use crate::Nsp;
use crate::cluster::Opts;
use crate::flow::Flags;

/// Sockets of a namespace, wherever they are, and how something goes to them.
///
/// ```
/// use sansocket_socketio::server::Target;
/// use sansocket_socketio::{Flags, Nsp};
///
/// let players = Target::new(Nsp::main()).to("red").to("blue").except("banned").with(Flags::default().volatile());
/// assert_eq!(players.opts.rooms, ["red", "blue"]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The namespace.
    pub nsp: Nsp,
    /// Which of its sockets, and how.
    pub opts: Opts,
}

impl Target {
    /// All sockets of a namespace.
    pub fn new(nsp: Nsp) -> Target {
        Target { nsp, opts: Opts::default() }
    }

    /// Those in this room, and in others that were named. A socket's id is a room that it alone is in.
    pub fn to(mut self, room: impl Into<Utf8Bytes>) -> Target {
        self.opts.rooms.push(room.into());
        self
    }

    /// But for those in this room.
    pub fn except(mut self, room: impl Into<Utf8Bytes>) -> Target {
        self.opts.except.push(room.into());
        self
    }

    /// How it goes to them.
    pub fn with(mut self, flags: Flags) -> Target {
        self.opts.flags = flags;
        self
    }
}
