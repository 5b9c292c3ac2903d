//! A server, its user, and what the user knows.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use sansocket_core::Instant;
use sansocket_socketio::server::{
    ConnectError, ConnectionId, Event, Handshake, Notice, Server, ServerOptions, SocketId, Target,
};
use sansocket_socketio::{Args, Flags, Nsp, RequestId, Volatile};

use super::{Choose, number_of};

#[derive(Debug)]
pub(super) struct Node {
    pub(super) server: Server,
    sockets: HashMap<SocketId, Life>,
    /// In the order in which they came.
    came: Vec<SocketId>,
    connections: HashSet<ConnectionId>,
    asked: HashSet<RequestId>,
}

/// A socket as its user knows it.
#[derive(Debug)]
struct Life {
    stage: Stage,
    may_return: bool,
    rooms: BTreeSet<String>,
    /// The last number that it said, and where.
    said: Option<(ConnectionId, u32)>,
    /// What it has to hear, in this order.
    due: VecDeque<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Connecting,
    /// It was accepted, which its user did not see happen yet.
    Accepted,
    Connected,
    Disconnecting,
    Disconnected,
}

impl Node {
    pub(super) fn new(options: ServerOptions, seed: u8, now: Instant) -> Node {
        let mut server = Server::new(options, [seed; 32]);
        server.add_namespace(Nsp::main());
        server.add_namespace(Nsp::new("/a").expect("a name"));
        server.add_dynamic(|name, _| name.starts_with("/dyn-"));
        server.join_cluster(now);
        Node {
            server,
            sockets: HashMap::new(),
            came: Vec::new(),
            connections: HashSet::new(),
            asked: HashSet::new(),
        }
    }

    pub(super) fn connect(&mut self, handshake: Handshake, now: Instant) -> ConnectionId {
        let connection = self.server.handle_connection(handshake, now);
        assert!(self.connections.insert(connection), "a name is not given twice");
        connection
    }

    /// A client says something.
    pub(super) fn hear(&mut self, connection: Option<ConnectionId>, packet: &str, now: Instant) {
        if let Some(connection) = connection {
            self.server.handle_message(connection, packet.into(), now);
        }
    }

    /// A client heard an event that it must not miss.
    pub(super) fn told(&mut self, nsp: &str, id: &str, number: u32) {
        // Of who is gone already nobody knows what was for him.
        let socket = self.server.socket_by_id(&Nsp::new(nsp).expect("a name"), id);
        if let Some(life) = socket.and_then(|socket| self.sockets.get_mut(&socket)) {
            assert_eq!(life.due.pop_front(), Some(number), "{socket:?} heard what was not next");
        }
    }

    /// The sockets that came last.
    pub(super) fn recent(&self) -> &[SocketId] {
        &self.came[self.came.len().saturating_sub(6)..]
    }

    pub(super) fn emit(
        &mut self,
        socket: SocketId,
        number: u32,
        flags: Flags,
        choose: Choose<'_>,
        now: Instant,
    ) {
        let args = Args::new(&number).expect("a number");
        if choose(4) == 0 {
            let timeout = Duration::from_millis(1 + choose(5_000) as u64);
            let asked = self.server.emit_with_ack(socket, "asked", args, timeout, flags, now);
            return self.asked.extend(asked);
        }
        if flags.volatile != Volatile::No {
            let _ = self.server.emit(socket, "volatile", args, flags, now);
            return;
        }
        let room = self.server.has_room(socket);
        assert_eq!(self.server.emit(socket, "told", args, flags, now).is_ok(), room);
        if let Some(life) = self.sockets.get_mut(&socket).filter(|_| room) {
            life.due.push_back(number);
        }
    }

    pub(super) fn broadcast(&mut self, target: &Target, number: u32, now: Instant) {
        let args = Args::new(&number).expect("a number");
        let is_volatile = target.opts.flags.volatile != Volatile::No;
        if !is_volatile {
            self.expect(target, number);
        }
        let name = if is_volatile { "volatile" } else { "told" };
        self.server.broadcast(target, name, args, now).expect("a good name");
    }

    pub(super) fn ask(&mut self, target: &Target, number: u32, choose: Choose<'_>, now: Instant) {
        let args = Args::new(&number).expect("a number");
        let timeout = Duration::from_millis(1 + choose(5_000) as u64);
        self.asked.insert(match choose(4) {
            0 => self.server.fetch_sockets(target, now),
            1 => self.server.server_side_emit_with_ack(target.nsp.clone(), "asked", args, now),
            _ => self.server.broadcast_with_ack(target, "asked", args, timeout, now).expect("a good name"),
        });
    }

    /// A socket joins a room, leaves it, or leaves all.
    pub(super) fn step(&mut self, socket: SocketId, room: &str, way: usize) {
        match way {
            0 | 1 => drop(self.server.join(socket, room)),
            _ if room == "red" => self.server.leave_all(socket),
            _ => self.server.leave(socket, room),
        }
        self.observe_rooms();
    }

    /// Notes down who is in which room: rooms are tried elsewhere.
    pub(super) fn observe_rooms(&mut self) {
        for (socket, life) in &mut self.sockets {
            if let Some(info) = self.server.socket(*socket) {
                life.rooms = info.rooms().map(|room| room.to_string()).collect();
            }
        }
    }

    /// What is broadcast now has to be heard by all that are meant, now or when they come back.
    pub(super) fn expect(&mut self, target: &Target, number: u32) {
        if target.opts.flags.volatile != Volatile::No {
            return;
        }
        for (socket, life) in &mut self.sockets {
            let Some(info) = self.server.socket(*socket).filter(|info| *info.nsp() == target.nsp) else {
                continue;
            };
            let is_there = info.is_connected() || (life.may_return && life.stage != Stage::Connecting);
            let is_in = |room: &str| life.rooms.contains(room) || **info.id() == *room;
            let rooms = &target.opts.rooms;
            let is_meant = (rooms.is_empty() || rooms.iter().any(|room| is_in(room)))
                && !target.opts.except.iter().any(|room| is_in(room));
            if is_there && is_meant {
                life.due.push_back(number);
            }
        }
    }

    /// Looks at what happened, and answers how many came back.
    pub(super) fn look(&mut self, most: usize, choose: Choose<'_>, now: Instant) -> usize {
        let mut back = 0;
        let mut dirty: Vec<ConnectionId> = std::iter::from_fn(|| self.server.poll_dirty()).collect();
        // Whoever was left over the last time, too.
        dirty.extend(self.connections.iter().copied());
        dirty.sort();
        dirty.dedup();
        for connection in dirty {
            for _ in 0..most {
                let Some(event) = self.server.poll_event(connection) else { break };
                back += usize::from(matches!(event, Event::Recovered(_)));
                self.happened(connection, event, choose, now);
            }
        }
        while let Some(outcome) = self.server.poll_outcome() {
            assert!(self.asked.remove(&outcome.request()), "{outcome:?}");
        }
        while let Some(notice) = self.server.poll_notice() {
            match notice {
                Notice::Forgotten(socket) => self.forget(socket),
                Notice::ServerSideEmit { args, reply: Some(to), .. } if choose(2) == 0 => {
                    self.server.reply(to, Args::new(&number_of(&args)).expect("a number"), now);
                }
                _ => {}
            }
        }
        back
    }

    fn happened(&mut self, connection: ConnectionId, event: Event, choose: Choose<'_>, now: Instant) {
        assert!(self.connections.contains(&connection), "{event:?} after the end");
        let stage = event.socket().and_then(|socket| self.sockets.get(&socket)).map(|life| life.stage);
        match event {
            Event::Connecting(socket) => {
                assert_eq!(stage, None, "it is new");
                self.meet(socket, choose, now);
            }
            Event::Connected(socket) => self.turn(socket, &[Stage::Accepted], Stage::Connected),
            Event::Received { socket, name, args, ack } => {
                assert_eq!((stage, &*name), (Some(Stage::Connected), "said"));
                let number = number_of(&args);
                let life = self.sockets.get_mut(&socket).expect("we have met");
                assert!(life.said.is_none_or(|(_, before)| before < number), "in order");
                life.said = Some((connection, number));
                if let Some(ack) = ack {
                    self.server.acknowledge(socket, ack, args, now);
                }
            }
            Event::Drained(_) => assert_eq!(stage, Some(Stage::Connected)),
            Event::Disconnecting { socket, .. } => {
                self.turn(socket, &[Stage::Connected], Stage::Disconnecting)
            }
            Event::Disconnected { socket, .. } => {
                self.turn(socket, &[Stage::Disconnecting], Stage::Disconnected)
            }
            Event::Recovered(socket) => self.turn(socket, &[Stage::Disconnected], Stage::Connected),
            Event::Forgotten(socket) => self.forget(socket),
            Event::Closed => {
                self.connections.remove(&connection);
                assert_eq!(self.server.poll_event(connection), None, "it is the last");
            }
        }
    }

    fn meet(&mut self, socket: SocketId, choose: Choose<'_>, now: Instant) {
        let info = self.server.socket(socket).expect("it is there");
        let may_return = info.handshake().revision == sansocket_socketio::Revision::V5;
        let (rooms, due) = (BTreeSet::new(), VecDeque::new());
        let life = Life { stage: Stage::Connecting, may_return, rooms, said: None, due };
        assert!(self.sockets.insert(socket, life).is_none(), "a name is not given twice");
        self.came.push(socket);
        if choose(8) == 7 {
            return self.server.refuse(socket, ConnectError::new("no"), now);
        }
        self.server.accept(socket, now);
        if self.server.socket(socket).is_some_and(|info| info.is_connected()) {
            self.turn(socket, &[Stage::Connecting], Stage::Accepted);
        }
    }

    fn turn(&mut self, socket: SocketId, from: &[Stage], to: Stage) {
        let life = self.sockets.get_mut(&socket).expect("we have met");
        assert!(from.contains(&life.stage), "{socket:?}: {:?} -> {to:?}", life.stage);
        life.stage = to;
    }

    fn forget(&mut self, socket: SocketId) {
        let life = self.sockets.remove(&socket).expect("it is forgotten once");
        assert!(matches!(life.stage, Stage::Connecting | Stage::Disconnected), "{:?}", life.stage);
        assert!(self.server.socket(socket).is_none());
        self.came.retain(|known| *known != socket);
    }

    /// Nobody is here any more.
    pub(super) fn end(&mut self, now: Instant) {
        self.server.leave_cluster(now);
        while self.server.poll_dirty().is_some() {}
        assert!(self.sockets.is_empty(), "{:?}", self.sockets);
        assert!(self.connections.is_empty() && self.asked.is_empty(), "{self:?}");
        assert!(self.server.is_empty(), "{:?}", self.server);
        assert_eq!(self.server.poll_timeout(), None);
    }
}
