//! The other nodes of the cluster, and what they say.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use sansocket_core::{Instant, Utf8Bytes};

use super::Server;
use super::emit::{Asked, Asking};
use super::event::{Answer, Notice, ReplyTo};
use super::options::ClusterOptions;
use super::requests::{Asker, Request};
use crate::Nsp;
use crate::cluster::{Body, Heard, Message, Named, Nodes, Opts, Outbound, Uid};

/// The other nodes, as a server knows them.
#[derive(Debug)]
pub(crate) struct Peers {
    uid: Uid,
    options: ClusterOptions,
    nodes: Nodes,
    outbox: VecDeque<Outbound>,
    /// When it has to say that it is there; `None`: it is on its own.
    beat: Option<Instant>,
    unheard: u64,
}

impl Peers {
    pub(crate) fn new(name: Utf8Bytes, options: ClusterOptions) -> Peers {
        Peers {
            uid: Uid::new(name),
            options,
            nodes: Nodes::new(options.heartbeat_timeout, options.max_nodes),
            outbox: VecDeque::new(),
            beat: None,
            unheard: 0,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        [self.beat, self.nodes.poll_timeout()].into_iter().flatten().min()
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.beat.is_some()
    }

    pub(crate) fn uids(&self) -> Vec<Uid> {
        self.nodes.uids()
    }
}

impl Server {
    /// The server is one of several from now on, and says so. Move what [`poll_cluster`](Server::poll_cluster) has.
    pub fn join_cluster(&mut self, now: Instant) {
        if !self.peers.is_joined() {
            self.peers.beat = Some(now);
            self.publish(None, Nsp::main(), Body::InitialHeartbeat, now);
        }
    }

    /// It is on its own again, and says so. Whoever waits for other nodes waits no longer.
    pub fn leave_cluster(&mut self, now: Instant) {
        if self.peers.is_joined() {
            self.publish(None, Nsp::main(), Body::AdapterClose, now);
            self.peers.beat = None;
            let nodes = self.peers.uids();
            self.peers.nodes.clear();
            nodes.iter().for_each(|node| self.lose(node));
        }
    }

    /// What it is known by among the nodes.
    pub fn uid(&self) -> &Uid {
        &self.peers.uid
    }

    /// How many nodes there are, this one included.
    pub fn node_count(&self) -> usize {
        1 + self.peers.nodes.len()
    }

    /// How many messages were not heard, for they came from too many nodes.
    pub fn unheard(&self) -> u64 {
        self.peers.unheard
    }

    /// The next message for other nodes.
    pub fn poll_cluster(&mut self) -> Option<Outbound> {
        let first = self.peers.outbox.pop_front();
        if self.peers.outbox.is_empty() {
            self.peers.outbox = VecDeque::new();
        }
        first
    }

    /// Another node said something. One's own words are ignored.
    pub fn handle_cluster(&mut self, message: Message, now: Instant) {
        let Message { uid, nsp, body } = message;
        if !self.peers.is_joined() || uid == self.peers.uid {
            return;
        }
        if matches!(body, Body::AdapterClose) {
            self.peers.nodes.remove(&uid);
            return self.lose(&uid);
        }
        if self.peers.nodes.heard(&uid, now) == Heard::Surplus {
            self.peers.unheard += 1;
            return;
        }
        match body {
            Body::InitialHeartbeat => self.publish(Some(uid), Nsp::main(), Body::Heartbeat, now),
            Body::Heartbeat | Body::AdapterClose => {}
            Body::Broadcast { opts, event, asks: None } => self.deliver(&nsp, &opts, event, now),
            Body::Broadcast { opts, event, asks: Some(asks) } => {
                let asker = Asker::Elsewhere { node: uid, nsp: nsp.clone(), request: asks.request };
                let asking = Asking { timeout: asks.timeout, asker, nodes: Vec::new() };
                self.ask_for(&nsp, &opts, event, asking, now);
            }
            Body::SocketsJoin { opts, rooms } => self.join_here(&nsp, &opts, &rooms),
            Body::SocketsLeave { opts, rooms } => self.leave_here(&nsp, &opts, &rooms),
            Body::DisconnectSockets { opts, closing } => self.disconnect_here(&nsp, &opts, closing, now),
            Body::FetchSockets { opts, request } => {
                let body = Body::FetchSocketsResponse { request, sockets: self.fetched(&nsp, &opts) };
                self.publish(Some(uid), nsp, body, now);
            }
            Body::ServerSideEmit { event, request } => {
                let Named { name, args } = event;
                let reply = request.map(|request| ReplyTo { uid, nsp: nsp.clone(), request });
                self.notices.push_back(Notice::ServerSideEmit { nsp, name, args, reply });
            }
            answer => self.handle_answer(&uid, answer),
        }
    }

    /// What concerns no connection. Ask after every call.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        let first = self.notices.pop_front();
        if self.notices.is_empty() {
            self.notices = VecDeque::new();
        }
        first
    }

    /// Says something to one node, or to all others.
    pub(super) fn publish(&mut self, to: Option<Uid>, nsp: Nsp, body: Body, now: Instant) {
        // Nobody answers those who are no node.
        if self.peers.is_joined() && to != Some(Uid::EMITTER) {
            let message = Message { uid: self.peers.uid.clone(), nsp, body };
            self.peers.outbox.push_back(Outbound { to, message });
            self.peers.beat = Some(now + self.peers.options.heartbeat_interval);
        }
    }

    pub(super) fn handle_peers_timeout(&mut self, now: Instant) {
        while let Some(node) = self.peers.nodes.expired(now) {
            self.lose(&node);
        }
        if self.peers.beat.is_some_and(|beat| beat <= now) {
            self.publish(None, Nsp::main(), Body::Heartbeat, now);
        }
    }

    /// Another node asks this one's sockets.
    fn ask_for(&mut self, nsp: &Nsp, opts: &Opts, event: Named, asking: Asking, now: Instant) {
        let asker = asking.asker.clone();
        let Asked { request: own, count } = self.ask(nsp, opts, event, asking, now);
        if let Asker::Elsewhere { node, nsp, request } = asker {
            let body = Body::BroadcastClientCount { request, count: count as u64 };
            self.publish(Some(node), nsp, body, now);
        }
        self.settle_request(own);
    }

    /// Another node answers. What was not asked is ignored.
    fn handle_answer(&mut self, uid: &Uid, answer: Body) {
        let number = match &answer {
            Body::FetchSocketsResponse { request, .. }
            | Body::ServerSideEmitResponse { request, .. }
            | Body::BroadcastClientCount { request, .. }
            | Body::BroadcastAck { request, .. } => *request,
            _ => return,
        };
        let Some((id, request)) = self.requests.numbered(number) else { return };
        match (request, answer) {
            (Request::Fetch(gathering), Body::FetchSocketsResponse { sockets, .. }) => {
                gathering.answered(uid, sockets);
            }
            (Request::ServerSide(gathering), Body::ServerSideEmitResponse { args, .. }) => {
                gathering.answered(uid, [args]);
            }
            (Request::Broadcast(poll), Body::BroadcastClientCount { count, .. }) => poll.counted(uid, count),
            (Request::Broadcast(poll), Body::BroadcastAck { args, socket, .. }) => {
                poll.answered(uid, Answer { socket, args });
            }
            _ => return,
        }
        self.settle_request(id);
    }

    /// A node is gone.
    fn lose(&mut self, node: &Uid) {
        for request in self.requests.lose(node) {
            self.end_request(request);
        }
    }
}
