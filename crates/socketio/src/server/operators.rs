//! What is said to many sockets, or done to them, wherever they are: here, and on the other nodes of the cluster.

use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::{Instant, Utf8Bytes};

use super::Server;
use super::emit::{Asked, Asking};
use super::event::ReplyTo;
use super::ids::SocketId;
use super::requests::{Asker, Gathering, Request, number};
use super::target::Target;
use crate::cluster::{Asks, Body, Closing, FetchedSocket, Named, Opts, Uid};
use crate::flow::{EmitError, RequestId, Scope};
use crate::{Args, Nsp, is_reserved};

impl Server {
    /// Sends an event to all that are meant. One that is slow hinders nobody: see [`Slow`](super::Slow).
    ///
    /// # Errors
    /// `Reserved`, which hands the arguments back.
    pub fn broadcast(
        &mut self,
        target: &Target,
        name: impl Into<Utf8Bytes>,
        args: Args,
        now: Instant,
    ) -> Result<(), EmitError<Args>> {
        let event = named(name, args)?;
        self.publish_to(target, now, |opts| Body::Broadcast { opts, event: event.clone(), asks: None });
        self.deliver(&target.nsp, &target.opts, event, now);
        Ok(())
    }

    /// Sends an event to all that are meant, who are to acknowledge it within `timeout`:
    /// [`Outcome::Answered`](super::Outcome::Answered) says who did. Who comes back after having lost his connection
    /// does not hear of it.
    ///
    /// # Errors
    /// `Reserved`, which hands the arguments back.
    pub fn broadcast_with_ack(
        &mut self,
        target: &Target,
        name: impl Into<Utf8Bytes>,
        args: Args,
        timeout: Duration,
        now: Instant,
    ) -> Result<RequestId, EmitError<Args>> {
        let event = named(name, args)?;
        let asking = Asking { timeout, asker: Asker::Here, nodes: self.nodes(&target.opts) };
        let Asked { request, .. } = self.ask(&target.nsp, &target.opts, event.clone(), asking, now);
        let asks = Some(Asks { request: number(request), timeout });
        self.publish_to(target, now, |opts| Body::Broadcast { opts, event, asks });
        self.settle_request(request);
        Ok(request)
    }

    /// Which sockets are there? [`Outcome::Fetched`](super::Outcome::Fetched) says it, when all nodes have answered or
    /// [had their time](super::ClusterOptions::request_timeout).
    pub fn fetch_sockets(&mut self, target: &Target, now: Instant) -> RequestId {
        let found = self.fetched(&target.nsp, &target.opts);
        let gathering = Gathering::new(self.nodes(&target.opts), found);
        let request = self.begin_gathering(Request::Fetch(gathering), now);
        let number = number(request);
        self.publish_to(target, now, |opts| Body::FetchSockets { opts, request: number });
        self.settle_request(request);
        request
    }

    /// Those that are meant join rooms.
    pub fn sockets_join(&mut self, target: &Target, rooms: &[Utf8Bytes], now: Instant) {
        self.publish_to(target, now, |opts| Body::SocketsJoin { opts, rooms: rooms.to_vec() });
        self.join_here(&target.nsp, &target.opts, rooms);
    }

    /// Those that are meant leave rooms.
    pub fn sockets_leave(&mut self, target: &Target, rooms: &[Utf8Bytes], now: Instant) {
        self.publish_to(target, now, |opts| Body::SocketsLeave { opts, rooms: rooms.to_vec() });
        self.leave_here(&target.nsp, &target.opts, rooms);
    }

    /// Those that are meant are [disconnected](Server::disconnect).
    pub fn disconnect_sockets(&mut self, target: &Target, closing: Closing, now: Instant) {
        self.publish_to(target, now, |opts| Body::DisconnectSockets { opts, closing });
        self.disconnect_here(&target.nsp, &target.opts, closing, now);
    }
}

/// What programs say to each other.
impl Server {
    /// Sends an event to the programs on all other nodes ([`Notice::ServerSideEmit`](super::Notice::ServerSideEmit)).
    pub fn server_side_emit(&mut self, nsp: Nsp, name: impl Into<Utf8Bytes>, args: Args, now: Instant) {
        let event = Named { name: name.into(), args };
        self.publish(None, nsp, Body::ServerSideEmit { event, request: None }, now);
    }

    /// The same, and they are to answer: [`Outcome::Replied`](super::Outcome::Replied).
    pub fn server_side_emit_with_ack(
        &mut self,
        nsp: Nsp,
        name: impl Into<Utf8Bytes>,
        args: Args,
        now: Instant,
    ) -> RequestId {
        let event = Named { name: name.into(), args };
        let gathering = Gathering::new(self.nodes(&Opts::default()), Vec::new());
        let request = self.begin_gathering(Request::ServerSide(gathering), now);
        let body = Body::ServerSideEmit { event, request: Some(number(request)) };
        self.publish(None, nsp, body, now);
        self.settle_request(request);
        request
    }

    /// Answers what the program on another node asked, once: the first argument is what arrives.
    pub fn reply(&mut self, to: ReplyTo, args: Args, now: Instant) {
        let ReplyTo { uid, nsp, request } = to;
        let body = Body::ServerSideEmitResponse { request, args: args.first() };
        self.publish(Some(uid), nsp, body, now);
    }
}

/// The same on this node.
impl Server {
    pub(super) fn fetched(&self, nsp: &Nsp, opts: &Opts) -> Vec<FetchedSocket> {
        let meant = self.meant(nsp, opts);
        let known = meant.into_iter().map(|socket| &self.sockets[socket]);
        known
            .map(|socket| FetchedSocket {
                id: socket.id.clone(),
                handshake: socket.handshake.clone(),
                auth: socket.auth.clone(),
                rooms: socket.rooms.keys().cloned().collect(),
                data: socket.data.as_deref().cloned(),
            })
            .collect()
    }

    pub(super) fn join_here(&mut self, nsp: &Nsp, opts: &Opts, rooms: &[Utf8Bytes]) {
        for socket in self.meant(nsp, opts) {
            for room in rooms {
                // Who is in too many rooms already stays out of this one.
                let _ = self.join(socket, room.clone());
            }
        }
    }

    pub(super) fn leave_here(&mut self, nsp: &Nsp, opts: &Opts, rooms: &[Utf8Bytes]) {
        for socket in self.meant(nsp, opts) {
            rooms.iter().for_each(|room| self.leave(socket, room));
        }
    }

    pub(super) fn disconnect_here(&mut self, nsp: &Nsp, opts: &Opts, closing: Closing, now: Instant) {
        for socket in self.meant(nsp, opts) {
            self.disconnect(socket, closing, now);
        }
    }

    fn meant(&self, nsp: &Nsp, opts: &Opts) -> Vec<SocketId> {
        let mut meant = self.namespace_of(nsp).map(|namespace| namespace.targets(opts)).unwrap_or_default();
        meant.retain(|socket| self.sockets[*socket].is_connected());
        meant
    }

    /// The other nodes that something goes to.
    fn nodes(&self, opts: &Opts) -> Vec<Uid> {
        match opts.flags.scope {
            Scope::Cluster => self.peers.uids(),
            Scope::Local => Vec::new(),
        }
    }

    fn publish_to(&mut self, target: &Target, now: Instant, body: impl FnOnce(Opts) -> Body) {
        if target.opts.flags.scope == Scope::Cluster && self.peers.is_joined() {
            self.publish(None, target.nsp.clone(), body(target.opts.clone()), now);
        }
    }

    fn begin_gathering(&mut self, request: Request, now: Instant) -> RequestId {
        self.requests.begin(request, now + self.options.cluster.request_timeout)
    }
}

fn named(name: impl Into<Utf8Bytes>, args: Args) -> Result<Named, EmitError<Args>> {
    let name = name.into();
    if is_reserved(&name) { Err(EmitError::Reserved(args)) } else { Ok(Named { name, args }) }
}
