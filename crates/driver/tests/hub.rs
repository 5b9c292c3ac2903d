//! Servers are machines too: a chat of two connections through a hub that never touches a connection. Whoever drives a
//! connection hands the hub what its machine lends, and pulls out of the hub what waits for it.
mod support;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sansocket_core::{Endpoint, Instant};
use support::{Connection, Event, Peer, Read, connect, run};

type ConnectionId = u32;

/// Rooms, names and whatever else connections have in common; here one room.
#[derive(Default)]
struct Hub {
    outlets: BTreeMap<ConnectionId, Outlet>,
    /// Connections that have something waiting since they were last named.
    dirty: VecDeque<ConnectionId>,
    /// Who says nothing for so long is told to.
    deadline: Option<Instant>,
}

/// What waits for one connection: shared, for a broadcast is one text for all.
#[derive(Default)]
struct Outlet {
    waiting: VecDeque<Arc<str>>,
}

#[derive(Debug, PartialEq)]
enum HubEvent<'i> {
    Joined,
    Said(&'i str),
}

const SILENCE: std::time::Duration = std::time::Duration::from_secs(60);

impl Hub {
    /// From below: an item that the machine of `connection` lends.
    fn handle_input<'i>(
        &mut self,
        from: ConnectionId,
        item: &Event<'i>,
        now: Instant,
    ) -> Option<HubEvent<'i>> {
        self.deadline = Some(now + SILENCE);
        match *item {
            Event::Line("join") => {
                self.outlets.insert(from, Outlet::default());
                Some(HubEvent::Joined)
            }
            Event::Line(line) => {
                self.broadcast(format!("{from}: {line}").into());
                Some(HubEvent::Said(line))
            }
            Event::Ended(_) => {
                self.outlets.remove(&from);
                None
            }
            Event::Quiet => None,
        }
    }

    fn broadcast(&mut self, line: Arc<str>) {
        for (connection, outlet) in &mut self.outlets {
            outlet.waiting.push_back(line.clone());
            if outlet.waiting.len() == 1 {
                self.dirty.push_back(*connection);
            }
        }
    }

    /// Whom to wake.
    fn poll_dirty(&mut self) -> Option<ConnectionId> {
        self.dirty.pop_front()
    }

    /// What the woken one has to send next.
    fn poll_transmit(&mut self, to: ConnectionId) -> Option<Arc<str>> {
        self.outlets.get_mut(&to)?.waiting.pop_front()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.take_if(|at| *at <= now).is_some() {
            self.broadcast("is anybody there?".into());
        }
    }
}

/// What an adapter does: one task a connection, and here one after the other.
struct Chat {
    hub: Hub,
    connections: BTreeMap<ConnectionId, Connection>,
    log: Vec<String>,
}

impl Chat {
    fn new() -> (Chat, Peer, Peer) {
        let (ada, ada_peer, _) = connect();
        let (bob, bob_peer, _) = connect();
        let connections = BTreeMap::from([(1, ada), (2, bob)]);
        (Chat { hub: Hub::default(), connections, log: Vec::new() }, ada_peer, bob_peer)
    }

    /// Every connection looks at what came; then whoever is dirty sends what waits for it.
    fn turn(&mut self) {
        let Chat { hub, connections, log } = self;
        for (id, connection) in connections {
            let _ = run(connection.serve(|event, lines| {
                // The event is lent by the connection's machine, and the hub's event by that: nothing is copied.
                if let Some(event) = hub.handle_input(*id, &event, lines.now()) {
                    log.push(format!("{id} {event:?}"));
                }
            }));
        }
        self.deliver();
    }

    fn deliver(&mut self) {
        while let Some(id) = self.hub.poll_dirty() {
            let connection = self.connections.get_mut(&id).expect("named by the hub");
            while connection.machine().has_room()
                && let Some(line) = self.hub.poll_transmit(id)
            {
                connection.try_send(line.to_string()).unwrap();
            }
            run(connection.flush()).unwrap().unwrap();
        }
    }
}

#[test]
fn what_one_says_all_hear_in_one_write() {
    let (mut chat, ada, bob) = Chat::new();
    ada.says("join\n");
    bob.says("join\n");
    chat.turn();
    ada.says("hello\nhow are you?\n");
    bob.says("hi ada\n");
    chat.turn();
    let heard = "1: hello\n1: how are you?\n2: hi ada\n";
    assert_eq!((ada.heard(), bob.heard()), (heard.into(), heard.into()));
    assert_eq!((ada.calls().writes, bob.calls().writes), (1, 1));
    assert_eq!(chat.log[2], "1 Said(\"hello\")");
}

#[test]
fn who_left_is_not_written_to() {
    let (mut chat, ada, bob) = Chat::new();
    ada.says("join\n");
    bob.says("join\n");
    chat.turn();
    bob.plan([Read::Bytes(b"bye\n".to_vec()), Read::Eof]);
    chat.turn();
    ada.says("anybody?\n");
    chat.turn();
    assert_eq!((ada.heard().as_str(), bob.heard().as_str()), ("1: anybody?\n", ""));
}

#[test]
fn the_hub_has_deadlines_of_its_own() {
    let (mut chat, ada, _bob) = Chat::new();
    ada.says("join\n");
    chat.turn();
    let at = chat.hub.deadline.expect("it waits");
    chat.hub.handle_timeout(Instant::ZERO);
    chat.deliver();
    assert_eq!(ada.heard(), "");
    chat.hub.handle_timeout(at);
    chat.deliver();
    assert_eq!(ada.heard(), "is anybody there?\n");
}
