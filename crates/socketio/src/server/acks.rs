//! Acknowledgements: those that are waited for, and those that are given.

use sansocket_core::Instant;

use super::Server;
use super::event::{Answer, Outcome};
use super::ids::SocketId;
use super::maps::shrink;
use super::requests::{Asker, Request};
use crate::cluster::Body;
use crate::flow::{AckError, RequestId};
use crate::packet::Kind;
use crate::{AckId, Args};

impl Server {
    /// Answers an event that [asks for it](super::Event::Received). Clients expect one answer.
    pub fn acknowledge(&mut self, socket: SocketId, ack: AckId, args: Args, now: Instant) {
        let Some(known) = self.sockets.get(socket).filter(|known| known.is_connected()) else { return };
        let (nsp, connection) = (known.nsp.clone(), known.connection);
        self.send(connection, &nsp, Kind::Ack { id: ack, args }, now);
    }

    /// What came of a request that was made here. Ask after every call.
    pub fn poll_outcome(&mut self) -> Option<Outcome> {
        self.requests.poll_outcome()
    }

    /// A client acknowledges. What nobody waits for is ignored.
    pub(super) fn handle_ack(&mut self, id: SocketId, ack: AckId, args: Args, now: Instant) {
        let socket = &mut self.sockets[id];
        let Some(request) = socket.acks.remove(&ack) else { return };
        shrink(&mut socket.acks);
        let name = Some(socket.id.clone());
        match self.requests.get_mut(request) {
            Some(Request::Emit { .. }) => {
                self.requests.take(request);
                self.requests.ended(Outcome::Acked { request, result: Ok(args) });
            }
            Some(Request::Broadcast(poll)) => {
                poll.asked.remove(&id);
                match poll.asker.clone() {
                    Asker::Here => poll.answers.push(Answer { socket: name, args }),
                    Asker::Elsewhere { node, nsp, request } => {
                        let body = Body::BroadcastAck { request, args: args.first(), socket: name };
                        self.publish(Some(node), nsp, body, now);
                    }
                }
                self.settle_request(request);
            }
            _ => {}
        }
    }

    /// The next number to acknowledge by. It is the same for all receivers of an event, so that the event is written
    /// once; each may use it for what it was asked itself.
    pub(super) fn next_ack(&mut self) -> AckId {
        let ack = AckId::new(self.next_ack).unwrap_or(AckId::from(0));
        self.next_ack = ack.get() + 1;
        ack
    }

    /// A socket will not acknowledge anything any more.
    pub(super) fn fail_acks(&mut self, id: SocketId) {
        let socket = &mut self.sockets[id];
        let name = socket.id.clone();
        for request in core::mem::take(&mut socket.acks).into_values() {
            match self.requests.get_mut(request) {
                Some(Request::Emit { .. }) => self.fail_ack(request, AckError::Disconnected),
                Some(Request::Broadcast(poll)) => {
                    poll.asked.remove(&id);
                    poll.silent.sockets.push(name.clone());
                    self.settle_request(request);
                }
                _ => {}
            }
        }
    }

    /// The acknowledgement of one socket will not come.
    pub(super) fn fail_ack(&mut self, request: RequestId, error: AckError) {
        if let Some(Request::Emit { socket, ack }) = self.requests.take(request) {
            self.forget_ack(socket, ack);
            self.requests.ended(Outcome::Acked { request, result: Err(error) });
        }
    }

    /// Ends a request that waits for nobody any more.
    pub(super) fn settle_request(&mut self, request: RequestId) {
        if self.requests.get_mut(request).is_some_and(|known| known.is_complete()) {
            self.end_request(request);
        }
    }

    /// Ends a request, whoever is still waited for.
    pub(super) fn end_request(&mut self, request: RequestId) {
        let Some(ended) = self.requests.take(request) else { return };
        match &ended {
            Request::Emit { socket, ack } => self.forget_ack(*socket, *ack),
            Request::Broadcast(poll) => {
                poll.asked.iter().for_each(|socket| self.forget_ack(*socket, poll.ack));
            }
            Request::Fetch(_) | Request::ServerSide(_) => {}
        }
        let outcome = ended.outcome(request, |socket| self.sockets.get(socket).map(|known| known.id.clone()));
        outcome.into_iter().for_each(|outcome| self.requests.ended(outcome));
    }

    fn forget_ack(&mut self, socket: SocketId, ack: AckId) {
        if let Some(known) = self.sockets.get_mut(socket) {
            known.acks.remove(&ack);
            shrink(&mut known.acks);
        }
    }
}
