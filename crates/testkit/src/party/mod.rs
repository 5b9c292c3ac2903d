//! Anything that clients, users, nodes and clocks do to servers of Socket.IO.

mod guest;
mod node;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Request};
use sansocket_socketio::cluster::{Body, Message};
use sansocket_socketio::server::{Closing, Handshake, Reason, Recovery, ServerOptions, SocketId, Target};
use sansocket_socketio::{Args, Flags, Nsp, Outgoing, Revision, Writable};

use guest::{Guest, Heard};
use node::Node;

/// Two servers that are one, everybody who knows them, and what has to hold.
///
/// * A socket connects, is disconnected, maybe comes back, and is forgotten, in this order; nothing happens to it before
///   or after. A connection is over once, and nothing happens to it after.
/// * What a client says arrives once and in order, and so does what it is told: of all that is not volatile nothing is
///   missing, also if it lost its connection and came back as who it was.
/// * What is asked is answered, or given up, once.
/// * At the [end](Party::end) nothing is left.
#[derive(Debug)]
pub struct Party {
    nodes: Vec<Node>,
    /// What each node has not heard yet of what the others said.
    wires: Vec<VecDeque<Message>>,
    guests: Vec<Guest>,
    now: Instant,
    number: u32,
    recoveries: usize,
}

/// The namespaces that clients try; the last is none.
const NAMESPACES: [&str; 4] = ["/", "/a", "/dyn-1", "/none"];
const ROOMS: [&str; 3] = ["red", "blue", "green"];
/// What a client may say that is no event of its own.
const ODD: [&str; 10] =
    ["0", "1", "1/a,", "2[]", "3[]", "30[1]", "4{}", "51-[\"x\"]", "nonsense", "0/a,{\"pid\":\"x\"}"];
/// How much time passes at once: ticks, and whole timeouts.
const TIMES: [u64; 6] = [1, 100, 1_000, 5_000, 45_000, 120_000];

type Choose<'c> = &'c mut dyn FnMut(usize) -> usize;

impl Party {
    /// Nobody is here yet.
    pub fn new() -> Party {
        let now = Instant::ZERO;
        let mut party = Party {
            nodes: (0..2).map(|seed| Node::new(options(), seed, now)).collect(),
            wires: vec![VecDeque::new(); 2],
            guests: Vec::new(),
            now,
            number: 0,
            recoveries: 0,
        };
        party.carry(usize::MAX);
        party
    }

    /// Something happens. `choose(n)` is a number below `n`.
    pub fn happen(&mut self, mut choose: impl FnMut(usize) -> usize) {
        let choose: Choose<'_> = &mut choose;
        match choose(20) {
            0 | 1 => self.arrive(choose),
            2 => self.enter(choose),
            3 | 4 => self.say(choose),
            5 => self.hang_up(choose),
            6 => self.say_nonsense(choose),
            7..=9 => self.emit(choose),
            10..=12 => self.broadcast(choose),
            13 => self.ask(choose),
            14 | 15 => self.move_rooms(choose),
            16 => self.dismiss(choose),
            17 => self.operate(choose),
            18 => self.pass(Duration::from_millis(TIMES[choose(TIMES.len())])),
            _ => self.carry(choose(4)),
        }
        if choose(3) > 0 {
            self.look(1 + choose(8), choose);
        }
        if choose(2) > 0 {
            let writable = [Writable::Now, Writable::Later][choose(2)];
            self.listen(writable, choose);
        }
    }

    /// Nothing happens for so long, but that clocks ring. Answers how often they did.
    pub fn sleep(&mut self, time: Duration) -> usize {
        let end = self.now + time;
        let next = |party: &Party| party.nodes.iter().filter_map(|node| node.server.poll_timeout()).min();
        let mut rings = 0;
        while let Some(next) = next(self).filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.pass(Duration::ZERO);
            rings += 1;
        }
        self.now = end;
        rings
    }

    /// Everybody goes home. Answers how many came back as who they were.
    pub fn end(mut self) -> usize {
        let mut refuse = |_| 0;
        for guest in 0..self.guests.len() {
            self.lose(guest);
        }
        for _ in 0..6 {
            self.look(usize::MAX, &mut refuse);
            self.carry(usize::MAX);
            self.pass(Duration::from_secs(60));
        }
        self.look(usize::MAX, &mut refuse);
        for node in &mut self.nodes {
            node.end(self.now);
        }
        self.recoveries
    }
}

fn options() -> ServerOptions {
    ServerOptions {
        high_water: 2_000,
        max_waiting: 4_000,
        max_pending_acks: 5,
        max_rooms: Some(2),
        recovery: Some(Recovery::default()),
        ..ServerOptions::default()
    }
}

/// What clients do.
impl Party {
    fn arrive(&mut self, choose: Choose<'_>) {
        let revision = [Revision::V5, Revision::V5, Revision::V4][choose(3)];
        let node = choose(self.nodes.len());
        // Somebody new, or somebody who lost his connection.
        let lost: Vec<usize> = (0..self.guests.len())
            .filter(|at| self.guests[*at].connection.is_none() && self.guests[*at].revision == Revision::V5)
            .collect();
        let at = match choose(4) {
            1.. if !lost.is_empty() => lost[choose(lost.len())],
            _ => {
                self.guests.push(Guest::new(revision, node));
                self.guests.len() - 1
            }
        };
        let guest = &mut self.guests[at];
        let request = Arc::new(Request::get("/socket.io/"));
        let handshake = Handshake::new(request, guest.revision, format!("engine-{at}"));
        let connection = self.nodes[guest.node].connect(handshake, self.now);
        guest.begin(connection);
        if choose(4) > 0 && guest.revision == Revision::V5 {
            self.enter_as(at, 0);
        }
    }

    fn enter(&mut self, choose: Choose<'_>) {
        if let Some(guest) = self.any_guest(choose) {
            let nsp = choose(NAMESPACES.len());
            self.enter_as(guest, nsp);
        }
    }

    fn enter_as(&mut self, guest: usize, nsp: usize) {
        let guest = &mut self.guests[guest];
        if let Some(packet) = guest.connect(nsp) {
            self.nodes[guest.node].hear(guest.connection, &packet, self.now);
        }
    }

    fn say(&mut self, choose: Choose<'_>) {
        let Some(guest) = self.any_guest(choose) else { return };
        self.number += 1;
        let guest = &mut self.guests[guest];
        if let Some(packet) = guest.event(self.number, choose) {
            self.nodes[guest.node].hear(guest.connection, &packet, self.now);
        }
    }

    fn say_nonsense(&mut self, choose: Choose<'_>) {
        let Some(guest) = self.any_guest(choose) else { return };
        let guest = &mut self.guests[guest];
        self.nodes[guest.node].hear(guest.connection, ODD[choose(ODD.len())], self.now);
    }

    /// A connection is gone; what was on the way is lost.
    fn hang_up(&mut self, choose: Choose<'_>) {
        let Some(at) = self.any_guest(choose) else { return };
        let guest = &self.guests[at];
        let (node, connection) = (guest.node, guest.connection);
        for _ in 0..choose(4) {
            if let Some(connection) = connection {
                self.nodes[node].server.poll_transmit(connection, Writable::Now);
            }
        }
        // A client that noticed nothing comes again, and only then it is.
        if choose(4) == 0 {
            self.guests[at].connection = None;
        } else {
            self.lose(at);
        }
    }

    fn lose(&mut self, guest: usize) {
        let guest = &mut self.guests[guest];
        if let Some(connection) = guest.connection.take() {
            self.nodes[guest.node].server.handle_close(connection, Reason::TransportClose, self.now);
        }
        // Those that were lost without a word are found out in the end.
        for connection in guest.before.drain(..) {
            self.nodes[guest.node].server.handle_close(connection, Reason::PingTimeout, self.now);
        }
    }

    /// Clients take what there is for them.
    fn listen(&mut self, writable: Writable, choose: Choose<'_>) {
        let recent = self.guests.len().saturating_sub(8);
        for guest in &mut self.guests[recent..] {
            let node = &mut self.nodes[guest.node];
            while let Some(connection) = guest.connection {
                if choose(8) == 0 {
                    break;
                }
                match node.server.poll_transmit(connection, writable) {
                    None => break,
                    Some(Outgoing::Close) => {
                        node.server.handle_close(connection, Reason::TransportClose, self.now);
                        guest.connection = None;
                    }
                    Some(Outgoing::Message { message, .. }) => {
                        let text = message.as_text().expect("no bytes were sent");
                        match guest.hears(text) {
                            Heard::Told { nsp, id, number } => node.told(nsp, &id, number),
                            Heard::Asked(answer) if choose(2) == 0 => {
                                node.hear(Some(connection), &answer, self.now);
                            }
                            Heard::Asked(_) | Heard::Other => {}
                        }
                    }
                }
            }
        }
    }

    fn any_guest(&self, choose: Choose<'_>) -> Option<usize> {
        // Mostly of those who came last: the others are gone.
        let recent = self.guests.len().min(5);
        let guest = (recent > 0).then(|| self.guests.len() - 1 - choose(recent))?;
        self.guests[guest].connection.map(|_| guest)
    }
}

/// What users do.
impl Party {
    fn emit(&mut self, choose: Choose<'_>) {
        let Some((node, socket)) = self.any_socket(choose) else { return };
        self.number += 1;
        let flags =
            [Flags::default(), Flags::default(), Flags::default().volatile(), Flags::default().latest()];
        self.nodes[node].emit(socket, self.number, flags[choose(4)], choose, self.now);
    }

    fn broadcast(&mut self, choose: Choose<'_>) {
        self.number += 1;
        let (node, target) = (choose(self.nodes.len()), target(choose));
        self.nodes[node].broadcast(&target, self.number, self.now);
    }

    fn ask(&mut self, choose: Choose<'_>) {
        self.number += 1;
        let (node, target) = (choose(self.nodes.len()), target(choose));
        self.nodes[node].ask(&target, self.number, choose, self.now);
    }

    fn move_rooms(&mut self, choose: Choose<'_>) {
        let Some((node, socket)) = self.any_socket(choose) else { return };
        let room = ROOMS[choose(ROOMS.len())];
        self.nodes[node].step(socket, room, choose(3));
    }

    fn dismiss(&mut self, choose: Choose<'_>) {
        let Some((node, socket)) = self.any_socket(choose) else { return };
        let closing = [Closing::Namespace, Closing::Connection][choose(2)];
        self.nodes[node].server.disconnect(socket, closing, self.now);
    }

    fn operate(&mut self, choose: Choose<'_>) {
        let (node, target) = (choose(self.nodes.len()), target(choose));
        let rooms = [ROOMS[choose(ROOMS.len())].into()];
        let node = &mut self.nodes[node];
        match choose(8) {
            0 => {
                node.server.disconnect_sockets(&target, Closing::Namespace, self.now);
            }
            1..=4 => {
                node.server.sockets_join(&target, &rooms, self.now);
                node.observe_rooms();
            }
            _ => {
                node.server.sockets_leave(&target, &rooms, self.now);
                node.observe_rooms();
            }
        }
    }

    /// Looks at what happened, but not at all of it.
    fn look(&mut self, most: usize, choose: Choose<'_>) {
        for node in &mut self.nodes {
            self.recoveries += node.look(most, choose, self.now);
        }
    }

    fn any_socket(&self, choose: Choose<'_>) -> Option<(usize, SocketId)> {
        let node = choose(self.nodes.len());
        let sockets = self.nodes[node].recent();
        (!sockets.is_empty()).then(|| (node, sockets[choose(sockets.len())]))
    }
}

/// What the wire and the clock do.
impl Party {
    /// Carries so many messages to each node.
    fn carry(&mut self, most: usize) {
        let mut carried = true;
        while std::mem::take(&mut carried) {
            for from in 0..self.nodes.len() {
                while let Some(outbound) = self.nodes[from].server.poll_cluster() {
                    for (at, wire) in self.wires.iter_mut().enumerate().filter(|(at, _)| *at != from) {
                        if outbound.to.as_ref().is_none_or(|to| to == self.nodes[at].server.uid()) {
                            wire.push_back(outbound.message.clone());
                        }
                    }
                }
            }
            for (node, wire) in self.nodes.iter_mut().zip(&mut self.wires) {
                for message in wire.drain(..most.min(wire.len())) {
                    carried = most == usize::MAX;
                    if let Body::Broadcast { opts, event, asks: None } = &message.body {
                        let target = Target { nsp: message.nsp.clone(), opts: opts.clone() };
                        node.expect(&target, number_of(&event.args));
                    }
                    node.server.handle_cluster(message, self.now);
                    node.observe_rooms();
                }
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        for node in &mut self.nodes {
            node.server.handle_timeout(self.now);
            let next = node.server.poll_timeout();
            assert!(next.is_none_or(|next| next > self.now), "strictly later");
        }
    }
}

fn target(choose: Choose<'_>) -> Target {
    let mut target = Target::new(Nsp::new(NAMESPACES[choose(NAMESPACES.len())]).expect("a name"));
    for _ in 0..choose(3) {
        target = target.to(ROOMS[choose(ROOMS.len())]);
    }
    if choose(3) == 0 {
        target = target.except(ROOMS[choose(ROOMS.len())]);
    }
    let flags = [Flags::default(), Flags::default(), Flags::default().volatile(), Flags::default().local()];
    target.with(flags[choose(4)])
}

/// The number that an event carries.
fn number_of(args: &Args) -> u32 {
    args.read().expect("a number")
}

impl Default for Party {
    fn default() -> Party {
        Party::new()
    }
}
