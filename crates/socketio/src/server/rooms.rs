//! Rooms, and who is in them.

use alloc::vec::Vec;

use sansocket_core::Utf8Bytes;

use super::Server;
use super::event::{JoinError, Notice};
use super::ids::SocketId;
use super::maps::{Name, shrink};
use super::namespace::Change;
use super::socket::State;
use super::target::Target;
use crate::Nsp;

impl Server {
    /// A socket joins a room, which there is from then on. It may before it is [accepted](Server::accept). In the room
    /// that its own id is it is anyway.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn join(&mut self, socket: SocketId, room: impl Into<Utf8Bytes>) -> Result<(), JoinError> {
        let room = room.into();
        let known = self.sockets.get(socket).ok_or(JoinError::Closed)?;
        if !matches!(known.state, State::Connected | State::Connecting) {
            return Err(JoinError::Closed);
        }
        if room == known.id || known.rooms.contains_key(&room) {
            return Ok(());
        }
        if self.options.max_rooms.is_some_and(|most| known.rooms.len() >= most) {
            return Err(JoinError::TooManyRooms);
        }
        let since = self.namespaces[known.namespace].log.end();
        self.sockets[socket].rooms.insert(room.clone(), since);
        self.enter_room(socket, room);
        Ok(())
    }

    /// A socket leaves a room. A room that nobody is in is none.
    pub fn leave(&mut self, socket: SocketId, room: &str) {
        let Some(known) = self.sockets.get_mut(socket) else { return };
        if !matches!(known.state, State::Connected | State::Connecting) {
            return;
        }
        if let Some((room, since)) = known.rooms.remove_entry(&Name(room)) {
            shrink(&mut known.rooms);
            if known.private_id.is_some() {
                known.past.left(&room, since, &self.namespaces[known.namespace].log);
            }
            self.exit_room(socket, room);
        }
    }

    /// A socket leaves all its rooms, but for the one that its own id is.
    pub fn leave_all(&mut self, socket: SocketId) {
        let rooms: Vec<Utf8Bytes> =
            self.sockets.get(socket).map(|known| known.rooms.keys().cloned().collect()).unwrap_or_default();
        rooms.iter().for_each(|room| self.leave(socket, room));
    }

    /// The connected sockets of this node that are meant, each once.
    pub fn sockets(&self, target: &Target) -> Vec<SocketId> {
        let mut sockets = self
            .namespace_of(&target.nsp)
            .map(|namespace| namespace.targets(&target.opts))
            .unwrap_or_default();
        sockets.retain(|socket| self.sockets[*socket].is_connected());
        sockets
    }

    /// The rooms of a namespace, without those that the ids of its sockets are.
    pub fn rooms(&self, nsp: &Nsp) -> Vec<Utf8Bytes> {
        self.namespace_of(nsp).map(|namespace| namespace.rooms().cloned().collect()).unwrap_or_default()
    }

    /// How many sockets of this node are in a room.
    pub fn room_size(&self, nsp: &Nsp, room: &str) -> usize {
        self.sockets(&Target::new(nsp.clone()).to(room)).len()
    }

    /// Is a socket in a room?
    pub fn is_in(&self, socket: SocketId, room: &str) -> bool {
        let Some(known) = self.sockets.get(socket) else { return false };
        self.namespaces.get(known.namespace).is_some_and(|namespace| namespace.is_in(socket, room))
    }

    /// A socket is in a room, as it knows already.
    pub(super) fn enter_room(&mut self, id: SocketId, room: Utf8Bytes) {
        let socket = &self.sockets[id];
        let change = self.namespaces[socket.namespace].join(&room, id);
        if change == Change::Boundary {
            let nsp = socket.nsp.clone();
            self.tell(|| Notice::RoomMade { nsp, room: room.clone() });
        }
        if change != Change::Nothing {
            self.tell(|| Notice::Joined { socket: id, room });
        }
    }

    /// It is in it no longer, as it knows already.
    fn exit_room(&mut self, id: SocketId, room: Utf8Bytes) {
        let socket = &self.sockets[id];
        let change = self.namespaces[socket.namespace].leave(&room, id);
        let nsp = socket.nsp.clone();
        if change != Change::Nothing {
            self.tell(|| Notice::Left { socket: id, room: room.clone() });
        }
        if change == Change::Boundary {
            self.tell(|| Notice::RoomGone { nsp, room });
        }
    }

    /// A socket is in no room any more, though it knows which those were.
    pub(super) fn vacate(&mut self, id: SocketId) {
        let socket = &self.sockets[id];
        let rooms: Vec<Utf8Bytes> = socket.rooms.keys().cloned().collect();
        self.namespaces[socket.namespace].exit(&socket.id, id);
        rooms.into_iter().for_each(|room| self.exit_room(id, room));
    }
}
