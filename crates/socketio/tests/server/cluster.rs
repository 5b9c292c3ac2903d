//! Several servers that are one.

use std::time::Duration;

use sansocket_socketio::cluster::{Body, Message, Opts, Uid};
use sansocket_socketio::server::{Closing, Event, Notice, Outcome, Reason, ServerOptions, Target};
use sansocket_socketio::{Args, Flags, Nsp};

use crate::support::{Guest, House, args, ends, everybody, value};

/// Servers, and a wire between them.
struct Cluster {
    nodes: Vec<House>,
}

impl Cluster {
    fn new(count: u8) -> Cluster {
        let mut nodes: Vec<House> =
            (0..count).map(|node| House::seeded(ServerOptions::default(), node)).collect();
        nodes.iter_mut().for_each(|node| node.server.join_cluster(node.now));
        let mut cluster = Cluster { nodes };
        cluster.settle();
        assert!(cluster.nodes.iter().all(|node| node.server.node_count() == usize::from(count)));
        cluster
    }

    /// Moves messages until there are none.
    fn settle(&mut self) {
        while self.step() {}
    }

    fn step(&mut self) -> bool {
        let mut moved = false;
        for from in 0..self.nodes.len() {
            while let Some(outbound) = self.nodes[from].server.poll_cluster() {
                moved = true;
                for (at, node) in self.nodes.iter_mut().enumerate() {
                    if at != from && outbound.to.as_ref().is_none_or(|to| to == node.server.uid()) {
                        node.server.handle_cluster(outbound.message.clone(), node.now);
                    }
                }
            }
        }
        moved
    }

    fn passes(&mut self, time: Duration) {
        // In steps, for nodes answer each other's heartbeats.
        for _ in 0..time.as_secs() {
            self.nodes.iter_mut().for_each(|node| node.passes(Duration::from_secs(1)));
            self.settle();
        }
    }

    /// A guest at each node.
    fn guests(&mut self) -> Vec<Guest> {
        self.nodes.iter_mut().map(House::guest).collect()
    }

    /// What each of them hears.
    fn hears(&mut self, guests: &[Guest]) -> Vec<usize> {
        self.settle();
        self.nodes.iter_mut().zip(guests).map(|(node, guest)| node.hears(guest.connection).len()).collect()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_is_said_to_all_is_heard_by_all_once() {
    // A-023
    let mut cluster = Cluster::new(3);
    let guests = cluster.guests();
    cluster.nodes[2].server.join(guests[2].socket, "r").unwrap();
    let third = cluster.nodes[2].id(guests[2]);
    for (target, expected) in [
        (everybody(), [1, 1, 1]),
        (everybody().to("r"), [0, 0, 1]),
        (everybody().except("r"), [1, 1, 0]),
        (everybody().to(&*third), [0, 0, 1]),
        (everybody().with(Flags::default().local()), [1, 0, 0]),
    ] {
        cluster.nodes[0].broadcast(&target, "x", args(1));
        assert_eq!(cluster.hears(&guests), expected, "{target:?}");
    }
}

#[test]
fn sockets_elsewhere_join_leave_and_go() {
    let mut cluster = Cluster::new(2);
    let guests = cluster.guests();
    let now = cluster.nodes[0].now;
    cluster.nodes[0].server.sockets_join(&everybody(), &["r".into()], now);
    cluster.settle();
    assert_eq!(cluster.nodes[1].server.room_size(&Nsp::main(), "r"), 1);
    cluster.nodes[0].server.sockets_leave(&everybody().to("r"), &["r".into()], now);
    cluster.settle();
    assert_eq!(cluster.nodes[1].server.room_size(&Nsp::main(), "r"), 0);
    let other = cluster.nodes[1].id(guests[1]);
    cluster.nodes[0].server.disconnect_sockets(&everybody().to(&*other), Closing::Connection, now);
    cluster.settle();
    assert_eq!(cluster.nodes[1].hears(guests[1].connection), ["1", "close"]);
    assert_eq!(cluster.nodes[0].hears(guests[0].connection), Vec::<String>::new());
}

#[test]
fn sockets_elsewhere_are_found() {
    let mut cluster = Cluster::new(3);
    let guests = cluster.guests();
    let now = cluster.nodes[0].now;
    cluster.nodes[1].server.set_data(guests[1].socket, value("there"));
    let request = cluster.nodes[0].server.fetch_sockets(&everybody(), now);
    assert_eq!(cluster.nodes[0].outcomes(), []);
    cluster.settle();
    let outcomes = cluster.nodes[0].outcomes();
    let [Outcome::Fetched { request: answered, sockets, missing: 0 }] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!((*answered, sockets.len()), (request, 3));
    assert!(sockets.iter().any(|socket| socket.data == Some(value("there"))));
}

#[test]
fn broadcasts_are_acknowledged_from_everywhere() {
    let mut cluster = Cluster::new(3);
    let guests = cluster.guests();
    let now = cluster.nodes[0].now;
    let request =
        cluster.nodes[0].server.broadcast_with_ack(&everybody(), "ask", Args::none(), SECOND, now).unwrap();
    cluster.settle();
    for (node, guest) in cluster.nodes.iter_mut().zip(&guests) {
        let asked = node.hears(guest.connection).remove(0);
        let id = asked.strip_prefix('2').and_then(|rest| rest.split('[').next()).unwrap().to_owned();
        node.says(guest.connection, format!(r#"3{id}["yes","more"]"#));
    }
    cluster.settle();
    let outcomes = cluster.nodes[0].outcomes();
    let [Outcome::Answered { request: answered, answers, silent }] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!(*answered, request);
    assert!(silent.is_empty());
    let ids: Vec<_> = answers.iter().filter_map(|answer| answer.socket.as_deref()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(
        answers.iter().filter(|answer| answer.args == args("yes")).count(),
        2,
        "the first argument alone"
    );
    assert!(cluster.nodes.iter().all(|node| node.outcomes_are_over()));
}

impl House {
    fn outcomes_are_over(&self) -> bool {
        format!("{:?}", self.server).contains("requests: 0")
    }
}

#[test]
fn who_does_not_answer_elsewhere_is_counted() {
    let mut cluster = Cluster::new(2);
    cluster.guests();
    let now = cluster.nodes[0].now;
    cluster.nodes[0].server.broadcast_with_ack(&everybody(), "ask", Args::none(), SECOND, now).unwrap();
    cluster.settle();
    cluster.passes(SECOND);
    let outcomes = cluster.nodes[0].outcomes();
    let [Outcome::Answered { answers, silent, .. }] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert!(answers.is_empty());
    assert_eq!((silent.sockets.len(), silent.elsewhere, silent.nodes), (1, 1, 0));
    assert!(cluster.nodes[1].outcomes_are_over());
}

#[test]
fn programs_speak_to_each_other() {
    let mut cluster = Cluster::new(3);
    let now = cluster.nodes[0].now;
    cluster.nodes[0].server.server_side_emit(Nsp::main(), "hello", args(1), now);
    cluster.settle();
    assert_eq!(cluster.nodes[0].notices(), []);
    for node in &mut cluster.nodes[1..] {
        let notice =
            Notice::ServerSideEmit { nsp: Nsp::main(), name: "hello".into(), args: args(1), reply: None };
        assert_eq!(node.notices(), [notice]);
    }

    let request = cluster.nodes[0].server.server_side_emit_with_ack(Nsp::main(), "ask", Args::none(), now);
    cluster.settle();
    for (at, node) in cluster.nodes.iter_mut().enumerate().skip(1) {
        for notice in node.notices() {
            let Notice::ServerSideEmit { reply: Some(to), .. } = notice else { panic!("{notice:?}") };
            node.server.reply(to, args((at, "more")), node.now);
        }
    }
    cluster.settle();
    let replies = vec![args(1), args(2)];
    assert_eq!(cluster.nodes[0].outcomes(), [Outcome::Replied { request, replies, missing: 0 }]);
}

#[test]
fn a_013_a_node_that_dies_is_not_waited_for() {
    let mut cluster = Cluster::new(3);
    cluster.passes(3 * SECOND);
    let now = cluster.nodes[0].now;
    let dead = cluster.nodes.pop().expect("three");
    drop(dead);
    cluster.nodes[0].server.fetch_sockets(&everybody(), now);
    cluster.passes(5 * SECOND);
    let outcomes = cluster.nodes[0].outcomes();
    assert!(matches!(outcomes.as_slice(), [Outcome::Fetched { missing: 1, .. }]), "{outcomes:?}");
    // By now it was not heard of for too long.
    cluster.passes(8 * SECOND);
    assert_eq!(cluster.nodes[0].server.node_count(), 2);
    let now = cluster.nodes[0].now;
    cluster.nodes[0].server.fetch_sockets(&everybody(), now);
    cluster.settle();
    assert!(matches!(cluster.nodes[0].outcomes().as_slice(), [Outcome::Fetched { missing: 0, .. }]));
}

#[test]
fn a_node_that_goes_says_so() {
    let mut cluster = Cluster::new(3);
    let guests = cluster.guests();
    let now = cluster.nodes[0].now;
    cluster.nodes[0].server.broadcast_with_ack(&everybody(), "ask", Args::none(), 100 * SECOND, now).unwrap();
    cluster.settle();
    cluster.nodes[0].hears(guests[0].connection);
    cluster.nodes[0].says(guests[0].connection, "30[]");
    cluster.nodes[1].server.close(now);
    cluster.settle();
    assert_eq!(cluster.nodes[0].server.node_count(), 2);
    assert_eq!(
        cluster.nodes[1].events(guests[1].connection)[..3],
        ends(guests[1].socket, Reason::ServerShuttingDown)
    );
    cluster.nodes[2].leaves(guests[2]);
    assert_eq!(cluster.nodes[0].outcomes(), []);
    cluster.nodes[2].server.leave_cluster(now);
    cluster.settle();
    let outcomes = cluster.nodes[0].outcomes();
    let [Outcome::Answered { answers, silent, .. }] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!((answers.len(), silent.elsewhere), (1, 2));
}

#[test]
fn nodes_know_each_other_as_long_as_they_are_heard() {
    // A-015: only one's own clock is looked at.
    let mut cluster = Cluster::new(2);
    cluster.nodes[1].now = cluster.nodes[1].now + Duration::from_secs(10 * 365 * 24 * 3600);
    cluster.passes(60 * SECOND);
    assert!(cluster.nodes.iter().all(|node| node.server.node_count() == 2));
    let silent = cluster.nodes.pop();
    cluster.passes(11 * SECOND);
    assert_eq!(cluster.nodes[0].server.node_count(), 1);
    assert!(silent.is_some());
}

#[test]
fn a_server_alone_asks_nobody() {
    let mut house = House::default();
    house.guest();
    let now = house.now;
    house.broadcast(&everybody(), "x", Args::none());
    house.server.server_side_emit_with_ack(Nsp::main(), "ask", Args::none(), now);
    assert!(matches!(house.outcomes().as_slice(), [Outcome::Replied { missing: 0, .. }]));
    assert_eq!(house.server.poll_cluster(), None);
    house.server.handle_cluster(Message { uid: Uid::new("x"), nsp: Nsp::main(), body: Body::Heartbeat }, now);
    assert_eq!(house.server.node_count(), 1);
}

fn says(house: &mut House, uid: &str, body: Body) {
    let message = Message { uid: Uid::new(uid), nsp: Nsp::main(), body };
    house.server.handle_cluster(message, house.now);
}

#[test]
fn a_005_a_011_a_022_what_was_not_asked_is_no_answer() {
    let mut cluster = Cluster::new(2);
    cluster.guests();
    let node = &mut cluster.nodes[0];
    let own = node.server.uid().as_str().to_owned();
    let broadcast = Body::Broadcast {
        opts: Opts::default(),
        event: sansocket_socketio::cluster::Named { name: "x".into(), args: args(1) },
        asks: None,
    };
    says(node, &own, broadcast);
    let guest = Guest { ..node.guest() };
    assert_eq!(node.hears(guest.connection), Vec::<String>::new(), "one's own words");
    for request in [0, 1, 1 << 32, (1 << 32) + 1, u64::MAX] {
        says(node, "other", Body::FetchSocketsResponse { request, sockets: Vec::new() });
        says(node, "other", Body::BroadcastClientCount { request, count: 1 });
        says(node, "other", Body::BroadcastAck { request, args: args(1), socket: None });
        says(node, "other", Body::ServerSideEmitResponse { request, args: args(1) });
    }
    assert_eq!(node.outcomes(), []);
}

#[test]
fn a_012_a_022_a_flood_of_answers_is_as_many_as_were_asked_for() {
    let mut cluster = Cluster::new(2);
    let other = cluster.nodes[1].server.uid().as_str().to_owned();
    let node = &mut cluster.nodes[0];
    let now = node.now;
    node.server.broadcast_with_ack(&everybody(), "ask", Args::none(), SECOND, now).unwrap();
    let asks =
        std::iter::from_fn(|| node.server.poll_cluster()).find_map(|outbound| match outbound.message.body {
            Body::Broadcast { asks, .. } => asks,
            _ => None,
        });
    let request = asks.expect("it asks").request;
    let ack = Body::BroadcastAck { request, args: args(1), socket: None };
    says(node, &other, ack.clone());
    says(node, &other, Body::BroadcastClientCount { request, count: 3 });
    says(node, &other, Body::BroadcastClientCount { request, count: 1_000_000 });
    for _ in 0..1000 {
        says(node, &other, ack.clone());
        says(node, "nobody", ack.clone());
    }
    let outcomes = node.outcomes();
    assert!(
        matches!(outcomes.as_slice(), [Outcome::Answered { answers, .. }] if answers.len() == 3),
        "{outcomes:?}"
    );
}

#[test]
fn a_010_who_is_not_there_is_not_harmed() {
    let mut cluster = Cluster::new(1);
    let node = &mut cluster.nodes[0];
    let guest = node.guest();
    let opts = Target::new(Nsp::main()).to("nobody").opts;
    says(node, "other", Body::SocketsJoin { opts: opts.clone(), rooms: vec!["r".into()] });
    says(node, "other", Body::SocketsLeave { opts: opts.clone(), rooms: vec!["r".into()] });
    says(node, "other", Body::DisconnectSockets { opts, closing: Closing::Connection });
    assert_eq!(node.events(guest.connection), Vec::<Event>::new());
    assert!(node.server.rooms(&Nsp::main()).is_empty());
}

#[test]
fn a_016_not_more_nodes_are_heard_than_may_be() {
    let mut cluster = Cluster::new(1);
    let node = &mut cluster.nodes[0];
    for uid in 0..10_000 {
        says(node, &format!("{uid:016x}"), Body::Heartbeat);
    }
    assert_eq!(node.server.node_count(), 1025);
    assert_eq!(node.server.unheard(), 10_000 - 1024);
    says(node, "emitter", Body::Heartbeat);
    assert_eq!(node.server.node_count(), 1025, "who only speaks is no node");
    cluster.passes(11 * SECOND);
    assert_eq!(cluster.nodes[0].server.node_count(), 1);
}
