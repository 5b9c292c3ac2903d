//! Events for clients of this node.

use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::{Instant, Utf8Bytes};

use super::Server;
use super::ids::{NspKey, SocketId};
use super::maps::Members;
use super::outlet::{Parcel, Pushed};
use super::recovery::{Audience, Position};
use super::requests::{Asker, Poll, Request};
use crate::cluster::{Named, Opts, Uid};
use crate::flow::{AckError, EmitError, Flags, RequestId, Volatile};
use crate::packet::{Kind, Packet};
use crate::reason::Reason;
use crate::{AckId, Args, Encoded, Nsp, Parser, is_reserved};

/// One event for a socket.
impl Server {
    /// Sends an event to a socket.
    ///
    /// # Errors
    /// [`EmitError`], which hands the arguments back: `Blocked` until the event [`Drained`](super::Event::Drained),
    /// `Closed`, or `Reserved`. A volatile event is never blocked.
    pub fn emit(
        &mut self,
        socket: SocketId,
        name: impl Into<Utf8Bytes>,
        args: Args,
        flags: Flags,
        now: Instant,
    ) -> Result<(), EmitError<Args>> {
        let name = name.into();
        let args = self.may_emit(socket, &name, args, flags)?;
        let known = &self.sockets[socket];
        let (nsp, namespace) = (known.nsp.clone(), known.namespace);
        let event = Named { name: name.clone(), args };
        let packet = if known.private_id.is_some() && flags.volatile == Volatile::No {
            let (packet, position) = self.keep(namespace, Audience::One(socket), event, now);
            self.sockets[socket].was_sent(position);
            packet
        } else {
            encode(&self.options.parser, &nsp, None, event)
        };
        self.push_event(socket, &Parcel { nsp: &nsp, name: &name, packet: &packet, flags });
        Ok(())
    }

    /// Sends an event to a socket, which is to acknowledge it within `timeout`:
    /// [`Outcome::Acked`](super::Outcome::Acked) says what came of it.
    ///
    /// # Errors
    /// As [`emit`](Server::emit), and `TooManyAcks`.
    pub fn emit_with_ack(
        &mut self,
        socket: SocketId,
        name: impl Into<Utf8Bytes>,
        args: Args,
        timeout: Duration,
        flags: Flags,
        now: Instant,
    ) -> Result<RequestId, EmitError<Args>> {
        let name = name.into();
        let args = self.may_emit(socket, &name, args, flags)?;
        if self.sockets[socket].acks.len() >= self.options.max_pending_acks {
            return Err(EmitError::TooManyAcks(args));
        }
        let ack = self.next_ack();
        let request = self.requests.begin(Request::Emit { socket, ack }, now + timeout);
        let known = &mut self.sockets[socket];
        known.acks.insert(ack, request);
        let nsp = known.nsp.clone();
        let packet = encode(&self.options.parser, &nsp, Some(ack), Named { name: name.clone(), args });
        if self.push_event(socket, &Parcel { nsp: &nsp, name: &name, packet: &packet, flags })
            == Pushed::Dropped
        {
            self.fail_ack(request, AckError::Dropped);
        }
        Ok(request)
    }

    /// Would [`emit`](Server::emit) take an event now that is not volatile?
    pub fn has_room(&self, socket: SocketId) -> bool {
        let connected = self.sockets.get(socket).filter(|known| known.is_connected());
        let connection = connected.and_then(|known| self.connections.get(known.connection));
        connection.is_some_and(|known| known.outlet.has_room(self.room()))
    }

    /// Bytes that wait for the connection of a socket.
    pub fn waiting_bytes(&self, socket: SocketId) -> usize {
        let connection = self.sockets.get(socket).and_then(|known| self.connections.get(known.connection));
        connection.map_or(0, |known| known.outlet.bytes())
    }

    fn may_emit(
        &mut self,
        socket: SocketId,
        name: &str,
        args: Args,
        flags: Flags,
    ) -> Result<Args, EmitError<Args>> {
        let room = self.room();
        if is_reserved(name) {
            return Err(EmitError::Reserved(args));
        }
        let Some(known) = self.sockets.get_mut(socket).filter(|known| known.is_connected()) else {
            return Err(EmitError::Closed(args));
        };
        let outlet = &mut self.connections[known.connection].outlet;
        if flags.volatile == Volatile::No && !outlet.has_room(room) {
            outlet.block();
            known.is_blocked = true;
            return Err(EmitError::Blocked(args));
        }
        Ok(args)
    }

    fn push_event(&mut self, socket: SocketId, parcel: &Parcel<'_>) -> Pushed {
        let (room, id) = (self.room(), self.sockets[socket].connection);
        let connection = &mut self.connections[id];
        let pushed = connection.outlet.push_event(parcel, room);
        if pushed == Pushed::Waits {
            connection.list(id, &mut self.dirty);
        }
        pushed
    }

    /// Keeps an event for those who may come back, with its offset as one more argument.
    fn keep(
        &mut self,
        key: NspKey,
        audience: Audience,
        mut event: Named,
        now: Instant,
    ) -> (Encoded, Position) {
        let position = self.namespaces[key].log.end();
        event.args.push_text(&self.offsets.write(position));
        let packet = encode(&self.options.parser, &self.namespaces[key].nsp, None, event);
        if let Some(recovery) = self.options.recovery {
            let log = &mut self.namespaces[key].log;
            log.push(audience, packet.clone(), recovery, now);
            self.clock.namespaces.set(key, log.expires(recovery));
        }
        (packet, position)
    }
}

/// One event for many sockets. It is written once, and shared.
impl Server {
    /// Sends an event to the sockets of this node that are meant.
    pub(super) fn deliver(&mut self, nsp: &Nsp, opts: &Opts, event: Named, now: Instant) {
        let Some(key) = self.namespace_key(nsp) else { return };
        let namespace = &self.namespaces[key];
        let targets = namespace.targets(opts);
        let is_kept = self.options.recovery.is_some()
            && opts.flags.volatile == Volatile::No
            && namespace.population > 0;
        let kept = is_kept.then(|| self.keep(key, opts.into(), event.clone(), now));
        // Clients that cannot come back get no offset, for they would take it for an argument.
        let mut plain = None;
        let (room, flags, name) = (self.room(), opts.flags, event.name.clone());
        let mut slow = Vec::new();
        for socket in targets {
            let Some(known) = self.sockets.get_mut(socket).filter(|known| known.is_connected()) else {
                continue;
            };
            let packet = match &kept {
                Some((packet, position)) if known.private_id.is_some() => {
                    known.was_sent(*position);
                    packet
                }
                _ => plain.get_or_insert_with(|| encode(&self.options.parser, nsp, None, event.clone())),
            };
            let id = known.connection;
            let connection = &mut self.connections[id];
            match connection.outlet.push_shared(&Parcel { nsp, name: &name, packet, flags }, room) {
                Pushed::Waits => connection.list(id, &mut self.dirty),
                Pushed::Dropped => {}
                Pushed::TooMuch => slow.push(id),
            }
        }
        slow.into_iter().for_each(|connection| self.cut(connection, Reason::ForcedServerClose, now));
    }

    /// The same, and they are to acknowledge it. The request may be [complete](Server::settle_request) at once, and even
    /// be over.
    pub(super) fn ask(
        &mut self,
        nsp: &Nsp,
        opts: &Opts,
        event: Named,
        asking: Asking,
        now: Instant,
    ) -> Asked {
        let Asking { timeout, asker, nodes } = asking;
        let ack = self.next_ack();
        let mut poll = Poll::new(ack, asker, nodes);
        let targets = self.namespace_of(nsp).map(|namespace| namespace.targets(opts)).unwrap_or_default();
        let name = event.name.clone();
        let packet = encode(&self.options.parser, nsp, Some(ack), event);
        let parcel = Parcel { nsp, name: &name, packet: &packet, flags: opts.flags };
        let room = self.room();
        let (mut asked, mut slow) = (Members::default(), Vec::new());
        for socket in targets {
            let Some(known) = self.sockets.get(socket).filter(|known| known.is_connected()) else { continue };
            let id = known.connection;
            let connection = &mut self.connections[id];
            let may_ask = known.acks.len() < self.options.max_pending_acks;
            let pushed = if may_ask { connection.outlet.push_shared(&parcel, room) } else { Pushed::Dropped };
            match pushed {
                Pushed::Waits => {
                    connection.list(id, &mut self.dirty);
                    asked.insert(socket);
                    continue;
                }
                Pushed::Dropped => {}
                Pushed::TooMuch => slow.push(id),
            }
            poll.silent.sockets.push(known.id.clone());
        }
        let count = asked.len() + poll.silent.sockets.len();
        poll.asked = asked.clone();
        let request = self.requests.begin(Request::Broadcast(poll), now + timeout);
        for socket in asked {
            self.sockets[socket].acks.insert(ack, request);
        }
        slow.into_iter().for_each(|connection| self.cut(connection, Reason::ForcedServerClose, now));
        Asked { request, count }
    }
}

fn encode(parser: &Parser, nsp: &Nsp, id: Option<AckId>, event: Named) -> Encoded {
    let Named { name, args } = event;
    parser.encode(&Packet::new(nsp.clone(), Kind::Event { id, name, args }))
}

/// Who asks, whom else, and for how long.
pub(crate) struct Asking {
    pub(crate) timeout: Duration,
    pub(crate) asker: Asker,
    pub(crate) nodes: Vec<Uid>,
}

/// What was asked, and of how many sockets.
pub(crate) struct Asked {
    pub(crate) request: RequestId,
    pub(crate) count: usize,
}
