//! Names for what a server keeps.

use sansocket_core::Seated;
use slotmap::Key;

slotmap::new_key_type! {
    /// A session, among those of its [`Server`](super::Server). Never given twice, so that nobody is taken for who was there before.
    pub struct SessionId;
    /// A request that was handed in and not answered yet.
    pub struct ExchangeId;
    /// A WebSocket that carries a session, or wants to.
    pub struct ConnectionId;
}

impl Seated for SessionId {
    fn seat(self) -> u32 {
        // The lower half is the place in the table.
        self.data().as_ffi() as u32
    }
}
