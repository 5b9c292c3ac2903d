//! What was asked, of sockets and of nodes, until it is answered or given up.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use sansocket_core::{Instant, Timetable, Utf8Bytes};
use slotmap::{Key, KeyData, SlotMap};

use super::event::{Answer, Outcome, Silent};
use super::ids::SocketId;
use super::maps::Members;
use crate::cluster::{FetchedSocket, Uid};
use crate::flow::{AckError, RequestId};
use crate::{AckId, Args, Nsp};

/// Everything that was asked, and how what was answered ended.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    requests: SlotMap<RequestId, Box<Request>>,
    timetable: Timetable<RequestId>,
    outcomes: VecDeque<Outcome>,
}

/// What is waited for.
#[derive(Debug)]
pub(crate) enum Request {
    /// The acknowledgement of one socket.
    Emit { socket: SocketId, ack: AckId },
    /// Those of many.
    Broadcast(Poll),
    /// Which sockets other nodes have.
    Fetch(Gathering<FetchedSocket>),
    /// What the programs on other nodes say.
    ServerSide(Gathering<Args>),
}

/// The acknowledgements of a broadcast.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) ack: AckId,
    /// Sockets of this node that did not answer yet.
    pub(crate) asked: Members,
    pub(crate) answers: Vec<Answer>,
    /// Those that cannot answer any more.
    pub(crate) silent: Silent,
    /// Other nodes, and how many of their sockets did not answer yet; `None`: they did not say how many they asked.
    pub(crate) shares: Vec<Share>,
    pub(crate) asker: Asker,
}

#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) node: Uid,
    pub(crate) left: Option<u64>,
}

/// Who wants to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Asker {
    Here,
    Elsewhere { node: Uid, nsp: Nsp, request: u64 },
}

/// The answers of nodes.
#[derive(Debug)]
pub(crate) struct Gathering<T> {
    /// Those that did not answer yet.
    pub(crate) waiting: Vec<Uid>,
    /// So many cannot any more.
    pub(crate) missing: usize,
    pub(crate) found: Vec<T>,
}

impl Requests {
    pub(crate) fn begin(&mut self, request: Request, until: Instant) -> RequestId {
        let id = self.requests.insert(Box::new(request));
        self.timetable.set(id, Some(until));
        id
    }

    pub(crate) fn get_mut(&mut self, id: RequestId) -> Option<&mut Request> {
        self.requests.get_mut(id).map(|request| &mut **request)
    }

    /// The request that another node answers.
    pub(crate) fn numbered(&mut self, number: u64) -> Option<(RequestId, &mut Request)> {
        let id = RequestId::from(KeyData::from_ffi(number));
        self.get_mut(id).map(|request| (id, request))
    }

    /// Takes a request out, and with it its deadline.
    pub(crate) fn take(&mut self, id: RequestId) -> Option<Request> {
        let request = self.requests.remove(id)?;
        self.timetable.set(id, None);
        Some(*request)
    }

    /// A request that took too long. It is still here.
    pub(crate) fn expired(&mut self, now: Instant) -> Option<RequestId> {
        self.timetable.expired(now)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timetable.next()
    }

    pub(crate) fn ended(&mut self, outcome: Outcome) {
        self.outcomes.push_back(outcome);
    }

    pub(crate) fn poll_outcome(&mut self) -> Option<Outcome> {
        let first = self.outcomes.pop_front();
        if self.outcomes.is_empty() {
            self.outcomes = VecDeque::new();
        }
        first
    }

    /// A node is gone: nobody waits for it. Answers those who waited for it alone.
    pub(crate) fn lose(&mut self, node: &Uid) -> Vec<RequestId> {
        let lost = self.requests.iter_mut().filter_map(|(id, request)| request.lose(node).then_some(id));
        lost.collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }
}

/// The number that other nodes know a request by.
pub(crate) fn number(request: RequestId) -> u64 {
    request.data().as_ffi()
}

impl Request {
    /// Is there nothing to wait for any more?
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Request::Emit { .. } => false,
            Request::Broadcast(poll) => {
                poll.asked.is_empty() && poll.shares.iter().all(|share| share.left == Some(0))
            }
            Request::Fetch(gathering) => gathering.waiting.is_empty(),
            Request::ServerSide(gathering) => gathering.waiting.is_empty(),
        }
    }

    /// Waits for a node no longer. Is there nothing else to wait for?
    fn lose(&mut self, node: &Uid) -> bool {
        let was_waited_for = match self {
            Request::Emit { .. } => false,
            Request::Broadcast(poll) => poll.lose(node),
            Request::Fetch(gathering) => gathering.lose(node),
            Request::ServerSide(gathering) => gathering.lose(node),
        };
        was_waited_for && self.is_complete()
    }

    /// How it ended, for who asked here; `name` knows the ids of sockets.
    pub(crate) fn outcome(
        self,
        request: RequestId,
        name: impl Fn(SocketId) -> Option<Utf8Bytes>,
    ) -> Option<Outcome> {
        Some(match self {
            Request::Emit { .. } => Outcome::Acked { request, result: Err(AckError::TimedOut) },
            Request::Broadcast(poll) if poll.asker == Asker::Here => {
                let Poll { asked, answers, mut silent, shares, .. } = poll;
                silent.sockets.extend(asked.into_iter().filter_map(name));
                shares.iter().for_each(|share| share.fall_silent(&mut silent));
                Outcome::Answered { request, answers, silent }
            }
            Request::Broadcast(_) => return None,
            Request::Fetch(gathering) => {
                let missing = gathering.missing();
                Outcome::Fetched { request, sockets: gathering.found, missing }
            }
            Request::ServerSide(gathering) => {
                let missing = gathering.missing();
                Outcome::Replied { request, replies: gathering.found, missing }
            }
        })
    }
}

impl Poll {
    pub(crate) fn new(ack: AckId, asker: Asker, nodes: Vec<Uid>) -> Poll {
        Poll {
            ack,
            asked: Members::default(),
            answers: Vec::new(),
            silent: Silent::default(),
            shares: nodes.into_iter().map(|node| Share { node, left: None }).collect(),
            asker,
        }
    }

    /// A node asked so many of its sockets.
    pub(crate) fn counted(&mut self, node: &Uid, count: u64) {
        let share = self.shares.iter_mut().find(|share| share.node == *node && share.left.is_none());
        if let Some(share) = share {
            share.left = Some(count);
        }
    }

    /// One of them answered. What nobody was asked for is no answer.
    pub(crate) fn answered(&mut self, node: &Uid, answer: Answer) {
        let share = self.shares.iter_mut().find(|share| share.node == *node);
        if let Some(Share { left: Some(left @ 1..), .. }) = share {
            *left -= 1;
            self.answers.push(answer);
        }
    }

    fn lose(&mut self, node: &Uid) -> bool {
        let Some(at) = self.shares.iter().position(|share| share.node == *node) else { return false };
        self.shares.swap_remove(at).fall_silent(&mut self.silent);
        true
    }
}

impl Share {
    fn fall_silent(&self, silent: &mut Silent) {
        match self.left {
            Some(left) => silent.elsewhere = silent.elsewhere.saturating_add(left as usize),
            None => silent.nodes += 1,
        }
    }
}

impl<T> Gathering<T> {
    pub(crate) fn new(waiting: Vec<Uid>, found: Vec<T>) -> Gathering<T> {
        Gathering { waiting, missing: 0, found }
    }

    /// A node answered, for the first time.
    pub(crate) fn answered(&mut self, node: &Uid, found: impl IntoIterator<Item = T>) {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting == node) {
            self.waiting.swap_remove(at);
            self.found.extend(found);
        }
    }

    fn lose(&mut self, node: &Uid) -> bool {
        let at = self.waiting.iter().position(|waiting| waiting == node);
        self.missing += usize::from(at.is_some());
        at.map(|at| self.waiting.swap_remove(at)).is_some()
    }

    fn missing(&self) -> usize {
        self.waiting.len() + self.missing
    }
}
